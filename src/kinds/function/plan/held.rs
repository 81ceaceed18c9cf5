//! The dependencies between steps: a refused step holds back only the steps that need it.

use super::step::Step;
use crate::core::blocked::Half;
use crate::core::error::class::Class;
use crate::core::operation::Operation;
use crate::kinds::function::side::{Setting, Side};

/// Whether `step` is held back because `refused` was refused with an error of this class, or was itself held back.
#[must_use]
pub fn is_held(step: &Step, refused: &Step, class: Class) -> bool {
    match step {
        // AWS checks code against the signing configuration.
        Step::UpdateFunctionCode(_) if sets(refused) == Some(Side::CodeSigning) => true,
        // If there are two updates of the configuration, the second sends a part of the first, which AWS may accept alone.
        Step::UpdateFunctionConfiguration(_) if refused.updates() == step.updates() => false,
        // A rejected value may be valid only together with the other half, so the other half is sent. Any other refusal holds it back, so that
        // new code never runs on the old handler by accident.
        Step::UpdateFunctionCode(_) | Step::UpdateFunctionConfiguration(_) => {
            updates(refused) && class != Class::Rejected
        }
        // A version holds the configuration, the code, and some side groups.
        Step::PublishVersion { .. } => updates(refused) || sets(refused).is_some_and(|side| side.group().in_versions),
        // Without the log group there is nothing to set the retention of.
        Step::PutSide(Setting::LogRetention(_)) => matches!(refused, Step::CreateLogGroup),
        Step::CreateFunction(_)
        | Step::CreateLogGroup
        | Step::DescribeLogGroups
        | Step::PutSide(_)
        | Step::RemoveSide(_)
        | Step::PutFunctionConcurrency(_)
        | Step::DeleteFunctionConcurrency
        | Step::TagResource(_)
        | Step::UntagResource(_)
        | Step::StopDurableExecution(_)
        | Step::DeleteFunction => false,
    }
}

/// The half of a change that is live while the other is not sent, or refused.
#[must_use]
pub fn live_half(unsent: &[Operation]) -> Option<&'static str> {
    let is_unsent = |operation| unsent.contains(&operation);
    let halves = [Operation::UpdateFunctionConfiguration, Operation::UpdateFunctionCode].map(is_unsent);
    match halves {
        [true, false] => Some(Half::Configuration.live()),
        [false, true] => Some(Half::Code.live()),
        [true, true] | [false, false] => None,
    }
}

/// Whether the step writes what a version holds.
const fn updates(step: &Step) -> bool {
    step.updates().is_some()
}

/// The side group that the step sets or removes.
const fn sets(step: &Step) -> Option<Side> {
    match step {
        Step::PutSide(setting) => Some(setting.side()),
        Step::RemoveSide(side) => Some(*side),
        Step::CreateFunction(_)
        | Step::CreateLogGroup
        | Step::DescribeLogGroups
        | Step::UpdateFunctionConfiguration(_)
        | Step::UpdateFunctionCode(_)
        | Step::PutFunctionConcurrency(_)
        | Step::DeleteFunctionConcurrency
        | Step::TagResource(_)
        | Step::UntagResource(_)
        | Step::PublishVersion { .. }
        | Step::StopDurableExecution(_)
        | Step::DeleteFunction => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::function::desired::code::Source;
    use crate::kinds::function::model::Configuration;
    use crate::kinds::function::plan::step::Deployment;
    use crate::kinds::function::side::runtime_management::RuntimeManagement;

    #[test]
    fn a_refused_step_holds_back_only_what_needs_it() {
        let configuration = Step::reconfigure(Configuration::aws_defaults("f"), []);
        let code = Step::UpdateFunctionCode(Box::new(Deployment {
            source: Source::Image { uri: "app:1".into() },
            identity: String::new(),
            kms_key_arn: String::new(),
            architecture: None,
            storage_mode: None,
        }));
        let publish = Step::PublishVersion { code_sha256: String::new(), revision: None, to: None };
        let retention = Step::PutSide(Setting::LogRetention(7));
        assert!(is_held(&retention, &Step::CreateLogGroup, Class::Denied));
        assert!(!is_held(&retention, &code, Class::Denied) && !is_held(&code, &Step::CreateLogGroup, Class::Denied));
        let signing = Step::PutSide(Setting::CodeSigning("arn".into()));
        let runtime = Step::PutSide(Setting::RuntimeManagement(RuntimeManagement::new("Auto".into(), None)));
        let concurrency = Step::PutFunctionConcurrency(1);
        let held = |refused: &Step, class| {
            let all = [&signing, &configuration, &code, &runtime, &concurrency, &publish];
            all.map(|step| is_held(step, refused, class))
        };
        assert_eq!(held(&configuration, Class::Rejected), [false, false, false, false, false, true]);
        assert_eq!(held(&configuration, Class::Denied), [false, false, true, false, false, true]);
        let part = Step::reconfigure(Configuration::aws_defaults("f"), []);
        assert!(!is_held(&part, &configuration, Class::Denied), "a part of it may need no iam:PassRole");
        assert_eq!(held(&code, Class::Rejected), [false, false, false, false, false, true]);
        assert_eq!(held(&signing, Class::Denied), [false, false, true, false, false, false]);
        assert_eq!(held(&runtime, Class::Denied), [false, false, false, false, false, true]);
        assert_eq!(held(&concurrency, Class::Quota), [false; 6]);
    }

    #[test]
    fn the_half_that_is_live_is_named_where_only_the_other_is_refused() {
        use Operation::{PublishVersion, PutFunctionConcurrency, UpdateFunctionCode, UpdateFunctionConfiguration};
        let names = |unsent: &[Operation], words: &str| live_half(unsent).is_some_and(|live| live.contains(words));
        assert!(names(&[UpdateFunctionConfiguration, PublishVersion], "current code with its former configuration"));
        assert!(names(&[UpdateFunctionCode, PublishVersion], "former code with the current configuration"));
        assert_eq!(live_half(&[UpdateFunctionConfiguration, UpdateFunctionCode]), None, "nothing of it is live");
        assert_eq!(live_half(&[PutFunctionConcurrency]), None);
    }
}
