//! The laws of the store, on a real Redis Cluster of three nodes.

use std::{
    net::TcpListener,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use hub::store::RedisStore;

use crate::store::obeys_every_law;

struct Cluster {
    nodes: Vec<Child>,
    ports: Vec<u16>,
    folder: std::path::PathBuf,
}

impl Cluster {
    /// Three nodes, each with a third of the slots. A node also listens 10,000 ports higher.
    fn start() -> Self {
        let folder = std::env::temp_dir().join(format!("lethe-cluster-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let ports: Vec<u16> = (0..3).map(|_| free_port()).collect();
        let nodes = ports
            .iter()
            .map(|port| {
                Command::new("redis-server")
                    .args([
                        "--port",
                        &port.to_string(),
                        "--bind",
                        "127.0.0.1",
                        "--save",
                        "",
                    ])
                    .args(["--cluster-enabled", "yes", "--cluster-config-file"])
                    .arg(format!("{port}.conf"))
                    .arg("--dir")
                    .arg(&folder)
                    .stdout(Stdio::null())
                    .stderr(Stdio::null())
                    .spawn()
                    .unwrap()
            })
            .collect();
        let cluster = Self {
            nodes,
            ports,
            folder,
        };
        let addresses: Vec<String> = cluster
            .ports
            .iter()
            .map(|port| format!("127.0.0.1:{port}"))
            .collect();
        cluster.until("--cluster create", || {
            let mut create = Command::new("redis-cli");
            create
                .args(["--cluster", "create"])
                .args(&addresses)
                .arg("--cluster-yes");
            create.output().is_ok_and(|output| output.status.success())
        });
        cluster.until("cluster_state:ok", || {
            cluster.ports.iter().all(|port| {
                let output = Command::new("redis-cli")
                    .args(["-p", &port.to_string(), "cluster", "info"])
                    .output();
                output.is_ok_and(|output| {
                    String::from_utf8_lossy(&output.stdout).contains("cluster_state:ok")
                })
            })
        });
        cluster
    }

    fn until(&self, what: &str, ready: impl Fn() -> bool) {
        let patience = Instant::now();
        while !ready() {
            assert!(
                patience.elapsed() < Duration::from_secs(30),
                "{what}: {:?}",
                self.ports
            );
            std::thread::yield_now();
        }
    }

    fn url(&self) -> String {
        let nodes: Vec<String> = self
            .ports
            .iter()
            .map(|port| format!("127.0.0.1:{port}"))
            .collect();
        format!("redis-cluster://{}", nodes.join(","))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        for node in &mut self.nodes {
            let _killed = node.kill().is_ok();
            let _gone = node.wait().is_ok();
        }
        let _removed = std::fs::remove_dir_all(&self.folder).is_ok();
    }
}

fn free_port() -> u16 {
    loop {
        let port = TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        if port < 55_000 {
            return port;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_redis_cluster_obeys_every_law() {
    let cluster = Cluster::start();

    obeys_every_law(Arc::new(RedisStore::new(cluster.url().parse().unwrap()))).await;
}
