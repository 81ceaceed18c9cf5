//! Applies `ignoreChanges`: replaces ignored members of the desired alias by the values that AWS shows. Pure.

use super::desired::{Desired, Goal};
use super::model::{Alias, Member};
use super::observed::Observed;
use crate::api::alias::IgnoredAliasField;

/// The goal with ignored members as AWS shows them; `None` if nothing is ignored.
#[must_use]
pub fn left_to_others(goal: &Goal, observed: &Observed) -> Option<Goal> {
    let desired = goal.desired()?;
    if desired.ignored.is_empty() {
        return None;
    }
    // Destructured without `..`: a new member does not compile until it can be ignored.
    let Alias { version, description, weights } = desired.alias.clone();
    let have = observed.alias.clone();
    let alias = Alias {
        version: if desired.leaves(Member::Version) { have.version } else { version },
        description: if desired.leaves(Member::Description) { have.description } else { description },
        weights: if desired.leaves(Member::Routing) { have.weights } else { weights },
    };
    Some(Goal::Present(Box::new(Desired { alias, ..desired.clone() })))
}

impl Desired {
    /// Whether a member is ignored.
    #[must_use]
    pub fn leaves(&self, member: Member) -> bool {
        self.ignored.contains(&match member {
            Member::Version => IgnoredAliasField::FunctionVersion,
            Member::Description => IgnoredAliasField::Description,
            Member::Routing => IgnoredAliasField::RoutingConfig,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::alias::desired::live;
    use crate::kinds::alias::history::History;
    use crate::kinds::alias::model::Weights;
    use crate::kinds::alias::plan::{Plan, Step, plan};

    fn alias(version: &str, description: &str, weight: f64) -> Alias {
        let weights = Weights::of([("9".to_owned(), weight)]);
        Alias { version: version.into(), description: description.into(), weights }
    }

    fn members(ignored: &[IgnoredAliasField]) -> Vec<Member> {
        let (spec, held) = (alias("1", "ours", 0.1), alias("2", "theirs", 0.2));
        let goal = Goal::Present(Box::new(Desired { ignored: ignored.to_vec(), ..live(spec.clone()) }));
        let observed = Observed { alias: held, arn: "arn".into(), revision: None };
        let history = History {
            claim: Some(crate::api::shared::RecordedClaim::Owned),
            applied: spec.applied(&Member::ALL),
            ..History::default()
        };
        let goal = left_to_others(&goal, &observed).unwrap_or(goal);
        match plan(&goal, &history, Some(&observed)) {
            Plan::Done => Vec::new(),
            Plan::Steps(steps) => match steps.as_slice() {
                [Step::UpdateAlias(wanted)] => wanted.members.clone(),
                other => panic!("{other:?}"),
            },
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn members_of_an_alias_that_are_left_to_others_are_not_updated() {
        use IgnoredAliasField::{Description, FunctionVersion, RoutingConfig};
        assert_eq!(members(&[]), Member::ALL);
        assert_eq!(members(&[FunctionVersion]), [Member::Description, Member::Routing]);
        assert_eq!(members(&[RoutingConfig, Description]), [Member::Version]);
        assert_eq!(members(&[FunctionVersion, RoutingConfig, Description]), []);
    }
}
