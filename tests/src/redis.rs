//! A Redis of its own for a test, on a free port of the loopback, gone with the test.

use std::{
    net::{TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, bail};

/// One record in Redis.
#[derive(Debug)]
pub struct Held {
    /// Its key.
    pub key: Vec<u8>,
    /// What Redis answers for it.
    pub value: Vec<u8>,
    /// Seconds it has to live; negative for ever.
    pub life: i64,
}

/// A running Redis.
#[derive(Debug)]
pub struct RedisServer {
    port: u16,
    child: Option<Child>,
}

impl RedisServer {
    /// Starts one, without persistence.
    ///
    /// # Errors
    /// When `redis-server` is not installed or does not start.
    pub fn start() -> Result<Self, anyhow::Error> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut server = Self { port, child: None };
        server.resume()?;
        Ok(server)
    }

    /// Its address, as `hub.toml` says it.
    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// Kills it.
    pub fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _killed = child.kill().is_ok();
            let _gone = child.wait().is_ok();
        }
    }

    /// Starts it again, empty.
    ///
    /// # Errors
    /// When it does not start.
    pub fn resume(&mut self) -> Result<(), anyhow::Error> {
        let child = Command::new("redis-server")
            .args(["--port", &self.port.to_string(), "--bind", "127.0.0.1"])
            .args(["--save", "", "--appendonly", "no", "--daemonize", "no"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("redis-server is needed: ./test.sh installs it")?;
        self.child = Some(child);
        let patience = Instant::now();
        while patience.elapsed() < Duration::from_secs(10) {
            if self.command(&["PING"]).is_ok() {
                return Ok(());
            }
            std::thread::yield_now();
        }
        bail!("redis-server does not answer on port {}", self.port)
    }

    /// Every byte it holds: each key, then what it holds. Read with the plainest client there is.
    ///
    /// # Errors
    /// When it does not answer.
    pub fn dump(&self) -> Result<Vec<Held>, anyhow::Error> {
        let keys = self.command(&["KEYS", "*"])?;
        let mut all = Vec::new();
        for key in resp::array(&keys) {
            let value = self.raw(&[b"GET", &key])?;
            let life = self.raw(&[b"TTL", &key])?;
            let life = String::from_utf8_lossy(&life)
                .trim_matches([':', '\r', '\n'])
                .parse()?;
            all.push(Held { key, value, life });
        }
        Ok(all)
    }

    /// How many commands it has run.
    ///
    /// # Errors
    /// When it does not answer.
    pub fn commands(&self) -> Result<u64, anyhow::Error> {
        let info = String::from_utf8_lossy(&self.command(&["INFO", "stats"])?).into_owned();
        let count = info
            .lines()
            .find_map(|line| line.strip_prefix("total_commands_processed:"));
        Ok(count.context("no count")?.trim().parse()?)
    }

    /// Runs one command and returns the raw answer.
    ///
    /// # Errors
    /// When it does not answer.
    pub fn command(&self, words: &[&str]) -> Result<Vec<u8>, anyhow::Error> {
        let words: Vec<&[u8]> = words.iter().map(|word| word.as_bytes()).collect();
        self.raw(&words)
    }

    fn raw(&self, words: &[&[u8]]) -> Result<Vec<u8>, anyhow::Error> {
        use std::io::{Read, Write};
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        let mut message = format!("*{}\r\n", words.len()).into_bytes();
        for word in words {
            message.extend_from_slice(format!("${}\r\n", word.len()).as_bytes());
            message.extend_from_slice(word);
            message.extend_from_slice(b"\r\n");
        }
        stream.write_all(&message)?;
        let mut answer = Vec::new();
        let mut part = [0; 4096];
        while !resp::is_whole(&answer) {
            let read = stream.read(&mut part)?;
            if read == 0 {
                bail!("Redis closed the connection");
            }
            answer.extend(part.iter().take(read));
        }
        Ok(answer)
    }
}

impl Drop for RedisServer {
    fn drop(&mut self) {
        self.stop();
    }
}

/// As much of the Redis protocol as the tests read.
mod resp {
    /// Whether `bytes` is one whole answer.
    pub(super) fn is_whole(bytes: &[u8]) -> bool {
        end(bytes).is_some()
    }

    /// The bulk strings of an array answer.
    pub(super) fn array(bytes: &[u8]) -> Vec<Vec<u8>> {
        let Some((count, mut rest)) = line(bytes, b'*') else {
            return Vec::new();
        };
        let mut items = Vec::new();
        for _ in 0..count {
            let Some((length, body)) = line(rest, b'$') else {
                break;
            };
            let length = usize::try_from(length).unwrap_or(0);
            items.push(body.iter().take(length).copied().collect());
            rest = body.get(length + 2..).unwrap_or_default();
        }
        items
    }

    fn end(bytes: &[u8]) -> Option<&[u8]> {
        match bytes.first()? {
            b'*' => {
                let (count, mut rest) = line(bytes, b'*')?;
                for _ in 0..count {
                    rest = end(rest)?;
                }
                Some(rest)
            }
            b'$' => match line(bytes, b'$')? {
                (-1, rest) => Some(rest),
                (length, rest) => rest.get(usize::try_from(length).ok()? + 2..),
            },
            _ => {
                let at = bytes.windows(2).position(|pair| pair == b"\r\n")?;
                bytes.get(at + 2..)
            }
        }
    }

    fn line(bytes: &[u8], kind: u8) -> Option<(i64, &[u8])> {
        let rest = bytes.strip_prefix(&[kind])?;
        let at = rest.windows(2).position(|pair| pair == b"\r\n")?;
        let number = std::str::from_utf8(rest.get(..at)?).ok()?.parse().ok()?;
        Some((number, rest.get(at + 2..)?))
    }
}
