//! Records in Redis or Valkey, single or Cluster. One multiplexed connection for each worker; every
//! command touches one key, so that any cluster slot will do.

use std::{fmt, net::IpAddr, str::FromStr, time::Duration};

use ::redis::{
    Client, Cmd, ConnectionAddr, FromRedisValue, IntoConnectionInfo, RedisError,
    aio::{ConnectionManager, ConnectionManagerConfig},
    cluster::{ClusterClient, ClusterClientBuilder},
    cluster_async::ClusterConnection,
};
use async_trait::async_trait;
use hub_core::secret::Locator;
use tokio::{sync::Mutex, time::Instant};

use super::{Store, StoreError};

/// No citizen waits longer than this for the store.
const PATIENCE: Duration = Duration::from_millis(1200);
const ONE_TRY: Duration = Duration::from_millis(500);
/// A connection that was not used for this long is given up when a command on it is not answered in time.
const IDLE: Duration = Duration::from_secs(5);
const PREFIX: &[u8] = b"lethe:";
/// Redis has no command that compares before it sets, so this is a script of one key. Expected bytes
/// and new bytes each come with a flag, since an empty record is not an absent one.
const COMPARE_AND_SET: &str = "\
    local current = redis.call('GET', KEYS[1]) \
    if ARGV[1] == '1' then \
        if current ~= ARGV[2] then return 0 end \
    elseif current then return 0 end \
    if ARGV[3] == '1' then redis.call('SET', KEYS[1], ARGV[4], 'EX', ARGV[5]) \
    else redis.call('DEL', KEYS[1]) end \
    return 1";

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

impl RedisAddress {
    /// The first host that is reached without TLS and over a network: not the loopback, not a socket.
    #[must_use]
    pub fn plain_remote_host(&self) -> Option<String> {
        self.nodes.iter().find_map(|node| {
            let info = node.as_str().into_connection_info().ok()?;
            let ConnectionAddr::Tcp(host, _) = info.addr() else {
                return None;
            };
            let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
            let is_loopback = address.map_or(host == "localhost", |address| address.is_loopback());
            (!is_loopback).then(|| host.clone())
        })
    }
}

/// The address may hold a password.
impl fmt::Debug for RedisAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RedisAddress({} nodes)", self.nodes.len())
    }
}

#[derive(Clone)]
enum Connection {
    Cluster(ClusterConnection),
    Single(ConnectionManager),
}

impl Connection {
    async fn run<T: FromRedisValue>(&mut self, command: &Cmd) -> Result<T, RedisError> {
        match self {
            Self::Cluster(connection) => command.query_async(connection).await,
            Self::Single(manager) => command.query_async(manager).await,
        }
    }
}

/// The connection of a worker.
#[derive(Default)]
struct Current {
    connection: Option<Connection>,
    /// Counts the connections, so that of many commands that fail on one connection the first replaces it.
    number: u64,
    last_answer: Option<Instant>,
}

/// A vault in Redis. It connects when first asked, and again when the connection is lost.
///
/// A command that fails because the connection was lost is sent once more on a new connection, so that a
/// restart of Redis costs no request. This is safe for every command here: a repeated `GET`, `SET` or `DEL`
/// ends in the same state, and `SET NX GET` and `SET XX GET` return the caller's own bytes when the first
/// try had its effect, which no other caller can have written. After a repeated compare-and-set the record is
/// read again.
pub struct RedisStore {
    address: RedisAddress,
    current: Mutex<Current>,
}

/// What came of a command, and whether it was sent twice.
struct Answered<T> {
    answer: T,
    repeated: bool,
}

impl<T> Answered<T> {
    fn into_answer(self) -> T {
        self.answer
    }
}

