//! The goal of a reconcile: what should be true of AWS once it is done.

use std::collections::BTreeMap;

use super::tag_pattern::TagPattern;

/// What should be true of AWS once we are done. `D` is the resource as it should be, `L` what matters of one that leaves.
#[derive(Clone, Debug, PartialEq)]
pub enum Goal<D, L> {
    /// The resource is there and is this.
    Present(Box<D>),
    /// The object is being deleted; so is the resource, if it is ours.
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

    /// The resource as it should be, unless the object is being deleted.
    pub fn desired(&self) -> Option<&D> {
        match self {
            Self::Present(desired) => Some(desired),
            Self::Absent(_) | Self::Released(_) => None,
        }
    }
}

/// Where an object wants its resource, as far as the object and its references tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// `None`: the operator's region.
    pub region: Option<String>,
    /// The function's name in AWS.
    pub name: String,
}

/// What the operator adds to every object.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Defaults {
    /// Tags that every resource gets where AWS has tags; an object's own win.
    pub tags: BTreeMap<String, String>,
    /// Tags that somebody else sets, on every resource.
    pub ignore_tags: Vec<TagPattern>,
}

impl Defaults {
    /// With others, which win: a namespace's own, or an object's labels.
    #[must_use]
    pub fn with(&self, tags: &BTreeMap<String, String>) -> Self {
        let mut all = self.tags.clone();
        all.extend(tags.clone());
        Self { tags: all, ignore_tags: self.ignore_tags.clone() }
    }
}
