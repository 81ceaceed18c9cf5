//! The annotation by which an object gives its resource to another object. It is the consent of the owner. Only this module parses it.

use std::collections::BTreeMap;
use std::fmt;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::blocked::Blocked;
use crate::api::shared::HAND_OVER_TO;

/// An object of this cluster, by namespace and name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ObjectName {
    /// Its namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
}

impl ObjectName {
    /// Namespace and name in an object's metadata.
    #[must_use]
    pub fn of(metadata: &ObjectMeta) -> Self {
        let [namespace, name] = [&metadata.namespace, &metadata.name].map(|part| part.clone().unwrap_or_default());
        Self { namespace, name }
    }

    /// Reads `<namespace>/<name>`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (namespace, name) = text.split_once('/')?;
        let is_part = |part: &str| !part.is_empty() && !part.contains('/') && !part.contains(char::is_whitespace);
        (is_part(namespace) && is_part(name)).then(|| Self { namespace: namespace.into(), name: name.into() })
    }
}

impl fmt::Display for ObjectName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.namespace, self.name)
    }
}

/// The parsed annotation of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HandOver {
    /// The object that may take the resource. No other may.
    To(ObjectName),
    /// The text is not `<namespace>/<name>`. No object may take the resource. The operator writes nothing to AWS for it either, because somebody
    /// intends to give it away.
    Unreadable(String),
}

impl HandOver {
    /// Parses the annotation of an object; an empty value counts as absent.
    #[must_use]
    pub fn of(annotations: Option<&BTreeMap<String, String>>) -> Option<Self> {
        let text = annotations?.get(HAND_OVER_TO)?.trim();
        if text.is_empty() {
            return None;
        }
        Some(ObjectName::parse(text).map_or_else(|| Self::Unreadable(text.to_owned()), Self::To))
    }

    /// The object that may take the resource.
    #[must_use]
    pub const fn taker(&self) -> Option<&ObjectName> {
        match self {
            Self::To(taker) => Some(taker),
            Self::Unreadable(_) => None,
        }
    }

    /// The message for an object with an annotation that cannot be parsed.
    #[must_use]
    pub fn unreadable(text: &str) -> Blocked {
        Blocked::InvalidSpec(format!(
            "The annotation {HAND_OVER_TO} has the value '{text}', which is not <namespace>/<name>, so nothing is written to AWS: correct the annotation, or remove it to continue without a hand-over."
        ))
    }
}

/// A resource that an object hands over to another object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandedOver {
    /// The object that hands it over.
    pub giver: ObjectName,
    /// The object that the annotation names. Any user of the namespace can write any name there.
    pub taker: ObjectName,
    /// The resource, for kinds without tags in AWS.
    pub resource: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hand_over_names_one_object_or_nobody() {
        let of = |text: &str| HandOver::of(Some(&[(HAND_OVER_TO.to_owned(), text.to_owned())].into()));
        assert_eq!(HandOver::of(None), None);
        assert_eq!([of(""), of("  ")], [None, None]);
        assert_eq!(of("a/b").unwrap().taker().map(ToString::to_string).as_deref(), Some("a/b"));
        for odd in ["a", "/b", "a/", "a/b/c", "a b/c"] {
            assert_eq!(of(odd), Some(HandOver::Unreadable(odd.into())));
        }
    }
}
