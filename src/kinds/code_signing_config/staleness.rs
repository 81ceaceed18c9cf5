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
        let created = written && history.arn.is_some() && !past.shown;
        return match goal.desired() {
            Some(_) => created.then(|| Progress::Sent(vec![Operation::CreateCodeSigningConfig])),
            None => (created || past.perhaps_created(*generation, *now)).then_some(Progress::Searching),
        };
    };
    let is_own = history.arn.as_ref() == Some(&observed.arn);
    let older = history.modified.zip(observed.modified).is_some_and(|(written, shown)| shown < written);
    let waits = if goal.is_leaving() { Progress::Deleting } else { Progress::Waiting };
    (written && is_own && older).then_some(waits)
}
