//! The binary as an operator runs it: probes, metrics, other keys, stopping.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::TcpListener,
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use hub_tests::{AuditFile, RedisServer};

const SERVICE: &str = r#"
client_id = "town-hall"
name = "Town hall"
organisation = "Town"
eligibility = "administration"
kind = "public"
status = "sandbox"
service_url = "https://town-hall.example/"
redirect_uris = ["https://town-hall.example/callback"]
sector = "town-hall.example"
scopes = ["openid"]

[authentication]
method = "secret"
secret_digests = ["sha256:0000000000000000000000000000000000000000000000000000000000000000"]
"#;

/// `lethe serve` in a folder of its own.
struct Node {
    child: Child,
    folder: PathBuf,
    address: String,
    operations: String,
}

fn lethe() -> Command {
    let mut path = std::env::current_exe().unwrap();
    path.pop();
    path.pop();
    Command::new(path.join("lethe"))
}

fn free_address() -> String {
    TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .to_string()
}

impl Node {
    /// Starts a node with keys of its own, and waits until it says that it answers or gives up: then
    /// what it said is the error.
    fn start(name: &str, store: &str) -> Result<Self, String> {
        Self::start_with(name, store, "")
    }

    /// The same, with `more` in its `hub.toml`.
    fn start_with(name: &str, store: &str, more: &str) -> Result<Self, String> {
        let folder = std::env::temp_dir().join(format!("lethe-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let (address, operations) = (free_address(), free_address());
        let hub = format!(
            "issuer = \"http://{address}\"\nlisten = \"{address}\"\nstore = \"{store}\"\n\
             [operations]\nlisten = \"{operations}\"\n{more}"
        );
        fs::write(folder.join("hub.toml"), hub).unwrap();
        fs::create_dir_all(folder.join("services")).unwrap();
        fs::write(folder.join("services/town-hall.toml"), SERVICE).unwrap();
        let made = lethe()
            .args(["keys", "new", "--config"])
            .arg(&folder)
            .output()
            .unwrap();
        assert!(made.status.success());
        let mut child = lethe()
            .args(["serve", "--config"])
            .arg(&folder)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = String::new();
        for line in BufReader::new(child.stderr.take().unwrap()).lines() {
            let line = line.unwrap();
            if line.contains("the hub answers") {
                return Ok(Self {
                    child,
                    folder,
                    address,
                    operations,
                });
            }
            said.push_str(&line);
        }
        let _gone = child.wait().is_ok();
        fs::remove_dir_all(&folder).unwrap();
        Err(said)
    }

    async fn get(&self, path: &str) -> (u16, String) {
        let url = format!("http://{}{path}", self.operations);
        let answer = reqwest::get(url).await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// The status that a registered service's authorization request gets.
    async fn authorize(&self) -> u16 {
        let url = format!(
            "http://{}/authorize?client_id=town-hall&redirect_uri=https://town-hall.example/callback",
            self.address
        );
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .unwrap();
        client.get(url).send().await.unwrap().status().as_u16()
    }

    /// As a supervisor stops it. Returns whether it ended well.
    fn terminate(&mut self) -> bool {
        let pid = self.child.id().to_string();
        let told = Command::new("kill").args(["-TERM", &pid]).status().unwrap();
        assert!(told.success());
        self.child.wait().unwrap().success()
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _killed = self.child.kill().is_ok();
        let _gone = self.child.wait().is_ok();
        let _removed = fs::remove_dir_all(&self.folder).is_ok();
    }
}

#[tokio::test]
async fn a_node_is_ready_while_its_store_answers_and_live_whatever_happens() {
    let mut redis = RedisServer::run();
    let mut node = Node::start("ready", &redis.url()).unwrap();
    let ready = node.get("/health/ready").await;
    reqwest::get(format!("http://{}/authorize", node.address))
        .await
        .unwrap();
    let metrics = node.get("/metrics").await;
    redis.stop();
    let unready = node.get("/health/ready").await;
    let live = node.get("/health/live").await;
    redis.start_again();
    let mut tries = 0;
    while node.get("/health/ready").await.0 != 200 {
        tries += 1;
        assert!(tries < 200, "it does not become ready again");
    }

    assert_eq!(ready.0, 200);
    assert!(
        metrics
            .1
            .contains("lethe_error_pages_total{code=\"L2001\"} 1"),
        "{}",
        metrics.1
    );
    assert_eq!((unready.0, live.0), (503, 200));
    assert!(unready.1.contains("the store does not answer"));
    assert!(node.terminate(), "it stops when told");
}

#[tokio::test]
async fn a_node_is_unready_while_its_traces_cannot_be_written_and_recovers_by_itself() {
    let (audit, reader) = AuditFile::open_pipe();
    let section = format!("[audit]\noutput = \"file:{}\"\n", audit.path().display());
    let mut node = Node::start_with("traces", "memory", &section).unwrap();
    let before = node.get("/health/ready").await.0;
    drop(reader);
    // The first line that cannot be written says so.
    let refused = node.authorize().await;
    let during = node.get("/health/ready").await;
    let reader = audit.open_reader();
    let after = node.get("/health/ready").await.0;
    drop(reader);

    assert_eq!((before, refused, after), (200, 503, 200));
    assert_eq!(during.0, 503);
    assert!(during.1.contains("the audit stream cannot be written"));
    assert!(node.terminate());
}

#[tokio::test]
async fn traces_may_go_to_standard_output_where_nothing_else_does() {
    let mut node = Node::start_with("stdout", "memory", "[audit]\noutput = \"stdout\"\n").unwrap();
    assert_eq!(node.authorize().await, 303);
    let out = node.child.stdout.take().unwrap();
    assert!(node.terminate());

    let lines: Vec<String> = BufReader::new(out).lines().map(Result::unwrap).collect();
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[0].contains("\"event\":\"stream_opened\""));
    assert!(lines[1].contains("\"event\":\"login_refused\""));
}

#[tokio::test]
async fn a_node_whose_traces_cannot_be_written_does_not_start() {
    let section = "[audit]\noutput = \"file:/dev/full\"\n";
    let said = Node::start_with("full", "memory", section).err().unwrap();

    assert!(
        said.contains("the audit stream cannot be written"),
        "{said}"
    );
}

#[tokio::test]
async fn two_nodes_with_different_keys_do_not_serve_together() {
    let redis = RedisServer::run();
    let _first = Node::start("first", &redis.url()).unwrap();

    let said = Node::start("second", &redis.url()).err().unwrap();

    assert!(said.contains("other identity keys"), "{said}");
}

#[tokio::test]
async fn a_probe_finds_no_page_of_the_citizens_and_citizens_find_no_probe() {
    let node = Node::start("apart", "memory").unwrap();

    let authorize = node.get("/authorize").await.0;
    let health = reqwest::get(format!("http://{}/health/ready", node.address))
        .await
        .unwrap();
    let metrics = reqwest::get(format!("http://{}/metrics", node.address))
        .await
        .unwrap();

    assert_eq!(authorize, 404);
    assert_eq!(
        (health.status().as_u16(), metrics.status().as_u16()),
        (404, 404)
    );
}

#[tokio::test]
async fn a_node_leaves_no_core_dump_and_may_open_as_many_files_as_the_system_allows() {
    let node = Node::start("process", "memory").unwrap();

    let limits = fs::read_to_string(format!("/proc/{}/limits", node.child.id())).unwrap();
    let line = |name: &str| {
        let mut lines = limits.lines().filter_map(|line| line.strip_prefix(name));
        let numbers = lines.next().unwrap().split_whitespace();
        numbers.map(str::to_owned).collect::<Vec<_>>()
    };

    let (core, files) = (line("Max core file size"), line("Max open files"));
    assert_eq!(core[..2], ["0", "0"]);
    assert_eq!(files[0], files[1], "soft and hard");
}
