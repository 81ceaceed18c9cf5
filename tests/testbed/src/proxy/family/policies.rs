//! Policies: the statements of each function, version and alias, with a revision that changes with them.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};

use super::asked::not_found;
use super::resource::Resource;
use super::{clock, texts};
use crate::proxy::place::Place;
use crate::proxy::refusal::Refusal;

/// The maximum number of characters of a policy.
const LIMIT: usize = 20_480;

/// A statement; its text never changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Statement {
    pub(crate) sid: String,
    /// JSON.
    pub(crate) text: String,
}

/// A policy with at least one statement. It is removed with its last statement.
#[derive(Debug)]
struct Policy {
    revision: String,
    statements: Vec<Statement>,
}

impl Policy {
    fn text(&self) -> String {
        let statements: Vec<&str> = self.statements.iter().map(|statement| statement.text.as_str()).collect();
        format!(r#"{{"Version":"2012-10-17","Id":"default","Statement":[{}]}}"#, statements.join(","))
    }
}

/// All policies, by function, version or alias.
#[derive(Debug, Default)]
pub(crate) struct Policies {
    all: Mutex<HashMap<Resource, Policy>>,
}

impl Policies {
    /// Adds a statement, if the policy still has this revision; `first` is the expected revision if there is no policy yet.
    pub(crate) fn add(
        &self,
        of: &Resource,
        statement: Statement,
        revision: Option<&str>,
        first: Option<&str>,
    ) -> Result<(), Refusal> {
        let mut all = self.all();
        let held = all.get(of);
        let current = held.map(|policy| policy.revision.as_str()).or(first);
        is_current(revision, current)?;
        let mut statements = held.map(|policy| policy.statements.clone()).unwrap_or_default();
        if statements.iter().any(|held| held.sid == statement.sid) {
            return Err(Refusal::conflict(texts::sid_is_taken(&statement.sid)));
        }
        statements.push(statement);
        let policy = Policy { revision: clock::uuid(), statements };
        let size = policy.text().chars().count();
        if size > LIMIT {
            let text = texts::policy_too_long(size, LIMIT);
            return Err(Refusal::new(400, "PolicyLengthExceededException", text));
        }
        all.insert(of.clone(), policy);
        Ok(())
    }

    /// Removes a statement, if the policy still has this revision.
    pub(crate) fn remove(&self, of: &Resource, sid: &str, revision: Option<&str>) -> Result<(), Refusal> {
        let mut all = self.all();
        let Some(policy) = all.get_mut(of) else { return Err(not_found(texts::NO_POLICY)) };
        is_current(revision, Some(&policy.revision))?;
        let before = policy.statements.len();
        policy.statements.retain(|statement| statement.sid != sid);
        if policy.statements.len() == before {
            return Err(not_found(texts::no_statement(sid)));
        }
        policy.revision = clock::uuid();
        if policy.statements.is_empty() {
            all.remove(of);
        }
        Ok(())
    }

    /// The answer to GetPolicy, if there is a policy.
    pub(crate) fn show(&self, of: &Resource) -> Option<Value> {
        let all = self.all();
        let policy = all.get(of)?;
        Some(json!({"Policy": policy.text(), "RevisionId": policy.revision}))
    }

    /// All statements; empty if there is no policy.
    pub(crate) fn statements(&self, of: &Resource) -> Vec<Value> {
        let all = self.all();
        let statements = all.get(of).map(|policy| policy.statements.as_slice()).unwrap_or_default();
        statements.iter().filter_map(|statement| serde_json::from_str(&statement.text).ok()).collect()
    }

    /// Removes the policy of a deleted version or alias, or of a deleted function with all of them.
    pub(crate) fn forget(&self, place: &Place, qualifier: Option<&str>) {
        self.all().retain(|of, _| !of.goes_with(place, qualifier));
    }

