//! Builds the goal of a LambdaCodeSigningConfig. Unset fields get their defaults here, and later code never reads the spec.

use std::collections::{BTreeMap, BTreeSet};

use super::history::History;
use super::model::{Config, Member, NOUN, Query, Search, WARN};
use crate::api::code_signing_config::{IgnoredSigningField, LambdaCodeSigningConfig, LambdaCodeSigningConfigSpec};
use crate::api::shared::{AdoptionPolicy, DriftPolicy};
use crate::core::applied::Applied;
use crate::core::attached::Model;
use crate::core::blocked::Blocked;
use crate::core::error::GoalError;
use crate::core::goal;
use crate::core::goal::Defaults;
use crate::core::hand_over::ObjectName;
use crate::core::kind::GoalInput;
use crate::core::ownership::Ownership;
use crate::core::tag_pattern::TagPattern;
use crate::core::tagged;
use crate::core::values::full;

/// The goal of a code signing configuration.
pub type Goal = goal::Goal<Desired, Leaving>;

/// The desired state of a code signing configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct Desired {
    /// `spec.arn`: an existing code signing configuration to take over. If it is set, the operator creates none.
    pub named: Option<String>,
    /// Its members.
    pub config: Config,
    /// The tags of users.
    pub tags: BTreeMap<String, String>,
    /// The owner, and the owners from which it can be adopted.
    pub ownership: Ownership,
    /// Whether drift is only reported (`driftPolicy: Report`).
    pub reports_drift: bool,
    /// Members that others manage once it exists.
    pub ignored: Vec<Member>,
    /// Tags that others manage.
    pub ignored_tags: Vec<TagPattern>,
    /// Whether the tags are read and compared even if nothing else differs. AWS shows them only to a separate call.
    pub compares_tags: bool,
}

/// A code signing configuration that is being deleted or released.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaving {
    /// The ARN that the spec names.
    pub named: Option<String>,
    /// The publishers by which it is found if its ARN is not recorded; `None`: it can have others.
    pub publishers: Option<BTreeSet<String>>,
    /// Values of the owner tag: that of the cluster's current name, and those under its former names.
    pub owners: Vec<String>,
}

impl Desired {
    /// Whether others manage a tag.
    #[must_use]
    pub fn leaves_tag(&self, key: &str) -> bool {
        self.ignored_tags.iter().any(|pattern| pattern.matches(key))
    }

    /// The members to compare: those that are not in `ignoreChanges`.
    #[must_use]
    pub fn compared(&self) -> Vec<Member> {
        Config::MEMBERS.iter().copied().filter(|member| !self.ignored.contains(member)).collect()
    }

    /// The tags to compare: those that others do not manage.
    #[must_use]
    pub fn compared_tags(&self) -> BTreeMap<String, String> {
        self.tags.iter().filter(|(key, _)| !self.leaves_tag(key)).map(|(k, v)| (k.clone(), v.clone())).collect()
    }

    /// The record of everything that is desired and compared.
    #[must_use]
    pub fn applied(&self) -> Applied {
        let mut all = self.config.applied(&self.compared());
        all.extend(tagged::record(&self.compared_tags()));
        all
    }
}

impl Goal {
    /// Whether a code signing configuration with this owner tag belongs to this object.
    #[must_use]
    pub fn claims(&self, tag: &str) -> bool {
        match self {
            Self::Present(desired) => desired.ownership.owner == tag,
            Self::Absent(leaving) | Self::Released(leaving) => leaving.owners.iter().any(|owner| owner == tag),
        }
    }
}

/// The reads that are needed to compare a goal with AWS.
#[must_use]
pub fn query(goal: &Goal, history: &History) -> Query {
    let arn = |named: &Option<String>| history.arn.clone().or_else(|| named.clone());
    let search = |named: &Option<String>, owners: Vec<String>, publishers: Option<BTreeSet<String>>| {
        let since = history.past.perhaps_created;
        named.is_none().then_some(Search { owners, publishers, since })
    };
    match goal {
        Goal::Present(desired) => {
            let Ownership { owner, former, .. } = &desired.ownership;
            let owners = std::iter::once(owner).chain(former).cloned().collect();
            let known = !desired.compares_tags && history.arn.is_some();
            Query {
                arn: arn(&desired.named),
                search: search(
                    &desired.named,
                    owners,
                    publishers(&desired.config, &desired.ignored, desired.reports_drift),
                ),
                expected: known.then(|| (desired.config.clone(), desired.compared())),
                leaving: false,
            }
        }
        Goal::Absent(leaving) | Goal::Released(leaving) => Query {
            arn: arn(&leaving.named),
            search: search(&leaving.named, leaving.owners.clone(), leaving.publishers.clone()),
            expected: None,
            leaving: matches!(goal, Goal::Absent(_)),
        },
    }
}

