//! Fields that others manage are set by the creation. After it they are neither compared nor sent.

use serde_json::{Value, json};

use super::*;
use crate::api::function::spec::LambdaFunction;
use crate::core::error::GoalError;
use crate::core::goal::Defaults;
use crate::core::kind::{GoalInput, Kind};
use crate::core::operation::Operation;
use crate::core::plan::Write;
use crate::core::references::References;
use crate::core::tag_pattern::TagPattern;
use crate::core::target::Target;
use crate::core::values::Secret;
use crate::kinds::function::applied;
use crate::kinds::function::desired::{goal, query};
use crate::kinds::function::ignored::field;
use crate::kinds::function::member::Member;
use crate::kinds::function::model::{CapacityProvider, Durable, FileSystem, ImageConfig, Vpc};
use crate::kinds::function::observed::{Attributes, Lifecycle, LogGroup};
use crate::kinds::function::plan::step::Step;
use crate::kinds::function::plan::{Plan, diff, plan};
use crate::kinds::function::side::{Probe, Setting};
use std::collections::BTreeSet;

const OWNER: &str = "cluster/demo/hello";

fn spec(more: &Value) -> Value {
    let mut spec = json!({"role": "arn:aws:iam::123456789012:role/hello", "runtime": "python3.13", "handler": "main.handler",
        "codeFrom": {"inline": {"main.py": "x"}}, "recursiveLoop": "Allow", "reservedConcurrentExecutions": 5,
        "tags": {"team": "a", "stage": "prod"}});
    spec.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    spec
}

fn goal_of(more: &Value, history: &History) -> Result<Goal, GoalError> {
    let object = LambdaFunction::new("hello", serde_json::from_value(spec(more)).unwrap());
    let operators = TagPattern::parse("cost:*").unwrap();
    goal(&GoalInput {
        now: k8s_openapi::jiff::Timestamp::UNIX_EPOCH,
        object: &object,
        target: &Target { account: "123456789012".into(), region: "eu-west-1".into(), name: "hello".into() },
        rival: None,
        may_adopt: true,
        owner: OWNER.into(),
        former_owners: Vec::new(),
        defaults: &Defaults { ignore_tags: vec![operators], ..Defaults::default() },
        history,
        references: &References::default(),
    })
}

fn wanted(more: &Value) -> Goal {
    goal_of(more, &History::default()).unwrap()
}

/// AWS equals the spec.
fn same(goal: &Goal) -> Observed {
    let mut function = goal.desired().unwrap().function.clone();
    function.code.architecture.get_or_insert_with(|| "x86_64".into());
    Observed {
        function,
        owner: Knowable::Known(Some(OWNER.into())),
        lifecycle: Lifecycle::Ready,
        published: None,
        version: None,
        default_group: None,
        executions: Vec::new(),
        log_group: LogGroup::NotRead,
        attributes: Attributes::default(),
    }
}

fn planned(goal: &Goal, history: &History, observed: &Observed) -> Vec<Operation> {
    let left = left_to_others(goal, history, observed);
    match plan(left.as_ref().unwrap_or(goal), history, Some(observed)) {
        Plan::Done => Vec::new(),
        Plan::Steps(steps) => steps.iter().map(Step::operation).collect(),
        other => panic!("{other:?}"),
    }
}

/// Somebody else changed every field.
fn elsewhere(observed: &Observed) -> Configuration {
    let mut theirs = observed.function.configuration.clone();
    let name = |text: &str| text.to_owned();
    theirs.role = name("arn:other");
    theirs.runtime = name("python3.14");
    theirs.handler = name("other.handler");
    theirs.description = name("theirs");
    theirs.memory_size = 1024;
    theirs.timeout = 60;
    theirs.environment = Knowable::Known([(name("THEIRS"), Secret::new(name("x")))].into());
    theirs.layers = vec![name("arn:layer:1")];
    theirs.vpc = Some(Vpc { subnets: [name("subnet-1")].into(), security_groups: [name("sg-1")].into(), ipv6: false });
    theirs.dead_letter_target = name("arn:queue");
    theirs.kms_key_arn = name("arn:key");
    theirs.tracing_mode = name("Active");
    theirs.file_systems =
        vec![FileSystem { arn: name("arn:fs"), mount_path: name("/mnt/a"), direct_s3_read: String::new() }];
    theirs.image = Knowable::Known(ImageConfig { command: vec![name("run")], ..ImageConfig::default() });
    theirs.ephemeral_storage = 1024;
    theirs.snap_start = name("PublishedVersions");
    theirs.logging.group = name("theirs");
    theirs.durable = Some(Durable { execution_timeout: 60, retention_days: 1, kms_key_arn: String::new() });
    theirs.capacity_provider =
        Some(CapacityProvider { arn: name("arn:provider"), memory_gib_per_vcpu: None, max_concurrency: None });
    theirs
}

