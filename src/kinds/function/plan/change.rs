//! The changes of a step, field by field, in a form that can be shown: names of environment variables, never their values.

use std::collections::{BTreeMap, BTreeSet};

use super::fields;
use super::fields::Differing;
use super::step::{Creation, Deployment, Reconfiguration, Step, Tagging, Untagging};
use crate::core::change::Change;
use crate::core::ownership::OWNER_TAG;
use crate::core::values::{Knowable, Secret};
use crate::core::zip_source::Zip;
use crate::kinds::function::desired::Desired;
use crate::kinds::function::desired::code::Source;
use crate::kinds::function::member::Member;
use crate::kinds::function::model::{Code, Configuration, Content, Function};
use crate::kinds::function::observed::Observed;
use crate::kinds::function::side;
use crate::kinds::function::side::{Side, log_retention};

/// The changes of a step on the way from `observed` to `desired`, for the function with the name `name`.
#[must_use]
pub fn changes(step: &Step, name: &str, desired: &Desired, observed: Option<&Observed>) -> Vec<Change> {
    let now = observed.map(|observed| &observed.function);
    let tag = |key: &str| now.and_then(|now| now.tags.known()).and_then(|tags| tags.get(key)).cloned();
    let from_to = |field: &str, from: Option<String>, to: &str| {
        vec![Change { field: field.into(), from: Some(from.unwrap_or_default()), to: to.into() }]
    };
    let beside = |side: &Side| now.and_then(|now| now.sides.get(side));
    let reserved = || now.and_then(|now| now.concurrency).map(|reserved| reserved.to_string());
    match step {
        Step::CreateFunction(creation) => created(name, creation),
        Step::UpdateFunctionConfiguration(change) => {
            now.map(|now| reconfigured(change, &now.configuration)).unwrap_or_default()
        }
        Step::UpdateFunctionCode(deployment) => {
            now.map(|now| deployed(deployment, &desired.function.code, now)).unwrap_or_default()
        }
        Step::CreateLogGroup | Step::DescribeLogGroups => {
            vec![Change { field: "log group".into(), from: None, to: log_retention::log_group(name) }]
        }
        Step::PutSide(setting) => setting.side().changes(beside(&setting.side()), Some(setting)),
        Step::RemoveSide(side) => side.changes(beside(side), None),
        Step::PutFunctionConcurrency(to) => from_to("reservedConcurrentExecutions", reserved(), &to.to_string()),
        Step::DeleteFunctionConcurrency => from_to("reservedConcurrentExecutions", reserved(), ""),
        Step::TagResource(Tagging::Set(tags)) => {
            tags.get().iter().flat_map(|(key, value)| from_to(key, tag(key), value)).collect()
        }
        Step::TagResource(Tagging::Owner(owner)) => {
            from_to(OWNER_TAG, observed.and_then(|observed| observed.owner.known().cloned().flatten()), owner)
        }
        Step::UntagResource(Untagging::Remove(keys)) => {
            keys.iter().flat_map(|key| from_to(key, tag(key), "")).collect()
        }
        Step::UntagResource(Untagging::Owner) => from_to(OWNER_TAG, Some(desired.ownership.owner.clone()), ""),
        Step::PublishVersion { code_sha256: _, revision: _, to } => {
            let to = to.clone().unwrap_or_else(|| "a new number".into());
            vec![Change { field: "version".into(), from: None, to }]
        }
        Step::StopDurableExecution(arn) => {
            vec![Change { field: "execution".into(), from: None, to: arn.clone() }]
        }
        Step::DeleteFunction => Vec::new(),
    }
}

