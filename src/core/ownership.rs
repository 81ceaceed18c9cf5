//! Who owns a resource in AWS: by the owner tag where AWS has tags, else by what status recorded before the creation.

use k8s_openapi::jiff::Timestamp;

use super::blocked::Blocked;
use super::values::Knowable;
use crate::api::shared::RecordedClaim;

/// The tag that names a function's owner: `<cluster>/<namespace>/<name>`.
pub const OWNER_TAG: &str = "lambda-operator.io/owner";

/// Whose a resource is that exists in AWS. What is not ours is never changed and never deleted; what cannot be told is not written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// This object's.
    Ours,
    /// Nobody's, and this object may take it over.
    Adoptable,
    /// It has no owner, and this object may not take it over.
    Unowned,
    /// This owner's.
    Another(String),
    /// AWS does not show the tags.
    Unknown,
}

/// Who owns a resource, and from whom it may be taken over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ownership {
    /// The owner tag's value.
    pub owner: String,
    /// Take over a resource that has no owner.
    pub adopt: bool,
    /// Take it over from these owners: the same object in clusters that are gone, and the one that `adoptFrom` names.
    pub accepts: Vec<String>,
}

impl Ownership {
    /// Whose a resource with this owner tag is.
    #[must_use]
    pub fn claim(&self, tag: &Knowable<Option<String>>) -> Claim {
        match tag {
            Knowable::Unknown => Claim::Unknown,
            Knowable::Known(Some(owner)) if *owner == self.owner => Claim::Ours,
            Knowable::Known(Some(owner)) if self.accepts.contains(owner) => Claim::Adoptable,
            Knowable::Known(Some(owner)) => Claim::Another(owner.clone()),
            Knowable::Known(None) if self.adopt => Claim::Adoptable,
            Knowable::Known(None) => Claim::Unowned,
        }
    }

    /// Why another's resource is not touched. An object of the same namespace and name may be this very one, from before its cluster was renamed.
    #[must_use]
    pub fn belongs_to(&self, other: String) -> Blocked {
        let parts =
            |owner: &str| owner.split_once('/').map(|(cluster, object)| (cluster.to_owned(), object.to_owned()));
        match (parts(&self.owner), parts(&other)) {
            (Some((_, own)), Some((cluster, object))) if own == object => Blocked::Rival(format!(
                "The function exists in AWS and belongs to {other}, an object of the same name in the cluster named {cluster}, so it is not touched. If this cluster had that name before, start the operator with --former-cluster-names={cluster} (the chart's formerClusterNames); else choose another spec.functionName."
            )),
            _ => Blocked::NotOwned(Some(other)),
        }
    }
}

/// What is known of a resource without tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// What status recorded.
    pub recorded: Option<RecordedClaim>,
    /// It is what was about to be created.
    pub as_sent: bool,
    /// It is what the spec says.
    pub as_wanted: bool,
    /// What it hangs on is owned by an object of this namespace.
    pub inside_ours: bool,
    /// Take it over even if it differs.
    pub adopt: bool,
}

impl Evidence {
    /// Whose the resource is.
    #[must_use]
    pub const fn claim(self) -> Claim {
        let Self { recorded, as_sent, as_wanted, inside_ours, adopt } = self;
        match recorded {
            Some(RecordedClaim::Owned) => Claim::Ours,
            // The creation was carried out, and its answer was lost.
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

/// The part of an object in a resource without tags, which several objects may name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stake {
    /// The resource.
    pub resource: String,
    /// Status says that it is the object's.
    pub owned: bool,
    /// When the object was created.
    pub since: Timestamp,
    /// The object's uid.
    pub uid: String,
}

impl Stake {
    /// Whether the resource belongs to this object rather than to the other: the one with the recorded claim, else the older.
    #[must_use]
    pub fn precedes(&self, other: &Self) -> bool {
        let rank = |stake: &Self| (!stake.owned, stake.since, stake.uid.clone());
        self.resource == other.resource && self.uid != other.uid && rank(self) < rank(other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_tells_whose_a_resource_is() {
        let strict = Ownership { owner: "c/n/f".into(), adopt: false, accepts: vec!["old/n/f".into()] };
        let tag = |owner: &str| Knowable::Known(Some(owner.to_owned()));
        assert_eq!(strict.claim(&tag("c/n/f")), Claim::Ours);
        assert_eq!(strict.claim(&tag("old/n/f")), Claim::Adoptable);
        assert_eq!(strict.claim(&tag("x/n/f")), Claim::Another("x/n/f".into()));
        assert_eq!(strict.claim(&Knowable::Known(None)), Claim::Unowned);
        assert_eq!(strict.claim(&Knowable::Unknown), Claim::Unknown);
        assert_eq!(Ownership { adopt: true, ..strict }.claim(&Knowable::Known(None)), Claim::Adoptable);
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
            since: Timestamp::from_second(seconds).unwrap(),
            uid: uid.into(),
        };
        assert!(stake(true, 9, "b").precedes(&stake(false, 1, "a")));
        assert!(stake(false, 1, "b").precedes(&stake(false, 9, "a")));
        assert!(stake(false, 1, "a").precedes(&stake(false, 1, "b")));
        assert!(!stake(false, 1, "a").precedes(&stake(false, 1, "a")), "not to itself");
        let elsewhere = Stake { resource: "g:live".into(), ..stake(false, 9, "b") };
        assert!(!stake(false, 1, "a").precedes(&elsewhere));
    }

    #[test]
    fn an_owner_that_differs_in_the_cluster_alone_names_the_setting_that_helps() {
        let own = Ownership { owner: "prod/n/f".into(), ..Ownership::default() };
        let Blocked::Rival(sentence) = own.belongs_to("playground/n/f".into()) else { panic!() };
        assert!(
            sentence.contains("--former-cluster-names=playground") && sentence.contains("formerClusterNames"),
            "{sentence}"
        );
        assert_eq!(own.belongs_to("playground/n/g".into()), Blocked::NotOwned(Some("playground/n/g".into())));
    }
}
