//! Watches that survive an outage of the API server: they retry quickly, and list everything again after a longer outage.

use std::time::{Duration, Instant};

use futures::stream::BoxStream;
use futures::{Stream, StreamExt};
use kube::runtime::watcher;
use kube::runtime::watcher::Event;
use tokio::time::sleep;

use crate::core::backoff::Backoff;

/// The delay between attempts. A process has only a few watches, which an API server that comes back can bear, and edits are seen
/// within seconds of its return.
const AWAY: Backoff = Backoff { first: Duration::from_millis(500), most: Duration::from_secs(5) };
/// The delay if the watch is forbidden, which only a person can change.
const DENIED: Backoff = Backoff { first: Duration::from_secs(1), most: Duration::from_secs(60) };

/// The time after which an earlier error no longer counts.
const FORGOTTEN: Duration = Duration::from_secs(90);

/// The health of a watch.
pub(in crate::controller) enum WatchHealth<'a> {
    /// An event arrived.
    Ok,
    /// The watch failed with this error, for this many times in a row.
    Failing(&'a watcher::Error, u32),
}

/// The failures of one watch.
#[derive(Clone, Copy, Default)]
struct Errors {
    in_a_row: u32,
    /// The number of refusals in a row. An API server that is starting also refuses, until it has loaded its RBAC rules.
    denied: u32,
    last: Option<Instant>,
}

impl Errors {
    /// Records one more.
    fn and(self, error: &watcher::Error, now: Instant) -> Self {
        let forgotten = self.last.is_none_or(|last| now.saturating_duration_since(last) > FORGOTTEN);
        let Self { in_a_row, denied, last: _ } = if forgotten { Self::default() } else { self };
        let denied = if is_denied(error) { denied.saturating_add(1) } else { 0 };
        Self { in_a_row: in_a_row.saturating_add(1), denied, last: Some(now) }
    }

    fn delay(self) -> Duration {
        let (pace, tries) = if self.denied > 0 { (DENIED, self.denied) } else { (AWAY, self.in_a_row) };
        pace.delay(tries.saturating_sub(1), fastrand::f64())
    }
}

/// The events of the watch that `make` starts. Its errors go only to `tell`, because a controller would pause all of its triggers
/// for the error of one watch.
///
/// Two errors in a row mean an outage of the API server. It can come back with an older state than the one that we have
/// seen (restored from a backup, or recreated), and a resumed watch would then get no events until it has caught up. So everything is listed again.
pub(in crate::controller) fn resilient<K: Send + 'static>(
    make: impl Fn() -> BoxStream<'static, watcher::Result<Event<K>>> + Send + 'static,
    tell: impl Fn(WatchHealth<'_>) + Send + 'static,
) -> impl Stream<Item = watcher::Result<Event<K>>> + Send {
    let begun = make();
    let state = (begun, Errors::default(), make, tell);
    futures::stream::unfold(state, |(mut events, mut errors, make, tell)| async move {
        loop {
            match events.next().await {
                Some(Ok(event)) => {
                    // This event comes before the first request.
                    if !matches!(event, Event::Init) {
                        tell(WatchHealth::Ok);
                    }
                    // A successful list says nothing about the watch that follows it.
                    if matches!(event, Event::Apply(_) | Event::Delete(_)) {
                        errors = Errors::default();
                    }
                    return Some((Ok(event), (events, errors, make, tell)));
                }
                Some(Err(error)) => {
                    errors = errors.and(&error, Instant::now());
                    tell(WatchHealth::Failing(&error, errors.in_a_row));
                    if errors.in_a_row > 1 {
                        events = make();
                    }
                    sleep(errors.delay()).await;
                }
                None => events = make(),
            }
        }
    })
}

fn is_denied(error: &watcher::Error) -> bool {
    match error {
        watcher::Error::InitialListFailed(error)
        | watcher::Error::WatchStartFailed(error)
        | watcher::Error::WatchFailed(error) => matches!(error, kube::Error::Api(status) if status.is_forbidden()),
        watcher::Error::WatchError(status) => status.is_forbidden(),
        watcher::Error::NoResourceVersion => false,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::sync::{Arc, Mutex};

    use super::*;

    /// The events of watches one after the other, and the number of times that one was started.
    fn scripted(
        scripts: Vec<Vec<watcher::Result<Event<u32>>>>,
    ) -> (Arc<AtomicU32>, impl Fn() -> BoxStream<'static, watcher::Result<Event<u32>>> + Send) {
        let begun = Arc::<AtomicU32>::default();
        let count = Arc::clone(&begun);
        let scripts = Mutex::new(scripts.into_iter());
        let make = move || {
            count.fetch_add(1, Ordering::Relaxed);
            let script = scripts.lock().unwrap().next().unwrap_or_default();
            futures::stream::iter(script).chain(futures::stream::pending()).boxed()
        };
        (begun, make)
    }

    const BROKEN: watcher::Error = watcher::Error::NoResourceVersion;

    #[tokio::test]
    async fn two_watch_errors_in_a_row_start_a_new_list() {
        let first = vec![Ok(Event::Apply(1)), Err(BROKEN), Ok(Event::Apply(2)), Err(BROKEN), Err(BROKEN)];
        let second = vec![Ok(Event::Init), Ok(Event::InitApply(3))];
        let (begun, make) = scripted(vec![first, second]);
        let told = Arc::<Mutex<Vec<u32>>>::default();
        let hears = Arc::clone(&told);
        let events = resilient(make, move |going| match going {
            WatchHealth::Ok => hears.lock().unwrap().push(0),
            WatchHealth::Failing(_, errors) => hears.lock().unwrap().push(errors),
        });
        let events: Vec<_> = events.take(4).map(Result::unwrap).collect().await;
        assert!(
            matches!(events[..], [Event::Apply(1), Event::Apply(2), Event::Init, Event::InitApply(3)]),
            "{events:?}"
        );
        assert_eq!(begun.load(Ordering::Relaxed), 2);
        assert_eq!(*told.lock().unwrap(), [0, 1, 0, 1, 2, 0]);
    }

    #[tokio::test]
    async fn a_list_that_is_answered_says_nothing_of_a_watch_that_is_not() {
        let listed = || [Ok(Event::Init), Ok(Event::InitApply(1)), Ok(Event::InitDone), Err(BROKEN)];
        let first = listed().into_iter().chain(listed()).collect();
        let (begun, make) = scripted(vec![first, vec![Ok(Event::Apply(2))]]);
        let events = resilient(make, |_| {});
        let events: Vec<_> = events.map(Result::unwrap).take(7).collect().await;
        assert!(matches!(events[..], [.., Event::Apply(2)]), "{events:?}");
        assert_eq!(begun.load(Ordering::Relaxed), 2);
    }

    #[test]
    fn one_denial_after_an_outage_is_retried_within_seconds() {
        let refused =
            watcher::Error::WatchError(Box::new(kube::core::Status::failure("no", "Forbidden").with_code(403)));
        let now = Instant::now();
        let away = (0..8).fold(Errors::default(), |errors, _| errors.and(&BROKEN, now));
        assert!(away.delay() > Duration::from_secs(4));
        let back = away.and(&refused, now);
        assert!(back.delay() < Duration::from_secs(2), "{:?}", back.delay());
        let resilient = (0..8).fold(back, |errors, _| errors.and(&refused, now));
        assert!(resilient.delay() > Duration::from_secs(50), "{:?}", resilient.delay());
        assert_eq!(resilient.and(&BROKEN, now + 2 * FORGOTTEN).in_a_row, 1);
    }
}
