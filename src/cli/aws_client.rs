//! AWS clients for one-off commands: without metrics, and with waits for errors that pass by themselves.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::time::sleep;

use crate::aws::client::budget::Rates;
use crate::aws::client::{Clients, Gate, Meter, Settings, Unusable};
use crate::core::backoff::Backoff;
use crate::core::error::class::Class;
use crate::core::error::{CallError, Error};
use crate::core::host::FunctionOwner;
use crate::core::kind::{Aws, Kind, Tagged};
use crate::core::operation::Operation;
use crate::core::values::Knowable;

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

/// Clients with the AWS identity of the user who runs the command.
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

/// Waits until the next attempt, if there is one.
async fn pause(error: CallError, failures: &mut u32) -> Result<(), CallError> {
    sleep(delay(error, failures).map_err(CallError::Failed)?).await;
    Ok(())
}

/// A resource with reads that are repeated until there is an answer.
pub(super) struct Patient<R>(pub(super) R);

impl<R: Tagged> Tagged for Patient<R> {
    async fn function_owner(&self) -> Result<FunctionOwner, CallError> {
        let mut failures = 0;
        loop {
            match self.0.function_owner().await {
                Ok(owner) => return Ok(owner),
                Err(error) => pause(error, &mut failures).await?,
            }
        }
    }
}

impl<K: Kind, R: Aws<K>> Aws<K> for Patient<R> {
    async fn observe(&self, query: &K::Query) -> Result<Option<K::Observed>, CallError> {
        let mut failures = 0;
        loop {
            match self.0.observe(query).await {
                Ok(observed) => return Ok(observed),
                Err(error) => pause(error, &mut failures).await?,
            }
        }
    }

    async fn execute(&self, step: &K::Step, package: Option<Vec<u8>>) -> Result<K::Answer, CallError> {
        self.0.execute(step, package).await
    }
}

/// A resource whose function's owner counts as one of this cluster, where the name of the cluster is unknown.
pub(super) struct Renamed<'a, R> {
    pub(super) aws: R,
    pub(super) cluster: Option<&'static str>,
    /// The owner that the function will have: an object of the same file takes it over first.
    pub(super) later: Option<String>,
    pub(super) namespace: &'a str,
    pub(super) names: &'a ClusterNames,
}

/// The names of clusters in the owner tags that were read.
#[derive(Default)]
pub(super) struct ClusterNames(Mutex<BTreeSet<String>>);

impl ClusterNames {
    /// Takes note of an owner tag, if it names an object of this namespace.
    pub(super) fn note(&self, owner: &str, namespace: &str) {
        if let Some((cluster, object)) = owner.split_once('/')
            && object.split('/').next() == Some(namespace)
        {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(cluster.to_owned());
        }
    }

    /// The flags that name them.
    pub(super) fn flags(&self) -> Vec<String> {
        let names = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        names.iter().map(|name| format!("--cluster-name {name}")).collect()
    }
}

impl<R: Tagged> Tagged for Renamed<'_, R> {
    async fn function_owner(&self) -> Result<FunctionOwner, CallError> {
        let owner = self.aws.function_owner().await?;
        owner.known().into_iter().flatten().for_each(|owner| self.names.note(owner, self.namespace));
        if let Some(later) = &self.later {
            return Ok(Knowable::Known(Some(later.clone())));
        }
        Ok(match (self.cluster, owner) {
            (Some(cluster), Knowable::Known(Some(owner))) => {
                Knowable::Known(owner.split_once('/').map(|(_, name)| format!("{cluster}/{name}")).or(Some(owner)))
            }
            (_, owner) => owner,
        })
    }
}
