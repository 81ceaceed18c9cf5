//! Side groups: fields of a function that GetFunction does not show. Each has one description here, which reading, planning, recording and importing use. Pure.

pub mod code_signing;
pub mod log_retention;
pub mod recursion;
pub mod runtime_management;

use std::collections::BTreeMap;

use super::package_type::PackageType;
use crate::api::function::spec::LambdaFunctionSpec;
use crate::api::function::status::LambdaFunctionStatus;
use crate::core::change::Change;
use crate::core::operation::Operation;
use runtime_management::RuntimeManagement;

/// A group of fields that GetFunction does not show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// The code signing configuration.
    CodeSigning,
    /// The times at which AWS moves the function to a newer version of its runtime.
    RuntimeManagement,
    /// Recursive loop detection.
    Recursion,
    /// The time for which CloudWatch Logs keeps what the function logs.
    LogRetention,
}

/// The value of a side group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Setting {
    /// ARN of the code signing configuration.
    CodeSigning(String),
    /// The mode, and with `Manual` the version.
    RuntimeManagement(RuntimeManagement),
    /// `Allow` or `Terminate`.
    Recursion(String),
    /// Days; 0 is without an end.
    LogRetention(i32),
}

/// The side groups that are known or desired. `None` is AWS's default; a group that is not in the map is unknown.
pub type Sides = BTreeMap<Side, Option<Setting>>;

/// Names of the fields of a group, as in the spec, and a text for each.
pub type Fields = Vec<(&'static str, String)>;

/// The consequence of a read that fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Probe {
    /// The group becomes unknown, because some regions do not have the call.
    BestEffort,
    /// The reconcile fails.
    Required,
}

/// The description of a side group.
#[derive(Debug)]
pub struct SideGroup {
    /// The field of the spec that holds the group.
    pub field: &'static str,
    /// Each field of the group with AWS's default, in the order of [`Setting::fields`].
    pub defaults: &'static [(&'static str, &'static str)],
    /// The AWS call that reads it.
    pub read: Operation,
    /// The AWS call that sets it.
    pub put: Operation,
    /// The AWS call that restores AWS's default.
    pub remove: Operation,
    /// The package types that have it.
    pub packages: &'static [PackageType],
    /// Its position among the steps of a plan.
    pub turn: Turn,
    /// Whether CreateFunction can set it.
    pub in_creation: bool,
    /// Whether a published version keeps its value, so that the group must be set before the publication.
    pub in_versions: bool,
    /// When it is read although nobody asked for it.
    pub probing: Probing,
    /// Reads the value from a spec. An explicit default is compared like any other value.
    pub wanted: fn(&LambdaFunctionSpec) -> Option<Setting>,
    /// Reads the recorded value from a status.
    pub recorded: fn(&LambdaFunctionStatus) -> Option<Setting>,
    /// Removes the value from a status.
    pub forget: fn(&mut LambdaFunctionStatus),
}

/// When a side group is read that is neither desired nor recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Probing {
    /// Once for each function: its owner's spec decides about it.
    OfNewFunctions,
    /// Never: others may have set it, and a spec that does not name it leaves it as it is.
    OnDemand,
}

/// The position of a side group among the steps of a plan. All come before PublishVersion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Before configuration and code, which AWS validates against it.
    First,
    /// After configuration and code, against which AWS validates it.
    AfterCode,
}

impl Side {
    /// Every side group.
    pub const ALL: [Self; 4] = [Self::CodeSigning, Self::RuntimeManagement, Self::Recursion, Self::LogRetention];

    /// Its description.
    #[must_use]
    pub const fn group(self) -> &'static SideGroup {
        match self {
            Self::CodeSigning => &code_signing::GROUP,
            Self::RuntimeManagement => &runtime_management::GROUP,
            Self::Recursion => &recursion::GROUP,
            Self::LogRetention => &log_retention::GROUP,
        }
    }

    /// Whether functions of this package type have it.
    #[must_use]
    pub fn is_of(self, package: PackageType) -> bool {
        self.group().packages.contains(&package)
    }

    /// Writes into the status the value that AWS has, or is about to have.
    pub fn record(self, status: &mut LambdaFunctionStatus, setting: Option<&Setting>) {
        (self.group().forget)(status);
        if let Some(setting) = setting {
            setting.record(status);
        }
    }

    /// The changes from one value to another, field by field. `from` is `None` if it is unknown.
    #[must_use]
    pub fn changes(self, from: Option<&Option<Setting>>, to: Option<&Setting>) -> Vec<Change> {
        let fields = |setting: Option<&Setting>| setting.map_or_else(|| self.defaults(), Setting::fields);
        let known = from.is_some();
        let rows = fields(from.and_then(Option::as_ref)).into_iter().zip(fields(to));
        rows.filter(|((_, from), (_, to))| from != to)
            .map(|((field, from), (_, to))| Change { field: field.into(), from: known.then_some(from), to })
            .collect()
    }

    fn defaults(self) -> Fields {
        self.group().defaults.iter().map(|(field, value)| (*field, (*value).to_owned())).collect()
    }
}

impl Setting {
    /// Its group.
    #[must_use]
    pub const fn side(&self) -> Side {
        match self {
            Self::CodeSigning(_) => Side::CodeSigning,
            Self::RuntimeManagement(_) => Side::RuntimeManagement,
            Self::Recursion(_) => Side::Recursion,
            Self::LogRetention(_) => Side::LogRetention,
        }
    }

