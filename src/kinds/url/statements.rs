//! The two statements that AWS requires of a public URL. Their ids are derived from the object, so statements of others are not changed. Pure.

use super::model::{NONE, Public};
use crate::kinds::permission::ids::derived;
use crate::kinds::permission::model::Permission;

/// The ids of an object's statements: under the cluster's name, then under its former names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statements(Vec<String>);

impl Statements {
    /// The ids for an owner (`<cluster>/<namespace>/<name>`) and its former values.
    #[must_use]
    pub fn new(owner: &str, former: &[String]) -> Self {
        Self([owner].into_iter().chain(former.iter().map(String::as_str)).map(derived).collect())
    }

    /// Every id.
    #[must_use]
    pub fn ids(&self) -> Vec<String> {
        self.0.iter().flat_map(|base| Public::ALL.map(|public| id(base, public))).collect()
    }

    /// The id of a statement.
    #[must_use]
    pub fn id(&self, public: Public) -> String {
        id(self.0.first().map(String::as_str).unwrap_or_default(), public)
    }

    /// The statement that has this id now, not under a former name of the cluster.
    #[must_use]
    pub fn public(&self, known: &str) -> Option<Public> {
        Public::ALL.into_iter().find(|public| self.id(*public) == known)
    }
}

fn id(base: &str, public: Public) -> String {
    match public {
        Public::Call => format!("{base}-url"),
        Public::Invoke => format!("{base}-invoke"),
    }
}

/// The contents of a statement.
#[must_use]
pub fn said(public: Public) -> Permission {
    let all = Permission { action: public.action().into(), principal: "*".into(), ..Permission::default() };
    match public {
        Public::Call => Permission { function_url_auth_type: NONE.into(), ..all },
        Public::Invoke => Permission { via_url: true, ..all },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_statement_has_an_id_of_the_objects_own() {
        let statements = Statements::new("c/n/f", &["old/n/f".into()]);
        assert_eq!(statements.ids().len(), 4);
        let (call, invoke) = (statements.id(Public::Call), statements.id(Public::Invoke));
        assert!(call.starts_with("lo-") && call.ends_with("-url") && invoke.ends_with("-invoke"));
        assert_eq!(statements.public(&invoke), Some(Public::Invoke));
        assert_eq!(statements.public(&statements.ids()[2]), None, "of a former name");
        assert_ne!(Statements::new("c/n/g", &[]).id(Public::Call), call);
    }
}
