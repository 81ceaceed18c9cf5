//! A brake on writes without effect: a write that AWS accepts repeatedly, while the same difference stays, is sent a limited number of times.

use std::collections::BTreeMap;

use super::applied::hash;
use super::change::Change;
use super::operation::Operation;

/// The number of times that AWS has accepted a write, by its key, since the object was last in sync.
pub type Repeated = BTreeMap<String, i32>;

/// The number of times that AWS can accept the same write before it is held back.
const MOST: i32 = 5;

/// Longer lists of differences are cut.
const MOST_CHANGES: usize = 5;

/// The identity of a write: the call, and the difference that it is meant to remove.
#[must_use]
pub fn key(operation: Operation, changes: &[Change]) -> String {
    let rows = changes.iter().map(|Change { field, from, to }| format!("{field}:{from:?}:{to}"));
    hash(&format!("{operation} {}", rows.collect::<Vec<_>>().join(";")))
}

/// Whether the write has been accepted too often without effect.
#[must_use]
pub fn is_on(repeated: &Repeated, key: &str) -> bool {
    repeated.get(key).is_some_and(|times| *times >= MOST)
}

/// The counts after a reconcile that planned the writes with these keys, each with whether AWS accepted it.
#[must_use]
pub fn count(before: &Repeated, planned: impl IntoIterator<Item = (String, bool)>) -> Repeated {
    let times = planned.into_iter().map(|(key, accepted)| {
        let times = before.get(&key).copied().unwrap_or_default();
        (key, if accepted { times.saturating_add(1) } else { times })
    });
    times.filter(|(_, times)| *times > 0).collect()
}

/// The message that says why the write is no longer sent, and what to do.
#[must_use]
pub fn sentence(operation: Operation, changes: &[Change]) -> String {
    let shown = changes.iter().take(MOST_CHANGES).map(ToString::to_string).collect::<Vec<_>>().join("; ");
    format!(
        "AWS accepted {operation} {MOST} times and still shows another value ({shown}). Set the field to the value that AWS shows, or add it to ignoreChanges. An edit of the field is sent at once."
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_is_sent_five_times_for_the_same_difference() {
        let change = |to: &str| [Change { field: "timeout".into(), from: Some("3".into()), to: to.into() }];
        let operation = Operation::UpdateFunctionConfiguration;
        let (same, other) = (key(operation, &change("5")), key(operation, &change("6")));
        assert_ne!(same, other, "an edit is another write");
        let mut repeated = Repeated::new();
        for _ in 0..5 {
            assert!(!is_on(&repeated, &same));
            repeated = count(&repeated, [(same.clone(), true)]);
        }
        assert!(is_on(&repeated, &same) && !is_on(&repeated, &other));
        repeated = count(&repeated, [(same.clone(), false)]);
        assert!(is_on(&repeated, &same), "it stays on while the difference stays");
        assert_eq!(count(&repeated, [(other, false)]), Repeated::new(), "and goes with it");
    }
}
