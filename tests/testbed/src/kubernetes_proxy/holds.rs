//! What was written, and which writes are held until a test lets go of them.

use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use crate::glob;

/// One write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Write {
    /// create, update, patch or delete.
    pub verb: String,
    /// lambdafunctions, events, …
    pub resource: String,
    /// status, …
    pub subresource: Option<String>,
    /// Where the object is.
    pub namespace: Option<String>,
    /// The object's name; that of a new one only where the write is JSON.
    pub name: Option<String>,
    /// The HTTP status; 0 while there is no answer, and where the apiserver did not see the write.
    pub status: u16,
    /// It is held, or was.
    pub held: bool,
    /// It is answered, or its client has gone.
    pub ended: bool,
}

/// When a write is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// Before the apiserver sees it. A client that goes away meanwhile has written nothing.
    Request,
    /// When it is done, before its client knows.
    Answer,
}

/// Holds one write: that after `skip` matching ones. What is `None` matches all, texts are globs (`*`, `?`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    /// See [`Write::verb`].
    pub verb: Option<String>,
    /// See [`Write::resource`].
    pub resource: Option<String>,
    /// See [`Write::subresource`]; an empty text or `-` matches only writes to the object itself.
    pub subresource: Option<String>,
    /// See [`Write::namespace`].
    pub namespace: Option<String>,
    /// See [`Write::name`].
    pub name: Option<String>,
    /// How many matching writes pass first.
    pub skip: u32,
    /// When.
    pub moment: Moment,
}

/// Names a hold, to let go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HoldId(u64);

impl Hold {
    /// Of the first write at all; narrow it by its fields.
    pub fn new(moment: Moment) -> Hold {
        Hold { verb: None, resource: None, subresource: None, namespace: None, name: None, skip: 0, moment }
    }

    fn matches(&self, write: &Write) -> bool {
        glob::optional(self.verb.as_deref(), Some(&write.verb))
            && glob::optional(self.resource.as_deref(), Some(&write.resource))
            && glob::optional(self.namespace.as_deref(), write.namespace.as_deref())
            && glob::optional(self.name.as_deref(), write.name.as_deref())
            && match self.subresource.as_deref() {
                Some("" | "-") => write.subresource.is_none(),
                pattern => glob::optional(pattern, write.subresource.as_deref()),
            }
    }
}

/// The journal, and the holds in force.
#[derive(Debug, Default)]
pub(super) struct Holds {
    state: Mutex<State>,
    removed: Notify,
}

#[derive(Debug, Default)]
struct State {
    writes: Vec<Write>,
    added: u64,
    active: Vec<Active>,
}

#[derive(Debug)]
struct Active {
    id: HoldId,
    hold: Hold,
    matched: u32,
}

impl Holds {
    pub(super) fn writes(&self) -> Vec<Write> {
        self.state().writes.clone()
    }

    pub(super) fn add(&self, hold: Hold) -> HoldId {
        let mut state = self.state();
        state.added += 1;
        let id = HoldId(state.added);
        state.active.push(Active { id, hold, matched: 0 });
        id
    }

    pub(super) fn remove(&self, id: HoldId) {
        self.state().active.retain(|active| active.id != id);
        self.removed.notify_waiters();
    }

    /// Resolves when there is no hold of that id any more.
    pub(super) async fn removed(&self, id: HoldId) {
        loop {
            // made before the look: a removal in between is not missed
            let removed = self.removed.notified();
            if !self.state().active.iter().any(|active| active.id == id) {
                return;
            }
            removed.await;
        }
    }

    /// Writes a write down; returns its place.
    pub(super) fn arrived(&self, write: Write) -> usize {
        let mut state = self.state();
        state.writes.push(write);
        state.writes.len() - 1
    }

    /// Whether the write is to be held: by the first hold that wants it.
    pub(super) fn judge(&self, number: usize) -> Option<(HoldId, Moment)> {
        let State { writes, active, .. } = &mut *self.state();
        let write = writes.get(number)?;
        let mut wanted = None;
        for one in active.iter_mut().filter(|one| one.hold.matches(write)) {
            one.matched += 1;
            if one.matched == one.hold.skip + 1 && wanted.is_none() {
                wanted = Some((one.id, one.hold.moment));
            }
        }
        wanted
    }

    /// It is held from now on.
    pub(super) fn begin(&self, number: usize, status: u16) {
        self.change(number, |write| (write.held, write.status) = (true, status));
    }

    pub(super) fn answered(&self, number: usize, status: u16) {
        self.change(number, |write| (write.ended, write.status) = (true, status));
    }

    fn change(&self, number: usize, change: impl FnOnce(&mut Write)) {
        if let Some(write) = self.state().writes.get_mut(number) {
            change(write);
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::{Hold, Holds, Moment, Write};

    fn write(resource: &str, name: &str) -> Write {
        Write {
            verb: "patch".to_owned(),
            resource: resource.to_owned(),
            subresource: None,
            namespace: None,
            name: Some(name.to_owned()),
            status: 0,
            held: false,
            ended: false,
        }
    }

    #[test]
    fn one_write_is_held_after_those_that_are_skipped() {
        let holds = Holds::default();
        let hold =
            Hold { resource: Some("events".into()), name: Some("f.*".into()), skip: 1, ..Hold::new(Moment::Answer) };
        let id = holds.add(hold);
        let judged = |resource, name| holds.judge(holds.arrived(write(resource, name)));
        assert_eq!(judged("events", "f.1"), None, "skipped");
        assert_eq!(judged("events", "g.1"), None);
        assert_eq!(judged("secrets", "f.1"), None);
        assert_eq!(judged("events", "f.2"), Some((id, Moment::Answer)));
        assert_eq!(judged("events", "f.3"), None, "one is enough");
    }

    #[tokio::test]
    async fn a_hold_that_was_removed_holds_nobody() {
        let holds = Holds::default();
        let id = holds.add(Hold::new(Moment::Request));
        let (_, ()) = tokio::join!(holds.removed(id), async { holds.remove(id) });
        holds.removed(id).await;
        assert_eq!(holds.judge(holds.arrived(write("events", "f"))), None);
    }
}
