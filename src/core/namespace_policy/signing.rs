//! The annotation require-code-signing, read. Pure.

use super::glob::Globs;

/// Whether code has to be signed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Signing {
    #[default]
    NotRequired,
    /// Checked against any configuration.
    Any,
    /// Checked against one of these.
    OneOf(Globs),
}

impl Signing {
    /// `None` if the value is neither a boolean nor a list of ARNs.
    pub(super) fn read(text: &str) -> Option<Self> {
        match text {
            "true" => Some(Self::Any),
            "false" => Some(Self::NotRequired),
            // A misspelt "true" must not be taken for a list.
            arns if arns.split(',').all(|item| item.trim().starts_with("arn:")) => Globs::read(arns).map(Self::OneOf),
            _ => None,
        }
    }
}
