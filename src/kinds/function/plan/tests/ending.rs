//! The deletion and the release of a function.

use super::*;

#[test]
fn an_object_that_goes_touches_no_function_of_another() {
    for lifecycle in [Lifecycle::Ready, Lifecycle::Busy, Lifecycle::Failed { proven: false }] {
        for owner in [None, Some("another".to_owned())] {
            let observed = Observed { owner: Knowable::Known(owner), lifecycle, ..same(&desired()) };
            assert_eq!(plan(&absent(), &History::default(), Some(&observed)), Plan::Done);
            assert_eq!(
                plan(
                    &Goal::Released(Leaving { owner: OWNER.into(), ..Leaving::default() }),
                    &History::default(),
                    Some(&observed)
                ),
                Plan::Done
            );
        }
    }
}

#[test]
fn a_known_function_is_gone_only_after_a_second_read() {
    let created = History { created: true, ..History::default() };
    assert_eq!(plan(&absent(), &created, None), Plan::Wait, "AWS may not show yet what we have just made");
    assert_eq!(plan(&absent(), &History::default(), None), Plan::Done);
    let released = Goal::Released(Leaving { owner: OWNER.into(), ..Leaving::default() });
    assert_eq!(plan(&released, &created, None), Plan::Done, "it would stay anyway");
}

#[test]
fn a_busy_function_is_deleted_or_released_anyway() {
    let observed = Observed { lifecycle: Lifecycle::Busy, ..same(&desired()) };
    let goal = absent();
    assert_eq!(plan(&goal, &History::default(), Some(&observed)), Plan::Steps(vec![Step::DeleteFunction]));
    let goal = Goal::Released(Leaving { owner: OWNER.into(), ..Leaving::default() });
    assert_eq!(
        plan(&goal, &History::default(), Some(&observed)),
        Plan::Steps(vec![Step::UntagResource(Untagging::Owner)])
    );
}

#[test]
fn executions_are_stopped_and_interfaces_moved_before_the_end() {
    let groups = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    let vpc = |names: &[&str]| Vpc { subnets: groups(&["subnet"]), security_groups: groups(names), ipv6: true };
    let mut observed = same(&desired());
    observed.function.configuration.vpc = Some(vpc(&["own"]));
    observed.function.configuration.memory_size = 512;
    observed.function.configuration.environment = Knowable::Unknown;
    observed.executions = vec!["one".into(), "two".into()];
    let goal = |replacement| {
        Goal::Absent(Leaving {
            owner: OWNER.into(),
            former: Vec::new(),
            pre_delete: PreDelete { security_groups: Some(replacement) },
        })
    };
    let named = goal(Replacement::Groups(groups(&["a", "b"])));
    let stops = ["one", "two"].map(|one| Step::StopDurableExecution(one.into())).to_vec();
    assert_eq!(plan(&named, &History::default(), Some(&observed)), Plan::Steps(stops));
    observed.executions.clear();
    let moved = |names: &[&str]| {
        let configuration = Configuration { vpc: Some(vpc(names)), ..observed.function.configuration.clone() };
        Plan::Steps(vec![Step::reconfigure(configuration, [Member::VpcConfig])])
    };
    assert_eq!(
        plan(&named, &History::default(), Some(&observed)),
        moved(&["a", "b"]),
        "and nothing else of it is changed"
    );

    let default = goal(Replacement::Default);
    assert!(query(&default, &History::default()).default_group && query(&default, &History::default()).executions);
    assert!(!query(&named, &History::default()).default_group);
    let with = |default_group: Option<&str>, lifecycle| {
        let default_group = default_group.map(Into::into);
        plan(&default, &History::default(), Some(&Observed { default_group, lifecycle, ..observed.clone() }))
    };
    assert_eq!(with(Some("sg-default"), Lifecycle::Ready), moved(&["sg-default"]));
    assert_eq!(with(Some("sg-default"), Lifecycle::Busy), Plan::Wait);
    assert_eq!(with(Some("own"), Lifecycle::Ready), Plan::Steps(vec![Step::DeleteFunction]), "already there");
    assert!(matches!(with(None, Lifecycle::Ready), Plan::Blocked(Blocked::InvalidSpec(_))));
    assert_eq!(
        plan(&absent(), &History::default(), Some(&observed)),
        Plan::Steps(vec![Step::DeleteFunction]),
        "not asked for"
    );
    observed.function.configuration.vpc = None;
    assert_eq!(plan(&default, &History::default(), Some(&observed)), Plan::Steps(vec![Step::DeleteFunction]), "no VPC");
}

#[test]
fn a_failed_function_is_deleted_only_if_recreatable() {
    let mut observed = same(&desired());
    observed.lifecycle = Lifecycle::Failed { proven: false };
    observed.function.configuration.vpc =
        Some(Vpc { subnets: ["a".into()].into(), security_groups: ["own".into()].into(), ipv6: false });
    let goal = Goal::Absent(Leaving {
        owner: OWNER.into(),
        former: Vec::new(),
        pre_delete: PreDelete { security_groups: Some(Replacement::Groups(["other".into()].into())) },
    });
    assert_eq!(plan(&goal, &History::default(), Some(&observed)), Plan::Steps(vec![Step::DeleteFunction]));

    let mut desired = wanted(json!({"codePolicy": "Initial", "adoptionPolicy": "Adopt"}));
    let blocked = |recovery| Plan::Blocked(Blocked::FunctionFailed(recovery));
    assert_eq!(plan_for(&desired, &observed), blocked(Recovery::Manual), "there is no source to create it from");
    desired.source = Some(Source::Image { uri: "app:1".into() });
    assert_eq!(plan_for(&desired, &observed), blocked(Recovery::Recreate), "the user sees the failure first");
    let told = History { past: Past { stalled: Some(2), ..Past::default() }, ..History::default() };
    assert_eq!(plan_after(&told, &desired, &observed), Plan::Steps(vec![Step::DeleteFunction]));
    observed.owner = Knowable::Known(None);
    assert_eq!(plan_after(&told, &desired, &observed), blocked(Recovery::Manual), "we did not make it");
    observed.owner = Knowable::Known(Some("before".into()));
    desired.ownership.from = Some("before".into());
    assert_eq!(
        plan_after(&told, &desired, &observed),
        Plan::Blocked(Blocked::FunctionFailed(Recovery::Manual)),
        "nor did we now"
    );
}
