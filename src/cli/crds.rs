//! The wait for the CRDs of all kinds. In GitOps they can be applied after the operator starts, so a missing CRD is not a reason to crash.

use futures::FutureExt;
use futures::future::{BoxFuture, join_all};
use kube::Client;
use tokio::time::sleep;
use tracing::warn;

use super::kinds::{ForEachKind, each};
use crate::controller::managed::Managed;
use crate::controller::watch::crd::{self, Installed};
use crate::core::backoff::Backoff;
use crate::process::server::Readiness;

/// The condition of readiness.
pub(super) const KNOWN: &str = "crd";

/// Returns once the API server has every field of every kind.
pub(super) async fn known(kubernetes: &Client, readiness: &Readiness) {
    let mut attempt = 0;
    loop {
        let mut checks = Checks { kubernetes, running: Vec::new() };
        each(&mut checks);
        let missing: Vec<String> = join_all(checks.running).await.into_iter().flatten().collect();
        if missing.is_empty() {
            return readiness.met(KNOWN);
        }
        readiness.awaits(KNOWN, missing.join("; "));
        sleep(Backoff::SETTLE.delay(attempt, fastrand::f64())).await;
        attempt += 1;
    }
}

/// The check of each kind.
struct Checks<'a> {
    kubernetes: &'a Client,
    running: Vec<BoxFuture<'a, Option<String>>>,
}

impl ForEachKind for Checks<'_> {
    fn kind<K: Managed>(&mut self) {
        self.running.push(missing::<K>(self.kubernetes).boxed());
    }
}

/// The parts of a kind that the API server lacks; they are also logged, with the remedy.
async fn missing<K: Managed>(kubernetes: &Client) -> Option<String> {
    let crd = K::crd_name();
    match crd::installed::<K>(kubernetes).await {
        Ok(Installed::Yes) => None,
        Ok(Installed::Old(fields)) => {
            let fields = fields.join(", ");
            warn!(
                crd,
                fields,
                "The CRD is older than this operator and would drop these fields, so the operator does nothing: apply the CRD of this version (by the chart, or with `lambda-operator crd`)"
            );
            Some(format!("the CRD {crd} is older than this operator and lacks {fields}"))
        }
        Ok(Installed::Missing) => {
            warn!(crd, "The CRD is not installed: apply it (by the chart, or with `lambda-operator crd`)");
            Some(format!("the CRD {crd} is not installed"))
        }
        Err(error) => {
            warn!(%error, "The API server does not answer; it is retried");
            Some(format!("the API server did not answer whether it has the CRD {crd}"))
        }
    }
}
