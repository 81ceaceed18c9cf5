//! Consent to an adoption: which object or namespace must agree, and whether it does. Every kind asks here, and nothing else decides it.

use super::blocked::Blocked;
use super::hand_over::{HandOver, ObjectName};
use super::ownership::Ownership;
use crate::api::shared::{ALLOW_ADOPTION, HAND_OVER_TO};

/// The object that an owner tag names, as the API server shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Owner {
    /// The object does not exist.
    Gone,
    /// The object exists, with this annotation.
    Living(Option<HandOver>),
    /// The object could not be read, for this reason.
    Unreadable(String),
}

/// A resource that is about to become an object's by its owner tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taking<'a> {
    /// Ownership, from the view of the object that adopts the resource.
    pub ownership: &'a Ownership,
    /// Current value of the owner tag; `None`: the resource has no owner.
    pub from: Option<&'a str>,
}

impl Taking<'_> {
    /// The object whose consent is required; `None` if no object owns the resource, or its owner is in another cluster.
    #[must_use]
    pub fn asks(&self) -> Option<ObjectName> {
        let owner = self.from.filter(|owner| !self.is_own(owner))?;
        let (cluster, name) = owner.split_once('/')?;
        let is_cluster = |tag: &str| tag.split_once('/').is_some_and(|(its, _)| its == cluster);
        let Ownership { owner: own, former, .. } = self.ownership;
        let here = is_cluster(own) || former.iter().any(|tag| is_cluster(tag));
        ObjectName::parse(name).filter(|_| here)
    }

    /// The reason that the resource cannot be adopted. `answer` describes the object that [`Taking::asks`] names; `noun` and `short` are the kind's.
    #[must_use]
    pub fn refusal(&self, answer: Option<&Owner>, noun: &str, short: &str) -> Option<Blocked> {
        let Ownership { open, .. } = self.ownership;
        let Some(from) = self.from else {
            return (!open).then(|| closed(noun, "has no owner", &self.taker()));
        };
        if self.is_own(from) {
            return None;
        }
        let Some(owner) = self.asks() else { return Some(elsewhere(noun, from)) };
        match answer {
            Some(Owner::Gone) if *open || owner.namespace == self.taker().namespace => None,
            Some(Owner::Gone) => {
                Some(closed(noun, &format!("belonged to {from}, an object that is gone"), &self.taker()))
            }
            Some(Owner::Living(Some(HandOver::To(taker)))) if *taker == self.taker() => None,
            Some(Owner::Living(_)) => Some(withheld(noun, short, &owner, &self.taker())),
            Some(Owner::Unreadable(why)) => Some(unknown(noun, &owner, why)),
            None => Some(unknown(noun, &owner, "it was not asked")),
        }
    }

    /// Whether the tag is this object's own under a former name of the cluster.
    fn is_own(&self, owner: &str) -> bool {
        self.ownership.former.iter().any(|former| former == owner)
    }

    fn taker(&self) -> ObjectName {
        let own = self.ownership.owner.split_once('/').and_then(|(_, own)| ObjectName::parse(own));
        own.unwrap_or(ObjectName { namespace: String::new(), name: String::new() })
    }
}

/// The refusal of a namespace that does not allow adoption. `what` is a clause about the owner of the resource.
#[must_use]
pub fn closed(noun: &str, what: &str, taker: &ObjectName) -> Blocked {
    let ObjectName { namespace, name: _ } = taker;
    Blocked::NotAllowed(format!(
        "The {noun} exists in AWS and {what}, and this namespace does not allow adoption, so it is not touched: ask an administrator of the namespace to allow it (kubectl annotate namespace {namespace} {ALLOW_ADOPTION}=true), or choose another name."
    ))
}

fn withheld(noun: &str, short: &str, owner: &ObjectName, taker: &ObjectName) -> Blocked {
    let ObjectName { namespace, name } = owner;
    Blocked::NotAllowed(format!(
        "The {noun} belongs to the object {owner}, which has not agreed to hand it over, so it is not touched: annotate that object (kubectl annotate {short} -n {namespace} {name} {HAND_OVER_TO}={taker} --overwrite), or remove adoptFrom."
    ))
}

fn unknown(noun: &str, owner: &ObjectName, why: &str) -> Blocked {
    Blocked::NotAllowed(format!(
        "The {noun} belongs to the object {owner}, whose consent cannot be read ({why}), so it is not touched: release the {noun} there (skipDestroy: true, then delete the object), and set adoptionPolicy: Adopt here."
    ))
}

