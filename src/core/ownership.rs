//! Who owns a resource in AWS: the owner tag.

/// The tag that names a function's owner: `<cluster>/<namespace>/<name>`.
pub const OWNER_TAG: &str = "lambda-operator.io/owner";

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
    /// Whether a resource with this owner tag, or with none, may be taken over.
    #[must_use]
    pub fn takes_over(&self, tag: Option<&String>) -> bool {
        tag.map_or(self.adopt, |owner| self.accepts.contains(owner))
    }
}
