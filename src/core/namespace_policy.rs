//! The policy of a namespace for its objects: the AWS identity that acts for them, and the values that they can use. It is set by annotations, so only users who can edit the namespace control it.

use std::collections::BTreeMap;

use wildmatch::WildMatch;

use super::blocked::Blocked;
use super::ownership::is_reserved_key;

/// The annotations of a namespace, read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Policy {
    /// The role to assume; `None`: the operator's own identity.
    pub role_arn: Option<String>,
    /// The region of objects that name none.
    pub region: Option<String>,
    /// Tags for every function, over the operator's.
    pub default_tags: BTreeMap<String, String>,
    /// Globs of roles that functions may run as; `None`: not said.
    allowed_roles: Option<Vec<String>>,
    /// Globs of names that functions may have; `None`: not said.
    allowed_names: Option<Vec<String>>,
    /// Whether functions may be taken over; `None`: not said.
    allow_adoption: Option<bool>,
    /// A missing annotation refuses instead of allowing.
    strict: bool,
    /// The first annotation that cannot be read or is not allowed; it refuses everything.
    invalid: Option<Blocked>,
}

/// The requests of an object that a policy can refuse.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Demands<'a> {
    /// Roles that functions are to run as.
    pub roles: Vec<&'a str>,
    /// The function's name in AWS; `None` where another object, which was judged itself, gives it.
    pub function_name: Option<String>,
    /// A resource that exists may be taken over.
    pub adopts: bool,
}

const PREFIX: &str = "lambda-operator.io/";

impl Policy {
    /// Reads a namespace's annotations. An object that leaves needs what can be read of them; every other object is refused if one cannot.
    #[must_use]
    pub fn of(annotations: &BTreeMap<String, String>, strict: bool) -> Self {
        let get = |name: &str| annotations.get(&format!("{PREFIX}{name}")).filter(|text| !text.is_empty());
        let list = |name: &str| get(name).map(|text| text.split(',').map(|part| part.trim().to_owned()).collect());
        let (default_tags, bad_tags) = match get("default-tags").map_or_else(|| Ok(BTreeMap::new()), |text| tags(text))
        {
            Ok(tags) => (tags, None),
            Err(blocked) => (BTreeMap::new(), Some(blocked)),
        };
        let (allow_adoption, bad_adoption) = match get("allow-adoption").map(String::as_str) {
            None => (None, None),
            Some("true") => (Some(true), None),
            Some("false") => (Some(false), None),
            Some(_) => (None, Some(unreadable("allow-adoption", "true or false"))),
        };
        Self {
            role_arn: get("role-arn").cloned(),
            region: get("region").cloned(),
            default_tags,
            allowed_roles: list("allowed-roles"),
            allowed_names: list("allowed-function-names"),
            allow_adoption,
            strict,
            invalid: bad_tags.or(bad_adoption),
        }
    }

    /// The refusal of an object's requests, if the policy refuses one.
    #[must_use]
    pub fn refuses(&self, demands: &Demands<'_>) -> Option<Blocked> {
        let Self {
            allowed_roles,
            allowed_names,
            allow_adoption,
            strict,
            invalid,
            role_arn: _,
            region: _,
            default_tags: _,
        } = self;
        if invalid.is_some() {
            return invalid.clone();
        }
        let Demands { roles, function_name, adopts } = demands;
        let within = |globs: &Option<Vec<String>>, text: &str| match globs {
            Some(globs) => globs.iter().any(|glob| WildMatch::new(glob).matches(text)),
            None => !strict,
        };
        let refused = |what: String, annotation: &str| {
            Some(Blocked::NotAllowed(format!(
                "This namespace does not allow {what}: choose another, or ask an administrator of the namespace to change its annotation {PREFIX}{annotation}."
            )))
        };
        if let Some(role) = roles.iter().find(|role| !within(allowed_roles, role)) {
            refused(format!("the role {role}"), "allowed-roles")
        } else if let Some(name) = function_name.as_ref().filter(|name| !within(allowed_names, name)) {
            refused(format!("a function named {name}"), "allowed-function-names")
        } else if *adopts && !allow_adoption.unwrap_or(!strict) {
            refused("adoption".into(), "allow-adoption")
        } else {
            None
        }
    }
}