/// Everything in which a new function differs from AWS's defaults.
fn created(name: &str, creation: &Creation) -> Vec<Change> {
    let Creation { function, source, identity: _, owner: _, publish } = creation;
    let Function { package: _, tenancy, configuration, code, storage_mode, sides, concurrency: _, tags } = function;
    let Code { content: _, image_uri: _, kms_key_arn, architecture } = code;
    let tags = tags.known().into_iter().flatten().map(|(key, value)| format!("{key}={value}"));
    let mut all = configured(configuration, &Configuration::aws_defaults(name));
    let more = [
        ("code", Some(source_text(source))),
        ("publish", publish.as_ref().map(|_| "true".into())),
        ("s3ObjectStorageMode", storage_mode.clone()),
        ("sourceKmsKeyArn", kms_key_arn.clone()),
        ("architectures", architecture.clone()),
        ("tenancyConfig.tenantIsolationMode", tenancy.clone()),
        ("tags", Some(tags.collect::<Vec<_>>().join(", "))),
    ];
    all.extend(more.into_iter().filter_map(|(field, to)| {
        to.filter(|to| !to.is_empty()).map(|to| Change { field: field.into(), from: None, to })
    }));
    // Groups that CreateFunction cannot set follow as steps of their own.
    let carried = side::carried(sides);
    all.extend(carried.iter().flat_map(|(side, setting)| side.changes(None, setting.as_ref())));
    all.into_iter().map(|change| Change { from: None, ..change }).collect()
}

/// The fields of the members that are sent.
fn reconfigured(change: &Reconfiguration, have: &Configuration) -> Vec<Change> {
    let Reconfiguration { configuration, members } = change;
    let changes = rows(configuration, have).into_iter().filter(|(member, _)| members.contains(member));
    changes.map(|(_, change)| change).collect()
}

/// The fields of these members of a change; a member that shows no field is named as the API names it.
pub(super) fn fields(change: &Reconfiguration, members: &BTreeSet<Member>, have: &Configuration) -> Vec<String> {
    let rows = rows(&change.configuration, have);
    let of = |member: &Member| -> Vec<String> {
        let shown = rows.iter().filter(|(of, _)| of == member).map(|(_, change)| change.field.clone());
        let shown: Vec<_> = shown.collect();
        if shown.is_empty() { vec![member.name().to_owned()] } else { shown }
    };
    members.iter().flat_map(of).collect()
}

fn configured(want: &Configuration, have: &Configuration) -> Vec<Change> {
    rows(want, have).into_iter().map(|(_, change)| change).collect()
}

/// Every field that differs, with its member.
fn rows(want: &Configuration, have: &Configuration) -> Vec<(Member, Change)> {
    let row = |Differing { member, field, from, to }| (member, Change { field: field.into(), from: Some(from), to });
    let mut all: Vec<_> = fields::differing(want, have).map(row).collect();
    let environment = match (&want.environment, &have.environment) {
        (Knowable::Known(want), Knowable::Known(have)) => variables(want, have),
        (Knowable::Known(_), Knowable::Unknown) => "sent (AWS does not show the current values)".into(),
        (Knowable::Unknown, _) => String::new(),
    };
    if !environment.is_empty() {
        all.push((Member::Environment, Change { field: "environment".into(), from: None, to: environment }));
    }
    all
}

/// The names of variables that are added, removed or changed.
fn variables(want: &BTreeMap<String, Secret>, have: &BTreeMap<String, Secret>) -> String {
    let names: BTreeSet<_> = want.keys().chain(have.keys()).collect();
    let marks = names.into_iter().filter_map(|name| match (want.get(name), have.get(name)) {
        (Some(_), None) => Some(format!("+ {name}")),
        (None, _) => Some(format!("- {name}")),
        (Some(want), Some(have)) => (want != have).then(|| format!("~ {name}")),
    });
    marks.collect::<Vec<_>>().join(", ")
}