#[test]
fn each_field_of_the_configuration_can_be_left_to_others() {
    let plain = wanted(&json!({}));
    let have = elsewhere(&same(&plain));
    let all = diff::configuration(&plain.desired().unwrap().function.configuration, &have);
    assert_eq!(all.len(), 19, "every field of the configuration differs: {all:?}");
    for member in &all {
        let goal = wanted(&json!({"ignoreChanges": [field(*member)]}));
        let mut observed = same(&goal);
        observed.function.configuration = have.clone();
        let left = left_to_others(&goal, &History::default(), &observed).unwrap();
        let differs = diff::configuration(&left.desired().unwrap().function.configuration, &have);
        let others: BTreeSet<_> = all.iter().copied().filter(|other| other != member).collect();
        assert_eq!(differs, others, "{member:?}");
    }
    let goal = wanted(&json!({"ignoreChanges": all.iter().map(|member| field(*member)).collect::<Vec<_>>()}));
    let mut observed = same(&goal);
    observed.function.configuration = have;
    assert_eq!(planned(&goal, &History::default(), &observed), []);
}

#[test]
fn tags_of_others_are_neither_changed_nor_removed() {
    let goal = wanted(&json!({"ignoreTags": ["auto:*", "stage"]}));
    let mut observed = same(&goal);
    let theirs = [("team", "a"), ("stage", "test"), ("auto:by", "x"), ("cost:center", "7")];
    let theirs: BTreeMap<_, _> = theirs.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect();
    observed.function.tags = Knowable::Known(theirs.clone());
    assert_eq!(planned(&goal, &History::default(), &observed), [], "changed, added, and left by the operator");
    let mut gone = theirs.clone();
    gone.remove("stage");
    observed.function.tags = Knowable::Known(gone);
    assert_eq!(planned(&goal, &History::default(), &observed), [], "removed");
    let mut other = theirs;
    other.insert("other".into(), "x".into());
    observed.function.tags = Knowable::Known(other.clone());
    assert_eq!(planned(&goal, &History::default(), &observed), [Operation::UntagResource]);
    let all = wanted(&json!({"ignoreChanges": ["tags"]}));
    assert_eq!(planned(&all, &History::default(), &observed), []);
}

