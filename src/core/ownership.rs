//! Ownership of a resource in AWS: by the owner tag if AWS has tags for it, otherwise by a record in status from before the creation.

use std::collections::BTreeMap;

use k8s_openapi::jiff::Timestamp;

use super::blocked::Blocked;
use super::hand_over::{HandOver, ObjectName};
use super::values::Knowable;
use crate::api::shared::{AdoptedFrom, HAND_OVER_TO, RecordedClaim};

/// The tag that names a function's owner: `<cluster>/<namespace>/<name>`.
pub const OWNER_TAG: &str = "lambda-operator.io/owner";

/// The prefix of the operator's own tags.
const OPERATOR_TAGS: &str = "lambda-operator.io/";

/// Whether only AWS or the operator may set a tag with this key. Case and white space around the key do not matter.
#[must_use]
pub fn is_reserved_key(key: &str) -> bool {
    let key = key.trim().to_ascii_lowercase();
    key.is_empty() || key.starts_with("aws:") || key.starts_with(OPERATOR_TAGS)
}

/// Tags that users set. It cannot hold a reserved key, so a write of user tags cannot change the owner.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserTags(BTreeMap<String, String>);

impl UserTags {
    /// The given tags without those that have a reserved key.
    #[must_use]
    pub fn of(tags: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(tags.into_iter().filter(|(key, _)| !is_reserved_key(key)).collect())
    }

    /// The tags.
    #[must_use]
    pub const fn get(&self) -> &BTreeMap<String, String> {
        &self.0
    }
}

/// The owner of an existing resource, from this object's view. A resource that is not ours is never changed or deleted; one with an unknown owner is not written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// This object's.
    Ours,
    /// It can be adopted by this object.
    Adoptable,
    /// It has no owner, and this object has no consent to adopt it.
    Unowned,
    /// It belongs to this other owner.
    Another(String),
    /// AWS does not show the tags.
    Unknown,
}

/// The owner of a resource, and the owners from which it can be adopted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ownership {
    /// The owner tag's value.
    pub owner: String,
    /// Take over a resource that has no owner.
    pub adopt: bool,
    /// The same object in clusters that are gone: it is taken over from these without a question.
    pub former: Vec<String>,
    /// The owner that `adoptFrom` names, until it is spent.
    pub from: Option<String>,
    /// The namespace or the operator allows the adoption of resources without an owner.
    pub open: bool,
    /// The object's uid.
    pub uid: String,
}

impl Ownership {
    /// The claim to a resource with this owner tag.
    #[must_use]
    pub fn claim(&self, tag: &Knowable<Option<String>>) -> Claim {
        match tag {
            Knowable::Unknown => Claim::Unknown,
            Knowable::Known(Some(owner)) if *owner == self.owner => Claim::Ours,
            Knowable::Known(Some(owner)) if self.accepts(owner) => Claim::Adoptable,
            Knowable::Known(Some(owner)) => Claim::Another(owner.clone()),
            Knowable::Known(None) if self.adopt => Claim::Adoptable,
            Knowable::Known(None) => Claim::Unowned,
        }
    }

    /// The record after which `adoptFrom` no longer counts: the former owner, and this object's uid.
    #[must_use]
    pub fn spends(&self) -> Option<AdoptedFrom> {
        self.from.clone().map(|owner| AdoptedFrom { owner, uid: self.uid.clone() })
    }

    /// Whether the resource can be adopted from this owner, if the owner consents.
    #[must_use]
    pub fn accepts(&self, owner: &str) -> bool {
        self.former.iter().chain(&self.from).any(|accepted| accepted == owner)
    }

    /// Whether the owner tag has another accepted value: one with a former name of the cluster, or the owner that `adoptFrom` names. To rewrite it
    /// corrects no drift.
    #[must_use]
    pub fn is_renamed(&self, owner: Option<&str>) -> bool {
        owner.is_some_and(|owner| self.accepts(owner))
    }
}

/// How a resource of `rival`, an object of this cluster, comes to another object.
#[must_use]
pub fn without_a_gap(noun: &str, rival: &impl std::fmt::Display) -> String {
    format!(
        "To move the {noun} to this object without a gap, first set the annotation {HAND_OVER_TO} of {rival} to the namespace and name of this object, as <namespace>/<name>."
    )
}

/// The reason that a resource of this owner is not ours. `own` is our owner tag, or the prefix of all owner tags of our namespace.
#[must_use]
pub fn not_ours(own: &str, owner: String) -> Blocked {
    let within = |tag: &str| tag.split_once('/').map(|(_, within)| within.to_owned());
    let (ours, theirs) = (within(own).unwrap_or_default(), within(&owner).unwrap_or_default());
    let same = if ours.ends_with('/') { theirs.starts_with(&ours) } else { theirs == ours };
    if same && !ours.is_empty() { Blocked::OtherCluster(owner) } else { Blocked::NotOwned(Some(owner)) }
}

