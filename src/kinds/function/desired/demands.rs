//! The values of a function that the policy of its namespace checks: every value of the spec that AWS uses with the operator's permissions. Pure.

use crate::api::function::blocks::{DurableConfig, VpcConfig};
use crate::api::function::spec::{LambdaFunction, LambdaFunctionSpec};
use crate::api::shared::REGRANT_ROLE;
use crate::core::namespace_policy::Policy;
use crate::core::namespace_policy::annotation::Bound;
use crate::core::namespace_policy::demands::{Code, Concurrency, Demands, asks_for_another};
use crate::core::references::References;
use crate::kinds::function::desired::references::{referred_config, referred_layers};
use crate::kinds::function::desired::{Goal, Leaving, PreDelete, Replacement, name};

/// The values that the policy of the namespace checks. The region is checked later, as part of the target.
#[must_use]
pub fn demands(object: &LambdaFunction) -> Demands<'_> {
    let spec = &object.spec;
    let mut named: Vec<_> = roles(object).into_iter().map(|role| (Bound::Roles, role)).collect();
    named.push((Bound::FunctionNames, name(object)));
    named.extend(sources(spec));
    named.extend(texts(spec.layers.as_deref()).into_iter().map(|layer| (Bound::Layers, layer)));
    named.extend(network(spec));
    named.extend(keys(spec).into_iter().map(|key| (Bound::KmsKeys, key)));
    // Empty is the same as absent.
    named.retain(|(_, value)| !value.is_empty());
    Demands {
        named,
        concurrency: Concurrency::Reserved(spec.reserved_concurrent_executions.unwrap_or_default()),
        code: code(spec),
        adopts: asks_for_another(object.metadata.namespace.as_deref(), spec.adopt_from.as_deref(), &spec.common),
    }
}

/// The values that the policy of the namespace checks once the references are resolved: the ARN of the code signing configuration, and the names of the
/// layers. Their objects were checked, too, but the policy can change after a version was published.
#[must_use]
pub fn referred<'a>(object: &LambdaFunction, references: &'a References) -> Demands<'a> {
    let arn = referred_config(&object.spec, references).and_then(|(_, config)| config.arn.as_deref());
    // Without an ARN nothing is written, or the field is left to others and what AWS has is judged.
    let layers = referred_layers(&object.spec, references).into_iter().map(|name| (Bound::Layers, name));
    Demands { named: layers.collect(), code: arn.map_or(Code::None, |arn| Code::Zip(Some(arn))), ..Demands::default() }
}

/// A new field does not compile until it is listed here: either with the fields that are checked above, or with those that no annotation limits.
const _: fn(&LambdaFunctionSpec) = |spec| {
    let LambdaFunctionSpec {
        // Checked above.
        role: _,
        function_name: _,
        layers: _,
        layer_refs: _,
        vpc_config: _,
        reserved_concurrent_executions: _,
        s3_bucket: _,
        filename: _,
        image_uri: _,
        package_type: _,
        source_kms_key_arn: _,
        adopt_from: _,
        code_signing_config_arn: _,
        code_signing_config_ref: _,
        kms_key_arn: _,
        durable_config: _,
        replacement_security_group_ids: _,
        common: _,
        // Values of the function alone, what its role has to allow, and what Kubernetes has to allow.
        runtime: _,
        handler: _,
        description: _,
        memory_size: _,
        timeout: _,
        architectures: _,
        environment: _,
        tags: _,
        publish: _,
        s3_key: _,
        s3_object_version: _,
        s3_object_storage_mode: _,
        code_from: _,
        source_code_hash: _,
        code_sha256: _,
        code_policy: _,
        runtime_management_config: _,
        recursive_loop: _,
        log_retention_in_days: _,
        dead_letter_config: _,
        ephemeral_storage: _,
        file_system_config: _,
        image_config: _,
        logging_config: _,
        snap_start: _,
        tracing_config: _,
        tenancy_config: _,
        capacity_provider_config: _,
        publish_to: _,
        replace_security_groups_on_destroy: _,
        ignore_changes: _,
        ignore_tags: _,
    } = spec;
};

/// The temporary role of a regrant is checked too, because the function's code runs with it for a moment.
fn roles(object: &LambdaFunction) -> Vec<&str> {
    let regrant = object.metadata.annotations.as_ref().and_then(|annotations| annotations.get(REGRANT_ROLE));
    [Some(&object.spec.role), regrant].into_iter().flatten().map(String::as_str).collect()
}

fn sources(spec: &LambdaFunctionSpec) -> impl Iterator<Item = (Bound, &str)> {
    let all = [(Bound::Packages, &spec.filename), (Bound::Buckets, &spec.s3_bucket), (Bound::Images, &spec.image_uri)];
    all.into_iter().filter_map(|(bound, source)| Some((bound, source.as_deref()?)))
}

