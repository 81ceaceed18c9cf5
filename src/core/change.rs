//! One field that a step changes, in a form that can be shown.

use std::fmt;

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
