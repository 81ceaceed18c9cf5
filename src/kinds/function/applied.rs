//! The record of a function's values that AWS accepted last, member by member. A difference is drift only if the desired value is the accepted one.

use std::collections::BTreeMap;

use super::desired::Desired;
use super::member::Member;
use super::model::Code;
use super::part::{CODE, CONCURRENCY, OWNER, side, tag};
use super::plan::fields;
use super::plan::step::{Step, Tagging, Untagging};
use super::side::Side;
use crate::api::function::ignored::IgnoredField;
use crate::api::function::status::Update;
use crate::core::applied::{Applied, hash, is_drift};

/// The desired value of each member of the configuration as text. For references it contains their version, never their contents.
fn texts(desired: &Desired) -> BTreeMap<Member, String> {
    let mut texts = fields::texts(&desired.function.configuration);
    texts.insert(Member::Environment, desired.environment.reveal().to_owned());
    texts
}

fn code_text(desired: &Desired) -> String {
    // CodeSha256 follows from the source, so it is not a part of the text.
    let Code { content: _, image_uri, kms_key_arn, architecture } = &desired.function.code;
    let own = |value: &Option<String>, field| value.clone().filter(|_| !desired.ignored.has(field));
    let kms_key_arn = own(kms_key_arn, IgnoredField::SourceKmsKeyArn);
    let architecture = own(architecture, IgnoredField::Architectures);
    // It is not a part of the text if it is unset, so that records from before this field existed stay valid.
    let storage_mode = desired.function.storage_mode.iter().map(|mode| format!("|{mode}"));
    let text = format!("{}|{image_uri:?}|{kms_key_arn:?}|{architecture:?}", desired.identity);
    std::iter::once(text).chain(storage_mode).collect()
}

/// The record of these members of the configuration.
#[must_use]
pub fn configuration(desired: &Desired, members: impl IntoIterator<Item = Member>) -> Applied {
    let texts = texts(desired);
    let record = |member: Member| Some((member.name().to_owned(), hash(texts.get(&member)?)));
    members.into_iter().filter_map(record).collect()
}

/// The record of the code.
#[must_use]
pub fn code(desired: &Desired) -> Applied {
    [(CODE.to_owned(), hash(&code_text(desired)))].into()
}

/// The record of everything that is desired.
#[must_use]
pub fn everything(desired: &Desired) -> Applied {
    let mut all = configuration(desired, Member::ALL);
    // Code that another pipeline deploys is not part of the object's desired state.
    if desired.source.is_some() && !desired.initial_code {
        all.extend(code(desired));
    }
    all.extend(wanted_beside(desired).into_iter().map(|(name, value)| (name, hash(&value))));
    all
}

/// The record of everything that a version holds. As in AWS, a change of a side group alone does not make a new version.
#[must_use]
pub fn of_version(desired: &Desired) -> Applied {
    let is_held = |name: &str| name == CODE || Member::named(name).is_some();
    everything(desired).into_iter().filter(|(name, _)| is_held(name)).collect()
}

/// The record of everything that CreateFunction sends. Other members are set by calls of their own.
fn creation(desired: &Desired) -> Applied {
    let carried = |name: &str| {
        let one_side = Side::ALL.into_iter().find(|one| side(*one) == name);
        name != CONCURRENCY && one_side.is_none_or(|one| one.group().in_creation)
    };
    everything(desired).into_iter().filter(|(name, _)| carried(name)).collect()
}

