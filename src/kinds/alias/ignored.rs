//! The members of an alias that `ignoreChanges` leaves to others. Pure.

use super::model::Member;
use crate::api::alias::IgnoredAliasField;

/// The members of these fields.
#[must_use]
pub fn members(fields: Option<&Vec<IgnoredAliasField>>) -> Vec<Member> {
    let member = |field: &IgnoredAliasField| match field {
        IgnoredAliasField::FunctionVersion => Member::Version,
        IgnoredAliasField::Description => Member::Description,
        IgnoredAliasField::RoutingConfig => Member::Routing,
    };
    fields.into_iter().flatten().map(member).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::attached::{Desired, Model, Observed, left_to_others};
    use crate::core::goal::Goal;
    use crate::kinds::alias::desired::live;
    use crate::kinds::alias::history::History;
    use crate::kinds::alias::model::Alias;
    use crate::kinds::alias::model::Weights;
    use crate::kinds::alias::plan::{Plan, Step, plan};

    fn alias(version: &str, description: &str, weight: f64) -> Alias {
        let weights = Weights::of([("9".to_owned(), weight)]);
        Alias { version: version.into(), description: description.into(), weights }
    }

    fn updated(ignored: &[IgnoredAliasField]) -> Vec<Member> {
        let (spec, held) = (alias("1", "ours", 0.1), alias("2", "theirs", 0.2));
        let goal = Goal::Present(Box::new(Desired { ignored: members(Some(&ignored.to_vec())), ..live(spec.clone()) }));
        let observed = Observed { model: held, arn: "arn".into(), revision: None };
        let mut history = History::default();
        history.attached.claim = Some(crate::api::shared::RecordedClaim::Owned);
        history.attached.applied = spec.applied(&Member::ALL);
        let goal = left_to_others(&goal, &observed).unwrap_or(goal);
        match plan(&goal, &history, Some(&observed)) {
            Plan::Done => Vec::new(),
            Plan::Steps(steps) => match steps.as_slice() {
                [Step::Update(wanted)] => wanted.members.clone(),
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn members_of_an_alias_that_are_left_to_others_are_not_updated() {
        use IgnoredAliasField::{Description, FunctionVersion, RoutingConfig};
        assert_eq!(updated(&[]), Member::ALL);
        assert_eq!(updated(&[FunctionVersion]), [Member::Description, Member::Routing]);
        assert_eq!(updated(&[RoutingConfig, Description]), [Member::Version]);
        assert_eq!(updated(&[FunctionVersion, RoutingConfig, Description]), []);
    }
}
