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
        // What AWS or a file says must not steer a terminal.
        let shown = |text: &str| if text.is_empty() { "none".to_owned() } else { printable(text).into_owned() };
        match from {
            Some(from) => write!(f, "{}: {} → {}", shown(field), shown(from), shown(to)),
            None => write!(f, "{}: {}", shown(field), shown(to)),
        }
    }
}
