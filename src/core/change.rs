//! One field that a step changes, in a form that can be shown, and the fields that a step puts back.

use std::fmt;

use super::ownership::OWNER_TAG;

use super::shown::printable;

/// One field, by its name in the spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Name of the field.
    pub field: String,
    /// The current value; `None` if there is nothing to compare with.
    pub from: Option<String>,
    /// The new value.
    pub to: String,
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { field, from, to } = self;
        // Text from AWS or from a file can contain escape sequences for a terminal, so control characters are escaped.
        let shown = |text: &str| if text.is_empty() { "none".to_owned() } else { printable(text).into_owned() };
        match from {
            Some(from) => write!(f, "{}: {} → {}", shown(field), shown(from), shown(to)),
            None => write!(f, "{}: {}", shown(field), shown(to)),
        }
    }
}

/// What a step reverts of what somebody else did in AWS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reverted {
    /// Nothing: the step carries out an edit of the spec, or what nobody else caused.
    Nothing,
    /// Somebody deleted the resource.
    Deletion,
    /// Somebody changed these fields. They are named as in the spec, without a value.
    Fields(Vec<String>),
}

impl Reverted {
    /// The changes of these fields; none of them is no drift.
    #[must_use]
    pub fn fields(names: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let names: Vec<_> = names.into_iter().map(Into::into).collect();
        if names.is_empty() { Self::Nothing } else { Self::Fields(names) }
    }

    /// The changes of the tags with these keys.
    #[must_use]
    pub fn tags<'a>(keys: impl IntoIterator<Item = &'a String>) -> Self {
        Self::fields(keys.into_iter().map(|key| format!("tags.{key}")))
    }

    /// The change of the owner tag.
    #[must_use]
    pub fn owner_tag() -> Self {
        Self::fields([format!("tags.{OWNER_TAG}")])
    }

    /// The deletion of the resource, if it was one.
    #[must_use]
    pub const fn deletion(deleted: bool) -> Self {
        if deleted { Self::Deletion } else { Self::Nothing }
    }

    /// Whether the step corrects drift.
    #[must_use]
    pub const fn is_drift(&self) -> bool {
        match self {
            Self::Nothing => false,
            Self::Deletion | Self::Fields(_) => true,
        }
    }
}
