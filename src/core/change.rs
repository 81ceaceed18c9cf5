//! One field that a step changes, in a form that can be shown.

use std::fmt;

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
        let shown = |text: &str| match text {
            "" => "none".to_owned(),
            // Control characters are escaped, so that text from AWS or from a file cannot control a terminal.
            text => {
                text.chars().flat_map(|c| if c.is_control() { c.escape_default().collect() } else { vec![c] }).collect()
            }
        };
        match from {
            Some(from) => write!(f, "{}: {} → {}", shown(field), shown(from), shown(to)),
            None => write!(f, "{}: {}", shown(field), shown(to)),
        }
    }
}
