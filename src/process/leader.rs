//! Leader election by a Lease, with client-go's protocol: optimistic replaces, and expiry by observed change on our own clock.
//!
//! At most one of the candidates considers itself leader. This tolerates clock skew, because expiry is determined by observing the lease
//! unchanged and not by comparing timestamps; only the clocks' speed must be about the same. A paused process checks its clock before it writes.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime;
use k8s_openapi::jiff::Timestamp;
use kube::api::PostParams;
use kube::{Api, Client};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use super::metrics::{Family, Kind};

/// Whether this process leads.
pub const LEADS: Family = Family::new(
    "leader_election_master_status",
    Kind::Gauge,
    &["name"],
    "1 if this process holds the lease of that name, otherwise 0; absent without leader election",
);

/// The times of an election, as client-go names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Times {
    /// Others may take over when the lease has not been renewed for this long.
    lease: Duration,
    /// A leader that could not renew for this long gives up, before others take over.
    renew_deadline: Duration,
    /// Between tries.
    retry: Duration,
}

impl Times {
    /// Checks that a leader gives up before others take over, and that it tries to renew more than once.
    ///
    /// # Errors
    /// Which time to change.
    pub fn new(lease: Duration, renew_deadline: Duration, retry: Duration) -> Result<Self, String> {
        if lease <= renew_deadline {
            return Err("the lease duration must be longer than the renew deadline".into());
        }
        if renew_deadline < retry.saturating_mul(3) {
            return Err("the renew deadline must be at least three times the retry period".into());
        }
        if retry.is_zero() || lease.subsec_nanos() != 0 {
            return Err("the retry period must not be 0, and the lease duration must be whole seconds".into());
        }
        Ok(Self { lease, renew_deadline, retry })
    }
}

/// One candidate for one lease.
pub struct Contender {
    leases: Api<Lease>,
    name: String,
    identity: String,
    times: Times,
}

/// Proof of leadership; held while leading.
pub struct Leadership {
    contender: Contender,
    held: Lease,
    renewed: Instant,
    lead: Lead,
}

/// Whether this process leads, checked just before each write. A process that was paused sees by its clock that
/// it has lost the lease, even before it reads the lease again.
#[derive(Clone, Default)]
pub struct Lead {
    until: Arc<Mutex<Option<Instant>>>,
}

impl Lead {
    /// Leadership without an election.
    #[must_use]
    pub fn always() -> Self {
        let lead = Self::default();
        lead.set(Instant::now().checked_add(Duration::from_secs(u64::from(u32::MAX))));
        lead
    }

    /// Whether we still hold the lease, by our own clock.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.until.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|until| Instant::now() < until)
    }

    fn set(&self, until: Option<Instant>) {
        *self.until.lock().unwrap_or_else(PoisonError::into_inner) = until;
    }
}

impl Contender {
    /// `identity` must be unique among the candidates, for instance the pod's name.
    #[must_use]
    pub fn new(client: Client, namespace: &str, name: &str, identity: String, times: Times) -> Self {
        Self { leases: Api::namespaced(client, namespace), name: name.to_owned(), identity, times }
    }

    /// Waits until the lease is ours; `None` if it was stopped before.
    pub async fn acquire(self, lead: Lead, stop: &CancellationToken) -> Option<Leadership> {
        let mut rival: Option<(Lease, Instant)> = None;
        loop {
            let started = Instant::now();
            match timeout(self.times.renew_deadline, self.attempt(&mut rival)).await {
                Ok(Ok(Some(held))) => {
                    lead.set(Some(started + self.times.renew_deadline));
                    return Some(Leadership { contender: self, held, renewed: started, lead });
                }
                Ok(Ok(None)) => debug!(lease = self.name, "Another process leads"),
                Ok(Err(error)) => {
                    warn!(lease = self.name, %error, "Failed to acquire the lease: check that the operator's role allows get, create and update of leases");
                }
                Err(_) => warn!(
                    lease = self.name,
                    "Failed to reach the API server for the lease: no answer in time; it is retried"
                ),
            }
            tokio::select! {
                () = stop.cancelled() => return None,
                () = sleep(self.times.retry) => {}
            }
        }
    }

