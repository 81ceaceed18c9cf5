//! Which differences plan which writes, in AWS's order; and which are none.

use super::*;
use crate::core::change::Reverted;
use crate::kinds::function::plan::drift;

#[test]
fn an_equal_function_plans_nothing() {
    let desired = desired();
    assert_eq!(plan_for(&desired, &same(&desired)), Plan::Done);
}

#[test]
fn the_plan_follows_the_order_of_aws() {
    use Operation::{
        PublishVersion, PutFunctionCodeSigningConfig, PutFunctionConcurrency, PutFunctionRecursionConfig,
        PutRuntimeManagementConfig, TagResource, UntagResource, UpdateFunctionCode, UpdateFunctionConfiguration,
    };
    let mut desired = desired();
    let mut observed = same(&desired);
    desired.publish = Some(Publish::default());
    desired.function.sides.insert(Side::CodeSigning, Some(Setting::CodeSigning("signing".into())));
    desired.function.sides.insert(Side::Recursion, Some(Setting::Recursion("Allow".into())));
    let manual = RuntimeManagement::new("Manual".into(), Some(&"arn".into()));
    desired.function.sides.insert(Side::RuntimeManagement, Some(Setting::RuntimeManagement(manual)));
    observed.function.configuration.memory_size = 256;
    observed.function.code.content = Content::Sha256("old".into());
    desired.function.concurrency = Some(1);
    desired.function.tags = tags("new");
    observed.function.tags = tags("old");
    assert_eq!(
        operations(&plan_for(&desired, &observed)),
        [
            PutFunctionCodeSigningConfig,
            UpdateFunctionConfiguration,
            UpdateFunctionCode,
            PutRuntimeManagementConfig,
            PutFunctionRecursionConfig,
            PutFunctionConcurrency,
            UntagResource,
            TagResource,
            PublishVersion
        ]
    );
}

#[test]
fn each_configuration_field_alone_plans_one_update() {
    let desired = everywhere();
    for (name, change) in configuration_changes() {
        let mut observed = same(&desired);
        change(&mut observed.function.configuration);
        assert_ne!(observed.function.configuration, desired.function.configuration, "{name} is not changed");
        let update = Step::reconfigure(desired.function.configuration.clone(), [member(name)]);
        assert_eq!(plan_for(&desired, &observed), Plan::Steps(vec![update]), "{name}");
    }
}

#[test]
fn withheld_values_are_no_diff() {
    let mut desired = desired();
    desired.function.configuration.environment = environment("wanted");
    let mut observed = same(&desired);
    observed.function.configuration.environment = Knowable::Unknown;
    observed.function.sides.clear();
    observed.function.tags = Knowable::Unknown;
    assert_eq!(plan_after(&reached(&desired), &desired, &observed), Plan::Done);
}

#[test]
fn drift_is_only_reported_once_the_spec_was_reached() {
    let reporting = Desired { reports_drift: true, ..desired() };
    let done = reached(&reporting);
    let mut drifted = same(&desired());
    drifted.function.configuration.memory_size += 1;
    let steps = vec![Step::reconfigure(desired().function.configuration, [Member::MemorySize])];
    assert_eq!(plan_after(&done, &reporting, &drifted), Plan::Drift(steps.clone()));
    let new = History { is_new: true, ..History::default() };
    assert_eq!(plan_after(&new, &reporting, &drifted), Plan::Steps(steps.clone()), "our own change is carried out");
    assert_eq!(plan_for(&reporting, &drifted), Plan::Drift(steps), "the record is lost");
    assert_eq!(plan_after(&done, &reporting, &same(&desired())), Plan::Done);
    let gone = plan(&Goal::Present(Box::new(reporting.clone())), &done, None);
    assert!(matches!(&gone, Plan::Drift(steps) if matches!(steps[..], [Step::CreateFunction(_)])), "{gone:?}");
    let mut renamed = reporting.clone();
    renamed.ownership.former = vec!["former/ns/hello".into()];
    let former = Observed { owner: Knowable::Known(Some("former/ns/hello".into())), ..same(&desired()) };
    let Plan::Steps(steps) = plan_after(&done, &renamed, &former) else { panic!("the cluster's own new name") };
    assert_eq!(drift::reverts(&renamed, &done, Some(&former), &steps[0]), Reverted::Nothing);
    renamed.ownership.former.clear();
    assert!(matches!(plan_after(&done, &renamed, &former), Plan::Blocked(_)));
    let mut asked = reporting;
    asked.regrant = Some("arn:aws:iam::123456789012:role/other".into());
    assert!(matches!(plan_after(&done, &asked, &same(&desired())), Plan::Steps(_)), "an annotation asks for it");
}

