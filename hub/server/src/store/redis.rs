//! Records in Redis or Valkey, single or Cluster. One multiplexed connection for each worker; every
//! command touches one key, so that any cluster slot will do.

use std::{fmt, str::FromStr, time::Duration};

use ::redis::{
    Client, Cmd, FromRedisValue, IntoConnectionInfo, RedisError,
    aio::{ConnectionManager, ConnectionManagerConfig},
    cluster::{ClusterClient, ClusterClientBuilder},
    cluster_async::ClusterConnection,
};
use async_trait::async_trait;
use hub_core::secret::Locator;
use tokio::sync::OnceCell;

use super::{StoreError, Vault};

/// No citizen waits longer than this for the store.
const PATIENCE: Duration = Duration::from_millis(1200);
const ONE_TRY: Duration = Duration::from_millis(500);
const PREFIX: &[u8] = b"lethe:";

/// Where Redis is: `redis://` and `rediss://` (TLS) for one server, `redis-cluster://` and
/// `rediss-cluster://` with comma-separated nodes for a Cluster.
#[derive(Clone)]
pub struct RedisAddress {
    nodes: Vec<String>,
    cluster: bool,
}

impl FromStr for RedisAddress {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const WANTED: &str = "expected \"memory\", redis://host:port/db, rediss://..., or \
                              redis-cluster://host:port,host:port";
        let (scheme, rest) = text.split_once("://").ok_or(WANTED)?;
        let (tls, cluster) = match scheme {
            "redis" => ("redis", false),
            "rediss" => ("rediss", false),
            "redis-cluster" => ("redis", true),
            "rediss-cluster" => ("rediss", true),
            _ => return Err(WANTED),
        };
        let nodes: Vec<String> = if cluster {
            rest.split(',')
                .map(|node| format!("{tls}://{node}"))
                .collect()
        } else {
            vec![format!("{tls}://{rest}")]
        };
        let readable = nodes
            .iter()
            .all(|node| node.as_str().into_connection_info().is_ok());
        readable.then_some(Self { nodes, cluster }).ok_or(WANTED)
    }
}

/// The address may hold a password.
impl fmt::Debug for RedisAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RedisAddress({} nodes)", self.nodes.len())
    }
}

enum Connection {
    Cluster(ClusterConnection),
    Single(ConnectionManager),
}

/// A vault in Redis. It connects when first asked, and again by itself when the connection is lost.
pub struct RedisVault {
    address: RedisAddress,
    connection: OnceCell<Connection>,
}

impl RedisVault {
    /// A vault at `address`; nothing is connected yet.
    #[must_use]
    pub fn new(address: RedisAddress) -> Self {
        Self {
            address,
            connection: OnceCell::new(),
        }
    }

    async fn connect(&self) -> Result<Connection, RedisError> {
        if self.address.cluster {
            let client: ClusterClient = ClusterClientBuilder::new(self.address.nodes.clone())
                .retries(2)
                .connection_timeout(ONE_TRY)
                .response_timeout(ONE_TRY)
                .build()?;
            return Ok(Connection::Cluster(client.get_async_connection().await?));
        }
        let node = self.address.nodes.first().map_or("", String::as_str);
        let config = ConnectionManagerConfig::new()
            .set_number_of_retries(1)
            .set_min_delay(Duration::from_millis(20))
            .set_max_delay(Duration::from_millis(100))
            .set_connection_timeout(Some(ONE_TRY))
            .set_response_timeout(Some(ONE_TRY));
        let manager = ConnectionManager::new_lazy_with_config(Client::open(node)?, config)?;
        Ok(Connection::Single(manager))
    }

    async fn run<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, StoreError> {
        let act = async {
            match self.connection.get_or_try_init(|| self.connect()).await? {
                Connection::Cluster(connection) => {
                    command.query_async::<T>(&mut connection.clone()).await
                }
                Connection::Single(manager) => command.query_async::<T>(&mut manager.clone()).await,
            }
        };
        match tokio::time::timeout(PATIENCE, act).await {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(fault)) => {
                // The command is not in the text: it would hold a locator.
                tracing::warn!(kind = ?fault.kind(), code = fault.code(), "Redis failed");
                let full = fault.code() == Some("OOM");
                Err(if full {
                    StoreError::Full
                } else {
                    StoreError::Unavailable
                })
            }
            Err(_elapsed) => {
                tracing::warn!("Redis does not answer");
                Err(StoreError::Unavailable)
            }
        }
    }
}

fn key(at: &Locator) -> Vec<u8> {
    [PREFIX, at.as_bytes()].concat()
}

fn set(at: &Locator, bytes: &[u8], life: Duration) -> Cmd {
    let mut command = ::redis::cmd("SET");
    command
        .arg(key(at))
        .arg(bytes)
        .arg("EX")
        .arg(life.as_secs().max(1));
    command
}

#[async_trait]
impl Vault for RedisVault {
    async fn put(&self, at: &Locator, bytes: &[u8], life: Duration) -> Result<(), StoreError> {
        self.run(&set(at, bytes, life)).await
    }

    async fn open(&self, at: &Locator) -> Result<Option<Vec<u8>>, StoreError> {
        self.run(::redis::cmd("GET").arg(key(at))).await
    }

    async fn exchange(
        &self,
        at: &Locator,
        bytes: &[u8],
        life: Duration,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        self.run(set(at, bytes, life).arg("XX").arg("GET")).await
    }

    async fn remove(&self, at: &Locator) -> Result<(), StoreError> {
        self.run(::redis::cmd("DEL").arg(key(at))).await
    }

    async fn claim(
        &self,
        at: &Locator,
        bytes: &[u8],
        life: Duration,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        self.run(set(at, bytes, life).arg("NX").arg("GET")).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.run(&::redis::cmd("PING")).await
    }
}

impl fmt::Debug for RedisVault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RedisVault")
    }
}
