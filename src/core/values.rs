//! Values that AWS can withhold, and values that must stay secret. Pure.

use std::fmt;

/// A value that AWS can withhold (tags without permission, an environment that cannot be decrypted). Unknown is not a difference, and it is not absence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Knowable<T> {
    /// AWS showed it.
    Known(T),
    /// AWS withheld it.
    Unknown,
}

impl<T> Knowable<T> {
    /// The value, if it is known.
    pub const fn known(&self) -> Option<&T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Unknown => None,
        }
    }
}

/// A value that is never shown, not even by `{:?}`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Secret(String);

impl Secret {
    /// Wraps a value.
    #[must_use]
    pub const fn new(value: String) -> Self {
        Self(value)
    }

    /// The value itself, for the AWS call that carries it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// The text; an empty one counts as absent.
#[must_use]
pub fn full(value: Option<&String>) -> Option<String> {
    value.filter(|text| !text.is_empty()).cloned()
}
