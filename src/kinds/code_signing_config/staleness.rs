//! Stale reads of a code signing configuration: reads that predate our last write. Pure: the time is an argument.

use super::model::Observed;
use crate::api::code_signing_config::LambdaCodeSigningConfig;
use crate::core::kind::Situation;
use crate::core::operation::Operation;
use crate::core::outcome::Progress;

/// The progress to report if the read is stale, that is, predates our last write; `None` if it is current.
#[must_use]
pub fn stale_read(situation: &Situation<'_, LambdaCodeSigningConfig>, observed: Option<&Observed>) -> Option<Progress> {
    let Situation { goal, target: _, history, recorded: _, repeated: _, generation, now } = situation;
    let past = &history.past;
    let written = past.has_just_written(*now);
    let Some(observed) = observed else {
        let created = written && history.arn.is_some();
        // AWS refuses no second configuration, so one whose answer was lost is searched for until reads must show it.
        let perhaps = past.perhaps_created(*generation, *now);
        return match goal.desired() {
            Some(_) => {
                (created && !past.shown || perhaps).then(|| Progress::Sent(vec![Operation::CreateCodeSigningConfig]))
            }
            // It does not matter whether a read has shown it before: reads can alternate between old and new.
            None => (created || perhaps).then_some(Progress::Searching),
        };
    };
    let is_own = history.arn.as_ref() == Some(&observed.arn);
    let older = history.modified.zip(observed.modified).is_some_and(|(written, shown)| shown < written);
    let waits = if goal.is_leaving() { Progress::Deleting } else { Progress::Waiting };
    (written && is_own && older).then_some(waits)
}

#[cfg(test)]
mod tests {
    use k8s_openapi::jiff::{SignedDuration, Timestamp};

    use super::*;
    use crate::api::shared::{Wait, WaitFor};
    use crate::core::brake::Repeated;
    use crate::core::goal::Goal;
    use crate::core::past::Past;
    use crate::core::target::Target;
    use crate::kinds::code_signing_config::history::History;
    use crate::kinds::code_signing_config::plan::tests::{desired, leaving};

    fn at(second: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_secs(second)
    }

    /// The result for a read without a result, this many seconds after the epoch.
    fn judged(leaves: bool, history: &History, seconds: i64) -> Option<Progress> {
        let goal = if leaves { Goal::Absent(leaving()) } else { Goal::Present(Box::new(desired())) };
        let target = Target { account: "1".into(), region: "r".into(), name: String::new() };
        let (goal, target, recorded, repeated) = (&goal, &target, history, &Repeated::new());
        stale_read(&Situation { goal, target, history, recorded, repeated, generation: 1, now: at(seconds) }, None)
    }

    #[test]
    fn after_a_lost_answer_no_second_configuration_is_created_while_reads_can_be_stale() {
        let past = |wait: Option<i64>| Past {
            perhaps_created: Some(at(0)),
            wait: wait.map(|since| Wait { what: WaitFor::Aws, since: at(since), generation: 1 }),
            ..Past::default()
        };
        let history = |wait| History { past: past(wait), ..History::default() };
        let sent = Some(Progress::Sent(vec![Operation::CreateCodeSigningConfig]));
        assert_eq!(judged(false, &history(Some(0)), 5), sent);
        assert_eq!(judged(false, &history(None), 1000), sent, "the search has not begun");
        assert_eq!(judged(false, &history(Some(0)), 25), None, "reads show it by now");
        assert_eq!(judged(false, &History::default(), 5), None, "none was sent");
        assert_eq!(judged(true, &history(Some(0)), 5), Some(Progress::Searching));
    }

    #[test]
    fn a_configuration_that_was_shown_before_can_be_missing_in_a_stale_read() {
        let past = Past { last_write: Some(at(0)), shown: true, ..Past::default() };
        let history = History { past, arn: Some("arn".into()), ..History::default() };
        assert_eq!(judged(true, &history, 5), Some(Progress::Searching));
        assert_eq!(judged(true, &history, 25), None);
        assert_eq!(judged(false, &history, 5), None, "somebody deleted it");
    }
}
