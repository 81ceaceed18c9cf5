//! The environment of a function, from literal variables, single keys, and whole Secrets and ConfigMaps. Messages can contain names, never values.

use std::collections::{BTreeMap, BTreeSet};

use crate::api::function::environment::{Environment, EnvironmentFrom, KeyRef, ValueFrom};
use crate::core::blocked::Blocked;
use crate::core::error::GoalError;
use crate::core::references::{Contents, Kind, Reference, References};
use crate::core::values::Secret;

/// The most bytes of all variables as compact JSON.
const MOST: usize = 4096;

/// Variables that Lambda sets itself.
const RESERVED: [&str; 19] = [
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_KEY",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_LAMBDA_RUNTIME_API",
    "LAMBDA_TASK_ROOT",
    "LAMBDA_RUNTIME_DIR",
];

/// Every variable by name.
pub(crate) fn resolve(
    environment: Option<&Environment>,
    references: &References,
) -> Result<BTreeMap<String, Secret>, GoalError> {
    let Some(Environment { variables, value_from, from }) = environment else { return Ok(BTreeMap::new()) };
    let mut found = Found::default();
    for from in from.iter().flatten() {
        found.take_all(from, references)?;
    }
    for (name, value) in value_from.iter().flatten() {
        found.take_key(name, value, references)?;
    }
    for (name, value) in variables.iter().flatten() {
        found.put(name.clone(), value.clone());
    }
    found.check()
}

/// The identity of an environment without the values of Secrets: the spec, and the versions of its references.
pub(crate) fn identity(environment: Option<&Environment>, references: &References) -> Secret {
    let Some(environment) = environment else { return Secret::new(String::new()) };
    let Environment { variables, value_from, from } = environment;
    // Literal values are included: users who can read the status can read the spec too.
    let literal = variables.iter().flatten().map(|(name, value)| format!("{name:?}={value:?}"));
    let key = |value: &ValueFrom| {
        let secret = value.secret_key_ref.as_ref().map(|key| (Kind::Secret, key.name.clone()));
        secret.or_else(|| value.config_map_key_ref.as_ref().map(|key| (Kind::ConfigMap, key.name.clone())))
    };
    let whole = |from: &EnvironmentFrom| {
        let secret = from.secret_ref.as_ref().map(|object| (Kind::Secret, object.name.clone()));
        secret.or_else(|| from.config_map_ref.as_ref().map(|object| (Kind::ConfigMap, object.name.clone())))
    };
    let keys = value_from.iter().flatten().filter_map(|(_, value)| key(value));
    let named: BTreeSet<_> = keys.chain(from.iter().flatten().filter_map(whole)).collect();
    let versions = named.into_iter().map(|(kind, name)| {
        let reference = Reference { kind, name };
        let version = references.objects.get(&reference).map(|contents| contents.version.as_str());
        format!("{reference}={}", version.unwrap_or_default())
    });
    let texts = [format!("{value_from:?}"), format!("{from:?}")].into_iter();
    Secret::new(literal.chain(texts).chain(versions).collect::<Vec<_>>().join(";"))
}

#[derive(Default)]
struct Found {
    variables: BTreeMap<String, Secret>,
    twice: BTreeSet<String>,
}

impl Found {
    fn put(&mut self, name: String, value: String) {
        if self.variables.insert(name.clone(), Secret::new(value)).is_some() {
            self.twice.insert(name);
        }
    }

    fn take_all(&mut self, from: &EnvironmentFrom, references: &References) -> Result<(), GoalError> {
        let EnvironmentFrom { secret_ref, config_map_ref, prefix } = from;
        let (kind, object) = match (secret_ref, config_map_ref) {
            (Some(secret), _) => (Kind::Secret, secret),
            (None, Some(map)) => (Kind::ConfigMap, map),
            (None, None) => return Ok(()),
        };
        let reference = Reference { kind, name: object.name.clone() };
        let Some(contents) = references.objects.get(&reference) else {
            return if object.optional.unwrap_or_default() { Ok(()) } else { Err(missing(&reference)) };
        };
        let prefix = prefix.as_deref().unwrap_or_default();
        for (key, value) in &contents.values {
            let name = format!("{prefix}{key}");
            self.put(name, text(&reference, key, value)?);
        }
        Ok(())
    }

