//! The IAM policy that the operator needs, from the table of calls that the program can make. Pure.

mod condition;
mod limits;
mod statements;

use serde::Serialize;

pub(in crate::cli) use limits::Limits;
use statements::{Statement, statements};

/// As AWS writes it, in the order in which people read it.
#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Policy {
    version: &'static str,
    statement: Vec<Statement>,
}

/// The policy, as text.
///
/// # Errors
/// What JSON cannot hold; nothing here is so.
pub(super) fn policy(limits: &Limits) -> serde_json::Result<String> {
    let policy = serde_json::to_string_pretty(&Policy { version: "2012-10-17", statement: statements(limits) })?;
    Ok(format!("{policy}\n"))
}
