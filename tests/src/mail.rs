//! A mail server of the tests' own (RFC 5321, the few commands that a client needs).

use std::{
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use anyhow::Context;

/// A running mail server: it takes every mail.
#[derive(Debug)]
pub struct MailServer {
    /// Its address, as `hub.toml` says it.
    pub url: String,
    mails: Arc<Mutex<Vec<String>>>,
}

impl MailServer {
    /// Starts one.
    ///
    /// # Errors
    /// When no port is free.
    pub fn open() -> Result<Self, anyhow::Error> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let url = format!("smtp://{}", listener.local_addr()?);
        let mails = Arc::<Mutex<Vec<String>>>::default();
        let taken = Arc::clone(&mails);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let taken = Arc::clone(&taken);
                std::thread::spawn(move || drop(converse(&stream, &taken)));
            }
        });
        Ok(Self { url, mails })
    }

    /// The mails so far, as they came.
    #[must_use]
    pub fn mails(&self) -> Vec<String> {
        let mails = self.mails.lock();
        mails.map_or_else(|_poisoned| Vec::new(), |mails| mails.clone())
    }

    /// The mails, once there are `count`.
    ///
    /// # Errors
    /// When that does not happen within ten seconds.
    pub async fn wait_for(&self, count: usize) -> Result<Vec<String>, anyhow::Error> {
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_secs(10) {
            let mails = self.mails();
            if mails.len() >= count {
                return Ok(mails);
            }
            actix_web::rt::time::sleep(Duration::from_millis(5)).await;
        }
        None.with_context(|| format!("{count} mails, and {} came", self.mails().len()))
    }
}

fn converse(stream: &TcpStream, taken: &Mutex<Vec<String>>) -> Result<(), std::io::Error> {
    let mut to_client = stream;
    to_client.write_all(b"220 mail.example ESMTP\r\n")?;
    let mut lines = BufReader::new(stream).lines();
    while let Some(line) = lines.next() {
        let command = line?.to_ascii_uppercase();
        if command == "DATA" {
            to_client.write_all(b"354 go on\r\n")?;
            let mut mail = String::new();
            for line in lines.by_ref() {
                let line = line?;
                if line == "." {
                    break;
                }
                mail.push_str(&line);
                mail.push('\n');
            }
            if let Ok(mut taken) = taken.lock() {
                taken.push(mail);
            }
        }
        let answer: &[u8] = match command.get(..4) {
            Some("EHLO") => b"250 mail.example\r\n",
            Some("QUIT") => b"221 bye\r\n",
            _ => b"250 ok\r\n",
        };
        to_client.write_all(answer)?;
    }
    Ok(())
}