    fn take_key(&mut self, name: &str, from: &ValueFrom, references: &References) -> Result<(), GoalError> {
        let (kind, KeyRef { name: object, key, optional }) = match (&from.secret_key_ref, &from.config_map_key_ref) {
            (Some(key), _) => (Kind::Secret, key),
            (None, Some(key)) => (Kind::ConfigMap, key),
            (None, None) => return Ok(()),
        };
        let reference = Reference { kind, name: object.clone() };
        let value = match references
            .objects
            .get(&reference)
            .map(|Contents { uid: _, version: _, values }| values.get(key))
        {
            Some(Some(value)) => value,
            _ if optional.unwrap_or_default() => return Ok(()),
            None => return Err(missing(&reference)),
            Some(None) => {
                return Err(GoalError::Missing(format!(
                    "{reference} has no key {key}, which spec.environment.valueFrom.{name} names: add the key, or set optional: true."
                )));
            }
        };
        self.put(name.to_owned(), text(&reference, key, value)?);
        Ok(())
    }

    fn check(self) -> Result<BTreeMap<String, Secret>, GoalError> {
        let Self { variables, twice } = self;
        let refuse = |sentence: String| Err(GoalError::Blocked(Blocked::InvalidSpec(sentence)));
        let list = |names: &mut dyn Iterator<Item = &String>| names.map(String::as_str).collect::<Vec<_>>().join(", ");
        if !twice.is_empty() {
            let names = list(&mut twice.iter());
            return refuse(format!(
                "The environment has more than one value for {names}: keep one value for each variable."
            ));
        }
        let reserved = list(&mut variables.keys().filter(|name| RESERVED.contains(&name.as_str())));
        if !reserved.is_empty() {
            return refuse(format!(
                "Lambda sets {reserved} itself: remove them from the environment and from the Secrets and ConfigMaps that it names."
            ));
        }
        let odd = list(&mut variables.keys().filter(|name| !is_name(name)));
        if !odd.is_empty() {
            return refuse(format!(
                "{odd} cannot be names of environment variables (a letter, then letters, digits and _): rename the keys, or select keys by valueFrom."
            ));
        }
        let shown: BTreeMap<_, _> = variables.iter().map(|(name, value)| (name, value.reveal())).collect();
        let bytes = serde_json::to_string(&shown).map(|json| json.len()).unwrap_or_default();
        if bytes > MOST {
            let names = list(&mut variables.keys());
            return refuse(format!(
                "The environment has {bytes} bytes and AWS allows {MOST}: shorten or remove some of {names}."
            ));
        }
        Ok(variables)
    }
}

