//! A connection whose peer cannot keep it open by doing nothing, or very little.
//!
//! The HTTP library limits the time of the first request's head alone. The head of a later request, and an
//! answer that the peer does not read, have no limit there, so that they have one here.

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep},
};

/// The longest time from the first byte of a request to the first byte of its answer. The hub's own longest
/// answer waits for an identity provider, at each of its endpoints.
const REQUEST: Duration = Duration::from_secs(60);
/// The longest time without any byte in either direction. The HTTP library closes an idle connection much
/// earlier; this limit holds where it believes that a request has begun.
const SILENCE: Duration = Duration::from_secs(70);
/// The longest time in which the peer takes an answer that is ready.
const ANSWER: Duration = Duration::from_secs(15);

/// What the connection waits for.
#[derive(Debug, PartialEq, Eq)]
enum Waiting {
    /// For a request.
    Idle,
    /// For the rest of a request, or for the hub's answer.
    Answer,
    /// For the peer to take an answer.
    Peer,
}

/// A stream with a deadline. After the deadline every read and write fails, which closes the connection.
#[derive(Debug)]
pub(super) struct BoundedStream<T> {
    inner: T,
    waiting: Waiting,
    deadline: Pin<Box<Sleep>>,
}

impl<T> BoundedStream<T> {
    /// A connection that begins now.
    pub(super) fn new(inner: T) -> Self {
        Self {
            inner,
            waiting: Waiting::Idle,
            deadline: Box::pin(sleep(SILENCE)),
        }
    }

    fn wait(&mut self, waiting: Waiting, limit: Duration) {
        self.waiting = waiting;
        self.deadline.as_mut().reset(Instant::now() + limit);
    }

    fn check(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        if self.deadline.as_mut().poll(cx).is_ready() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        Ok(())
    }

    /// The first bytes of a request start its deadline; later ones do not extend it.
    fn was_read(&mut self) {
        if self.waiting == Waiting::Idle {
            self.wait(Waiting::Answer, REQUEST);
        }
    }

    /// What becomes of the deadline after a write of `length` bytes. A peer that takes an answer byte by
    /// byte does not extend it.
    fn was_written(&mut self, outcome: &Poll<io::Result<usize>>, length: usize) {
        match outcome {
            Poll::Ready(Ok(written)) if *written >= length => self.wait(Waiting::Idle, SILENCE),
            Poll::Ready(Ok(_)) | Poll::Pending if self.waiting != Waiting::Peer => {
                self.wait(Waiting::Peer, ANSWER);
            }
            Poll::Ready(_) | Poll::Pending => {}
        }
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for BoundedStream<T> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        match Pin::new(&mut self.inner).poll_read(cx, buffer) {
            Poll::Ready(Ok(())) => {
                if buffer.filled().len() > before {
                    self.was_read();
                }
                Poll::Ready(Ok(()))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => match self.check(cx) {
                Ok(()) => Poll::Pending,
                Err(error) => Poll::Ready(Err(error)),
            },
        }
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for BoundedStream<T> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let outcome = Pin::new(&mut self.inner).poll_write(cx, bytes);
        self.was_written(&outcome, bytes.len());
        if outcome.is_pending()
            && let Err(error) = self.check(cx)
        {
            return Poll::Ready(Err(error));
        }
        outcome
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

    use super::*;

    fn connected() -> (DuplexStream, BoundedStream<DuplexStream>) {
        let (peer, hub) = duplex(1024);
        (peer, BoundedStream::new(hub))
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_that_never_ends_is_given_up_although_bytes_keep_coming() {
        let (mut peer, mut hub) = connected();
        let began = Instant::now();
        let drip = async {
            while peer.write_all(b"x").await.is_ok() {
                sleep(Duration::from_secs(7)).await;
            }
        };
        let read = async {
            loop {
                if let Err(error) = hub.read_u8().await {
                    break error.kind();
                }
            }
        };

        let ended = tokio::select! { () = drip => None, kind = read => Some(kind) };

        assert_eq!(ended, Some(io::ErrorKind::TimedOut));
        assert_eq!(began.elapsed().as_secs(), 60);
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_on_which_nothing_comes_is_given_up() {
        let (_peer, mut hub) = connected();

        let error = hub.read_u8().await.unwrap_err();

        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_is_read_byte_by_byte_is_given_up() {
        let (mut peer, mut hub) = connected();
        let began = Instant::now();
        let slowly = async {
            loop {
                sleep(Duration::from_secs(1)).await;
                peer.read_u8().await.unwrap();
            }
        };

        let ended = tokio::select! {
            () = slowly => None,
            outcome = hub.write_all(&[0; 8192]) => Some(outcome.unwrap_err().kind()),
        };

        assert_eq!(ended, Some(io::ErrorKind::TimedOut));
        assert_eq!(began.elapsed().as_secs(), 15);
    }

    #[tokio::test(start_paused = true)]
    async fn many_requests_on_one_connection_are_answered() {
        let (mut peer, mut hub) = connected();
        for _ in 0..200 {
            sleep(Duration::from_secs(30)).await;
            peer.write_all(&[b'x'; 700]).await.unwrap();
            let mut request = [0; 700];
            hub.read_exact(&mut request).await.unwrap();
            hub.write_all(b"answer").await.unwrap();
            let mut answer = [0; 6];
            peer.read_exact(&mut answer).await.unwrap();
        }
    }
}
