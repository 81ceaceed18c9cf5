//! Stale reads of an event source mapping: reads that predate our last write. Pure: the time is an argument.

use super::observed::Observed;
use crate::api::event_source_mapping::spec::LambdaEventSourceMapping;
use crate::core::kind::Situation;
use crate::core::operation::Operation;
use crate::core::outcome::Progress;

/// The progress to report if the read is stale, that is, predates our last write; `None` if it is current.
#[must_use]
pub fn stale_read(
    situation: &Situation<'_, LambdaEventSourceMapping>,
    observed: Option<&Observed>,
) -> Option<Progress> {
    let Situation { goal, target: _, history, recorded: _, repeated: _, generation, now } = situation;
    let past = &history.past;
    let written = past.has_just_written(*now);
    let Some(observed) = observed else {
        let created = written && history.uuid.is_some();
        return match goal.desired() {
            Some(_) => (created && !past.shown).then(|| Progress::Sent(vec![Operation::CreateEventSourceMapping])),
            // It does not matter whether a read has shown the mapping before: reads can alternate between old and new.
            None => (created || past.perhaps_created(*generation, *now)).then_some(Progress::Searching),
        };
    };
    let is_own = history.uuid.as_ref() == Some(&observed.uuid);
    let older = history.modified.zip(observed.modified).is_some_and(|(written, shown)| shown < written);
    let waits = if goal.is_leaving() { Progress::Deleting } else { Progress::Waiting };
    (written && is_own && older).then_some(waits)
}

#[cfg(test)]
mod tests {
    use k8s_openapi::jiff::{SignedDuration, Timestamp};

    use super::*;
    use crate::core::brake::Repeated;
    use crate::core::past::Past;
    use crate::core::target::Target;
    use crate::kinds::event_source_mapping::desired::{Goal, Leaving};
    use crate::kinds::event_source_mapping::history::History;
    use crate::kinds::event_source_mapping::observed::queue;
    use crate::kinds::event_source_mapping::plan::tests::{desired, present};
    use crate::kinds::event_source_mapping::setting::Settings;
    use crate::kinds::event_source_mapping::source::Origin;

    /// The result for a read this many seconds after a write.
    fn judged(goal: &Goal, history: &History, observed: Option<&Observed>, seconds: i64) -> Option<Progress> {
        let target = Target { account: "1".into(), region: "r".into(), name: "f".into() };
        let now = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds);
        let (recorded, repeated, generation) = (history, &Repeated::new(), 1);
        stale_read(&Situation { goal, target: &target, history, recorded, repeated, generation, now }, observed)
    }

    #[test]
    fn a_mapping_that_was_just_created_is_waited_for_and_an_older_read_is_not_believed() {
        let at = |second: i64| Timestamp::from_second(second).ok();
        let past = Past { last_write: at(0), ..Past::default() };
        let history = History { past, uuid: Some("u".into()), modified: at(9), ..History::default() };
        let goal = present(&desired(&[]));
        let leaving = Goal::Absent(Leaving { origin: Origin::default(), owners: Vec::new() });
        assert!(judged(&goal, &history, None, 5).is_some());
        assert_eq!(judged(&goal, &history, None, 25), None, "gone");
        assert_eq!(judged(&leaving, &history, None, 5), Some(Progress::Searching));
        assert_eq!(judged(&leaving, &history, None, 25), None);
        let shows = |second| Observed { modified: at(second), ..queue(Settings::default()) };
        assert_eq!(judged(&goal, &history, Some(&shows(8)), 5), Some(Progress::Waiting));
        assert_eq!(judged(&goal, &history, Some(&shows(9)), 5), None, "our own");
        assert_eq!(judged(&goal, &history, Some(&shows(10)), 5), None, "newer");
        assert_eq!(judged(&goal, &history, Some(&shows(8)), 25), None, "too long ago");
    }
}
