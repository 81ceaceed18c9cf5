//! Checks that the CRD still has every field of status that we write. If it is replaced by an older one while the operator runs, the API server would
//! silently drop parts of the status record. So nothing is written until the CRD is upgraded, not even a condition: any write would make the loss final.

use std::time::{Duration, Instant};

use super::failure::Failure;
use super::finished::{Finished, News};
use super::{Reconcile, Requeue, Stop};
use crate::controller::crd_gate::State;
use crate::controller::managed::Managed;
use crate::controller::watch::crd::{Installed, installed};
use crate::core::backoff::Backoff;
use crate::core::refusal::{Refusal, Request};

/// The time for which the API server's published schema can lag behind its CRDs.
const SCHEMA_LAG: Duration = Duration::from_secs(3);

/// The interval between two checks while the CRD is too old.
const ASK_AGAIN: Duration = Duration::from_secs(5);

impl<K: Managed> Reconcile<'_, K> {
    /// Checks that the API server stores the status record.
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

    /// Reports the outdated CRD by an Event, once.
    pub(super) async fn outdated(&self, refusal: Refusal) -> Finished {
        self.say(&refusal).await;
        let news = News { reason: refusal.reason().name().into(), message: refusal.sentence, alarming: true };
        Finished { news: Some(news), ..Finished::quietly(Requeue::Retry(Backoff::ORDINARY)) }
    }
}
