//! Whether the client of a call still waits for the answer. hyper drops what answers a connection that was closed.

use tokio::sync::watch;

/// Lives where the connection is answered, and is dropped with it.
#[derive(Debug)]
pub(crate) struct Connection(#[expect(dead_code, reason = "its end is what it says")] watch::Sender<()>);

/// The other end, for who does the work.
#[derive(Debug, Clone)]
pub(crate) struct Caller(watch::Receiver<()>);

/// The client went away.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Gone;

/// Both ends.
pub(crate) fn caller() -> (Connection, Caller) {
    let (sender, receiver) = watch::channel(());
    (Connection(sender), Caller(receiver))
}

impl Caller {
    /// Waits for `event`, unless the client goes away before.
    pub(crate) async fn stays_until(&self, event: impl Future<Output = ()>) -> Result<(), Gone> {
        let mut connection = self.0.clone();
        tokio::select! {
            // when both are so, nobody is there to see what would be done
            biased;
            _ = connection.changed() => Err(Gone),
            () = event => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Gone, caller};

    #[tokio::test]
    async fn an_event_counts_only_while_the_client_is_there() {
        let (connection, caller) = caller();
        assert_eq!(caller.stays_until(async {}).await, Ok(()));
        drop(connection);
        assert_eq!(caller.stays_until(async {}).await, Err(Gone));
        assert_eq!(caller.stays_until(std::future::pending()).await, Err(Gone));
    }
}
