//! A value that a resource has in AWS and that a policy bounds: the policy judges it wherever the operator would leave it as it is. Pure.

use super::Policy;
use super::annotation::{Annotation, Bound};
use super::demands::{Code, Concurrency, Demands};
use crate::core::blocked::Blocked;

/// A value that a resource has in AWS and that a policy bounds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InAws<'a> {
    /// The field of the spec that it belongs to.
    pub field: &'static str,
    /// The field that the change of a step names when the step replaces the value.
    pub replaced_as: &'static str,
    /// The value.
    pub value: Value<'a>,
    /// Why the object leaves it as it is, if it does.
    pub left: Option<LeftBy>,
}

/// The value, by the annotation that bounds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// A name that a list bounds.
    Named(Bound, &'a str),
    /// Reserved concurrency.
    Reserved(i32),
    /// Provisioned concurrency.
    Provisioned(i32),
    /// The code signing configuration that a zip package is checked against; `None`: none.
    Signing(Option<&'a str>),
}

/// The part of the spec that leaves a value to others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeftBy {
    /// `ignoreChanges`, with its entries in words.
    IgnoreChanges(&'static str),
    /// `codePolicy: Initial`.
    CodePolicy,
}

impl Value<'_> {
    fn demands(&self) -> Demands<'_> {
        match *self {
            Self::Named(bound, name) => Demands { named: vec![(bound, name)], ..Demands::default() },
            Self::Reserved(reserved) => Demands { concurrency: Concurrency::Reserved(reserved), ..Demands::default() },
            Self::Provisioned(provisioned) => {
                Demands { concurrency: Concurrency::Provisioned(provisioned), ..Demands::default() }
            }
            Self::Signing(arn) => Demands { code: Code::Zip(arn), ..Demands::default() },
        }
    }

    const fn annotation(&self) -> Annotation {
        match self {
            Self::Named(bound, _) => bound.annotation(),
            Self::Reserved(_) | Self::Provisioned(_) => Annotation::MaxReservedConcurrency,
            Self::Signing(_) => Annotation::RequireCodeSigning,
        }
    }

    /// The value in a sentence.
    fn words(&self) -> String {
        match self {
            Self::Named(bound, name) => bound.named(name),
            Self::Reserved(reserved) => format!("reservedConcurrentExecutions {reserved}"),
            Self::Provisioned(provisioned) => format!("provisionedConcurrentExecutions {provisioned}"),
            Self::Signing(Some(arn)) => format!("the code signing configuration {arn}"),
            Self::Signing(None) => "no code signing configuration".into(),
        }
    }
}

impl InAws<'_> {
    /// Whether a change of this field replaces the value.
    #[must_use]
    pub fn is_replaced_by(&self, field: &str) -> bool {
        field.strip_prefix(self.replaced_as).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }
}

impl Policy {
    /// Whether the policy does not allow a value that AWS has.
    #[must_use]
    pub fn bars(&self, has: &InAws<'_>) -> bool {
        self.refuses(&has.value.demands()).is_some()
    }

    /// Why nothing is written while AWS has a value that is not allowed. The value is named only if the resource is the object's: nobody reads here
    /// the settings of a resource of somebody else.
    #[must_use]
    pub fn keeps_out(&self, noun: &str, has: &InAws<'_>, is_ours: bool) -> Blocked {
        let InAws { field, replaced_as: _, value, left } = has;
        let (namespace, key) = (&self.namespace, value.annotation().key());
        let words = if is_ours { value.words() } else { format!("a value of {field}") };
        let (why, advice) = match left {
            Some(LeftBy::IgnoreChanges(fields)) => {
                (format!("ignoreChanges leaves {fields} to others"), format!("remove {fields} from ignoreChanges"))
            }
            Some(LeftBy::CodePolicy) => {
                ("codePolicy: Initial leaves the code to others".to_owned(), "set codePolicy: Managed".to_owned())
            }
            None => (
                "no write that is due replaces it".to_owned(),
                format!("set driftPolicy: Correct, or change {field} in the spec"),
            ),
        };
        Blocked::NotAllowed(format!(
            "The {noun} in AWS has {words}, which the Namespace {namespace} does not allow (annotation {key}), and {why}, so nothing is written: {advice}, or ask an administrator of the namespace to allow the value."
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(key: &str, value: &str, strict: bool) -> Policy {
        Policy::of("team-a", &[(format!("lambda-operator.io/{key}"), value.to_owned())].into(), strict)
    }

    fn has(value: Value<'_>) -> InAws<'_> {
        InAws { field: "role", replaced_as: "role", value, left: Some(LeftBy::IgnoreChanges("role")) }
    }

    #[test]
    fn a_value_in_aws_is_judged_as_one_of_the_spec_is() {
        let barred = [
            (policy("allowed-roles", "arn:team-*", false), Value::Named(Bound::Roles, "arn:admin")),
            (policy("allowed-roles", "", false), Value::Named(Bound::Roles, "arn:team-x")),
            (policy("region", "eu-west-1", true), Value::Named(Bound::KmsKeys, "arn:key")),
            (policy("max-reserved-concurrency", "10", false), Value::Reserved(11)),
            (policy("max-reserved-concurrency", "10", false), Value::Provisioned(11)),
            (policy("require-code-signing", "true", false), Value::Signing(None)),
            (policy("require-code-signing", "arn:c", false), Value::Signing(Some("arn:d"))),
        ];
        for (policy, value) in &barred {
            assert!(policy.bars(&has(*value)), "{value:?}");
        }
        let allowed = [
            (policy("allowed-roles", "arn:team-*", false), Value::Named(Bound::Roles, "arn:team-x")),
            (policy("allowed-roles", "arn:team-*", false), Value::Named(Bound::KmsKeys, "arn:key")),
            (policy("max-reserved-concurrency", "10", false), Value::Reserved(10)),
            (policy("max-reserved-concurrency", "10", false), Value::Provisioned(10)),
            (policy("require-code-signing", "arn:c", false), Value::Signing(Some("arn:c"))),
        ];
        for (policy, value) in &allowed {
            assert!(!policy.bars(&has(*value)), "{value:?}");
        }
    }

    #[test]
    fn a_refused_value_in_aws_is_named_to_its_owner_alone_with_field_annotation_and_advice() {
        let policy = policy("allowed-roles", "arn:team-*", false);
        let sentence = |has: &InAws<'_>, is_ours| match policy.keeps_out("function", has, is_ours) {
            Blocked::NotAllowed(sentence) => sentence,
            other => panic!("{other:?}"),
        };
        let role = has(Value::Named(Bound::Roles, "arn:admin"));
        let ours = sentence(&role, true);
        for word in ["the role arn:admin", "remove role from ignoreChanges", "allowed-roles", "team-a", "administrator"]
        {
            assert!(ours.contains(word), "{word}: {ours}");
        }
        let theirs = sentence(&role, false);
        assert!(theirs.contains("a value of role") && !theirs.contains("arn:admin"), "{theirs}");
        let initial = sentence(&InAws { left: Some(LeftBy::CodePolicy), ..role.clone() }, true);
        assert!(initial.contains("set codePolicy: Managed"), "{initial}");
        let reported = sentence(&InAws { left: None, ..role }, true);
        assert!(reported.contains("set driftPolicy: Correct"), "{reported}");
    }
}