/// Without subnets there is no VPC, so no security groups are sent to AWS.
fn network(spec: &LambdaFunctionSpec) -> Vec<(Bound, &str)> {
    let replacements = texts(spec.replacement_security_group_ids.as_deref());
    let (subnets, groups) = spec.vpc_config.as_ref().map_or_else(Default::default, |config| {
        let VpcConfig { subnet_ids, security_group_ids, ipv6_allowed_for_dual_stack: _ } = config;
        (texts(subnet_ids.as_deref()), texts(security_group_ids.as_deref()))
    });
    let groups = if subnets.is_empty() { Vec::new() } else { groups };
    let subnets = subnets.into_iter().map(|subnet| (Bound::Subnets, subnet));
    let groups = groups.into_iter().chain(replacements).map(|group| (Bound::SecurityGroups, group));
    subnets.chain(groups).collect()
}

fn keys(spec: &LambdaFunctionSpec) -> Vec<&str> {
    let durable = spec.durable_config.as_ref().and_then(|config| {
        let DurableConfig { kms_key_arn, execution_timeout: _, retention_period: _ } = config;
        kms_key_arn.as_ref()
    });
    let all = [spec.kms_key_arn.as_ref(), spec.source_kms_key_arn.as_ref(), durable];
    all.into_iter().flatten().map(String::as_str).collect()
}

fn texts(values: Option<&[String]>) -> Vec<&str> {
    values.into_iter().flatten().map(String::as_str).collect()
}

fn code(spec: &LambdaFunctionSpec) -> Code<'_> {
    let is_image = spec.image_uri.as_ref().is_some_and(|image| !image.is_empty());
    if is_image || spec.package_type.as_deref() == Some("Image") {
        Code::Image
    } else if spec.code_signing_config_ref.is_some() {
        Code::Referred
    } else {
        Code::Zip(spec.code_signing_config_arn.as_deref().filter(|arn| !arn.is_empty()))
    }
}

/// The word by which a list of security groups allows the default group of each VPC.
const DEFAULT_GROUP: &str = "default";

