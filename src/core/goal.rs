//! The goal of a reconcile: the desired state of AWS.

use std::collections::BTreeMap;

use super::tag_pattern::TagPattern;

/// The desired state of AWS. `D` is the desired resource; `L` holds the facts that a deletion or release needs.
#[derive(Clone, Debug, PartialEq)]
pub enum Goal<D, L> {
    /// The resource exists with this state.
    Present(Box<D>),
    /// The object is being deleted, and so is its resource, if it is ours.
    Absent(L),
    /// The object is being deleted; the resource stays, without an owner (`skipDestroy`).
    Released(L),
}

impl<D, L> Goal<D, L> {
    /// Whether the object is being deleted.
    pub const fn is_leaving(&self) -> bool {
        match self {
            Self::Present(_) => false,
            Self::Absent(_) | Self::Released(_) => true,
        }
    }

    /// The desired resource, unless the object is being deleted.
    pub fn desired(&self) -> Option<&D> {
        match self {
            Self::Present(desired) => Some(desired),
            Self::Absent(_) | Self::Released(_) => None,
        }
    }
}

/// The region and the name of the resource, from the object and its references.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// `None`: the operator's region.
    pub region: Option<String>,
    /// The function's name in AWS; empty for a resource that belongs to no function.
    pub name: String,
}

/// Settings of the operator that are added to every object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Defaults {
    /// Tags of every resource that can have tags in AWS; an object's own take precedence.
    pub tags: BTreeMap<String, String>,
    /// Tags that others manage, on every resource.
    pub ignore_tags: Vec<TagPattern>,
}

impl Defaults {
    /// Adds further tags, which take precedence: those of a namespace, or those from an object's labels.
    #[must_use]
    pub fn with(&self, tags: &BTreeMap<String, String>) -> Self {
        let mut all = self.tags.clone();
        all.extend(tags.clone());
        Self { tags: all, ignore_tags: self.ignore_tags.clone() }
    }
}