#[test]
fn an_unset_architecture_is_kept_and_sent_with_new_code() {
    let desired = desired();
    assert_eq!(desired.function.code.architecture, None);
    let mut observed = same(&desired);
    observed.function.code.architecture = Some("arm64".into());
    assert_eq!(plan_for(&desired, &observed), Plan::Done);
    observed.function.code.content = Content::Sha256("old".into());
    let deployment = Deployment {
        source: desired.source.clone().expect("a source"),
        identity: desired.identity.clone(),
        kms_key_arn: String::new(),
        architecture: Some("arm64".into()),
        storage_mode: None,
    };
    let step = Step::UpdateFunctionCode(Box::new(deployment));
    assert_eq!(plan_for(&desired, &observed), Plan::Steps(vec![step]));
}

#[test]
fn an_architecture_alone_is_a_difference() {
    let mut desired = desired();
    let observed = same(&desired);
    desired.function.code.architecture = Some("arm64".into());
    assert_eq!(operations(&plan_for(&desired, &observed)), [Operation::UpdateFunctionCode]);
}

#[test]
fn creation_only_fields_block_and_never_replace() {
    let cases: [(&str, Mutation); 4] = [
        ("packageType", |f| f.package = PackageType::Image),
        ("tenancyConfig", |f| f.tenancy = Some("PER_TENANT".into())),
        ("durableConfig", |f| f.configuration.durable = None),
        ("capacityProviderConfig", |f| f.configuration.capacity_provider = None),
    ];
    for (field, change) in cases {
        let desired = everywhere();
        let mut observed = same(&desired);
        change(&mut observed.function);
        observed.function.configuration.memory_size += 1;
        assert_eq!(plan_for(&desired, &observed), Plan::Blocked(Blocked::Immutable(field)));
        let mut other = desired.clone();
        other.function = observed.function;
        assert_eq!(plan_for(&other, &same(&desired)), Plan::Blocked(Blocked::Immutable(field)), "the other way round");
    }
}

#[test]
fn values_left_to_managed_instances_are_no_diff() {
    let mut desired = everywhere();
    let observed = same(&desired);
    if let Some(provider) = &mut desired.function.configuration.capacity_provider {
        (provider.memory_gib_per_vcpu, provider.max_concurrency) = (None, None);
    }
    assert_ne!(desired.function, observed.function);
    assert_eq!(plan_for(&desired, &observed), Plan::Done);
}

#[test]
fn a_hidden_environment_is_sent_once_per_change() {
    let applied = |environment: &str| {
        let before = Desired { environment: Secret::new(environment.into()), ..desired() };
        applied::configuration(&before, [Member::Environment])
    };
    for (applied, sent) in [(Applied::default(), true), (applied("now"), false), (applied("before"), true)] {
        let status = recorded(FunctionRecord { applied, ..FunctionRecord::default() });
        let desired = Desired { environment: Secret::new("now".into()), ..desired_with(Some(&status)) };
        let history = History::of(Some(&status));
        let mut observed = same(&desired);
        assert_eq!(plan_after(&history, &desired, &observed), Plan::Done, "shown and equal");
        observed.function.configuration.environment = Knowable::Unknown;
        let update = Step::reconfigure(desired.function.configuration.clone(), [Member::Environment]);
        let plan = if sent { Plan::Steps(vec![update]) } else { Plan::Done };
        assert_eq!(plan_after(&history, &desired, &observed), plan, "{status:?}");
    }
}

