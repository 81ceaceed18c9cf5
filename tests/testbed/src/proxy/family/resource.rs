//! A function, or one of its versions or aliases: the owner of a policy, a URL or another resource of the family.

use crate::proxy::place::Place;

/// A function (no qualifier), a version or an alias.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Resource {
    pub(crate) place: Place,
    pub(crate) qualifier: Option<String>,
}

impl Resource {
    pub(crate) fn new(place: &Place, qualifier: Option<&str>) -> Resource {
        Resource { place: place.clone(), qualifier: qualifier.map(str::to_owned) }
    }

    pub(crate) fn arn(&self) -> String {
        self.place.qualified(self.qualifier.as_deref())
    }

    /// Whether it is deleted together with the function at `place`, or with one version or alias of it.
    pub(crate) fn goes_with(&self, place: &Place, qualifier: Option<&str>) -> bool {
        self.place == *place && (qualifier.is_none() || self.qualifier.as_deref() == qualifier)
    }
}

/// Whether it is the number of a version.
pub(crate) fn is_number(qualifier: &str) -> bool {
    !qualifier.is_empty() && qualifier.bytes().all(|byte| byte.is_ascii_digit())
}