    /// One attempt. `rival` is the lease as last seen and the time of its last change, by our own clock.
    async fn attempt(&self, rival: &mut Option<(Lease, Instant)>) -> kube::Result<Option<Lease>> {
        let Some(current) = self.leases.get_opt(&self.name).await? else {
            let fresh = Lease { spec: Some(next_spec(None, &self.identity, self.times.lease)), ..Lease::default() };
            let fresh = Lease {
                metadata: kube::api::ObjectMeta { name: Some(self.name.clone()), ..Default::default() },
                ..fresh
            };
            return lost_race_is_none(self.leases.create(&PostParams::default(), &fresh).await);
        };
        let unchanged_since = match rival {
            Some((seen, since)) if seen.spec == current.spec => *since,
            _ => {
                let now = Instant::now();
                *rival = Some((current.clone(), now));
                now
            }
        };
        let Times { lease, renew_deadline: _, retry: _ } = self.times;
        if !may_take(current.spec.as_ref(), &self.identity, unchanged_since.elapsed(), lease) {
            return Ok(None);
        }
        lost_race_is_none(self.replace(&current, next_spec(current.spec.as_ref(), &self.identity, lease)).await)
    }

    async fn replace(&self, current: &Lease, spec: LeaseSpec) -> kube::Result<Lease> {
        // The update contains the resourceVersion that was read, so that of two concurrent writers one gets a conflict.
        let next = Lease { metadata: current.metadata.clone(), spec: Some(spec) };
        self.leases.replace(&self.name, &PostParams::default(), &next).await
    }
}

impl Leadership {
    /// Renews until `stop`, or until leadership is lost; then `lost` is cancelled.
    pub async fn keep(mut self, stop: CancellationToken, lost: CancellationToken) -> Self {
        let Times { lease: _, renew_deadline, retry } = self.contender.times;
        loop {
            tokio::select! {
                () = stop.cancelled() => return self,
                () = sleep(retry) => {}
            }
            let left = renew_deadline.saturating_sub(self.renewed.elapsed());
            let started = Instant::now();
            // A third of it: after a request that hangs there is time for another.
            match timeout(left.min(renew_deadline / 3), self.renew()).await {
                Ok(Ok(Some(held))) => {
                    self.held = held;
                    // The time before the request counts, because the answer may have taken long.
                    self.renewed = started;
                    self.lead.set(Some(started + renew_deadline));
                }
                Ok(Err(error)) if self.renewed.elapsed() < renew_deadline => {
                    warn!(lease = self.contender.name, %error, "Could not renew the lease");
                }
                Err(_) if self.renewed.elapsed() < renew_deadline => {
                    warn!(lease = self.contender.name, "The API server did not answer in time about the lease");
                }
                Ok(Ok(None) | Err(_)) | Err(_) => {
                    self.lead.set(None);
                    lost.cancel();
                    return self;
                }
            }
        }
    }

    /// Renews the lease; `None` if another process holds it.
    async fn renew(&self) -> kube::Result<Option<Lease>> {
        let Contender { leases, name, identity, times } = &self.contender;
        match self.contender.replace(&self.held, next_spec(self.held.spec.as_ref(), identity, times.lease)).await {
            Err(error) if is_conflict(&error) => {}
            result => return result.map(Some),
        }
        // The other version may be our own: a renewal with a lost answer.
        let current = leases.get(name).await?;
        let holder = current.spec.as_ref().and_then(|spec| spec.holder_identity.as_ref());
        if holder != Some(identity) {
            return Ok(None);
        }
        lost_race_is_none(
            self.contender.replace(&current, next_spec(current.spec.as_ref(), identity, times.lease)).await,
        )
    }

