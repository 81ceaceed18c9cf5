//! Lists in small pages, one list at a time. This limits the memory of a page while it is read, however large the objects are.

use std::sync::Arc;
use std::time::Duration;

use futures::stream::BoxStream;
use futures::{Stream, StreamExt};
use kube::runtime::watcher;
use kube::runtime::watcher::Event;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// Objects in a page. The API server holds up to 1.5 MiB of each, and the page is in memory twice while it is read: as it came, and as text. So a
/// page takes at most 30 MiB.
const PAGE: u32 = 10;

/// Time limit after which a list without an answer no longer blocks the other lists.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// For every watch of the operator.
pub(super) fn config() -> watcher::Config {
    watcher::Config::default().page_size(PAGE)
}

/// The lists of one process, which read one after the other.
#[derive(Clone)]
pub(in crate::controller) struct Lists(Arc<Semaphore>);

impl Default for Lists {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(1)))
    }
}

impl Lists {
    /// The events of a watch. It holds the permit while it lists: from the start of the list to its end, or to an error.
    pub(super) fn in_turn<K: Send + 'static>(
        &self,
        events: impl Stream<Item = watcher::Result<Event<K>>> + Send + 'static,
    ) -> BoxStream<'static, watcher::Result<Event<K>>> {
        let state = (events.boxed(), Arc::clone(&self.0), Turn::None);
        futures::stream::unfold(state, |(mut events, room, mut turn)| async move {
            if matches!(turn, Turn::Due) {
                let place = timeout(LONGEST_WAIT, Arc::clone(&room).acquire_owned()).await;
                turn = Turn::Taken(place.ok().and_then(Result::ok));
            }
            let event = events.next().await?;
            turn = match (&event, turn) {
                (Ok(Event::Init), _) => Turn::Due,
                (Ok(Event::InitApply(_)), turn) => turn,
                (Ok(Event::InitDone | Event::Apply(_) | Event::Delete(_)) | Err(_), _) => Turn::None,
            };
            Some((event, (events, room, turn)))
        })
        .boxed()
    }
}

/// The state of a watch in relation to its list.
enum Turn {
    /// It does not list.
    None,
    /// It has announced a list. The next poll starts it.
    Due,
    /// It lists.
    Taken(#[allow(dead_code, reason = "held for its drop")] Option<OwnedSemaphorePermit>),
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use futures::future::join_all;

    use super::*;

    #[tokio::test]
    async fn lists_are_read_one_after_the_other_and_an_error_lets_the_next_one_in() {
        let lists = Lists::default();
        let seen = Arc::<Mutex<Vec<(u32, bool)>>>::default();
        let watch = |number: u32, breaks: bool| {
            let last = if breaks { Err(watcher::Error::NoResourceVersion) } else { Ok(Event::InitDone) };
            let script = vec![Ok(Event::Init), Ok(Event::InitApply(())), Ok(Event::InitApply(())), last];
            let read = Arc::clone(&seen);
            // Another task has its turn before each answer.
            let answers = futures::stream::iter(script).then(|answer| async {
                tokio::task::yield_now().await;
                answer
            });
            let answers = answers.inspect(move |answer| {
                if !matches!(answer, Ok(Event::Init)) {
                    read.lock().unwrap().push((number, !matches!(answer, Ok(Event::InitApply(())))));
                }
            });
            // The events after the list do not block other lists.
            let events = lists.in_turn(answers.chain(futures::stream::pending())).take(4).collect::<Vec<_>>();
            async move { events.await.len() }
        };
        let ended = join_all([watch(1, true), watch(2, false), watch(3, false)]);
        let ended = timeout(Duration::from_secs(10), ended).await.expect("no list waits forever");
        assert_eq!(ended, [4, 4, 4]);
        let seen = seen.lock().unwrap().clone();
        let whole = seen.chunks(3).all(|one| one.iter().all(|(number, _)| *number == one[0].0) && one[2].1);
        assert!(whole && seen.len() == 9, "{seen:?}");
    }
}