impl RedisStore {
    /// A vault at `address`; nothing is connected yet.
    #[must_use]
    pub fn new(address: RedisAddress) -> Self {
        Self {
            address,
            current: Mutex::default(),
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

    /// The connection with its number, and whether it has been idle for so long that it may be lost without
    /// a sign.
    async fn connection(&self) -> Result<(Connection, u64, bool), RedisError> {
        let mut current = self.current.lock().await;
        let idle = current.last_answer.is_some_and(|at| at.elapsed() >= IDLE);
        if let Some(connection) = &current.connection {
            return Ok((connection.clone(), current.number, idle));
        }
        let connection = self.connect().await?;
        current.connection = Some(connection.clone());
        current.number += 1;
        current.last_answer = None;
        Ok((connection, current.number, false))
    }

    async fn give_up(&self, number: u64) {
        let mut current = self.current.lock().await;
        if current.number == number {
            current.connection = None;
        }
    }

    async fn send<T: FromRedisValue>(&self, command: &Cmd) -> Result<Answered<T>, RedisError> {
        let mut repeated = false;
        loop {
            let (mut connection, number, idle) = self.connection().await?;
            match connection.run(command).await {
                Ok(answer) => {
                    self.current.lock().await.last_answer = Some(Instant::now());
                    return Ok(Answered { answer, repeated });
                }
                Err(error) => {
                    // An idle connection that a firewall has dropped gives no sign but silence.
                    let lost = error.is_connection_dropped() || (idle && error.is_timeout());
                    if !lost {
                        return Err(error);
                    }
                    self.give_up(number).await;
                    if repeated {
                        return Err(error);
                    }
                    repeated = true;
                }
            }
        }
    }

    async fn run<T: FromRedisValue>(&self, command: &Cmd) -> Result<Answered<T>, StoreError> {
        match tokio::time::timeout(PATIENCE, self.send(command)).await {
            Ok(Ok(answered)) => Ok(answered),
            Ok(Err(error)) => {
                // The command is not in the text: it would hold a locator.
                tracing::warn!(kind = ?error.kind(), code = error.code(), "Redis failed");
                let full = error.code() == Some("OOM");
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
impl Store for RedisStore {
    async fn put(&self, at: &Locator, bytes: &[u8], life: Duration) -> Result<(), StoreError> {
        self.run(&set(at, bytes, life))
            .await
            .map(Answered::into_answer)
    }

    async fn open(&self, at: &Locator) -> Result<Option<Vec<u8>>, StoreError> {
        let answered = self.run(::redis::cmd("GET").arg(key(at))).await;
        answered.map(Answered::into_answer)
    }

    async fn replace_existing(
        &self,
        at: &Locator,
        bytes: &[u8],
        life: Duration,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let mut command = set(at, bytes, life);
        let answered: Answered<Option<Vec<u8>>> = self.run(command.arg("XX").arg("GET")).await?;
        if answered.repeated && answered.answer.as_deref() == Some(bytes) {
            // The first try took the record, and its answer was lost with the connection: nobody has it.
            tracing::warn!("a record was taken and lost with the connection to Redis");
            return Err(StoreError::Unavailable);
        }
        Ok(answered.answer)
    }

    async fn remove(&self, at: &Locator) -> Result<(), StoreError> {
        let answered = self.run(::redis::cmd("DEL").arg(key(at))).await;
        answered.map(Answered::into_answer)
    }

    async fn put_if_absent(
        &self,
        at: &Locator,
        bytes: &[u8],
        life: Duration,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let mut command = set(at, bytes, life);
        let answered: Answered<Option<Vec<u8>>> = self.run(command.arg("NX").arg("GET")).await?;
        // What the first try laid down, before its answer was lost with the connection.
        let own = answered.repeated && answered.answer.as_deref() == Some(bytes);
        Ok(answered.answer.filter(|_| !own))
    }

    async fn compare_and_set(
        &self,
        at: &Locator,
        expected: Option<&[u8]>,
        new: Option<(&[u8], Duration)>,
    ) -> Result<bool, StoreError> {
        let (bytes, life) = new.unwrap_or_default();
        let mut command = ::redis::cmd("EVAL");
        command
            .arg(COMPARE_AND_SET)
            .arg(1)
            .arg(key(at))
            .arg(u8::from(expected.is_some()))
            .arg(expected.unwrap_or_default())
            .arg(u8::from(new.is_some()))
            .arg(bytes)
            .arg(life.as_secs().max(1));
        let answered: Answered<bool> = self.run(&command).await?;
        if answered.repeated && !answered.answer {
            // Perhaps the first try had its effect: then the record is as it should be now.
            return Ok(self.open(at).await?.as_deref() == new.map(|(bytes, _)| bytes));
        }
        Ok(answered.answer)
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.run(&::redis::cmd("PING"))
            .await
            .map(Answered::into_answer)
    }
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RedisVault")
    }
}