    /// Releases the lease, so that the next candidate can lead at once.
    pub async fn release(self) {
        let spec = LeaseSpec {
            holder_identity: None,
            lease_duration_seconds: Some(1),
            ..self.held.spec.clone().unwrap_or_default()
        };
        if let Ok(Err(error)) = timeout(self.contender.times.retry, self.contender.replace(&self.held, spec)).await {
            debug!(lease = self.contender.name, %error, "Could not release the lease");
        }
    }
}

/// Free, ours already, or its holder has been silent for its whole duration.
fn may_take(current: Option<&LeaseSpec>, identity: &str, unchanged_for: Duration, lease: Duration) -> bool {
    let Some(spec) = current else { return true };
    let holder = spec.holder_identity.as_deref().unwrap_or_default();
    let duration = spec.lease_duration_seconds.and_then(|s| u64::try_from(s).ok()).map_or(lease, Duration::from_secs);
    holder.is_empty() || holder == identity || unchanged_for > duration
}

fn next_spec(current: Option<&LeaseSpec>, identity: &str, lease: Duration) -> LeaseSpec {
    let now = MicroTime(Timestamp::now());
    let ours = current.is_some_and(|spec| spec.holder_identity.as_deref() == Some(identity));
    let transitions = current.and_then(|spec| spec.lease_transitions).unwrap_or_default();
    LeaseSpec {
        holder_identity: Some(identity.to_owned()),
        lease_duration_seconds: i32::try_from(lease.as_secs()).ok(),
        acquire_time: current.filter(|_| ours).and_then(|spec| spec.acquire_time.clone()).or_else(|| Some(now.clone())),
        renew_time: Some(now),
        lease_transitions: Some(if ours || current.is_none() { transitions } else { transitions + 1 }),
        ..LeaseSpec::default()
    }
}

fn is_conflict(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Api(status) if status.is_conflict() || status.is_already_exists())
}

fn lost_race_is_none(result: kube::Result<Lease>) -> kube::Result<Option<Lease>> {
    match result {
        Ok(lease) => Ok(Some(lease)),
        Err(error) if is_conflict(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEASE: Duration = Duration::from_secs(15);

    #[test]
    fn a_lead_ends_by_the_clock_alone() {
        let lead = Lead::default();
        assert!(!lead.holds(), "nobody leads before the election");
        lead.set(Some(Instant::now() + Duration::from_secs(60)));
        assert!(lead.holds());
        lead.set(Some(Instant::now()));
        assert!(!lead.holds());
        assert!(Lead::always().holds());
    }

    fn held_by(holder: &str) -> LeaseSpec {
        next_spec(None, holder, LEASE)
    }

    #[test]
    fn a_living_rival_keeps_the_lease_and_a_silent_one_loses_it() {
        let spec = held_by("rival");
        assert!(!may_take(Some(&spec), "me", LEASE, LEASE));
        assert!(may_take(Some(&spec), "me", LEASE + Duration::from_millis(1), LEASE));
        assert!(may_take(Some(&held_by("me")), "me", Duration::ZERO, LEASE));
        assert!(may_take(None, "me", Duration::ZERO, LEASE));
    }

    #[test]
    fn a_takeover_counts_as_a_transition_and_a_renewal_does_not() {
        let mine = next_spec(Some(&held_by("rival")), "me", LEASE);
        assert_eq!(mine.lease_transitions, Some(1));
        let renewed = next_spec(Some(&mine), "me", LEASE);
        assert_eq!((renewed.lease_transitions, renewed.acquire_time), (Some(1), mine.acquire_time));
    }

    #[test]
    fn a_leader_must_give_up_before_others_take_over() {
        let times = |lease, renew, retry| {
            let [lease, renew, retry] = [lease, renew, retry].map(Duration::from_secs);
            Times::new(lease, renew, retry)
        };
        assert!(times(15, 10, 2).is_ok() && times(60, 40, 10).is_ok());
        assert!(times(10, 10, 2).is_err_and(|error| error.contains("longer than the renew deadline")));
        assert!(times(15, 10, 4).is_err_and(|error| error.contains("three times the retry period")));
        assert!(times(15, 10, 0).is_err());
    }
}