fn is_name(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(|first| first.is_ascii_alphabetic())
        && name.len() > 1
        && characters.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn missing(reference: &Reference) -> GoalError {
    GoalError::Missing(format!(
        "{reference}, which the spec refers to, does not exist in this namespace: create it, or correct the name."
    ))
}

fn text(reference: &Reference, key: &str, value: &[u8]) -> Result<String, GoalError> {
    String::from_utf8(value.to_vec()).map_err(|_| {
        GoalError::Blocked(Blocked::InvalidSpec(format!(
            "Key {key} of {reference} is not UTF-8 text, so it cannot be an environment variable: store it as text."
        )))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn references() -> References {
        let contents = |pairs: &[(&str, &str)]| Contents {
            uid: "u".into(),
            version: "1".into(),
            values: pairs.iter().map(|(k, v)| ((*k).to_owned(), v.as_bytes().to_vec())).collect(),
        };
        let secret = |name: &str| Reference { kind: Kind::Secret, name: name.into() };
        References {
            objects: [
                (secret("db"), contents(&[("password", "s3cret")])),
                (secret("keys"), contents(&[("ONE", "s3cret1"), ("TWO", "s3cret2")])),
                (secret("odd"), contents(&[("tls.crt", "s3cret")])),
            ]
            .into(),
            ..References::default()
        }
    }

    fn environment(json: serde_json::Value) -> Result<BTreeMap<String, Secret>, GoalError> {
        resolve(Some(&serde_json::from_value(json).unwrap()), &references())
    }

    fn sentence(json: serde_json::Value) -> String {
        match environment(json).unwrap_err() {
            GoalError::Missing(sentence) | GoalError::Blocked(Blocked::InvalidSpec(sentence)) => sentence,
            other @ (GoalError::Blocked(_) | GoalError::Waiting(_)) => panic!("{other:?}"),
        }
    }

    #[test]
    fn values_come_from_where_the_spec_says() {
        let all = environment(serde_json::json!({
            "variables": {"STAGE": "prod"},
            "valueFrom": {"PASSWORD": {"secretKeyRef": {"name": "db", "key": "password"}},
                          "MAYBE": {"secretKeyRef": {"name": "none", "key": "x", "optional": true}}},
            "from": [{"secretRef": {"name": "keys"}, "prefix": "API_"}, {"configMapRef": {"name": "none", "optional": true}}],
        }))
        .unwrap();
        let shown: Vec<_> = all.iter().map(|(name, value)| (name.as_str(), value.reveal())).collect();
        assert_eq!(shown, [("API_ONE", "s3cret1"), ("API_TWO", "s3cret2"), ("PASSWORD", "s3cret"), ("STAGE", "prod")]);
    }

    #[test]
    fn an_environment_is_told_by_versions_and_never_by_the_values_of_secrets() {
        let environment: Environment = serde_json::from_value(serde_json::json!({
            "valueFrom": {"PASSWORD": {"secretKeyRef": {"name": "db", "key": "password"}}},
        }))
        .unwrap();
        let holding = |version: &str, value: &str| {
            let contents = Contents {
                uid: "u".into(),
                version: version.into(),
                values: [("password".to_owned(), value.as_bytes().to_vec())].into(),
            };
            let reference = Reference { kind: Kind::Secret, name: "db".into() };
            identity(
                Some(&environment),
                &References { objects: [(reference, contents)].into(), ..References::default() },
            )
        };
        assert_eq!(holding("7", "1234"), holding("7", "5678"));
        assert_ne!(holding("7", "1234"), holding("8", "1234"));
        let literal = |value: &str| {
            let variables = Some([("STAGE".to_owned(), value.to_owned())].into());
            identity(Some(&Environment { variables, ..Environment::default() }), &References::default())
        };
        assert_ne!(literal("one"), literal("two"));
    }

    #[test]
    fn environment_errors_show_names_and_never_values() {
        let key = |name: &str, key: &str| serde_json::json!({"valueFrom": {"AB": {"secretKeyRef": {"name": name, "key": key}}}});
        let cases = [
            (key("none", "x"), "Secret none, which the spec refers to, does not exist"),
            (key("db", "user"), "Secret db has no key user"),
            (
                serde_json::json!({"variables": {"ONE": "a"}, "from": [{"secretRef": {"name": "keys"}}]}),
                "more than one value for ONE",
            ),
            (serde_json::json!({"from": [{"secretRef": {"name": "odd"}}]}), "tls.crt cannot be names"),
            (serde_json::json!({"variables": {"BIG": "s3cret".repeat(700)}}), "4096"),
            (serde_json::json!({"variables": {"LAMBDA_TASK_ROOT": "x"}}), "Lambda sets LAMBDA_TASK_ROOT itself"),
        ];
        for (json, words) in cases {
            let said = sentence(json);
            assert!(said.contains(words) && !said.contains("s3cret"), "{said}");
        }
    }
}
