//! Values that AWS can withhold, and values that must stay secret. Pure.

use std::fmt;

use zeroize::Zeroize;

/// A value that AWS may withhold (no right to see tags, environment not decryptable). An unknown value counts neither as different nor as absent.
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

/// A value that is never shown, not even by `{:?}`, and that is overwritten in memory after its last use. Copies that other libraries make are not
/// overwritten.
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

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_shown_by_no_formatting() {
        let shown =
            format!("{:?} {:#?}", Secret::new("hunter2".into()), Knowable::Known(Secret::new("hunter2".into())));
        assert!(shown.contains("***") && !shown.contains("hunter2"), "{shown}");
    }
}