fn elsewhere(noun: &str, owner: &str) -> Blocked {
    let cluster = owner.split_once('/').map_or(owner, |(cluster, _)| cluster);
    Blocked::NotAllowed(format!(
        "The {noun} belongs to {owner}, an object of another cluster, which cannot be asked for its consent, so it is not touched: release the {noun} there (skipDestroy: true, then delete the object), and set adoptionPolicy: Adopt here. If {cluster} is a former name of this cluster, add it to --former-cluster-name."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ownership(open: bool) -> Ownership {
        Ownership {
            owner: "c/a/taker".into(),
            adopt: true,
            former: vec!["old/a/taker".into()],
            from: Some("c/b/giver".into()),
            open,
            uid: "u".into(),
        }
    }

    fn refused(open: bool, from: Option<&str>, answer: Option<&Owner>) -> Option<String> {
        match (Taking { ownership: &ownership(open), from }).refusal(answer, "function", "lfn") {
            None => None,
            Some(Blocked::NotAllowed(sentence)) => Some(sentence),
            Some(other) => panic!("{other:?}"),
        }
    }

    fn says(text: &str) -> Owner {
        Owner::Living(HandOver::of(Some(&[(HAND_OVER_TO.to_owned(), text.to_owned())].into())))
    }

    #[test]
    fn what_nobody_owns_needs_the_namespace_or_the_operator() {
        assert_eq!(refused(true, None, None), None);
        let sentence = refused(false, None, None).unwrap();
        assert!(sentence.contains("kubectl annotate namespace a lambda-operator.io/allow-adoption=true"), "{sentence}");
    }

    #[test]
    fn a_gone_owner_of_the_same_namespace_needs_nobody_and_another_does() {
        assert_eq!(refused(false, Some("c/a/giver"), Some(&Owner::Gone)), None);
        assert!(refused(false, Some("c/b/giver"), Some(&Owner::Gone)).unwrap().contains("allow-adoption=true"));
        assert_eq!(refused(true, Some("c/b/giver"), Some(&Owner::Gone)), None);
    }

    #[test]
    fn a_living_owner_consents_to_one_object_by_name() {
        assert_eq!(refused(false, Some("c/b/giver"), Some(&says(" a/taker "))), None);
        let command = "kubectl annotate lfn -n b giver lambda-operator.io/hand-over-to=a/taker";
        for open in [false, true] {
            for said in ["", "a/other", "b/taker", "taker", "a/taker/x", "*", "c/a/taker", "A/taker"] {
                let sentence = refused(open, Some("c/b/giver"), Some(&says(said))).unwrap();
                assert!(sentence.contains(command), "{said}: {sentence}");
            }
            let within = refused(open, Some("c/a/giver"), Some(&says(""))).unwrap();
            assert!(within.contains("kubectl annotate lfn -n a giver"), "{within}");
        }
    }

    #[test]
    fn an_owner_that_cannot_be_read_has_not_consented() {
        let sentence = refused(true, Some("c/b/giver"), Some(&Owner::Unreadable("forbidden".into()))).unwrap();
        assert!(sentence.contains("(forbidden)"), "{sentence}");
        assert!(refused(true, Some("c/b/giver"), None).is_some(), "it was not asked");
        let elsewhere = Taking { ownership: &ownership(true), from: Some("x/a/taker") };
        assert_eq!(elsewhere.asks(), None);
        for answer in [None, Some(Owner::Gone), Some(says("a/taker"))] {
            assert!(refused(true, Some("x/a/taker"), answer.as_ref()).unwrap().contains("another cluster"));
        }
        for odd in ["c", "c/b", "c//giver", "c/b/", "c/b/giver/x"] {
            assert!(refused(true, Some(odd), Some(&Owner::Gone)).is_some(), "{odd}");
        }
    }

    #[test]
    fn a_former_name_of_the_cluster_is_this_cluster() {
        assert_eq!(refused(false, Some("old/a/taker"), None), None, "the object itself");
        let renamed = Taking { ownership: &ownership(false), from: Some("old/b/giver") };
        assert_eq!(renamed.asks(), ObjectName::parse("b/giver"), "another object is asked");
        assert!(refused(false, Some("old/b/giver"), Some(&says(""))).is_some());
    }
}
