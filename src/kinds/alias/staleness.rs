//! Stale reads of an alias: reads that predate our last write. Pure: the time is an argument.

use super::model::Alias;
use crate::api::alias::LambdaAlias;
use crate::core::attached;
use crate::core::attached::Observed;
use crate::core::kind::Situation;
use crate::core::outcome::Progress;

/// The progress to report if the read is stale, that is, predates our last write; `None` if it is current.
#[must_use]
pub fn stale_read(situation: &Situation<'_, LambdaAlias>, observed: Option<&Observed<Alias>>) -> Option<Progress> {
    let Situation { goal, target: _, history, recorded: _, repeated: _, generation, now } = situation;
    attached::staleness::stale_read(goal, &history.attached, observed, *generation, *now)
}

#[cfg(test)]
mod tests {
    use k8s_openapi::jiff::{SignedDuration, Timestamp};

    use super::*;
    use crate::api::shared::{RecordedClaim, Wait, WaitFor};
    use crate::core::attached::Goal;
    use crate::core::attached::Model;
    use crate::core::brake::Repeated;
    use crate::core::past::Past;
    use crate::core::target::Target;
    use crate::kinds::alias::desired::{live, live_leaves};
    use crate::kinds::alias::history::History;
    use crate::kinds::alias::model::Member;

    /// The result for a read this many seconds after a write.
    fn judged(
        goal: &Goal<Alias>,
        history: &History,
        observed: Option<&Observed<Alias>>,
        seconds: i64,
    ) -> Option<Progress> {
        let target = Target { account: "1".into(), region: "r".into(), name: "f".into() };
        let now = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds);
        let (recorded, repeated, generation) = (history, &Repeated::new(), 1);
        stale_read(&Situation { goal, target: &target, history, recorded, repeated, generation, now }, observed)
    }

    fn alias(version: &str) -> Alias {
        Alias { version: version.into(), ..Alias::default() }
    }

    fn present(version: &str) -> Goal<Alias> {
        Goal::Present(Box::new(live(alias(version))))
    }

    fn written(claim: RecordedClaim) -> History {
        let wait = Some(Wait { what: WaitFor::Aws, since: Timestamp::UNIX_EPOCH, generation: 1 });
        let at = Some(Timestamp::UNIX_EPOCH);
        let begun = Past { perhaps_created: at, ..Past::default() };
        let answered = Past { last_write: at, ..Past::default() };
        let past = if claim == RecordedClaim::Creating { begun } else { answered };
        let (past, applied) = (Past { wait, ..past }, alias("1").applied(&Member::ALL));
        let attached = attached::history::History { past, claim: Some(claim), applied, revision: Some("b".into()) };
        History { attached, moved_from: None }
    }

    #[test]
    fn an_alias_that_was_just_created_is_waited_for() {
        let created = written(RecordedClaim::Owned);
        assert!(judged(&present("1"), &created, None, 5).is_some());
        assert_eq!(judged(&present("1"), &created, None, 25), None, "gone");
        let mut shown = created;
        shown.attached.past.shown = true;
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
            |revision: &str| Observed { model: alias("1"), arn: String::new(), revision: Some(revision.into()) };
        let history = written(RecordedClaim::Owned);
        assert_eq!(judged(&present("1"), &history, Some(&shows("a")), 5), Some(Progress::Waiting));
        assert_eq!(judged(&present("1"), &history, Some(&shows("b")), 5), None);
        assert_eq!(judged(&present("1"), &history, Some(&shows("c")), 25), None, "somebody else's change");
        let mut settled = history;
        settled.attached.past.wait = None;
        assert_eq!(judged(&present("1"), &settled, Some(&shows("c")), 5), None, "ours was shown before");
    }
}
