//! The IAM policy that the operator needs, from the table of calls that the program can make. Pure.

mod condition;
mod dependencies;
mod functions;
mod limits;
mod standalone;
mod statement;
mod tags;

use serde::Serialize;

pub(in crate::cli) use limits::Limits;
use limits::Part;
use statement::Statement;

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
/// If a value cannot be serialized, which does not happen for these types.
pub(super) fn policy(limits: &Limits) -> serde_json::Result<(String, Option<String>)> {
    let policy = serde_json::to_string_pretty(&Policy { version: "2012-10-17", statement: statements(limits) })?;
    let length = policy.chars().filter(|character| !character.is_whitespace()).count();
    let note = (length > MOST).then(|| {
        format!("The policy has {length} characters. AWS accepts at most {MOST} in a managed policy: print and attach each part alone (--part functions, --part standalone, --part dependencies).")
    });
    Ok((format!("{policy}\n"), note))
}

/// Every statement of the part that allows something; of all parts if there is none.
fn statements(limits: &Limits) -> Vec<Statement> {
    let parts = match limits.part {
        Some(part) => vec![part],
        None => vec![Part::Functions, Part::Standalone, Part::Dependencies],
    };
    let of = |part| match part {
        Part::Functions => functions::statements(limits),
        Part::Standalone => standalone::statements(limits),
        Part::Dependencies => dependencies::statements(limits),
    };
    let all = parts.into_iter().flat_map(of).filter(Statement::is_of_use);
    all.map(|statement| statement.within(&limits.regions)).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use statement::actions;

    /// Flags for the widest policy.
    fn widest() -> Limits {
        Limits { buckets: vec!["*".into()], set_repository_policy: true, ..Limits::default() }
    }

    #[test]
    fn every_action_has_a_statement() {
        let fenced = Limits { cluster_name: Some("prod".into()), ..widest() };
        for limits in [widest(), fenced] {
            let all: Vec<_> = statements(&limits).into_iter().flat_map(|statement| statement.action).collect();
            assert_eq!(all.into_iter().collect::<BTreeSet<_>>(), actions());
        }
    }

    #[test]
    fn what_only_some_need_is_left_out() {
        let of = |limits: &Limits| -> BTreeSet<_> {
            statements(limits).into_iter().flat_map(|statement| statement.action).collect()
        };
        let signed = Limits {
            code_signing_configs: vec!["arn:aws:lambda:eu-west-1:1:code-signing-config:c".into()],
            ..Limits::default()
        };
        let (least, signed) = (of(&Limits::default()), of(&signed));
        for action in ["ecr:SetRepositoryPolicy", "s3:GetObject", "sts:AssumeRole", "sts:TagSession"] {
            assert!(!least.contains(action), "{action}");
        }
        let unsign = "lambda:DeleteFunctionCodeSigningConfig";
        assert!(least.contains(unsign) && !signed.contains(unsign));
    }
}