/// The annotation default-tags, read.
fn tags(text: &str) -> Result<BTreeMap<String, String>, Blocked> {
    let mut tags = BTreeMap::new();
    for part in text.split(',') {
        let Some((key, value)) = part.split_once('=') else {
            return Err(unreadable("default-tags", "key=value,key=value"));
        };
        if is_reserved_key(key) {
            return Err(Blocked::NotAllowed(format!(
                "The annotation {PREFIX}default-tags of this namespace sets the tag key '{}', which is empty or reserved for AWS and the operator, so nothing is done here: rename the key so that it begins with neither aws: nor {PREFIX}.",
                key.trim()
            )));
        }
        tags.insert(key.trim().to_owned(), value.trim().to_owned());
    }
    Ok(tags)
}

fn unreadable(annotation: &str, form: &str) -> Blocked {
    Blocked::NotAllowed(format!(
        "The annotation {PREFIX}{annotation} of this namespace cannot be read, so nothing is done here: write it as {form}."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(annotations: &[(&str, &str)], strict: bool) -> Policy {
        let all = annotations.iter().map(|(key, value)| (format!("{PREFIX}{key}"), (*value).to_owned())).collect();
        Policy::of(&all, strict)
    }

    fn demands<'a>(role: &'a str, name: &str) -> Demands<'a> {
        Demands { roles: vec![role], function_name: Some(name.to_owned()), adopts: false }
    }

    #[test]
    fn the_default_is_allow_unless_a_policy_is_required() {
        assert_eq!(policy(&[], false).refuses(&demands("arn:r", "f")), None);
        let Some(Blocked::NotAllowed(sentence)) = policy(&[], true).refuses(&demands("arn:r", "f")) else { panic!() };
        assert!(
            sentence.contains("the role arn:r") && sentence.contains("lambda-operator.io/allowed-roles"),
            "{sentence}"
        );
    }

    #[test]
    fn globs_bound_roles_and_names() {
        let policy = policy(
            &[("allowed-roles", "arn:aws:iam::1:role/team-*, arn:x"), ("allowed-function-names", "team-?")],
            false,
        );
        assert_eq!(policy.refuses(&demands("arn:aws:iam::1:role/team-a", "team-a")), None);
        assert_eq!(policy.refuses(&demands("arn:x", "team-a")), None);
        assert!(policy.refuses(&demands("arn:aws:iam::1:role/admin", "team-a")).is_some());
        assert!(policy.refuses(&demands("arn:x", "other")).is_some());
        let of_another_object = Demands { function_name: None, ..demands("arn:x", "") };
        assert_eq!(policy.refuses(&of_another_object), None);
    }

    #[test]
    fn adoption_needs_leave_where_it_is_asked_for() {
        let adopting = Demands { adopts: true, ..demands("arn:r", "f") };
        assert!(policy(&[("allow-adoption", "false")], false).refuses(&adopting).is_some());
        assert_eq!(policy(&[("allow-adoption", "true")], false).refuses(&adopting), None);
    }

    #[test]
    fn an_unreadable_policy_refuses_everything() {
        let refused = policy(&[("allow-adoption", "yes")], false).refuses(&demands("arn:r", "f"));
        assert!(matches!(refused, Some(Blocked::NotAllowed(sentence)) if sentence.contains("true or false")));
    }

    #[test]
    fn default_tags_cannot_have_a_reserved_key() {
        for tags in ["lambda-operator.io/owner=c/n/f", "a=b, Lambda-Operator.io/team=x", " AWS:x=y", "=v"] {
            let policy = policy(&[("default-tags", tags), ("role-arn", "arn:team")], false);
            let Some(Blocked::NotAllowed(sentence)) = policy.refuses(&demands("arn:r", "f")) else { panic!("{tags}") };
            assert!(sentence.contains("default-tags") && sentence.contains("rename the key"), "{sentence}");
            assert_eq!(policy.default_tags, BTreeMap::new());
            assert_eq!(policy.role_arn.as_deref(), Some("arn:team"), "an object that leaves needs it");
        }
    }

    #[test]
    fn a_deletion_needs_no_annotation_but_role_and_region() {
        let odd = [("allow-adoption", "yes"), ("default-tags", "x"), ("role-arn", "arn:r"), ("region", "eu-west-1")];
        let policy = policy(&odd, true);
        assert!(policy.refuses(&demands("arn:any", "any")).is_some());
        assert_eq!((policy.role_arn.as_deref(), policy.region.as_deref()), (Some("arn:r"), Some("eu-west-1")));
    }
}
