//! The plan for provisioned concurrency: the plan of every resource without tags, adapted to the state of the allocation.

use super::model::{Allocation, ProvisionedConcurrency, State};
use crate::core::attached::history::History;
use crate::core::attached::plan::{Plan, Step, Wanted};
use crate::core::attached::{Desired, Model, Observed};
use crate::core::blocked::Blocked;

/// Adapts the plan to the state of the allocation.
pub(super) fn judged(
    plan: Plan<ProvisionedConcurrency>,
    desired: &Desired<ProvisionedConcurrency>,
    history: &History,
    observed: Option<&Observed<ProvisionedConcurrency>>,
) -> Plan<ProvisionedConcurrency> {
    match (plan, observed) {
        (Plan::Steps(_) | Plan::Drift(_), None) if desired.model.is_shared => {
            Plan::Blocked(Blocked::InvalidReference(SHARED.into()))
        }
        // Either AWS is moving the alias to another version, or the LambdaAlias sets weights. This object can only wait until that ends.
        (Plan::Steps(_), Some(_)) if desired.model.is_shared => Plan::Wait,
        (Plan::Done, Some(Observed { model: ProvisionedConcurrency { allocation: Some(allocation), .. }, .. })) => {
            allocated(allocation, desired, history)
        }
        (plan, _) => plan,
    }
}

const SHARED: &str = "The alias routes a share of the invocations to a second version, and AWS gives no provisioned concurrency to such an alias: remove routingConfig from the LambdaAlias, or name a version in qualifier of another object.";