#[test]
fn a_regrant_is_planned_once_per_annotation_value() {
    let regrant = |asked: &str, regranted: Option<&str>| {
        let mut object = object(json!({"role": "own", "codeFrom": {"inline": {"main.py": ""}}}));
        object.metadata.annotations = Some([(REGRANT_ROLE.to_owned(), asked.to_owned())].into());
        let status =
            recorded(FunctionRecord { last_regranted_role: regranted.map(Into::into), ..FunctionRecord::default() });
        let history = History::of(Some(&status));
        match goal_of(&object, &history) {
            Ok(Goal::Present(desired)) => (*desired, history),
            other => panic!("{other:?}"),
        }
    };
    let role =
        |(desired, history): &(Desired, History), observed: &Observed| match plan_after(history, desired, observed) {
            Plan::Steps(steps) => match &steps[..] {
                [step @ Step::UpdateFunctionConfiguration(change)] => {
                    assert_eq!(change.members, [Member::Role].into(), "nothing else is checked again");
                    let given = Goal::Present(Box::new(desired.clone())).regranted(history, std::slice::from_ref(step));
                    (Some(change.configuration.role.clone()), given)
                }
                other => panic!("{other:?}"),
            },
            Plan::Done => (None, None),
            other => panic!("{other:?}"),
        };
    let asked = regrant("other", None);
    let mut observed = same(&asked.0);
    assert_eq!(role(&asked, &observed), (Some("other".into()), Some("other".into())));
    for done in [regrant("other", Some("other")), regrant("", None), regrant("own", None)] {
        assert_eq!(role(&done, &observed), (None, None), "{:?}", done.0.regrant);
    }
    assert_eq!(role(&regrant("third", Some("other")), &observed).0.as_deref(), Some("third"));
    observed.function.configuration.role = "other".into();
    assert_eq!(role(&asked, &observed), (Some("own".into()), None), "its own role is given back first");
}

#[test]
fn a_failed_update_is_resent_after_it_was_reported() {
    let told = |generation| Condition {
        type_: condition::STALLED.into(),
        status: "True".into(),
        reason: "UpdateFailed".into(),
        message: String::new(),
        observed_generation: Some(generation),
        last_transition_time: Time(Timestamp::UNIX_EPOCH),
    };
    let failed =
        |desired: &Desired| Observed { lifecycle: Lifecycle::UpdateFailed(Update::Configuration), ..same(desired) };
    let untold = desired();
    assert_eq!(plan_for(&untold, &failed(&untold)), Plan::Blocked(Blocked::UpdateFailed(Half::Configuration)));
    for generation in [1, 2] {
        let status = LambdaFunctionStatus {
            common: CommonStatus { conditions: vec![told(generation)], ..CommonStatus::default() },
            ..LambdaFunctionStatus::default()
        };
        let (desired, history) = (desired_with(Some(&status)), History::of(Some(&status)));
        assert_eq!(
            operations(&plan_after(&history, &desired, &failed(&desired))),
            [Operation::UpdateFunctionConfiguration]
        );
    }
}