/// The goal of a deletion that does not move network interfaces to security groups that the namespace does not allow. The policy is checked here,
/// because the spec can be edited after the deletion has begun.
pub(crate) fn allowed_end(goal: Goal, policy: &Policy) -> Goal {
    let Goal::Absent(Leaving { owner, former, pre_delete: PreDelete { security_groups } }) = goal else { return goal };
    let allowed = |replacement: &Replacement| match replacement {
        Replacement::Groups(groups) => groups.iter().all(|group| policy.allows(Bound::SecurityGroups, group)),
        // Its id is not known yet, and a suspended deletion would leave the function in it.
        Replacement::Default => policy.allows(Bound::SecurityGroups, DEFAULT_GROUP),
    };
    Goal::Absent(Leaving { owner, former, pre_delete: PreDelete { security_groups: security_groups.filter(allowed) } })
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use serde_json::{Value, json};

    use super::*;
    use crate::api::layer_version::LambdaLayerVersion;
    use crate::core::error::GoalError;
    use crate::core::goal::Defaults;
    use crate::core::kind::{GoalInput, Kind as _};
    use crate::core::references::{File, Kind, Parent, Reference};
    use crate::core::target::Target;
    use crate::core::zip_source::{Origin, Zip};
    use crate::kinds::function::desired::code::Source;
    use crate::kinds::function::desired::goal;
    use crate::kinds::function::model::{Code as ModelCode, Function};
    use crate::kinds::function::side::{Setting, Side};
    use crate::kinds::function::status::history::History;

    fn object(changes: Value) -> LambdaFunction {
        let mut spec = json!({"role": "arn:team", "runtime": "python3.13", "handler": "main.handler"});
        let Value::Object(changes) = changes else { panic!() };
        spec.as_object_mut().unwrap().extend(changes);
        LambdaFunction::new("f", serde_json::from_value(spec).unwrap())
    }

    fn named(object: &LambdaFunction, bound: Bound) -> BTreeSet<String> {
        let of = |(other, value): (Bound, &str)| (other == bound).then(|| value.to_owned());
        demands(object).named.into_iter().filter_map(of).collect()
    }

    #[test]
    fn a_role_for_a_moment_is_bound_as_the_functions_own() {
        let mut object = object(json!({}));
        assert_eq!(named(&object, Bound::Roles), ["arn:team".to_owned()].into());
        object.metadata.annotations = Some([(REGRANT_ROLE.to_owned(), "arn:admin".to_owned())].into());
        assert_eq!(named(&object, Bound::Roles), ["arn:team".to_owned(), "arn:admin".to_owned()].into());
    }

    fn goal_of(object: &LambdaFunction, references: &References) -> Result<Goal, GoalError> {
        goal(&GoalInput {
            object,
            target: &Target { account: "1".into(), region: "r".into(), name: name(object).to_owned() },
            owner: "c/n/f".into(),
            former_owners: Vec::new(),
            defaults: &Defaults::default(),
            history: &History::default(),
            references,
            rival: None,
            may_adopt: false,
            now: k8s_openapi::jiff::Timestamp::UNIX_EPOCH,
        })
    }

    /// Everything that is sent to AWS for a function, by the annotation that limits it.
    fn sent(object: &LambdaFunction) -> BTreeMap<Bound, BTreeSet<String>> {
        let file = File { sha256: "h".into(), fault: None };
        let references = References { file: Some(file), ..References::default() };
        let Goal::Present(desired) = goal_of(object, &references).unwrap() else { panic!() };
        let Function { configuration, code: ModelCode { kms_key_arn, .. }, .. } = &desired.function;
        let mut all: BTreeMap<Bound, BTreeSet<String>> = BTreeMap::new();
        let mut add = |bound, values: Vec<String>| {
            let values = values.into_iter().filter(|value| !value.is_empty());
            all.entry(bound).or_default().extend(values);
        };
        add(Bound::Roles, vec![configuration.role.clone()]);
        add(Bound::Layers, configuration.layers.clone());
        let vpc = configuration.vpc.clone();
        add(Bound::Subnets, vpc.iter().flat_map(|vpc| vpc.subnets.clone()).collect());
        add(Bound::SecurityGroups, vpc.iter().flat_map(|vpc| vpc.security_groups.clone()).collect());
        let durable = configuration.durable.as_ref().map(|durable| durable.kms_key_arn.clone());
        add(
            Bound::KmsKeys,
            [Some(configuration.kms_key_arn.clone()), kms_key_arn.clone(), durable].into_iter().flatten().collect(),
        );
        match desired.source.unwrap() {
            Source::Zip(Zip::Package { origin: Origin::File(path), .. }) => add(Bound::Packages, vec![path]),
            Source::Zip(Zip::Package { origin: Origin::Inline | Origin::Object(..), .. }) => {}
            Source::Zip(Zip::S3 { bucket, .. }) => add(Bound::Buckets, vec![bucket]),
            Source::Image { uri } => add(Bound::Images, vec![uri]),
        }
        all
    }

    #[test]
    fn everything_that_aws_is_sent_in_the_operators_name_is_judged() {
        let network = json!({"subnetIds": ["subnet-1", "subnet-2"], "securityGroupIds": ["sg-1"]});
        let common = json!({
            "layers": ["arn:l:1", "arn:l:2"], "vpcConfig": network, "kmsKeyArn": "arn:k:1",
            "durableConfig": {"executionTimeout": 60, "kmsKeyArn": "arn:k:2"},
        });
        let with = |changes: Value| {
            let mut all = common.clone();
            all.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
            object(all)
        };
        for object in [
            with(json!({"filename": "team-a/app.zip", "sourceKmsKeyArn": "arn:k:3"})),
            with(json!({"s3Bucket": "bucket", "s3Key": "k", "sourceKmsKeyArn": "arn:k:3"})),
            with(json!({"imageUri": "r/app:1", "runtime": null, "handler": null, "layers": null})),
            with(json!({"filename": "x.zip", "vpcConfig": {"securityGroupIds": ["sg-1"]}, "kmsKeyArn": ""})),
        ] {
            for (bound, values) in sent(&object) {
                assert_eq!(named(&object, bound), values, "{bound:?}");
            }
        }
        let groups = json!({"filename": "x.zip", "replaceSecurityGroupsOnDestroy": true, "replacementSecurityGroupIds": ["sg-9"]});
        assert_eq!(named(&object(groups), Bound::SecurityGroups), ["sg-9".to_owned()].into());
    }

    #[test]
    fn signing_and_reserved_concurrency_are_judged_as_they_are_sent() {
        let of = |changes: Value| {
            let object = object(changes);
            let demands = demands(&object);
            let signing = match demands.code {
                Code::Zip(arn) => arn.map(str::to_owned),
                Code::Image => Some("image".into()),
                Code::Referred => Some("referred".into()),
                Code::None => None,
            };
            (signing, demands.concurrency.executions())
        };
        let signed = json!({"codeSigningConfigArn": "arn:c", "reservedConcurrentExecutions": 900});
        assert_eq!(of(signed.clone()), (Some("arn:c".into()), 900));
        let wanted = (Side::CodeSigning.group().wanted)(&object(signed).spec);
        assert_eq!(wanted, Some(Setting::CodeSigning("arn:c".into())));
        assert_eq!(of(json!({"codeSigningConfigArn": "", "reservedConcurrentExecutions": -1})), (None, -1));
        assert_eq!(of(json!({"codeSigningConfigRef": {"name": "strict"}})), (Some("referred".into()), 0));
        assert_eq!(of(json!({"imageUri": "r/app:1"})), (Some("image".into()), 0));
        assert_eq!(of(json!({"packageType": "Image", "codePolicy": "Initial"})), (Some("image".into()), 0));
    }

    #[test]
    fn a_configuration_behind_a_reference_is_judged_as_it_is_sent_and_without_its_arn_nothing_is_sent() {
        let object = object(json!({"codeSigningConfigRef": {"name": "strict"}, "filename": "x.zip"}));
        let reference = Reference { kind: Kind::LambdaCodeSigningConfig, name: "strict".into() };
        let target = Target { account: "1".into(), region: "r".into(), name: "f".into() };
        for (arn, exists) in [(Some("arn:c"), true), (Some("arn:c"), false), (None, true)] {
            let arn = arn.map(str::to_owned);
            let config = Parent { arn: arn.clone(), exists, target: Some(target.clone()), ..Parent::default() };
            let used = [(reference.clone(), config)].into();
            let file = Some(File { sha256: "h".into(), fault: None });
            let references = References { used, file, ..References::default() };
            let judged = referred(&object, &references).code;
            assert_eq!(judged, arn.as_deref().map_or(Code::None, |arn| Code::Zip(Some(arn))));
            match goal_of(&object, &references) {
                Ok(Goal::Present(desired)) => {
                    let sent = arn.filter(|_| exists).map(Setting::CodeSigning);
                    assert!(sent.is_some() && desired.function.sides[&Side::CodeSigning] == sent);
                }
                Err(GoalError::Missing(_)) => assert!(arn.is_none() || !exists),
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn a_layer_behind_a_reference_is_judged_as_its_object_is() {
        let spec = serde_json::from_value(json!({"layerName": "common", "filename": "l.zip"})).unwrap();
        let layer = LambdaLayerVersion::new("l", spec);
        let object = object(json!({"layerRefs": [{"name": "l"}], "filename": "x.zip"}));
        let reference = Reference { kind: Kind::LambdaLayerVersion, name: "l".into() };
        let with = |arn: Option<&str>| {
            let layer = Parent { arn: arn.map(str::to_owned), ..Parent::default() };
            References { used: [(reference.clone(), layer)].into(), ..References::default() }
        };
        let published = with(Some("arn:aws:lambda:r:1:layer:common:7"));
        assert_eq!(referred(&object, &published).named, [(Bound::Layers, "common")]);
        assert!(referred(&object, &with(None)).named.is_empty(), "nothing is written without it");
        for list in ["common", "team-*", "", "arn:aws:lambda:r:1:layer:common:*"] {
            let annotations = [(Bound::Layers.annotation().key(), list.to_owned())].into();
            let policy = Policy::of("team-a", &annotations, false);
            let refused = policy.refuses(&referred(&object, &published));
            assert_eq!(
                refused,
                policy.refuses(&Demands { named: vec![layer.demands().named[0]], ..Demands::default() }),
                "{list}"
            );
            assert_eq!(refused.is_none(), list == "common", "{list}");
        }
    }

    #[test]
    fn a_deletion_moves_interfaces_to_allowed_groups_alone_and_waits_for_no_policy() {
        let leaving =
            |security_groups| Goal::Absent(Leaving { pre_delete: PreDelete { security_groups }, ..Leaving::default() });
        let groups = |ids: &[&str]| Some(Replacement::Groups(ids.iter().map(|id| (*id).to_owned()).collect()));
        let policy = |value: &str| {
            let annotations = [(Bound::SecurityGroups.annotation().key(), value.to_owned())].into();
            Policy::of("team-a", &annotations, false)
        };
        for (groups, list, left) in [
            (groups(&["sg-1"]), "sg-1", groups(&["sg-1"])),
            (groups(&["sg-1", "sg-2"]), "sg-1", None),
            (groups(&["sg-1"]), "", None),
            (Some(Replacement::Default), "", None),
            (Some(Replacement::Default), "sg-*", None),
            (Some(Replacement::Default), "sg-*,default", Some(Replacement::Default)),
        ] {
            assert_eq!(allowed_end(leaving(groups), &policy(list)), leaving(left));
        }
        let kept = Goal::Released(Leaving::default());
        assert_eq!(allowed_end(kept.clone(), &policy("")), kept);
    }
}
