//! The values of a function in AWS that the policy of a namespace limits, each with the reason why the operator does not change it, if there is one.
//! Pure.

use std::collections::BTreeMap;

use super::desired::Desired;
use super::desired::references::unversioned;
use super::model::{Code, Configuration, Durable, Function, Vpc};
use super::observed::Observed;
use super::package_type::PackageType;
use super::side::{Setting, Side};
use crate::api::function::ignored::IgnoredField;
use crate::core::namespace_policy::annotation::Bound;
use crate::core::namespace_policy::in_aws::{InAws, LeftBy, Value};

/// The values in AWS. Region and function name are checked as part of the target. AWS shows the bucket of a package only in the storage mode
/// `REFERENCE`, and never the name of a file.
#[must_use]
pub fn in_aws<'a>(desired: &Desired, observed: &'a Observed) -> Vec<InAws<'a>> {
    // Destructured without `..`: a new group does not compile until it is decided whether a policy limits it.
    let Function { package, tenancy: _, configuration, code, storage_mode: _, sides, concurrency, tags: _ } =
        &observed.function;
    let mut all = configured(desired, configuration);
    all.extend(deployed(desired, code, observed));
    if let Some(reserved) = concurrency {
        let field = (IgnoredField::ReservedConcurrentExecutions, "reservedConcurrentExecutions");
        all.push(one(desired, field, Value::Reserved(*reserved)));
    }
    // An image cannot be signed. The policy checks its name instead.
    if *package == PackageType::Zip {
        let field = (IgnoredField::CodeSigningConfigArn, "codeSigningConfigArn");
        all.push(one(desired, field, Value::Signing(signing(sides))));
    }
    // Empty is the same as absent.
    all.retain(|has| !matches!(has.value, Value::Named(_, "")));
    all
}

fn one<'a>(desired: &Desired, (field, name): (IgnoredField, &'static str), value: Value<'a>) -> InAws<'a> {
    let left = desired.ignored.has(field).then_some(LeftBy::IgnoreChanges(name));
    InAws { field: name, replaced_as: name, value, left }
}

fn configured<'a>(desired: &Desired, configuration: &'a Configuration) -> Vec<InAws<'a>> {
    let Configuration {
        role,
        layers,
        vpc,
        kms_key_arn,
        durable,
        // No annotation limits these.
        runtime: _,
        handler: _,
        description: _,
        memory_size: _,
        timeout: _,
        environment: _,
        dead_letter_target: _,
        tracing_mode: _,
        file_systems: _,
        image: _,
        ephemeral_storage: _,
        snap_start: _,
        logging: _,
        capacity_provider: _,
    } = configuration;
    let named = |field, bound, value: &'a str| one(desired, field, Value::Named(bound, value));
    let network = (IgnoredField::VpcConfig, "vpcConfig");
    let mut all = vec![
        named((IgnoredField::Role, "role"), Bound::Roles, role),
        named((IgnoredField::KmsKeyArn, "kmsKeyArn"), Bound::KmsKeys, kms_key_arn),
    ];
    let of_others = layers.iter().filter(|layer| !desired.own_layers.contains(unversioned(layer)));
    all.extend(of_others.map(|layer| named((IgnoredField::Layers, "layers"), Bound::Layers, layer)));
    if let Some(Vpc { subnets, security_groups, ipv6: _ }) = vpc {
        all.extend(subnets.iter().map(|subnet| named(network, Bound::Subnets, subnet)));
        all.extend(security_groups.iter().map(|group| named(network, Bound::SecurityGroups, group)));
    }
    if let Some(Durable { kms_key_arn, execution_timeout: _, retention_days: _ }) = durable {
        all.push(named((IgnoredField::DurableConfig, "durableConfig"), Bound::KmsKeys, kms_key_arn));
    }
    all
}

fn deployed<'a>(desired: &Desired, code: &'a Code, observed: &'a Observed) -> Vec<InAws<'a>> {
    let Code { content: _, image_uri, kms_key_arn, architecture: _ } = code;
    let by = if desired.ignored.has_code() {
        LeftBy::IgnoreChanges("the fields of the code's source")
    } else {
        LeftBy::CodePolicy
    };
    let left = desired.leaves_code().then_some(by);
    let part = |field, replaced_as, bound, value: &'a str| InAws {
        field,
        replaced_as,
        value: Value::Named(bound, value),
        left,
    };
    let key = kms_key_arn.as_deref().map(|key| {
        let own = one(desired, (IgnoredField::SourceKmsKeyArn, "sourceKmsKeyArn"), Value::Named(Bound::KmsKeys, key));
        InAws { left: own.left.or(left), ..own }
    });
    let image = image_uri.as_deref().map(|image| part("imageUri", "imageUri", Bound::Images, image));
    // Every deployment replaces the package, whatever its source is.
    let referenced = observed.attributes.referenced.as_ref();
    let bucket = referenced.map(|object| part("s3Bucket", "code", Bound::Buckets, &object.bucket));
    [key, image, bucket].into_iter().flatten().collect()
}

fn signing(sides: &BTreeMap<Side, Option<Setting>>) -> Option<&str> {
    match sides.get(&Side::CodeSigning)? {
        Some(Setting::CodeSigning(arn)) => Some(arn),
        Some(Setting::RuntimeManagement(_) | Setting::Recursion(_) | Setting::LogRetention(_)) | None => None,
    }
}