    fn all(&self) -> MutexGuard<'_, HashMap<Resource, Policy>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn is_current(wanted: Option<&str>, current: Option<&str>) -> Result<(), Refusal> {
    let moved = wanted.is_some() && wanted != current;
    if moved { Err(Refusal::new(412, "PreconditionFailedException", texts::POLICY_REVISION)) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::{Policies, Resource, Statement};
    use crate::proxy::place::Place;

    fn place() -> Place {
        Place { account: "111111111111".into(), region: "eu-west-1".into(), function: "f".into() }
    }

    fn of(qualifier: Option<&str>) -> Resource {
        Resource::new(&place(), qualifier)
    }

    fn statement(sid: &str) -> Statement {
        Statement { sid: sid.into(), text: format!(r#"{{"Sid":"{sid}"}}"#) }
    }

    fn revision(policies: &Policies, of: &Resource) -> String {
        policies.show(of).unwrap()["RevisionId"].as_str().unwrap().to_owned()
    }

    fn sids(policies: &Policies, of: &Resource) -> Vec<String> {
        let Some(shown) = policies.show(of) else { return Vec::new() };
        let policy: Value = serde_json::from_str(shown["Policy"].as_str().unwrap()).unwrap();
        let statements = policy["Statement"].as_array().unwrap().iter();
        statements.map(|statement| statement["Sid"].as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn each_qualifier_has_a_policy_of_its_own_that_ends_with_its_last_statement() {
        let policies = Policies::default();
        let (function, alias) = (of(None), of(Some("live")));
        policies.add(&function, statement("s3"), None, None).unwrap();
        policies.add(&alias, statement("s3"), None, None).unwrap();
        policies.add(&function, statement("sqs"), None, None).unwrap();
        assert_eq!(
            (sids(&policies, &function), sids(&policies, &alias)),
            (vec!["s3".into(), "sqs".into()], vec!["s3".into()])
        );
        let taken = policies.add(&alias, statement("s3"), None, None).unwrap_err();
        assert_eq!((taken.status, taken.code.as_str()), (409, "ResourceConflictException"));
        let missing = policies.remove(&alias, "sqs", None).unwrap_err();
        assert_eq!(missing.message, "Statement sqs is not found in resource policy.");
        policies.remove(&alias, "s3", None).unwrap();
        assert!(policies.show(&alias).is_none(), "gone with its last statement");
        let missing = policies.remove(&alias, "s3", None).unwrap_err();
        assert_eq!(missing.message, "No policy is associated with the given resource.");
        assert_eq!(sids(&policies, &function), ["s3", "sqs"]);
    }

    #[test]
    fn a_revision_moves_with_each_change_and_guards_the_next() {
        let policies = Policies::default();
        let function = of(None);
        assert_eq!(policies.add(&function, statement("a"), Some("none"), None).unwrap_err().status, 412);
        policies.add(&function, statement("a"), Some("alias"), Some("alias")).unwrap();
        let first = revision(&policies, &function);
        policies.add(&function, statement("b"), Some(&first), None).unwrap();
        let second = revision(&policies, &function);
        assert_ne!(first, second);
        let late = policies.add(&function, statement("c"), Some(&first), None).unwrap_err();
        assert_eq!((late.status, late.code.as_str()), (412, "PreconditionFailedException"));
        assert_eq!(policies.remove(&function, "a", Some(&first)).unwrap_err().status, 412);
        policies.remove(&function, "a", Some(&second)).unwrap();
        assert_ne!(revision(&policies, &function), second);
    }

    #[test]
    fn a_policy_has_20480_characters() {
        let policies = Policies::default();
        let long =
            |sid: &str, length: usize| Statement { sid: sid.into(), text: format!("\"{}\"", "x".repeat(length)) };
        let frame = r#"{"Version":"2012-10-17","Id":"default","Statement":[]}"#.len();
        policies.add(&of(None), long("fits", 20_480 - frame - 2), None, None).unwrap();
        let refused = policies.add(&of(None), long("more", 266), None, None).unwrap_err();
        assert_eq!(refused.code, "PolicyLengthExceededException");
        assert_eq!(refused.message, "The final policy size (20749) is bigger than the limit (20480).");
        policies.remove(&of(None), "fits", None).unwrap();
        policies.add(&of(None), long("more", 266), None, None).unwrap();
    }

    #[test]
    fn policies_go_with_what_they_are_of() {
        let policies = Policies::default();
        for qualifier in [None, Some("live"), Some("1")] {
            policies.add(&of(qualifier), statement("s"), None, None).unwrap();
        }
        policies.forget(&place(), Some("live"));
        assert_eq!(
            [None, Some("live"), Some("1")].map(|qualifier| policies.show(&of(qualifier)).is_some()),
            [true, false, true]
        );
        policies.forget(&place(), None);
        assert!(policies.show(&of(None)).is_none() && policies.show(&of(Some("1"))).is_none());
    }
}
