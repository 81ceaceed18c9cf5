//! Whether the CRD still knows every field of status that we write. A running operator may get an older one: it would lose the status record in
//! silence, so nothing is written until the CRD is upgraded. Nor is a condition: each write of the object would make the loss final.

use std::time::{Duration, Instant};

use super::failure::Failure;
use super::finished::{Finished, News};
use super::{Reconcile, Requeue, Stop};
use crate::controller::crd_gate::State;
use crate::controller::managed::Managed;
use crate::controller::watch::crd::{Installed, installed};
use crate::core::backoff::Backoff;
use crate::core::refusal::{Refusal, Request};

/// The schema that the API server publishes is behind its CRDs for less than this.
const SCHEMA_LAG: Duration = Duration::from_secs(3);

/// Between two questions while the CRD is too old.
const ASK_AGAIN: Duration = Duration::from_secs(5);

impl<K: Managed> Reconcile<'_, K> {
    /// Whether what a status must remember is kept by the API server.
    pub(super) async fn is_recorded(&self) -> Result<(), Stop<K>> {
        let since = match self.context.crd.state() {
            State::Known => return Ok(()),
            State::Outdated(refusal, asked) if asked.elapsed() < ASK_AGAIN => return Err(Stop::Outdated(refusal)),
            State::Outdated(_, _) => None,
            State::Doubted(since) => Some(since),
        };
        let known = installed::<K>(&self.context.shared.kubernetes).await;
        match known.map_err(Failure::of(Request::Object))? {
            Installed::Missing => Err(Stop::Quiet(Requeue::Retry(Backoff::ORDINARY))),
            Installed::Old(fields) => {
                let refusal = Refusal::outdated(K::crd_name(), &fields);
                self.context.crd.set(State::Outdated(refusal.clone(), Instant::now()));
                Err(Stop::Outdated(refusal))
            }
            Installed::Yes => {
                let early =
                    since.and_then(|since| SCHEMA_LAG.checked_sub(since.elapsed())).filter(|left| !left.is_zero());
                match early {
                    Some(left) => Err(Stop::Quiet(Requeue::After(left))),
                    None => {
                        self.context.crd.set(State::Known);
                        Ok(())
                    }
                }
            }
        }
    }

    /// By an Event, once.
    pub(super) async fn outdated(&self, refusal: Refusal) -> Finished {
        self.say(&refusal).await;
        let news = News { reason: refusal.reason().name().into(), message: refusal.sentence, alarming: true };
        Finished { news: Some(news), ..Finished::quietly(Requeue::Retry(Backoff::ORDINARY)) }
    }
}