#[test]
fn a_missing_log_group_is_created_just_before_its_retention_is_set() {
    let week = Some(Setting::LogRetention(7));
    let mut desired = desired();
    desired.function.sides.insert(Side::LogRetention, week.clone());
    let mut observed = same(&desired);
    observed.log_group = LogGroup::Missing;
    observed.function.sides.insert(Side::LogRetention, None);
    let both = [Operation::CreateLogGroup, Operation::PutRetentionPolicy];
    assert_eq!(operations(&plan_for(&desired, &observed)), both);
    desired.reports_drift = true;
    let reported = plan_after(&reached(&desired), &desired, &observed);
    assert!(matches!(&reported, Plan::Drift(steps) if steps.len() == 2), "{reported:?}");
    desired.reports_drift = false;
    observed.log_group = LogGroup::Exists;
    assert_eq!(operations(&plan_for(&desired, &observed)), [Operation::PutRetentionPolicy]);
    // Nothing is created for a retention that ends.
    observed.function.sides.insert(Side::LogRetention, week);
    desired.function.sides.insert(Side::LogRetention, None);
    assert_eq!(operations(&plan_for(&desired, &observed)), [Operation::DeleteRetentionPolicy]);
    observed.log_group = LogGroup::Missing;
    observed.function.sides.insert(Side::LogRetention, None);
    assert_eq!(plan_for(&desired, &observed), Plan::Done);
}

#[test]
fn a_read_of_the_log_group_that_failed_is_repeated_after_everything_else() {
    let mut desired = desired();
    desired.function.sides.insert(Side::LogRetention, Some(Setting::LogRetention(7)));
    let mut observed = same(&desired);
    observed.function.sides.remove(&Side::LogRetention);
    observed.log_group = LogGroup::ReadFailed;
    assert_eq!(operations(&plan_for(&desired, &observed)), [Operation::DescribeLogGroups]);
    desired.function.configuration.timeout = 9;
    desired.publish = Some(Publish::default());
    let all = [Operation::UpdateFunctionConfiguration, Operation::PublishVersion, Operation::DescribeLogGroups];
    assert_eq!(operations(&plan_for(&desired, &observed)), all);
    desired.reports_drift = true;
    let reported = plan_after(&reached(&desired), &desired, &observed);
    assert!(matches!(reported, Plan::Drift(_)), "drift is reported all the same: {reported:?}");
    observed.lifecycle = Lifecycle::Busy;
    assert_eq!(plan_for(&desired, &observed), Plan::Wait);
}

#[test]
fn possibly_attached_signing_is_recorded_and_refused_is_not() {
    let signed = |class| {
        let operation = Operation::PutFunctionCodeSigningConfig;
        let error = Error { operation, class, code: String::new(), message: "".into() };
        let mut effects = Effects::default();
        effects.record_uncertain(
            &Step::PutSide(Setting::CodeSigning("signing".into())),
            &CallError::Failed(error),
            None,
        );
        effects.sides
    };
    let signing = Setting::CodeSigning("signing".into());
    assert_eq!(signed(Class::Unavailable), [(Side::CodeSigning, Some(signing))].into());
    assert_eq!(signed(Class::Denied), Sides::new());
}

#[test]
fn an_unowned_function_is_adopted_only_on_request() {
    for (policy, step) in [("Refuse", None), ("Adopt", Some(Step::TagResource(Tagging::Owner(OWNER.into()))))] {
        let desired = wanted(json!({"adoptionPolicy": policy, "codeFrom": {"inline": {"main.py": ""}}}));
        let mut observed = same(&desired);
        observed.function.configuration.memory_size += 1;
        observed.owner = Knowable::Known(None);
        let plan = step.map_or(Plan::Blocked(Blocked::NotOwned(None)), |step| Plan::Steps(vec![step]));
        assert_eq!(plan_for(&desired, &observed), plan);
        observed.owner = Knowable::Known(Some("another".into()));
        assert_eq!(plan_for(&desired, &observed), Plan::Blocked(Blocked::NotOwned(Some("another".into()))));
        let renamed = OWNER.replacen(|_: char| true, "x", 1);
        observed.owner = Knowable::Known(Some(renamed.clone()));
        assert_eq!(plan_for(&desired, &observed), Plan::Blocked(Blocked::OtherCluster(renamed)));
    }
}
