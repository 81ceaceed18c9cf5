//! A mapping as AWS shows it, and the reads that show it. Pure.

use k8s_openapi::jiff::Timestamp;

use super::setting::{Member, Setting, Settings};
use super::source::{Origin, Start};
use crate::core::shown::Shown;
use crate::core::tagged::Tags;

/// The observed mapping.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observed {
    /// Its UUID.
    pub uuid: String,
    /// Its ARN.
    pub arn: String,
    /// ARN of the function that it invokes, with a qualifier if it has one.
    pub function_arn: String,
    /// The origin of its events.
    pub origin: Origin,
    /// How it began. AWS shows no time.
    pub start: Start,
    /// Its settings.
    pub settings: Settings,
    /// Its state.
    pub state: State,
    /// AWS's cause of the last change of the state.
    pub reason: Shown,
    /// The result of the last invocation.
    pub result: Shown,
    /// The time of the last change.
    pub modified: Option<Timestamp>,
    /// AWS's error, if it does not show the filters.
    pub filters_withheld: Option<Shown>,
    /// Its tags.
    pub tags: Tags,
}

/// Converts AWS's time, which is in milliseconds.
#[must_use]
pub fn time(milliseconds: i64) -> Option<Timestamp> {
    Timestamp::from_millisecond(milliseconds).ok()
}

/// The state of a mapping, named as AWS names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is AWS's own name")]
pub enum State {
    Creating,
    Enabling,
    Enabled,
    Disabling,
    Disabled,
    Updating,
    Deleting,
    /// A state that this version does not know. It counts as busy.
    Unknown,
}

impl State {
    /// The state with this name.
    #[must_use]
    pub fn named(name: &str) -> Self {
        let all = [
            Self::Creating,
            Self::Enabling,
            Self::Enabled,
            Self::Disabling,
            Self::Disabled,
            Self::Updating,
            Self::Deleting,
        ];
        all.into_iter().find(|state| state.name() == name).unwrap_or(Self::Unknown)
    }

    /// AWS's name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Creating => "Creating",
            Self::Enabling => "Enabling",
            Self::Enabled => "Enabled",
            Self::Disabling => "Disabling",
            Self::Disabled => "Disabled",
            Self::Updating => "Updating",
            Self::Deleting => "Deleting",
            Self::Unknown => "Unknown",
        }
    }

    /// Whether AWS is changing the mapping, and the mapping stays.
    #[must_use]
    pub const fn settles(self) -> bool {
        match self {
            Self::Creating | Self::Enabling | Self::Disabling | Self::Updating => true,
            Self::Enabled | Self::Disabled | Self::Deleting | Self::Unknown => false,
        }
    }

    /// Whether AWS is changing the mapping. It refuses every other change meanwhile.
    #[must_use]
    pub const fn is_busy(self) -> bool {
        match self {
            Self::Enabled | Self::Disabled => false,
            Self::Creating | Self::Enabling | Self::Disabling | Self::Updating | Self::Deleting | Self::Unknown => true,
        }
    }
}

/// The causes that AWS reports if a user requested the state.
const BY_USERS: [&str; 2] = ["USER_INITIATED", "User action"];

impl Observed {
    /// The alias or version that it invokes.
    #[must_use]
    pub fn qualifier(&self) -> Option<&String> {
        match self.settings.get(Member::Function) {
            Some(Setting::Function(qualifier)) => qualifier.as_ref(),
            Some(_) | None => None,
        }
    }

    /// The key that encrypts its filters.
    #[must_use]
    pub fn key(&self) -> Option<&str> {
        match self.settings.get(Member::KmsKey) {
            Some(Setting::KmsKey(key)) => Some(key.as_str()).filter(|key| !key.is_empty()),
            Some(_) | None => None,
        }
    }

    /// Whether AWS disabled the mapping without a request of a user.
    #[must_use]
    pub fn is_disabled_by_aws(&self) -> bool {
        self.state == State::Disabled && !self.reason.is_empty() && !BY_USERS.contains(&self.reason.as_str())
    }
}

/// The reads that an observation needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// The recorded UUID.
    pub uuid: Option<String>,
    /// The origin by which a mapping without a record is found.
    pub origin: Origin,
    /// The alias or version by which a mapping without a record is found.
    pub qualifier: Option<String>,
    /// Owner tags of this object.
    pub owners: Vec<String>,
    /// The owner that `adoptFrom` names, until it is spent.
    pub from: Option<String>,
    /// The desired settings. If AWS shows these values, nothing has to be written, so the tags are not read. `None`: the tags are always read.
    pub expected: Option<Settings>,
    /// The filters of the spec are not those that AWS accepted last, so they are written even if AWS does not show its filters.
    pub edits_filters: bool,
    /// The object is being deleted.
    pub leaving: bool,
    /// A mapping can be the object's although no tag shows it. It is not if the object is being deleted and has never sent a creation.
    pub perhaps_made: bool,
    /// The plan looks past a change that AWS is still applying, so it depends on the tags of a busy mapping too.
    pub past_busy: bool,
}

