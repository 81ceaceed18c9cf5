//! A plan within the policy of a namespace: no code runs with a value that the policy does not allow, also if somebody else set the value.

use super::*;
use crate::core::bounded::Bounds;
use crate::core::namespace_policy::Policy;
use crate::core::namespace_policy::annotation::Bound;
use crate::kinds::function::left::left_to_others;
use crate::kinds::function::observed::S3Object;

fn policy(key: &str, value: &str) -> Policy {
    Policy::of("team-a", &[(format!("lambda-operator.io/{key}"), value.to_owned())].into(), false)
}

/// As the stages plan: what is left to others is as AWS shows it, and the plan is judged.
fn within(policy: &Policy, history: &History, desired: &Desired, observed: &Observed) -> Plan {
    judged(policy, history, Goal::Present(Box::new(desired.clone())), observed)
}

fn judged(policy: &Policy, history: &History, goal: Goal, observed: &Observed) -> Plan {
    let goal = left_to_others(&goal, history, observed).unwrap_or(goal);
    let target = target();
    let bounds = Bounds::<LambdaFunction> { policy, goal: &goal, history, target: &target, observed: Some(observed) };
    match bounds.within(plan(&goal, history, Some(observed))) {
        Plan::Steps(steps) => Plan::Steps(bounds.first(steps)),
        plan => plan,
    }
}

fn refusal(plan: &Plan) -> &str {
    match plan {
        Plan::Blocked(Blocked::NotAllowed(sentence)) => sentence,
        other => panic!("{other:?}"),
    }
}

