//! Stale reads of a layer: reads that predate our last write. Pure: the time is an argument.

use super::model::Observed;
use super::permissions;
use crate::api::layer_version::LambdaLayerVersion;
use crate::core::kind::Situation;
use crate::core::operation::Operation;
use crate::core::outcome::Progress;

/// The progress to report if the read is stale, that is, predates our last write; `None` if it is current.
#[must_use]
pub fn stale_read(situation: &Situation<'_, LambdaLayerVersion>, observed: Option<&Observed>) -> Option<Progress> {
    let Situation { goal, target: _, history, recorded: _, repeated: _, generation, now } = situation;
    let found = observed.is_some_and(|observed| observed.found.is_some());
    // A second call would publish the same package twice.
    let unresolved = history.may_still_publish(*now) && !found;
    let unshown = history.past.has_just_written(*now) && history.current.is_some();
    match goal.desired() {
        Some(_) if unshown && observed.is_none_or(|observed| observed.held().is_none()) => {
            Some(Progress::Sent(vec![Operation::PublishLayerVersion]))
        }
        Some(_) if unresolved => Some(Progress::Waiting),
        // A policy that predates the last write.
        Some(desired) => {
            let unsettled = observed.is_some_and(|observed| permissions::is_unsettled(desired, history, observed));
            let sent = || Progress::Sent(vec![Operation::AddLayerVersionPermission]);
            (unsettled && history.past.has_just_written(*now)).then(sent)
        }
        None => {
            let absent = observed.is_none_or(Observed::is_absent);
            let perhaps = unshown || history.past.perhaps_created(*generation, *now);
            (unresolved || absent && perhaps).then_some(Progress::Searching)
        }
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::jiff::{SignedDuration, Timestamp};

    use super::*;
    use crate::api::layer_version::{Fate, Publishing};
    use crate::core::applied::Applied;
    use crate::core::brake::Repeated;
    use crate::core::past::Past;
    use crate::core::target::Target;
    use crate::kinds::layer_version::desired::{Goal, Leaving};
    use crate::kinds::layer_version::history::History;
    use crate::kinds::layer_version::model::Version;
    use crate::kinds::layer_version::plan::tests::desired;

    /// The verdict on a read that many seconds after a write.
    fn judged(goal: &Goal, history: &History, observed: Option<&Observed>, seconds: i64) -> Option<Progress> {
        let target = Target { account: "1".into(), region: "r".into(), name: String::new() };
        let now = Timestamp::UNIX_EPOCH + SignedDuration::from_secs(seconds);
        let (recorded, repeated, generation) = (history, &Repeated::new(), 1);
        stale_read(&Situation { goal, target: &target, history, recorded, repeated, generation, now }, observed)
    }

    fn begun(fate: Option<Fate>) -> History {
        let (since, applied) = (Timestamp::UNIX_EPOCH, Applied::default());
        let publishing = Some(Publishing { after: 0, since, source: "s".into(), code_sha256: None, applied, fate });
        History { publishing, ..History::default() }
    }

    #[test]
    fn a_publication_without_an_answer_is_searched_before_another_is_sent() {
        let (goal, none) = (Goal::Present(Box::new(desired())), Observed::default());
        let found = Observed { found: Some(Version::default()), ..Observed::default() };
        let lost = begun(Some(Fate::Lost));
        assert_eq!(judged(&goal, &lost, Some(&none), 70), Some(Progress::Waiting));
        assert_eq!(judged(&goal, &lost, Some(&found), 1), None, "found");
        assert_eq!(judged(&goal, &lost, Some(&none), 80), None, "it never arrived");
        assert_eq!(judged(&goal, &begun(Some(Fate::Refused)), Some(&none), 1), None, "AWS published nothing");
        assert_eq!(judged(&goal, &begun(None), None, 70), Some(Progress::Waiting), "a crash");
        assert_eq!(judged(&goal, &begun(None), None, 80), None);
        let leaving = Goal::Absent(Leaving { name: "l".into() });
        assert_eq!(judged(&leaving, &lost, None, 70), Some(Progress::Searching));
        assert_eq!(judged(&leaving, &lost, None, 80), None);
    }

    #[test]
    fn a_version_that_was_just_published_is_waited_for() {
        let past = Past { last_write: Some(Timestamp::UNIX_EPOCH), ..Past::default() };
        let history = History { past, current: Some(1), versions: [1].into(), ..History::default() };
        let goal = Goal::Present(Box::new(desired()));
        assert!(judged(&goal, &history, None, 5).is_some());
        assert_eq!(judged(&goal, &history, None, 25), None, "gone");
        let leaving = Goal::Absent(Leaving { name: "l".into() });
        assert_eq!(judged(&leaving, &history, None, 5), Some(Progress::Searching));
    }
}
