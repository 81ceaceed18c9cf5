//! The IAM policy that the operator needs, from the table of calls that the program can make. Pure.

mod condition;
mod dependencies;
mod functions;
mod limits;
mod standalone;
mod statements;
mod tags;

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

/// The most characters of a managed policy, without whitespace. AWS's limit of the policies inside a role is 10,240.
const MOST: usize = 6144;

/// The policy as text, and a note if AWS does not accept it as a managed policy.
///
/// # Errors
/// What JSON cannot hold; nothing here is so.
pub(super) fn policy(limits: &Limits) -> serde_json::Result<(String, Option<String>)> {
    let policy = serde_json::to_string_pretty(&Policy { version: "2012-10-17", statement: statements(limits) })?;
    let length = policy.chars().filter(|character| !character.is_whitespace()).count();
    let note = (length > MOST).then(|| {
        format!("The policy has {length} characters. AWS accepts at most {MOST} in a managed policy: print and attach each part alone (--part functions, --part standalone, --part dependencies).")
    });
    Ok((format!("{policy}\n"), note))
}