impl Query {
    /// Whether the plan depends on the tags of this mapping. If it does not, they are not read, and the drift check is one call.
    #[must_use]
    pub fn needs_tags(&self, observed: &Observed) -> bool {
        let is_recorded = self.uuid.as_ref() == Some(&observed.uuid);
        if !is_recorded {
            return true;
        }
        if self.leaving {
            return observed.state != State::Deleting;
        }
        let expected = self.expected.as_ref().is_some_and(|expected| expected.differing(&observed.settings).is_empty());
        let hidden_edit = self.edits_filters && observed.filters_withheld.is_some();
        if observed.state.is_busy() { self.past_busy } else { !expected || hidden_edit }
    }

    /// Among the mappings of the same function and source: the one with the object's owner tag, otherwise the one of the owner that `adoptFrom` names,
    /// otherwise the one with the same qualifier, otherwise one whose tags are withheld, because it can be the object's. The first two are found
    /// whatever their qualifier: a second mapping beside them would read the same records again.
    #[must_use]
    pub fn pick(&self, found: Vec<Observed>) -> Option<Observed> {
        let owned =
            |one: &Observed| one.tags.owner_name().is_some_and(|owner| self.owners.iter().any(|own| own == owner));
        let given = |one: &Observed| self.from.is_some() && one.tags.owner_name() == self.from.as_deref();
        // The object that is being deleted has no use for a mapping that is not its own.
        let same = |one: &Observed| !self.leaving && one.qualifier() == self.qualifier.as_ref();
        let withheld = |one: &Observed| matches!(one.tags, Tags::Withheld);
        let first = |is: &dyn Fn(&Observed) -> bool| found.iter().position(is);
        let perhaps = || self.perhaps_made.then(|| first(&withheld)).flatten();
        let own = first(&owned).or_else(|| first(&given)).or_else(|| first(&same)).or_else(perhaps)?;
        found.into_iter().nth(own)
    }
}