/// The plan if AWS already shows the desired number as requested.
fn allocated(
    allocation: &Allocation,
    desired: &Desired<ProvisionedConcurrency>,
    history: &History,
) -> Plan<ProvisionedConcurrency> {
    let Allocation { allocated: _, available: _, state, reason } = allocation;
    match state {
        State::Ready => Plan::Done,
        State::InProgress => Plan::Wait,
        // AWS does not retry a failed allocation. The first reconcile reports it, so that the object is Stalled. The next one repeats the request,
        // and so the backoff of stalled objects applies.
        State::Failed if history.past.stalled.is_some() && !desired.model.is_shared => {
            let (name, model) = (desired.name.clone(), desired.model.clone());
            Plan::Steps(vec![Step::Update(Wanted { name, model, members: ProvisionedConcurrency::MEMBERS.to_vec() })])
        }
        State::Failed => Plan::Blocked(Blocked::AllocationFailed(reason.clone().unwrap_or_default())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::provisioned_concurrency::{
        IgnoredProvisionedConcurrencyField, LambdaProvisionedConcurrencyConfig, LambdaProvisionedConcurrencyConfigSpec,
    };
    use crate::api::shared::{AliasRef, RecordedClaim};
    use crate::core::attached::{Goal, with_owner};
    use crate::core::bounded::Bounds;
    use crate::core::goal::Defaults;
    use crate::core::kind::{GoalInput, Kind};
    use crate::core::namespace_policy::Policy;
    use crate::core::namespace_policy::demands::Concurrency;
    use crate::core::references::{Parent, References};
    use crate::core::target::Target;
    use crate::core::values::Knowable;

    type Object = LambdaProvisionedConcurrencyConfig;

    fn goal(requested: i32, is_shared: bool) -> Goal<ProvisionedConcurrency> {
        let spec = LambdaProvisionedConcurrencyConfigSpec {
            provisioned_concurrent_executions: requested,
            ..LambdaProvisionedConcurrencyConfigSpec::default()
        };
        goal_of(spec, is_shared)
    }

    fn goal_of(spec: LambdaProvisionedConcurrencyConfigSpec, is_shared: bool) -> Goal<ProvisionedConcurrency> {
        let spec = LambdaProvisionedConcurrencyConfigSpec { alias_ref: Some(AliasRef { name: "live".into() }), ..spec };
        let target = Target { account: "1".into(), region: "r".into(), name: "f".into() };
        let (alias, exists) = (Some("live".into()), true);
        let parent = Parent { target: Some(target.clone()), alias, exists, is_shared, ..Parent::default() };
        let input = GoalInput {
            object: &Object::new("object", spec),
            target: &target,
            owner: "c/n/object".into(),
            former_owners: Vec::new(),
            defaults: &Defaults::default(),
            history: &History::default(),
            references: &References { parent: Some(parent), ..References::default() },
            now: k8s_openapi::jiff::Timestamp::UNIX_EPOCH,
            rival: None,
            may_adopt: false,
        };
        with_owner(&Kind::goal(&input).unwrap(), Knowable::Known(Some("c/n/f".into())))
    }

    fn plan(
        goal: &Goal<ProvisionedConcurrency>,
        shown: Option<(i32, State)>,
        stalled: bool,
    ) -> Plan<ProvisionedConcurrency> {
        let mut history = History { claim: Some(RecordedClaim::Owned), ..History::default() };
        history.past.stalled = stalled.then_some(1);
        let observed = shown.map(|(requested, state)| {
            let reason = (state == State::Failed).then(|| "FUNCTION_ERROR_INIT_FAILURE".to_owned());
            let allocation = Some(Allocation { allocated: 0, available: 0, state, reason });
            let model = ProvisionedConcurrency { requested, allocation, is_shared: false };
            Observed { model, arn: "arn".into(), revision: None }
        });
        <Object as Kind>::plan(goal, &history, observed.as_ref())
    }

    fn writes(plan: &Plan<ProvisionedConcurrency>) -> bool {
        matches!(plan, Plan::Steps(_))
    }

    #[test]
    fn an_allocation_in_progress_is_waited_for_and_can_be_changed() {
        assert_eq!(plan(&goal(5, false), Some((5, State::Ready)), false), Plan::Done);
        assert_eq!(plan(&goal(5, false), Some((5, State::InProgress)), false), Plan::Wait);
        assert!(writes(&plan(&goal(6, false), Some((5, State::InProgress)), false)));
        assert!(writes(&plan(&goal(5, false), None, false)));
    }

    #[test]
    fn a_failed_allocation_is_reported_and_then_requested_again() {
        let Plan::Blocked(Blocked::AllocationFailed(reason)) = plan(&goal(5, false), Some((5, State::Failed)), false)
        else {
            panic!()
        };
        assert_eq!(reason, "FUNCTION_ERROR_INIT_FAILURE");
        assert!(writes(&plan(&goal(5, false), Some((5, State::Failed)), true)), "at the pace of stalled objects");
        assert!(writes(&plan(&goal(6, false), Some((5, State::Failed)), false)), "an edit");
    }

    #[test]
    fn nothing_is_requested_while_the_alias_shares_its_invocations() {
        let shared = goal(6, true);
        assert_eq!(plan(&shared, Some((5, State::Ready)), false), Plan::Wait);
        assert_eq!(plan(&shared, Some((6, State::InProgress)), false), Plan::Wait, "AWS moves the alias");
        assert_eq!(plan(&shared, Some((6, State::Ready)), false), Plan::Done);
        assert!(matches!(plan(&shared, None, false), Plan::Blocked(Blocked::InvalidReference(_))));
    }

    /// A number that was guessed shows nothing of another namespace's function, not even while AWS allocates.
    #[test]
    fn an_allocation_that_is_not_the_objects_is_shown_only_after_the_owner_was_read() {
        let unread = Goal::Present(Box::new(Desired {
            adopt: true,
            host: crate::core::host::Host::new(
                "c/n/object",
                &[],
                true,
                crate::core::hand_over::ObjectName { namespace: "n".into(), name: "object".into() },
            ),
            ..goal(5, false).desired().unwrap().clone()
        }));
        let allocation = Some(Allocation { allocated: 3, available: 3, state: State::InProgress, reason: None });
        let model = ProvisionedConcurrency { requested: 5, allocation, is_shared: false };
        let held = Observed { model, arn: "arn".into(), revision: None };
        assert!(<Object as Kind>::needs_owner(&unread, &History::default(), Some(&held)));
        let owned = History { claim: Some(RecordedClaim::Owned), ..History::default() };
        assert!(!<Object as Kind>::needs_owner(&unread, &owned, Some(&held)), "each poll would cost a call more");
    }

    #[test]
    fn the_number_is_judged_by_the_policy_of_the_namespace() {
        let object = Object::new(
            "object",
            LambdaProvisionedConcurrencyConfigSpec {
                provisioned_concurrent_executions: 5,
                ..LambdaProvisionedConcurrencyConfigSpec::default()
            },
        );
        assert_eq!(Kind::demands(&object).concurrency, Concurrency::Provisioned(5));
    }

    /// The operator sends no number in its own name that the namespace does not allow, also if somebody else requested it first.
    #[test]
    fn a_number_in_aws_over_the_limit_of_the_namespace_is_not_left_and_not_requested_again() {
        let annotations = [("lambda-operator.io/max-reserved-concurrency".to_owned(), "10".to_owned())].into();
        let (limit, open) = (Policy::of("team-a", &annotations, false), Policy::default());
        let left = LambdaProvisionedConcurrencyConfigSpec {
            provisioned_concurrent_executions: 1,
            ignore_changes: Some(vec![IgnoredProvisionedConcurrencyField::ProvisionedConcurrentExecutions]),
            ..LambdaProvisionedConcurrencyConfigSpec::default()
        };
        let target = Target { account: "1".into(), region: "r".into(), name: "f".into() };
        let within = |policy: &Policy, goal: &Goal<ProvisionedConcurrency>, requested, state| {
            let mut history = History { claim: Some(RecordedClaim::Owned), ..History::default() };
            history.past.stalled = (state == State::Failed).then_some(1);
            let allocation = Some(Allocation { state, ..Allocation::default() });
            let model = ProvisionedConcurrency { requested, allocation, is_shared: false };
            let held = Observed { model, arn: "arn".into(), revision: None };
            let goal = <Object as Kind>::left_to_others(goal, &history, &held).unwrap_or_else(|| goal.clone());
            let plan = <Object as Kind>::plan(&goal, &history, Some(&held));
            let (goal, history, target, observed) = (&goal, &history, &target, Some(&held));
            Bounds::<Object> { policy, goal, history, target, observed }.within(plan)
        };
        let left = goal_of(left, false);
        for state in [State::Ready, State::Failed] {
            let Plan::Blocked(Blocked::NotAllowed(sentence)) = within(&limit, &left, 1000, state) else {
                panic!("{state:?}")
            };
            for word in ["provisionedConcurrentExecutions 1000", "max-reserved-concurrency", "from ignoreChanges"] {
                assert!(sentence.contains(word), "{word}: {sentence}");
            }
            assert!(!matches!(within(&limit, &left, 10, state), Plan::Blocked(_)), "{state:?}");
            assert!(!matches!(within(&open, &left, 1000, state), Plan::Blocked(_)), "{state:?}");
        }
        assert!(writes(&within(&limit, &goal(5, false), 1000, State::Ready)), "the write that ends it");
    }

    /// A repeated request reverts no change of somebody else, so it is not counted as drift.
    #[test]
    fn a_repeated_request_is_not_drift() {
        let goal = goal(5, false);
        let Plan::Steps(steps) = plan(&goal, Some((5, State::Failed)), true) else { panic!() };
        let history = History {
            claim: Some(RecordedClaim::Owned),
            applied: goal.desired().unwrap().model.applied(ProvisionedConcurrency::MEMBERS),
            ..History::default()
        };
        let corrects = |requested| {
            let model = ProvisionedConcurrency { requested, ..ProvisionedConcurrency::default() };
            let held = Observed { model, arn: "arn".into(), revision: None };
            <Object as Kind>::corrects_drift(&steps[0], goal.desired().unwrap(), &history, Some(&held))
        };
        assert!(!corrects(5) && corrects(4));
    }
}
