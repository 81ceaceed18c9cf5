//! The connection to a client, and its faults below HTTP: slow bytes, and a reset.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::Sleep;

/// The faults of a connection from now on.
#[derive(Debug, Default)]
pub(crate) struct Quirks {
    dribble_ms: AtomicU64,
    answers: AtomicU64,
    reset: AtomicBool,
}

/// The connection.
#[derive(Debug)]
pub(crate) struct Wire {
    stream: TcpStream,
    quirks: Arc<Quirks>,
    slow: Option<Slow>,
    pause: Option<Pin<Box<Sleep>>>,
}

/// The progress of a slow answer.
#[derive(Debug)]
struct Slow {
    answer: u64,
    began: Instant,
    sent: u64,
}

impl Slow {
    /// How many bytes are due, or how long until the next one is. On a busy machine several are due at once, so the whole answer takes its time and no
    /// more.
    fn due(&self, ms: u64) -> Result<usize, Duration> {
        let elapsed = self.began.elapsed();
        let all = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX) / ms;
        match all.saturating_sub(self.sent) {
            0 => Err(Duration::from_millis(ms.saturating_mul(self.sent + 1)).saturating_sub(elapsed)),
            due => Ok(usize::try_from(due).unwrap_or(usize::MAX)),
        }
    }
}

impl Quirks {
    /// Sets the delay before each byte of the next answer; 0 means none.
    pub(crate) fn dribble(&self, ms: u64) {
        self.dribble_ms.store(ms, Ordering::Relaxed);
        self.answers.fetch_add(1, Ordering::Relaxed);
    }

    /// Ends the connection with a reset.
    pub(crate) fn reset(&self) {
        self.reset.store(true, Ordering::Relaxed);
    }
}

impl Wire {
    pub(crate) fn new(stream: TcpStream, quirks: Arc<Quirks>) -> Wire {
        Wire { stream, quirks, slow: None, pause: None }
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        if self.quirks.reset.load(Ordering::Relaxed) {
            // closing without lingering is a reset
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let ms = self.quirks.dribble_ms.load(Ordering::Relaxed);
        if ms == 0 || bytes.is_empty() {
            return Pin::new(&mut self.stream).poll_write(cx, bytes);
        }
        let answer = self.quirks.answers.load(Ordering::Relaxed);
        self.slow.take_if(|slow| slow.answer != answer);
        let due = loop {
            if let Some(pause) = &mut self.pause {
                ready!(pause.as_mut().poll(cx));
                self.pause = None;
            }
            match self.slow.get_or_insert_with(|| Slow { answer, began: Instant::now(), sent: 0 }).due(ms) {
                Ok(due) => break due.min(bytes.len()),
                Err(wait) => self.pause = Some(Box::pin(tokio::time::sleep(wait))),
            }
        };
        let written = ready!(Pin::new(&mut self.stream).poll_write(cx, &bytes[..due]))?;
        if let Some(slow) = &mut self.slow {
            slow.sent += written as u64;
        }
        Poll::Ready(Ok(written))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::{Duration, Instant};

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};

    use super::{Quirks, Wire};

    async fn pair() -> (Wire, Arc<Quirks>, TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let quirks = Arc::new(Quirks::default());
        (Wire::new(listener.accept().await.unwrap().0, Arc::clone(&quirks)), quirks, client)
    }

    #[tokio::test]
    async fn dribbled_bytes_take_their_time_and_all_come() {
        let (mut wire, quirks, mut client) = pair().await;
        quirks.dribble(10);
        let started = Instant::now();
        tokio::spawn(async move { wire.write_all(b"0123456789").await });
        let mut bytes = Vec::new();
        client.read_to_end(&mut bytes).await.unwrap();
        assert_eq!(bytes, b"0123456789");
        assert!(started.elapsed() >= Duration::from_millis(100), "{:?}", started.elapsed());
    }

    #[tokio::test]
    async fn a_reset_is_no_farewell() {
        for reset in [false, true] {
            let (wire, quirks, mut client) = pair().await;
            if reset {
                quirks.reset();
            }
            drop(wire);
            let end = client.read(&mut [0]).await;
            let kind = end.as_ref().err().map(std::io::Error::kind);
            assert_eq!(kind, reset.then_some(std::io::ErrorKind::ConnectionReset), "{end:?}");
        }
    }
}