/// A mapping of a queue in sync, for tests.
#[cfg(test)]
pub(super) fn queue(settings: Settings) -> Observed {
    let arn = "arn:aws:lambda:r:1:event-source-mapping:u".into();
    Observed {
        uuid: "u".into(),
        arn,
        function_arn: "arn:aws:lambda:r:1:function:f".into(),
        origin: Origin { arn: "arn:aws:sqs:r:1:q".into(), ..Origin::default() },
        start: Start::default(),
        settings,
        state: State::Enabled,
        reason: "USER_INITIATED".into(),
        result: Shown::default(),
        modified: None,
        filters_withheld: None,
        tags: Tags::NotRead,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::kinds::event_source_mapping::source::Source;

    fn tagged(uuid: &str, qualifier: Option<&str>, owner: Option<&str>) -> Observed {
        let settings = Settings::of([Setting::Function(qualifier.map(str::to_owned))]);
        let tags = Tags::Shown { owner: owner.map(str::to_owned), users: BTreeMap::new() };
        Observed { uuid: uuid.into(), tags, ..queue(settings) }
    }

    #[test]
    fn tags_are_read_where_something_depends_on_them() {
        let defaults = Settings::defaults(Source::Queue);
        let query = Query { uuid: Some("u".into()), expected: Some(defaults.clone()), ..Query::default() };
        let same = queue(defaults.clone());
        let other = queue(defaults.with([Setting::BatchSize(3)]));
        assert!(!query.needs_tags(&same), "in sync");
        assert!(query.needs_tags(&other), "an update");
        assert!(!query.needs_tags(&Observed { state: State::Updating, ..other.clone() }), "AWS is busy");
        let ahead = Query { past_busy: true, ..query.clone() };
        assert!(ahead.needs_tags(&Observed { state: State::Updating, ..same.clone() }), "a plan looks past the change");
        assert!(!ahead.needs_tags(&same) && ahead.needs_tags(&other));
        assert!(Query { uuid: None, ..query.clone() }.needs_tags(&same), "found by its source");
        let edited = Query { edits_filters: true, ..query.clone() };
        let withheld = Observed { filters_withheld: Some("AccessDenied".into()), ..same.clone() };
        assert!(edited.needs_tags(&withheld) && !query.needs_tags(&withheld) && !edited.needs_tags(&same));
        assert!(Query { expected: None, ..query.clone() }.needs_tags(&same));
        let leaving = Query { leaving: true, ..query };
        assert!(leaving.needs_tags(&Observed { state: State::Creating, ..same.clone() }));
        assert!(!leaving.needs_tags(&Observed { state: State::Deleting, ..same }));
    }

    #[test]
    fn the_objects_own_mapping_is_found_whatever_its_qualifier_and_another_by_its_qualifier() {
        let query = Query { qualifier: Some("live".into()), owners: vec!["c/n/m".into()], ..Query::default() };
        let query = Query { perhaps_made: true, ..query };
        let pick = |found: Vec<Observed>| query.pick(found).map(|one| one.uuid);
        let (plain, live) = (tagged("p", None, None), tagged("l", Some("live"), Some("x")));
        assert_eq!(pick(vec![plain.clone(), live.clone()]).as_deref(), Some("l"));
        let own = tagged("o", Some("old"), Some("c/n/m"));
        assert_eq!(pick(vec![plain.clone(), live, own]).as_deref(), Some("o"), "an edit of the qualifier");
        let withheld = Observed { tags: Tags::Withheld, ..plain.clone() };
        assert_eq!(pick(vec![withheld.clone()]).as_deref(), Some("p"), "nobody knows whose it is");
        let never = Query { perhaps_made: false, ..query.clone() };
        assert!(never.pick(vec![withheld]).is_none(), "the object has made none");
        assert_eq!(pick(vec![plain]), None);
    }

    /// Its query has no qualifier, as the function of somebody else's mapping can have none.
    #[test]
    fn a_deletion_finds_the_mapping_of_the_object_and_no_other() {
        let leaving = Query { owners: vec!["c/n/m".into()], leaving: true, ..Query::default() };
        let (plain, own) = (tagged("p", None, Some("x")), tagged("o", Some("live"), Some("c/n/m")));
        let withheld = Observed { tags: Tags::Withheld, ..plain.clone() };
        assert!(leaving.pick(vec![withheld.clone()]).is_none(), "the object has made none, so nothing holds its end");
        let made = Query { perhaps_made: true, ..leaving };
        assert!(made.pick(vec![plain.clone()]).is_none(), "its own is looked for until the list is no longer old");
        assert_eq!(made.pick(vec![withheld, plain.clone()]).map(|one| one.uuid).as_deref(), Some("p"));
        assert_eq!(made.pick(vec![plain, own]).map(|one| one.uuid).as_deref(), Some("o"));
    }

    #[test]
    fn the_mapping_of_the_owner_that_adopt_from_names_is_found_whatever_its_qualifier() {
        let query = Query { qualifier: Some("live".into()), owners: vec!["c/n/m".into()], ..Query::default() };
        let taker = Query { from: Some("c/m/g".into()), ..query.clone() };
        let given = tagged("g", None, Some("c/m/g"));
        let pick = |query: &Query, found: &[&Observed]| {
            query.pick(found.iter().copied().cloned().collect()).map(|one| one.uuid)
        };
        assert_eq!(pick(&taker, &[&given]).as_deref(), Some("g"));
        let (live, own) = (tagged("l", Some("live"), Some("x")), tagged("o", Some("old"), Some("c/n/m")));
        assert_eq!(pick(&taker, &[&live, &given]).as_deref(), Some("g"), "before one with the same qualifier");
        assert_eq!(pick(&taker, &[&given, &own]).as_deref(), Some("o"), "the object's own comes first");
        assert_eq!(pick(&query, &[&given]), None, "nobody asked for it");
        assert_eq!(pick(&query, &[&tagged("p", None, None)]), None, "an owner that nobody named is no owner");
    }

    #[test]
    fn states_have_their_names_and_those_of_users_are_told_from_those_of_aws() {
        for state in ["Creating", "Enabling", "Enabled", "Disabling", "Disabled", "Updating", "Deleting"] {
            assert_eq!(State::named(state).name(), state);
        }
        assert!(State::named("Napping").is_busy());
        let disabled = |reason: &'static str| {
            let observed = Observed { state: State::Disabled, reason: reason.into(), ..queue(Settings::default()) };
            observed.is_disabled_by_aws()
        };
        assert!(disabled("The source does not exist any more."));
        assert!(!disabled("USER_INITIATED") && !disabled("User action") && !disabled(""));
    }
}
