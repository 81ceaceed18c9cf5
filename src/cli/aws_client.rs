//! AWS clients for one-off commands: without metrics, and with waits for errors that pass by themselves.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use crate::aws::client::budget::Rates;
use crate::aws::client::{Clients, Gate, Meter, Settings, Unusable};
use crate::core::backoff::Backoff;
use crate::core::error::class::Class;
use crate::core::error::{CallError, Error};
use crate::core::kind::{Aws, Kind};
use crate::core::operation::Operation;

/// Initial calls per second: the same rate as the operator's, of the same quota.
const RATES: Rates = Rates { reads: 50.0, writes: 12.0 };

/// The most attempts of one call.
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
pub(super) async fn clients(region: Option<String>) -> Result<Clients, Unusable> {
    Clients::load_in(region, Settings { rates: RATES }, Arc::new(Uncounted), Arc::new(Open)).await
}

/// Repeats a call until there is an answer, or an error that does not pass by itself.
pub(super) async fn patiently<T>(mut call: impl AsyncFnMut() -> Result<T, CallError>) -> Result<T, Error> {
    let mut failures = 0;
    loop {
        match call().await {
            Ok(answer) => return Ok(answer),
            Err(error) => sleep(delay(error, &mut failures)?).await,
        }
    }
}

/// The delay before the next attempt.
fn delay(error: CallError, failures: &mut u32) -> Result<Duration, Error> {
    match error {
        CallError::Postponed(due) => Ok(due),
        CallError::Failed(error) => {
            *failures += 1;
            if *failures == TRIES || !matches!(error.class, Class::Throttled | Class::Saturated | Class::Unavailable) {
                return Err(error);
            }
            Ok(Backoff::SETTLE.delay(*failures, fastrand::f64()))
        }
    }
}

/// A resource with reads that are repeated until there is an answer.
pub(super) struct Patient<R>(pub(super) R);

impl<K: Kind, R: Aws<K>> Aws<K> for Patient<R> {
    async fn observe(&self, query: &K::Query) -> Result<Option<K::Observed>, CallError> {
        let mut failures = 0;
        loop {
            match self.0.observe(query).await {
                Ok(observed) => return Ok(observed),
                Err(error) => sleep(delay(error, &mut failures).map_err(CallError::Failed)?).await,
            }
        }
    }

    async fn execute(&self, step: &K::Step, package: Option<Vec<u8>>) -> Result<K::Answer, CallError> {
        self.0.execute(step, package).await
    }
}
