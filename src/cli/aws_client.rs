//! AWS for commands that end: nothing is counted, and what only needs time is waited for.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use crate::aws::client::budget::Rates;
use crate::aws::client::{Clients, Gate, Meter, Settings};
use crate::core::backoff::Backoff;
use crate::core::error::class::Class;
use crate::core::error::{CallError, Error};
use crate::core::operation::Operation;

/// Calls per second to begin with: as much as the operator takes, of the same quota.
const RATES: Rates = Rates { reads: 50.0, writes: 12.0 };

/// Tries of one call.
const TRIES: u32 = 6;

struct Uncounted;

struct Open;

impl Gate for Open {
    fn is_open(&self) -> bool {
        true
    }
}

impl Meter for Uncounted {
    fn called(&self, _: Operation, _: &str, _: Duration) {}
}

/// Clients with the identity of whoever runs the command.
pub(super) async fn clients(region: Option<String>) -> Clients {
    Clients::load_in(region, Settings { rates: RATES }, Arc::new(Uncounted), Arc::new(Open)).await
}

/// Calls until there is an answer, or an error that no patience mends.
pub(super) async fn patiently<T>(mut call: impl AsyncFnMut() -> Result<T, CallError>) -> Result<T, Error> {
    let mut failures = 0;
    loop {
        match call().await {
            Ok(answer) => return Ok(answer),
            Err(CallError::Postponed(due)) => sleep(due).await,
            Err(CallError::Failed(error)) => {
                failures += 1;
                if failures == TRIES || !matches!(error.class, Class::Throttled | Class::Unavailable) {
                    return Err(error);
                }
                sleep(Backoff::SETTLE.delay(failures, fastrand::f64())).await;
            }
        }
    }
}