/// The record of a step that AWS has accepted.
#[must_use]
pub fn of(step: &Step, desired: &Desired) -> Applied {
    let beside = |names: &[String]| {
        let wanted: Applied = wanted_beside(desired).into_iter().collect();
        // A value that is no longer desired is recorded as empty, because AWS accepted its absence.
        let value = |name: &String| hash(wanted.get(name).map(String::as_str).unwrap_or_default());
        names.iter().map(|name| (name.clone(), value(name))).collect()
    };
    match step {
        Step::CreateFunction(_) => creation(desired),
        // The temporary role of a regrant is not the desired one.
        Step::UpdateFunctionConfiguration(change)
            if change.configuration.role != desired.function.configuration.role =>
        {
            Applied::new()
        }
        Step::UpdateFunctionConfiguration(change) => {
            // The key and the variables are sent together, although one of them may be ignored.
            let ours = change.members.iter().copied().filter(|member| !desired.ignored.has_member(*member));
            configuration(desired, ours)
        }
        // The operator deployed the code once, because the origin of the existing code was unknown. From now on another pipeline deploys it.
        Step::UpdateFunctionCode(_) if desired.initial_code => Applied::new(),
        Step::UpdateFunctionCode(_) => code(desired),
        // The retention that follows is recorded.
        Step::CreateLogGroup | Step::DescribeLogGroups => Applied::new(),
        Step::PutSide(setting) => beside(&[side(setting.side()).to_owned()]),
        Step::RemoveSide(one) => beside(&[side(*one).to_owned()]),
        Step::PutFunctionConcurrency(_) | Step::DeleteFunctionConcurrency => beside(&[CONCURRENCY.to_owned()]),
        Step::TagResource(Tagging::Set(tags)) => beside(&tags.get().keys().map(|key| tag(key)).collect::<Vec<_>>()),
        Step::TagResource(Tagging::Owner(owner)) => [(OWNER.to_owned(), hash(owner))].into(),
        Step::UntagResource(Untagging::Remove(keys)) => beside(&keys.iter().map(|key| tag(key)).collect::<Vec<_>>()),
        Step::UntagResource(Untagging::Owner)
        | Step::PublishVersion { .. }
        | Step::StopDurableExecution(_)
        | Step::DeleteFunction => Applied::new(),
    }
}

/// The record of everything that is desired and not ignored. Ignored values belong to others and are not recorded.
#[must_use]
pub fn everything_of_ours(desired: &Desired) -> Applied {
    let mut all = everything(desired);
    all.retain(|name, _| !desired.ignored.covers(name));
    all
}

/// The record of everything beside configuration and code: side groups, concurrency, and each tag.
fn wanted_beside(desired: &Desired) -> Vec<(String, String)> {
    let side_text = |one: Side| {
        let setting = desired.function.sides.get(&one).and_then(Option::as_ref);
        setting.map(|setting| format!("{:?}", setting.fields()))
    };
    let sides = Side::ALL.into_iter().filter_map(|one| Some((side(one).to_owned(), side_text(one)?)));
    let concurrency = desired.function.concurrency.map(|reserved| (CONCURRENCY.to_owned(), reserved.to_string()));
    let tags = desired.function.tags.known().into_iter().flatten().map(|(key, value)| (tag(key), value.clone()));
    sides.chain(concurrency).chain(tags).collect()
}

/// Whether AWS accepted the desired value of this member of the configuration.
#[must_use]
pub fn is_accepted(desired: &Desired, applied: &Applied, member: Member) -> bool {
    let accepted = applied.get(member.name());
    accepted.is_some() && accepted == configuration(desired, [member]).get(member.name())
}

/// Whether this update contains a member whose desired value differs from the one that AWS accepted last.
#[must_use]
pub fn is_edited(desired: &Desired, applied: &Applied, update: Update) -> bool {
    let wanted = match update {
        Update::Configuration => {
            configuration(desired, Member::ALL.into_iter().filter(|member| !desired.ignored.has_member(*member)))
        }
        Update::Code => code(desired),
    };
    wanted.iter().any(|(name, value)| applied.get(name).is_some_and(|accepted| accepted != value))
}

/// Whether a difference in the member of this name is drift. A member that AWS accepted once and that is not desired any more is an edit.
#[must_use]
pub fn is_drifted(desired: &Desired, applied: &Applied, name: &str) -> bool {
    if name == CODE {
        return is_drift(applied, name, &code_text(desired), true);
    }
    if let Some(member) = Member::named(name) {
        let text = texts(desired).remove(&member).unwrap_or_default();
        return is_drift(applied, name, &text, !desired.unset.contains(&member));
    }
    let wanted = wanted_beside(desired).into_iter().find(|(wanted, _)| wanted == name).map(|(_, value)| value);
    is_drift(applied, name, wanted.as_deref().unwrap_or_default(), wanted.is_some())
}
