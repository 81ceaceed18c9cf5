//! Stale reads of an alias: reads that predate our last write. Pure: the time is an argument.

use super::history::History;
use super::model::Member;
use super::observed::Observed;
use crate::api::alias::LambdaAlias;
use crate::api::shared::{RecordedClaim, WaitFor};
use crate::core::kind::Situation;
use crate::core::operation::Operation;
use crate::core::outcome::Progress;

/// The progress to report if the read is stale, that is, predates our last write; `None` if it is current.
#[must_use]
pub fn stale_read(situation: &Situation<'_, LambdaAlias>, observed: Option<&Observed>) -> Option<Progress> {
    let Situation { goal, target: _, history, recorded: _, repeated: _, generation, now } = situation;
    let written = history.past.has_just_written(*now);
    let Some(held) = observed else {
        let ours = written && history.claim == Some(RecordedClaim::Owned);
        let perhaps = history.claim == Some(RecordedClaim::Creating) && history.past.perhaps_created(*generation, *now);
        return match goal.desired() {
            // Recording a second create call would overwrite the only evidence that the first alias is ours.
            Some(desired) => (ours && !history.past.shown
                || perhaps && desired.alias.applied(&Member::ALL) != history.applied)
                .then(|| Progress::Sent(vec![Operation::CreateAlias])),
            // It does not matter whether a read has shown the alias before: reads can alternate between old and new.
            None => (ours || perhaps).then_some(Progress::Searching),
        };
    };
    // Revisions have no order. After a read has shown ours, a different one is a change by somebody else.
    let unseen = history.past.waits_for(WaitFor::Aws, *now);
    (unseen && is_older(history, held.revision.as_ref())).then_some(if goal.is_leaving() {
        Progress::Deleting
    } else {
        Progress::Waiting
    })
}

/// Whether the revision is not the one that our last write answered.
fn is_older(history: &History, revision: Option<&String>) -> bool {
    history.revision.as_ref().zip(revision).is_some_and(|(written, shown)| written != shown)
}

#[cfg(test)]
mod tests {
    use k8s_openapi::jiff::{SignedDuration, Timestamp};

    use super::*;
    use crate::api::shared::Wait;
    use crate::core::brake::Repeated;
    use crate::core::past::Past;
    use crate::core::target::Target;
    use crate::kinds::alias::desired::{Goal, live, live_leaves};
    use crate::kinds::alias::model::Alias;

    /// The verdict on a read that many seconds after a write.
    fn judged(goal: &Goal, history: &History, observed: Option<&Observed>, seconds: i64) -> Option<Progress> {
        let target = Target { account: "1".into(), region: "r".into(), name: "f".into() };
        let now = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds);
        let (recorded, repeated, generation) = (history, &Repeated::new(), 1);
        stale_read(&Situation { goal, target: &target, history, recorded, repeated, generation, now }, observed)
    }

    fn alias(version: &str) -> Alias {
        Alias { version: version.into(), ..Alias::default() }
    }

    fn present(version: &str) -> Goal {
        Goal::Present(Box::new(live(alias(version))))
    }

    fn written(claim: RecordedClaim) -> History {
        let wait = Some(Wait { what: WaitFor::Aws, since: Timestamp::UNIX_EPOCH, generation: 1 });
        let at = Some(Timestamp::UNIX_EPOCH);
        let begun = Past { perhaps_created: at, ..Past::default() };
        let answered = Past { last_write: at, ..Past::default() };
        let past = if claim == RecordedClaim::Creating { begun } else { answered };
        let (past, applied) = (Past { wait, ..past }, alias("1").applied(&Member::ALL));
        History { past, claim: Some(claim), applied, revision: Some("b".into()), ..History::default() }
    }

    #[test]
    fn an_alias_that_was_just_created_is_waited_for() {
        let created = written(RecordedClaim::Owned);
        assert!(judged(&present("1"), &created, None, 5).is_some());
        assert_eq!(judged(&present("1"), &created, None, 25), None, "gone");
        let mut shown = created;
        shown.past.shown = true;
        assert_eq!(judged(&present("1"), &shown, None, 5), None, "gone");
        let leaving = Goal::Absent(live_leaves());
        assert_eq!(judged(&leaving, &shown, None, 5), Some(Progress::Searching), "reads go back and forth");
        assert_eq!(judged(&leaving, &shown, None, 25), None, "gone");
    }

    #[test]
    fn a_creation_that_was_perhaps_heard_is_not_recorded_over() {
        let begun = written(RecordedClaim::Creating);
        assert_eq!(judged(&present("1"), &begun, None, 5), None, "the same again");
        assert!(judged(&present("2"), &begun, None, 5).is_some(), "edited since");
        assert_eq!(judged(&present("2"), &begun, None, 25), None, "it never arrived");
        let leaving = Goal::Absent(live_leaves());
        assert_eq!(judged(&leaving, &begun, None, 5), Some(Progress::Searching));
    }

    #[test]
    fn an_alias_with_another_revision_is_older_than_our_write() {
        let shows =
            |revision: &str| Observed { alias: alias("1"), arn: String::new(), revision: Some(revision.into()) };
        let history = written(RecordedClaim::Owned);
        assert_eq!(judged(&present("1"), &history, Some(&shows("a")), 5), Some(Progress::Waiting));
        assert_eq!(judged(&present("1"), &history, Some(&shows("b")), 5), None);
        assert_eq!(judged(&present("1"), &history, Some(&shows("c")), 25), None, "somebody else's change");
        let settled = History { past: Past { wait: None, ..history.past.clone() }, ..history };
        assert_eq!(judged(&present("1"), &settled, Some(&shows("c")), 5), None, "ours was shown before");
    }
}