/// Advice about a resource with an owner that differs from ours only in the name of the cluster.
pub(crate) fn cluster_advice(owner: &str) -> String {
    let cluster = owner.split_once('/').map_or(owner, |(cluster, _)| cluster);
    format!(
        "If {cluster} is a former name of this cluster, or a cluster that this one replaces, add it to --former-cluster-name (formerClusterNames of the chart); the operator then rewrites the tag. If the cluster {cluster} still exists, delete the object there first."
    )
}

/// The known facts about a resource without tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The claim that status recorded.
    pub recorded: Option<RecordedClaim>,
    /// It equals the resource that was about to be created.
    pub as_sent: bool,
    /// It equals the desired state.
    pub as_wanted: bool,
    /// The function that it belongs to is owned by an object of this namespace.
    pub inside_ours: bool,
    /// Take it over even if it differs.
    pub adopt: bool,
}

impl Evidence {
    /// The claim to the resource.
    #[must_use]
    pub const fn claim(self) -> Claim {
        let Self { recorded, as_sent, as_wanted, inside_ours, adopt } = self;
        match recorded {
            Some(RecordedClaim::Owned) => Claim::Ours,
            // The create call succeeded, but its answer was lost.
            Some(RecordedClaim::Creating) if as_sent => Claim::Ours,
            Some(RecordedClaim::Creating) | None => {
                if adopt || (inside_ours && as_wanted) {
                    Claim::Adoptable
                } else {
                    Claim::Unowned
                }
            }
        }
    }
}

/// The claim of one object to a resource without tags, which several objects can name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stake {
    /// The resource.
    pub resource: String,
    /// The object.
    pub object: ObjectName,
    /// The object's annotation that hands the resource over.
    pub hand_over: Option<HandOver>,
    /// Status says that it is the object's.
    pub owned: bool,
    /// Status says that the resource is not the object's, or not allowed to it. Such an object claims nothing.
    pub refused: bool,
    /// When the object was created.
    pub since: Timestamp,
    /// The object's uid.
    pub uid: String,
}

impl Stake {
    /// Whether the resource belongs to this object rather than to the other: the object with the recorded claim, otherwise the older one. An
    /// object that hands the resource over to the other has no claim.
    #[must_use]
    pub fn precedes(&self, other: &Self) -> bool {
        let rank = |stake: &Self| (!stake.owned, stake.since, stake.uid.clone());
        let gives =
            |giver: &Self, taker: &Self| giver.hand_over.as_ref().and_then(HandOver::taker) == Some(&taker.object);
        self.resource == other.resource
            && self.uid != other.uid
            && (self.owned || !self.refused)
            && !gives(self, other)
            && (gives(other, self) || rank(self) < rank(other))
    }
}

/// Another object that claims the same resource and takes precedence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rival {
    /// An object of the same namespace.
    Within(ObjectName),
    /// An object of another namespace whose status records the claim. It counts only on a function without an owner: where there is an owner, no
    /// object of another namespace has a right.
    Elsewhere(ObjectName),
}

