//! The function that a resource without tags belongs to. Its owner tag in AWS decides whether an object may change the resource. Pure.

use super::blocked::Blocked;
use super::consent;
use super::hand_over::ObjectName;
use super::ownership::not_ours;
use super::values::Knowable;

/// The owner tag of a function, as AWS showed it; `Known(None)`: the function has no owner.
pub type FunctionOwner = Knowable<Option<String>>;

/// The functions whose resources an object may change, and the owner of its function. No status decides it: one can be old, or forged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// Allowed beginnings of the owner tag, `<cluster>/<namespace>/`: that of the cluster's current name first.
    owners: Vec<String>,
    /// The namespace, or the operator, allows changes of what has no owner.
    open: bool,
    /// The object.
    object: ObjectName,
    /// The owner of the function; `None`: not read yet.
    owner: Option<FunctionOwner>,
}

/// The right to change what belongs to a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Right {
    /// The function belongs to an object of the namespace.
    Owned,
    /// The function has no owner, and the namespace allows adoption.
    Unowned,
    /// The object has no right.
    Refused(Blocked),
}

impl Host {
    /// The functions of the namespace of `object`. `owner` and `former` are the values that the object's own owner tag would have.
    #[must_use]
    pub fn new(owner: &str, former: &[String], open: bool, object: ObjectName) -> Self {
        let all = [owner].into_iter().chain(former.iter().map(String::as_str));
        Self { owners: all.filter_map(within).collect(), open, object, owner: None }
    }

    /// With the owner that AWS showed.
    #[must_use]
    pub fn with_owner(self, owner: FunctionOwner) -> Self {
        Self { owner: Some(owner), ..self }
    }

    /// Whether the owner was read.
    #[must_use]
    pub const fn is_read(&self) -> bool {
        self.owner.is_some()
    }

    /// Whether AWS showed that the function has no owner.
    #[must_use]
    pub fn is_unowned(&self) -> bool {
        self.owner == Some(Knowable::Known(None))
    }

    /// The right of the object; `None`: the owner was not read.
    #[must_use]
    pub fn right(&self) -> Option<Right> {
        let refused = match self.owner.as_ref()? {
            Knowable::Known(Some(owner)) if self.owners.iter().any(|own| owner.starts_with(own)) => {
                return Some(Right::Owned);
            }
            Knowable::Known(None) if self.open => return Some(Right::Unowned),
            Knowable::Known(None) => consent::closed("function", "has no owner", &self.object),
            Knowable::Known(Some(owner)) => {
                not_ours(self.owners.first().map(String::as_str).unwrap_or_default(), owner.clone())
            }
            Knowable::Unknown => Blocked::OwnershipUnknown,
        };
        Some(Right::Refused(refused))
    }
}

/// The message of a resource whose function is not in AWS.
#[must_use]
pub fn missing(arn: &str, noun: &str) -> String {
    format!(
        "The function {arn} does not exist in AWS: create it, or name another. The operator creates the {noun} as soon as the function exists."
    )
}

/// Cluster and namespace of an owner, including the final slash.
fn within(owner: &str) -> Option<String> {
    owner.rfind('/').map(|end| owner[..=end].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn right(open: bool, owner: FunctionOwner) -> Option<Right> {
        let object = ObjectName { namespace: "n".into(), name: "live".into() };
        Host::new("c/n/live", &["old/n/live".into()], open, object).with_owner(owner).right()
    }

    fn tag(owner: &str) -> FunctionOwner {
        Knowable::Known(Some(owner.into()))
    }

    #[test]
    fn only_a_function_of_the_namespace_is_changed() {
        for open in [false, true] {
            assert_eq!(right(open, tag("c/n/f")), Some(Right::Owned));
            assert_eq!(right(open, tag("old/n/f")), Some(Right::Owned), "a former name of the cluster");
            for other in ["c/m/f", "c/nn/f", "c/n", "n/f", "", "x/n"] {
                let refused = Right::Refused(Blocked::NotOwned(Some(other.into())));
                assert_eq!(right(open, tag(other)), Some(refused), "{other}");
            }
            assert_eq!(right(open, tag("x/n/f")), Some(Right::Refused(Blocked::OtherCluster("x/n/f".into()))));
            assert_eq!(right(open, Knowable::Unknown), Some(Right::Refused(Blocked::OwnershipUnknown)));
        }
    }

    #[test]
    fn a_function_without_an_owner_needs_consent() {
        assert_eq!(right(true, Knowable::Known(None)), Some(Right::Unowned));
        let Some(Right::Refused(Blocked::NotAllowed(sentence))) = right(false, Knowable::Known(None)) else { panic!() };
        assert!(sentence.contains("kubectl annotate namespace n lambda-operator.io/allow-adoption=true"), "{sentence}");
    }
}
