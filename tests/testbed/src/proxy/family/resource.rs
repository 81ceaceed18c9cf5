//! A function, or one of its versions or aliases: what a policy, a URL and the like are of.

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

    /// Does it go with the function at `place`, or with one version or alias of it?
    pub(crate) fn goes_with(&self, place: &Place, qualifier: Option<&str>) -> bool {
        self.place == *place && (qualifier.is_none() || self.qualifier.as_deref() == qualifier)
    }
}

/// Is it a version's number?
pub(crate) fn is_number(qualifier: &str) -> bool {
    !qualifier.is_empty() && qualifier.bytes().all(|byte| byte.is_ascii_digit())
}