/// The publishers by which a configuration is found if its ARN is not recorded. If the object leaves changes of others as they are, it can have other
/// publishers than the spec, and only its owner tag tells.
fn publishers(config: &Config, ignored: &[Member], reports_drift: bool) -> Option<BTreeSet<String>> {
    let may_differ = reports_drift || ignored.contains(&Member::AllowedPublishers);
    (!may_differ).then(|| config.publishers.clone())
}

/// The object's goal.
///
/// # Errors
/// If the spec cannot be applied.
pub fn goal(input: &GoalInput<'_, LambdaCodeSigningConfig>) -> Result<Goal, GoalError> {
    // The owner tag in AWS decides the ownership, so a rival is not needed here.
    let GoalInput {
        object,
        target,
        owner,
        former_owners,
        defaults,
        history,
        references: _,
        rival: _,
        may_adopt,
        now: _,
    } = input;
    let (spec, config, named) = (&object.spec, config(&object.spec), full(object.spec.arn.as_ref()));
    let reports_drift = spec.common.drift_policy == Some(DriftPolicy::Report);
    if object.metadata.deletion_timestamp.is_some() {
        let owners = std::iter::once(owner).chain(former_owners).cloned().collect();
        let publishers = publishers(&config, &ignored(spec), reports_drift);
        let leaving = Leaving { named, publishers, owners };
        let keep = spec.common.skip_destroy.unwrap_or_default();
        return Ok(if keep { Goal::Released(leaving) } else { Goal::Absent(leaving) });
    }
    if let Some(place) = named.as_ref().and_then(|arn| target.differs_from(arn)) {
        return Err(GoalError::Blocked(Blocked::InvalidSpec(format!(
            "spec.arn names a code signing configuration of {place}, but this object belongs to account {} and region {}: correct spec.arn or spec.region.",
            target.account, target.region
        ))));
    }
    let mut desired = Desired {
        named,
        config,
        tags: tagged::wanted(spec.tags.as_ref(), defaults, NOUN)?,
        ownership: Ownership {
            owner: owner.clone(),
            adopt: spec.common.adoption_policy == Some(AdoptionPolicy::Adopt),
            former: former_owners.clone(),
            from: adopt_from(object, history),
            open: *may_adopt,
            uid: object.metadata.uid.clone().unwrap_or_default(),
        },
        reports_drift,
        ignored: ignored(spec),
        ignored_tags: ignored_tags(spec, defaults),
        compares_tags: true,
    };
    let accepted = tagged::recorded(&history.applied);
    desired.compares_tags = !history.past.ready || accepted != tagged::record(&desired.compared_tags());
    Ok(Goal::Present(Box::new(desired)))
}

/// The owner that `adoptFrom` names, unless this object has already taken the resource over from it.
fn adopt_from(object: &LambdaCodeSigningConfig, history: &History) -> Option<String> {
    let uid = object.metadata.uid.as_deref().unwrap_or_default();
    let spent = |from: &String| history.adopted_from.as_ref().is_some_and(|one| one.owner == *from && one.uid == uid);
    full(object.spec.adopt_from.as_ref()).filter(|from| !spent(from))
}

/// The object that `adoptFrom` names, until the resource is taken over from it.
#[must_use]
pub fn asks(object: &LambdaCodeSigningConfig) -> Option<ObjectName> {
    let history = History::of(object.status.as_ref());
    let from = adopt_from(object, &history)?;
    from.split_once('/').and_then(|(_, name)| ObjectName::parse(name))
}

/// Every field is named: a new one does not compile until it is used.
fn config(spec: &LambdaCodeSigningConfigSpec) -> Config {
    let LambdaCodeSigningConfigSpec {
        allowed_publishers,
        policies,
        description,
        tags: _,
        arn: _,
        adopt_from: _,
        ignore_changes: _,
        ignore_tags: _,
        common: _,
    } = spec;
    let untrusted = policies.as_ref().and_then(|policies| full(policies.untrusted_artifact_on_deployment.as_ref()));
    Config {
        publishers: allowed_publishers.signing_profile_version_arns.iter().cloned().collect(),
        untrusted: untrusted.unwrap_or_else(|| WARN.to_owned()),
        description: description.clone().unwrap_or_default(),
    }
}

fn ignored(spec: &LambdaCodeSigningConfigSpec) -> Vec<Member> {
    let member = |field: &IgnoredSigningField| match field {
        IgnoredSigningField::AllowedPublishers => Some(Member::AllowedPublishers),
        IgnoredSigningField::Policies => Some(Member::Policies),
        IgnoredSigningField::Description => Some(Member::Description),
        IgnoredSigningField::Tags => None,
    };
    spec.ignore_changes.iter().flatten().filter_map(member).collect()
}

fn ignored_tags(spec: &LambdaCodeSigningConfigSpec, defaults: &Defaults) -> Vec<TagPattern> {
    let own = spec.ignore_tags.iter().flatten().cloned().map(TagPattern::new);
    let all = spec.ignore_changes.iter().flatten().any(|field| *field == IgnoredSigningField::Tags);
    defaults.ignore_tags.iter().cloned().chain(own).chain(all.then(TagPattern::any)).collect()
}