/// A change of the function by others, and the annotation that does not allow it.
type Change = (&'static str, &'static str, &'static str, fn(&mut Observed));

const CHANGES: [Change; 9] = [
    ("role", "allowed-roles", "arn:*:role/hello", |has| has.function.configuration.role = "arn:admin".into()),
    ("layers", "allowed-layers", "arn:ours:*", |has| has.function.configuration.layers = vec!["arn:theirs:1".into()]),
    ("vpcConfig", "allowed-subnets", "subnet-1", |has| network(has, "subnet-9", "sg-1")),
    ("vpcConfig", "allowed-security-groups", "sg-1", |has| network(has, "subnet-1", "sg-9")),
    ("kmsKeyArn", "allowed-kms-keys", "arn:ours", |has| has.function.configuration.kms_key_arn = "arn:theirs".into()),
    ("durableConfig", "allowed-kms-keys", "arn:ours", |has| {
        let kms_key_arn = "arn:theirs".into();
        has.function.configuration.durable = Some(Durable { execution_timeout: 60, retention_days: 14, kms_key_arn });
    }),
    ("sourceKmsKeyArn", "allowed-kms-keys", "arn:ours", |has| {
        has.function.code.kms_key_arn = Some("arn:theirs".into());
    }),
    ("reservedConcurrentExecutions", "max-reserved-concurrency", "10", |has| has.function.concurrency = Some(900)),
    ("codeSigningConfigArn", "require-code-signing", "true", |has| {
        has.function.sides.insert(Side::CodeSigning, None);
    }),
];

fn network(has: &mut Observed, subnet: &str, group: &str) {
    has.function.configuration.vpc =
        Some(Vpc { subnets: [subnet.into()].into(), security_groups: [group.into()].into(), ipv6: false });
}

/// The spec of an object that names only what every policy here allows.
fn spec(more: &Value) -> Desired {
    let mut spec = json!({
        "role": "arn:aws:iam::123456789012:role/hello", "codeFrom": {"inline": {"main.py": ""}},
        "codeSigningConfigArn": "arn:c", "durableConfig": {"executionTimeout": 60},
    });
    spec.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    wanted(spec)
}

#[test]
fn a_bounded_field_that_is_left_to_others_is_judged_as_aws_has_it() {
    for (field, key, value, change) in CHANGES {
        let desired = spec(&json!({"ignoreChanges": [field]}));
        let history = reached(&desired);
        let mut observed = same(&desired);
        change(&mut observed);
        for timeout in [3, 9] {
            observed.function.configuration.timeout = timeout;
            let plan = within(&policy(key, value), &history, &desired, &observed);
            let sentence = refusal(&plan);
            let advice = format!("remove {field} from ignoreChanges");
            assert!(sentence.contains(key) && sentence.contains(&advice), "{field}: {sentence}");
            let open = within(&Policy::default(), &history, &desired, &observed);
            assert!(matches!(open, Plan::Done | Plan::Steps(_)), "{field}: {open:?}");
        }
    }
    let judged: std::collections::BTreeSet<_> =
        CHANGES.iter().map(|(_, key, ..)| format!("lambda-operator.io/{key}")).collect();
    for bound in [Bound::Roles, Bound::Layers, Bound::Subnets, Bound::SecurityGroups, Bound::KmsKeys] {
        assert!(judged.contains(&bound.annotation().key()), "{bound:?}");
    }
}

#[test]
fn code_that_is_left_to_others_is_judged_by_what_aws_shows_of_it() {
    let image = "r/team/app:1";
    for (spec, advice) in [
        (json!({"imageUri": image, "codePolicy": "Initial"}), "set codePolicy: Managed"),
        (
            json!({"imageUri": image, "ignoreChanges": ["imageUri"]}),
            "the fields of the code's source from ignoreChanges",
        ),
    ] {
        let desired = Desired { trusts_code: true, ..wanted(spec) };
        let mut observed = same(&desired);
        let images = policy("allowed-images", "r/team/*");
        assert_eq!(within(&images, &reached(&desired), &desired, &observed), Plan::Done);
        observed.function.code.image_uri = Some("r/other/app:1".into());
        let plan = within(&images, &reached(&desired), &desired, &observed);
        assert!(refusal(&plan).contains("the image r/other/app:1") && refusal(&plan).contains(advice), "{plan:?}");
    }
    let desired = Desired { trusts_code: true, ..spec(&json!({"codePolicy": "Initial"})) };
    let mut observed = same(&desired);
    observed.attributes.referenced = Some(S3Object { bucket: "theirs".into(), key: "k".into(), version: None });
    let plan = within(&policy("allowed-buckets", "ours-*"), &reached(&desired), &desired, &observed);
    assert!(refusal(&plan).contains("the bucket theirs"), "{plan:?}");
}

#[test]
fn while_aws_has_what_is_not_allowed_only_its_replacement_is_sent() {
    for (field, key, value, change) in CHANGES {
        let desired = spec(&json!({}));
        let history = reached(&desired);
        let mut observed = same(&desired);
        change(&mut observed);
        observed.function.code.content = Content::Sha256("old".into());
        observed.function.tags = tags("old");
        let all = operations(&within(&Policy::default(), &history, &desired, &observed));
        let first = operations(&within(&policy(key, value), &history, &desired, &observed));
        assert_eq!(first.len(), 1, "{field}: {first:?}");
        assert!(all.len() > 1 && all.contains(&first[0]), "{field}: {all:?}");
        let deploys = first == [Operation::UpdateFunctionCode];
        assert_eq!(deploys, field == "sourceKmsKeyArn", "no new code runs with it: {first:?}");
    }
}

#[test]
fn reported_drift_that_is_not_allowed_holds_back_what_the_user_edits() {
    let before = Desired { reports_drift: true, ..spec(&json!({})) };
    let history = reached(&before);
    let mut observed = same(&before);
    observed.function.configuration.role = "arn:admin".into();
    let roles = policy("allowed-roles", "arn:*:role/*");
    assert!(matches!(within(&roles, &history, &before, &observed), Plan::Drift(_)), "nothing is written");
    let mut edited = before;
    edited.function.configuration.timeout = 9;
    let plan = within(&roles, &history, &edited, &observed);
    assert!(
        refusal(&plan).contains("the role arn:admin") && refusal(&plan).contains("driftPolicy: Correct"),
        "{plan:?}"
    );
    edited.function.configuration.role = "arn:aws:iam::1:role/other".into();
    let plan = within(&roles, &history, &edited, &observed);
    assert_eq!(operations(&plan), [Operation::UpdateFunctionConfiguration], "an edit of the role replaces it");
}

#[test]
fn a_function_is_not_taken_over_with_what_would_stay_and_is_not_allowed() {
    let roles = policy("allowed-roles", "arn:*:role/hello");
    let of_others = |desired: &Desired| {
        let mut observed = same(desired);
        observed.owner = Knowable::Known(None);
        observed.function.configuration.role = "arn:admin".into();
        observed
    };
    let left = spec(&json!({"adoptionPolicy": "Adopt", "ignoreChanges": ["role"]}));
    let plan = within(&roles, &History::default(), &left, &of_others(&left));
    assert!(!refusal(&plan).contains("arn:admin"), "a value of a function of others is not shown: {plan:?}");
    let replaced = spec(&json!({"adoptionPolicy": "Adopt"}));
    let plan = within(&roles, &History::default(), &replaced, &of_others(&replaced));
    assert_eq!(operations(&plan), [Operation::TagResource], "the role is replaced next");
    let mut theirs = of_others(&left);
    theirs.owner = Knowable::Known(Some("cluster/other/victim".into()));
    let plan = within(&roles, &History::default(), &left, &theirs);
    assert!(matches!(plan, Plan::Blocked(Blocked::NotOwned(Some(_)))), "{plan:?}");
}

#[test]
fn no_policy_holds_the_deletion_or_release_of_what_is_not_allowed() {
    let mut observed = same(&desired());
    observed.function.configuration.role = "arn:admin".into();
    let nothing = policy("allowed-roles", "");
    let plan = |goal| operations(&judged(&nothing, &History::default(), goal, &observed));
    assert_eq!(plan(absent()), [Operation::DeleteFunction]);
    let leaving = Leaving { owner: OWNER.into(), ..Leaving::default() };
    assert_eq!(plan(Goal::Released(leaving)), [Operation::UntagResource]);
}