fn deployed(deployment: &Deployment, want: &Code, now: &Function) -> Vec<Change> {
    let Deployment { source, identity: _, kms_key_arn, architecture, storage_mode } = deployment;
    let have = &now.code;
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let hash = |content: &Content| match content {
        Content::Sha256(sha256) => sha256.clone(),
        Content::Undeployed | Content::Any => source_text(source),
    };
    let mut rows = vec![
        ("sourceKmsKeyArn", text(&have.kms_key_arn), kms_key_arn.clone()),
        ("architectures", text(&have.architecture), text(architecture)),
    ];
    match source {
        Source::Image { uri } => rows.push(("imageUri", text(&have.image_uri), uri.clone())),
        Source::Zip(Zip::S3 { .. }) => rows.push(("s3ObjectStorageMode", text(&now.storage_mode), text(storage_mode))),
        Source::Zip(Zip::Package { .. }) => {}
    }
    if want.content != Content::Any {
        rows.push(("code", hash(&have.content), hash(&want.content)));
    }
    let mut all: Vec<_> = rows
        .into_iter()
        .filter(|(_, from, to)| from != to)
        .map(|(field, from, to)| Change { field: field.into(), from: Some(from), to })
        .collect();
    if all.is_empty() {
        // The last update failed, so the code that AWS shows is not the code that it runs.
        all.push(Change { field: "code".into(), from: None, to: format!("{}, sent again", source_text(source)) });
    }
    all
}

/// The source as text.
fn source_text(source: &Source) -> String {
    match source {
        Source::Zip(zip) => zip.text(),
        Source::Image { uri } => uri.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::function::model::{CapacityProvider, Durable, ImageConfig, Vpc};
    use crate::kinds::function::plan::diff;

    fn configuration() -> Configuration {
        Configuration::aws_defaults("hello")
    }

    fn told(want: &Configuration, have: &Configuration) -> Vec<String> {
        configured(want, have).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn environment_changes_show_names_only() {
        let variables = |pairs: &[(&str, &str)]| {
            let all = pairs.iter().map(|(name, value)| ((*name).to_owned(), Secret::new((*value).to_owned())));
            Configuration { environment: Knowable::Known(all.collect()), ..configuration() }
        };
        let (have, want) = (
            variables(&[("DB", "s3cret"), ("OLD", "x"), ("SAME", "y")]),
            variables(&[("DB", "s3cret2"), ("SAME", "y"), ("STAGE", "z")]),
        );
        assert_eq!(told(&want, &have), ["environment: ~ DB, - OLD, + STAGE"]);
        let unseen = Configuration { environment: Knowable::Unknown, ..configuration() };
        assert_eq!(told(&want, &unseen), ["environment: sent (AWS does not show the current values)"]);
    }

    #[test]
    fn the_shown_changes_equal_the_planned_changes() {
        let vpc = |ipv6| Some(Vpc { subnets: ["s".into()].into(), security_groups: ["g".into()].into(), ipv6 });
        let provider =
            |memory| Some(CapacityProvider { arn: "a".into(), memory_gib_per_vcpu: memory, max_concurrency: None });
        let durable = Durable { execution_timeout: 1, retention_days: 2, kms_key_arn: "k".into() };
        let have = Configuration { vpc: vpc(false), capacity_provider: provider(Some(2.0)), ..configuration() };
        let cases = [
            Configuration { memory_size: 256, ..have.clone() },
            Configuration { vpc: vpc(true), ..have.clone() },
            Configuration { vpc: None, ..have.clone() },
            Configuration { layers: vec!["a".into(), "b".into()], ..have.clone() },
            Configuration { durable: Some(durable), ..have.clone() },
            Configuration { capacity_provider: provider(Some(4.0)), ..have.clone() },
            Configuration {
                image: Knowable::Known(ImageConfig { command: vec!["a, b".into()], ..ImageConfig::default() }),
                ..have.clone()
            },
            // Left to AWS.
            Configuration { capacity_provider: provider(None), ..have.clone() },
            have.clone(),
        ];
        for want in cases {
            let shown: BTreeSet<_> = rows(&want, &have).into_iter().map(|(member, _)| member).collect();
            assert_eq!(shown, diff::configuration(&want, &have));
        }
        assert_eq!(told(&Configuration { memory_size: 256, ..have.clone() }, &have), ["memorySize: 128 → 256"]);
        assert_eq!(
            told(&Configuration { description: "a\u{1b}[31m".into(), ..have.clone() }, &have),
            ["description: none → a\\u{1b}[31m"]
        );
    }
}