    /// Its fields as text.
    #[must_use]
    pub fn fields(&self) -> Fields {
        match self {
            Self::CodeSigning(arn) => code_signing::fields(arn),
            Self::RuntimeManagement(config) => runtime_management::fields(config),
            Self::Recursion(recursive_loop) => recursion::fields(recursive_loop),
            Self::LogRetention(days) => log_retention::fields(*days),
        }
    }

    /// Whether it is AWS's default.
    #[must_use]
    pub fn is_default(&self) -> bool {
        self.fields() == self.side().defaults()
    }

    fn record(&self, status: &mut LambdaFunctionStatus) {
        match self {
            Self::CodeSigning(arn) => code_signing::record(arn, status),
            Self::RuntimeManagement(config) => runtime_management::record(config, status),
            Self::Recursion(recursive_loop) => recursion::record(recursive_loop, status),
            Self::LogRetention(days) => log_retention::record(*days, status),
        }
    }

    fn import(&self, spec: &mut LambdaFunctionSpec) {
        match self {
            Self::CodeSigning(arn) => code_signing::import(arn, spec),
            Self::RuntimeManagement(config) => runtime_management::import(config, spec),
            Self::Recursion(recursive_loop) => recursion::import(recursive_loop, spec),
            Self::LogRetention(days) => log_retention::import(*days, spec),
        }
    }
}

/// The desired value of each group that a function of this package type has.
#[must_use]
pub fn wanted(spec: &LambdaFunctionSpec, package: PackageType) -> Sides {
    let all = Side::ALL.into_iter().filter(|side| side.is_of(package));
    all.map(|side| (side, (side.group().wanted)(spec))).collect()
}

/// The recorded value of each group.
#[must_use]
pub fn recorded(status: &LambdaFunctionStatus) -> BTreeMap<Side, Setting> {
    Side::ALL.into_iter().filter_map(|side| Some((side, (side.group().recorded)(status)?))).collect()
}

/// The groups to read: those that are desired or recorded, and of a function that is not `familiar` yet those that Lambda holds.
#[must_use]
pub fn probes(wanted: &Sides, recorded: &BTreeMap<Side, Setting>, familiar: bool) -> BTreeMap<Side, Probe> {
    let probe = |side: &Side, setting: &Option<Setting>| match (familiar, side.group().probing) {
        _ if setting.is_some() || recorded.contains_key(side) => Some(Probe::Required),
        (false, Probing::OfNewFunctions) => Some(Probe::BestEffort),
        (true, Probing::OfNewFunctions) | (_, Probing::OnDemand) => None,
    };
    wanted.iter().filter_map(|(side, setting)| Some((*side, probe(side, setting)?))).collect()
}

/// Every group, as far as AWS shows it.
#[must_use]
pub fn all_probes() -> BTreeMap<Side, Probe> {
    Side::ALL.into_iter().map(|side| (side, Probe::BestEffort)).collect()
}

/// The groups of this turn that differ, each with the value to set, or `None` for AWS's default. An unknown group does not count as different.
#[must_use]
pub fn differences(wanted: &Sides, now: &Sides, turn: Turn) -> Sides {
    let of_this_turn = wanted.iter().filter(|(side, _)| side.group().turn == turn);
    let differs = of_this_turn.filter_map(|(side, wanted)| {
        let wanted = particular(wanted.as_ref());
        (particular(now.get(side)?.as_ref()) != wanted).then_some((*side, wanted.cloned()))
    });
    differs.collect()
}

/// The groups to set after a creation, because CreateFunction cannot set them.
#[must_use]
pub fn after_creation(wanted: &Sides) -> Sides {
    let missing = wanted.iter().filter(|(side, _)| !side.group().in_creation);
    missing.filter_map(|(side, wanted)| Some((*side, Some(particular(wanted.as_ref())?.clone())))).collect()
}

/// Whether a version that CreateFunction publishes would lack a group that cannot be added to it later.
#[must_use]
pub fn delay_publishing(wanted: &Sides) -> bool {
    let kept = |(side, wanted): (&Side, &Option<Setting>)| {
        side.group().in_versions && !side.group().in_creation && particular(wanted.as_ref()).is_some()
    };
    wanted.iter().any(kept)
}

/// The groups that CreateFunction sets.
#[must_use]
pub fn carried(wanted: &Sides) -> Sides {
    wanted.iter().filter(|(side, _)| side.group().in_creation).map(|(side, one)| (*side, one.clone())).collect()
}

/// Writes values into the spec that differ from AWS's default.
pub fn import(now: &Sides, spec: &mut LambdaFunctionSpec) {
    now.values().flatten().for_each(|setting| setting.import(spec));
}

/// The groups of a function of this package type that AWS did not show.
pub fn untold(now: &Sides, package: PackageType) -> impl Iterator<Item = &'static SideGroup> {
    let untold = move |side: &Side| side.is_of(package) && !now.contains_key(side);
    Side::ALL.into_iter().filter(untold).map(Side::group)
}

/// The value, if it differs from AWS's default.
fn particular(setting: Option<&Setting>) -> Option<&Setting> {
    setting.filter(|setting| !setting.is_default())
}

#[cfg(test)]
mod tests;