#[test]
fn a_withheld_environment_that_is_left_to_others_is_not_sent() {
    let goal = wanted(&json!({"ignoreChanges": ["environment"], "memorySize": 256}));
    let mut observed = same(&goal);
    observed.function.configuration.environment = Knowable::Unknown;
    assert_eq!(planned(&goal, &History::default(), &observed), [], "nothing of it is new to AWS");
    observed.function.configuration.memory_size = 128;
    let left = left_to_others(&goal, &History::default(), &observed).unwrap();
    match plan(&left, &History::default(), Some(&observed)) {
        Plan::Steps(steps) => match &steps[..] {
            [Step::UpdateFunctionConfiguration(sent)] => assert_eq!(sent.members, [Member::MemorySize].into()),
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_follows_a_creation_is_left_to_others_only_once_it_was_set() {
    let goal = wanted(&json!({"ignoreChanges": ["reservedConcurrentExecutions", "recursiveLoop"]}));
    let mut observed = same(&goal);
    observed.function.concurrency = None;
    observed.function.sides.insert(Side::Recursion, None);
    let new = History { creation_pending: true, ..History::default() };
    let both = [Operation::PutFunctionRecursionConfig, Operation::PutFunctionConcurrency];
    assert_eq!(planned(&goal, &new, &observed), both);
    assert_eq!(planned(&goal, &History::default(), &observed), []);
    // An ignored group is not read either.
    let asked = |history: &History| query(&goal, history).sides.contains_key(&Side::Recursion);
    assert!(asked(&new) && !asked(&History::default()));
    let theirs = Setting::Recursion("Terminate".into());
    observed.function.sides.insert(Side::Recursion, Some(theirs));
    assert_eq!(planned(&goal, &History::default(), &observed), []);
}

#[test]
fn any_field_of_the_source_leaves_the_code_to_others() {
    use crate::kinds::function::model::Content;
    for field in ["codeFrom", "codeSha256", "filename", "imageUri", "s3Key", "sourceCodeHash", "s3ObjectStorageMode"] {
        let made = History { adopted: true, ..History::default() };
        let goal = goal_of(&json!({"ignoreChanges": [field]}), &made).unwrap();
        let mut observed = same(&goal);
        observed.function.code.content = Content::Sha256("theirs".into());
        observed.function.code.kms_key_arn = Some("arn:theirs".into());
        assert_eq!(planned(&goal, &History::default(), &observed), [], "{field}");
    }
    let goal = wanted(&json!({"ignoreChanges": ["sourceKmsKeyArn"], "architectures": ["arm64"]}));
    let mut observed = same(&goal);
    observed.function.code.kms_key_arn = Some("arn:theirs".into());
    assert_eq!(planned(&goal, &History::default(), &observed), []);
    observed.function.code.architecture = Some("x86_64".into());
    assert_eq!(planned(&goal, &History::default(), &observed), [Operation::UpdateFunctionCode]);
}

#[test]
fn a_role_that_is_left_to_others_is_not_granted_anew() {
    let mut object =
        LambdaFunction::new("hello", serde_json::from_value(spec(&json!({"ignoreChanges": ["role"]}))).unwrap());
    object.metadata.annotations = Some([(crate::api::shared::REGRANT_ROLE.to_owned(), "arn:moment".to_owned())].into());
    let target = Target { account: "1".into(), region: "eu-west-1".into(), name: "hello".into() };
    let given = GoalInput {
        now: k8s_openapi::jiff::Timestamp::UNIX_EPOCH,
        object: &object,
        target: &target,
        rival: None,
        may_adopt: true,
        owner: OWNER.into(),
        former_owners: Vec::new(),
        defaults: &Defaults::default(),
        history: &History::default(),
        references: &References::default(),
    };
    assert_eq!(goal(&given).unwrap().desired().unwrap().regrant, None);
}

#[test]
fn a_source_that_is_gone_matters_only_to_a_creation() {
    let gone = json!({"codePolicy": "Initial", "codeFrom": {"configMapRef": {"name": "first"}}});
    let missing = goal_of(&gone, &History::default());
    assert!(matches!(missing, Err(GoalError::Missing(_))), "{missing:?}");
    let history = History { created: true, adopted: true, ..History::default() };
    let goal = goal_of(&gone, &history).unwrap();
    assert_eq!(planned(&goal, &history, &same(&goal)), []);
    let adopts =
        json!({"codePolicy": "Initial", "codeFrom": {"configMapRef": {"name": "first"}}, "adoptionPolicy": "Adopt"});
    for (goal, what) in [(goal, "it vanished"), (goal_of(&adopts, &History::default()).unwrap(), "it was never there")]
    {
        match plan(&goal, &history, None) {
            Plan::Blocked(Blocked::InvalidReference(sentence)) => {
                assert!(sentence.contains("ConfigMap first"), "{what}: {sentence}");
            }
            other => panic!("{what}: {other:?}"),
        }
    }
}

/// A field that others manage, the object that the spec names in it, and the side group to which the field belongs.
fn references_left_to_others() -> [(Value, &'static str); 3] {
    let variable = json!({"variables": null, "valueFrom": {"A": {"secretKeyRef": {"name": "x", "key": "a"}}}});
    [
        (json!({"layerRefs": [{"name": "x"}], "ignoreChanges": ["layers"]}), "LambdaLayerVersion x"),
        (
            json!({"codeSigningConfigRef": {"name": "x"}, "ignoreChanges": ["codeSigningConfigArn"]}),
            "LambdaCodeSigningConfig x",
        ),
        (json!({"environment": variable, "ignoreChanges": ["environment"]}), "Secret x"),
    ]
}

#[test]
fn a_reference_in_a_field_that_is_left_to_others_matters_only_to_a_creation() {
    let history = History { created: true, ..History::default() };
    for (spec, named) in references_left_to_others() {
        let early = [
            ("it was never there", History::default()),
            ("its settings are incomplete", History { creation_pending: true, ..history.clone() }),
            ("it was never active", History { is_new: true, ..history.clone() }),
        ];
        for (what, history) in early {
            let missing = goal_of(&spec, &history);
            assert!(matches!(missing, Err(GoalError::Missing(_))), "{named}, {what}: {missing:?}");
        }
        let goal = goal_of(&spec, &history).unwrap_or_else(|error| panic!("{named}: {error:?}"));
        let mut observed = same(&goal);
        observed.function.configuration.layers = vec!["arn:theirs:1".into()];
        observed.function.configuration.environment =
            Knowable::Known([("THEIRS".to_owned(), Secret::new("1".into()))].into());
        let signing = Some(Setting::CodeSigning("arn:theirs".into()));
        observed.function.sides.insert(Side::CodeSigning, signing);
        let sent = match named {
            "LambdaLayerVersion x" => ["environment", "codeSigningConfigArn"],
            "Secret x" => ["layers", "codeSigningConfigArn"],
            _ => ["layers", "environment"],
        };
        let others = json!({"ignoreChanges": [sent[0], sent[1], spec["ignoreChanges"][0]]});
        let mut all = spec.clone();
        all.as_object_mut().unwrap().extend(others.as_object().unwrap().clone());
        let goal_of_all = goal_of(&all, &history).unwrap();
        assert_eq!(planned(&goal_of_all, &history, &observed), [], "{named}");
        match <LambdaFunction as Kind>::plan(&goal, &history, None) {
            Plan::Blocked(Blocked::InvalidReference(sentence)) => assert!(sentence.contains(named), "{sentence}"),
            other => panic!("{named}: {other:?}"),
        }
        let mut owned = spec.clone();
        owned.as_object_mut().unwrap().remove("ignoreChanges");
        assert!(matches!(goal_of(&owned, &history), Err(GoalError::Missing(_))), "{named} is the object's own");
    }
}

/// A namespace can require code signing, whoever manages the field.
#[test]
fn a_signing_configuration_that_is_left_to_others_is_read_also_without_its_object() {
    let [_, (spec, _), _] = references_left_to_others();
    let history = History { created: true, familiar: true, ..History::default() };
    let goal = goal_of(&spec, &history).unwrap();
    assert_eq!(query(&goal, &history).sides.get(&Side::CodeSigning), Some(&Probe::Required));
}

/// The goal after the read of the function.
fn left(goal: &Goal, observed: &Observed) -> Desired {
    let left = left_to_others(goal, &History::default(), observed).unwrap_or_else(|| goal.clone());
    left.desired().unwrap().clone()
}

#[test]
fn a_failed_update_is_sent_again_without_what_is_left_to_others() {
    use crate::api::function::status::{Update, Updates};
    use crate::core::past::Past;
    let goal = wanted(&json!({"ignoreChanges": ["layers", "vpcConfig"]}));
    let mut observed = same(&goal);
    observed.lifecycle = Lifecycle::UpdateFailed(Update::Configuration);
    observed.function.configuration.layers = vec!["arn:theirs:1".into()];
    let told = Past { stalled: Some(1), ..Past::default() };
    let updates = Updates { members: ["Layers".to_owned(), "Timeout".to_owned()].into(), ..Updates::default() };
    let history = History { past: told, updates, ..History::default() };
    let goal = Goal::Present(Box::new(left(&goal, &observed)));
    let Plan::Steps(steps) = plan(&goal, &history, Some(&observed)) else { panic!("nothing is sent") };
    let sent: Vec<_> = steps
        .iter()
        .map(|step| match step {
            Step::UpdateFunctionConfiguration(change) => change.members.clone(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(sent.len(), 2, "everything, and then what changed: {sent:?}");
    assert!(sent.iter().all(|members| !members.contains(&Member::Layers) && !members.contains(&Member::VpcConfig)));
    assert_eq!(sent[1], [Member::Timeout].into());
}

#[test]
fn what_aws_accepted_of_a_field_is_not_forgotten_while_it_is_left_to_others() {
    let goal =
        wanted(&json!({"ignoreChanges": ["memorySize", "environment"], "ignoreTags": ["stage"], "memorySize": 256,
        "architectures": ["arm64"], "driftPolicy": "Report"}));
    let desired = goal.desired().unwrap();
    let created = applied::everything(desired);
    let mut observed = same(&goal);
    observed.function.configuration.memory_size = 512;
    observed.function.tags = Knowable::Known([("stage".to_owned(), "theirs".to_owned())].into());
    let read = left(&goal, &observed);
    let proved = applied::everything_of_ours(&read);
    for name in ["MemorySize", "Environment", "Tags/stage"] {
        assert!(created.contains_key(name) && !proved.contains_key(name), "{name}");
    }
    // The key is sent together with the variables, even if others manage the variables.
    let both = Step::reconfigure(read.function.configuration.clone(), [Member::KmsKeyArn]);
    assert_eq!(applied::of(&both, &read).into_keys().collect::<Vec<_>>(), ["KMSKeyArn"]);
    // The record lets the operator notice that somebody deleted the function.
    let history = History { applied: created, ..History::default() };
    assert!(matches!(plan(&goal, &history, None), Plan::Drift(_)));
    let edited =
        wanted(&json!({"ignoreChanges": ["memorySize", "environment"], "ignoreTags": ["stage"], "memorySize": 1024,
        "architectures": ["arm64"], "driftPolicy": "Report"}));
    assert!(matches!(plan(&edited, &history, None), Plan::Drift(_)), "an edit without effect is none");
}

#[test]
fn code_is_drift_though_somebody_else_chose_its_architecture() {
    use crate::kinds::function::model::Content;
    let goal = wanted(
        &json!({"ignoreChanges": ["architectures", "sourceKmsKeyArn"], "driftPolicy": "Report", "architectures": ["arm64"]}),
    );
    let history = History { applied: applied::everything(goal.desired().unwrap()), ..History::default() };
    let mut observed = same(&goal);
    observed.function.code.architecture = Some("x86_64".into());
    observed.function.code.kms_key_arn = Some("arn:theirs".into());
    assert_eq!(planned(&goal, &history, &observed), []);
    observed.function.code.content = Content::Sha256("theirs".into());
    let left = Goal::Present(Box::new(left(&goal, &observed)));
    assert!(matches!(plan(&left, &history, Some(&observed)), Plan::Drift(_)));
}

#[test]
fn a_failed_update_of_another_pipelines_code_holds_back_no_change_of_ours() {
    use crate::api::function::status::{Update, Updates};
    for code in [json!({"codePolicy": "Initial"}), json!({"ignoreChanges": ["codeFrom"]})] {
        let goal = wanted(&code);
        let mut observed = same(&goal);
        observed.lifecycle = Lifecycle::UpdateFailed(Update::Code);
        observed.function.configuration.memory_size = 512;
        let updates = Updates { last: Some(Update::Code), failed: [Update::Code].into(), ..Updates::default() };
        let history = History { updates, ..History::default() };
        assert_eq!(planned(&goal, &history, &observed), [Operation::UpdateFunctionConfiguration], "{code}");
    }
}

#[test]
fn no_hash_of_what_is_desired_proves_a_version_that_others_have_a_hand_in() {
    use crate::kinds::function::plan::version::fingerprint;
    let proof = |more: &Value| {
        let goal = wanted(more);
        let observed = same(&goal);
        fingerprint(&left(&goal, &observed), &observed)
    };
    assert!(proof(&json!({})).is_some() && proof(&json!({"ignoreTags": ["auto:*"]})).is_some());
    assert_eq!(proof(&json!({"ignoreChanges": ["environment"]})), None);
}