impl Rival {
    /// The first that counts among stakes that may precede this one.
    #[must_use]
    pub fn among<'a>(own: &Stake, stakes: impl IntoIterator<Item = &'a Stake>) -> Option<Self> {
        let mut elsewhere = None;
        for stake in stakes.into_iter().filter(|stake| stake.precedes(own)) {
            if stake.object.namespace == own.object.namespace {
                return Some(Self::Within(stake.object.clone()));
            }
            if stake.owned && elsewhere.is_none() {
                elsewhere = Some(Self::Elsewhere(stake.object.clone()));
            }
        }
        elsewhere
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_user_tag_has_a_reserved_key() {
        let reserved =
            ["", " ", "aws:x", "AWS:x", " aws:x", OWNER_TAG, "Lambda-Operator.io/owner", "\tlambda-operator.io/owner "];
        assert!(reserved.into_iter().all(is_reserved_key));
        assert!(!["team", "awsome", "example.com/aws:", "lambda-operator.iox/owner"].into_iter().any(is_reserved_key));
        let all = reserved.into_iter().chain(["team"]).map(|key| (key.to_owned(), "x".to_owned()));
        assert_eq!(UserTags::of(all).get().keys().collect::<Vec<_>>(), ["team"]);
    }

    #[test]
    fn a_tag_tells_whose_a_resource_is() {
        let strict = Ownership {
            owner: "c/n/f".into(),
            former: vec!["old/n/f".into()],
            from: Some("c/m/g".into()),
            ..Ownership::default()
        };
        let tag = |owner: &str| Knowable::Known(Some(owner.to_owned()));
        assert_eq!(strict.claim(&tag("c/n/f")), Claim::Ours);
        assert_eq!(strict.claim(&tag("old/n/f")), Claim::Adoptable);
        assert_eq!(strict.claim(&tag("c/m/g")), Claim::Adoptable);
        assert_eq!(strict.claim(&tag("x/n/f")), Claim::Another("x/n/f".into()));
        assert_eq!(strict.claim(&Knowable::Known(None)), Claim::Unowned);
        assert_eq!(strict.claim(&Knowable::Unknown), Claim::Unknown);
        assert_eq!(Ownership { adopt: true, ..strict }.claim(&Knowable::Known(None)), Claim::Adoptable);
    }

    #[test]
    fn an_owner_that_differs_in_the_cluster_alone_is_recognised() {
        let other = |own: &str, owner: &str| not_ours(own, owner.into()) == Blocked::OtherCluster(owner.into());
        assert!(other("c/n/f", "old/n/f"));
        assert!(!other("c/n/f", "old/n/g") && !other("c/n/f", "old/m/f") && !other("c/n/f", "c/n/g"));
        assert!(!other("c/n/f", "f") && !other("", "") && !other("c", "d"));
        assert!(other("c/n/", "old/n/f"), "any object of the namespace");
        assert!(!other("c/n/", "old/nn/f"));
        let advice = cluster_advice("old/n/f");
        assert!(advice.contains("If old is a former name") && advice.contains("--former-cluster-name"), "{advice}");
    }

    #[test]
    fn a_record_tells_whose_a_resource_without_tags_is() {
        let evidence = Evidence { recorded: None, as_sent: false, as_wanted: false, inside_ours: false, adopt: false };
        let creating = Some(RecordedClaim::Creating);
        assert_eq!(evidence.claim(), Claim::Unowned);
        assert_eq!(Evidence { recorded: Some(RecordedClaim::Owned), ..evidence }.claim(), Claim::Ours);
        assert_eq!(Evidence { recorded: creating, as_sent: true, ..evidence }.claim(), Claim::Ours);
        assert_eq!(Evidence { recorded: creating, ..evidence }.claim(), Claim::Unowned, "somebody else was faster");
        assert_eq!(Evidence { as_wanted: true, ..evidence }.claim(), Claim::Unowned, "on a function of somebody else");
        assert_eq!(Evidence { as_wanted: true, inside_ours: true, ..evidence }.claim(), Claim::Adoptable);
        assert_eq!(Evidence { adopt: true, ..evidence }.claim(), Claim::Adoptable);
    }

    #[test]
    fn a_recorded_claim_precedes_age_and_age_precedes_the_rest() {
        let stake = |owned, seconds, uid: &str| Stake {
            resource: "f:live".into(),
            owned,
            refused: false,
            since: Timestamp::from_second(seconds).unwrap(),
            uid: uid.into(),
            object: ObjectName { namespace: "n".into(), name: uid.into() },
            hand_over: None,
        };
        assert!(stake(true, 9, "b").precedes(&stake(false, 1, "a")));
        assert!(stake(false, 1, "b").precedes(&stake(false, 9, "a")));
        assert!(stake(false, 1, "a").precedes(&stake(false, 1, "b")));
        assert!(!stake(false, 1, "a").precedes(&stake(false, 1, "a")), "not to itself");
        let elsewhere = Stake { resource: "g:live".into(), ..stake(false, 9, "b") };
        assert!(!stake(false, 1, "a").precedes(&elsewhere));
        let hand_over = ObjectName::parse("n/b").map(HandOver::To);
        let gives = Stake { hand_over, ..stake(true, 1, "a") };
        assert!(!gives.precedes(&stake(false, 9, "b")), "it hands over to that one");
        assert!(gives.precedes(&stake(false, 9, "c")), "and to no other");
        let refused = |owned| Stake { refused: true, ..stake(owned, 1, "a") };
        assert!(!refused(false).precedes(&stake(false, 9, "b")), "it has no right to the resource");
        assert!(refused(true).precedes(&stake(false, 9, "b")));
    }

    #[test]
    fn an_object_of_another_namespace_counts_only_with_a_recorded_claim_and_after_all_others() {
        let stake = |namespace: &str, owned, uid: &str| Stake {
            resource: "f:live".into(),
            owned,
            refused: false,
            since: Timestamp::UNIX_EPOCH,
            uid: uid.into(),
            object: ObjectName { namespace: namespace.into(), name: uid.into() },
            hand_over: None,
        };
        let name = |namespace: &str, name: &str| ObjectName { namespace: namespace.into(), name: name.into() };
        let own = stake("n", false, "z");
        assert_eq!(Rival::among(&own, [&stake("m", false, "a")]), None, "older, and of another namespace");
        assert_eq!(Rival::among(&own, [&stake("m", true, "a")]), Some(Rival::Elsewhere(name("m", "a"))));
        let both = [stake("m", true, "a"), stake("n", false, "b")];
        assert_eq!(Rival::among(&own, &both), Some(Rival::Within(name("n", "b"))));
    }
}
