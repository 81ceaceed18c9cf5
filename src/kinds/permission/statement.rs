//! Parses the statements of a policy from JSON to the model. IAM can show one statement in several forms; all of them are parsed to the same model.
//! Pure.

use serde_json::{Map, Value, json};

use super::model::{Member, Permission};
use crate::core::applied::hash;
use crate::core::attached::Model;

/// The maximum number of characters of a policy.
pub const LONGEST_POLICY: usize = 20_480;

/// The part of a policy that an object uses: its own statements, and the size of the whole policy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// The revision, which changes with each change; absent where there is no policy.
    pub revision: Option<String>,
    /// Characters of the whole policy.
    pub size: usize,
    /// The statements that have one of the object's ids, in the policy's order.
    pub held: Vec<Statement>,
}

/// A statement that exists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Statement {
    /// Its id.
    pub id: String,
    /// Its contents.
    pub permission: Permission,
    /// Its JSON.
    pub text: String,
}

impl Statement {
    /// A value that changes with each change of the statement or of its id.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let members = Member::ALL.map(|member| self.permission.text(member));
        hash(&format!("{} {}", self.id, members.join(" ")))
    }
}

/// Parses a policy; only statements with one of these ids are kept.
#[must_use]
pub fn policy(text: &str, revision: Option<String>, ids: &[String]) -> Policy {
    let held = statements(text).into_iter().filter(|statement| ids.contains(&statement.id)).collect();
    Policy { revision, size: text.chars().count(), held }
}

/// Parses every statement of a policy that has an id.
#[must_use]
pub fn statements(text: &str) -> Vec<Statement> {
    all(text).into_iter().filter(|statement| !statement.id.is_empty()).collect()
}

/// Every statement of a policy; one without an id has an empty one. A policy that is not JSON has no statements.
#[must_use]
pub fn all(text: &str) -> Vec<Statement> {
    let document: Value = serde_json::from_str(text).unwrap_or_default();
    match document.get("Statement") {
        Some(Value::Array(statements)) => statements.iter().map(statement).collect(),
        Some(one @ Value::Object(_)) => vec![statement(one)],
        Some(_) | None => Vec::new(),
    }
}

/// Parses one statement.
#[must_use]
pub fn parse(text: &str) -> Option<Statement> {
    Some(statement(&serde_json::from_str(text).ok()?)).filter(|statement| !statement.id.is_empty())
}

fn statement(statement: &Value) -> Statement {
    Statement {
        id: statement.get("Sid").and_then(Value::as_str).unwrap_or_default().to_owned(),
        permission: permission(statement),
        text: statement.to_string(),
    }
}

fn permission(statement: &Value) -> Permission {
    let mut permission = Permission::default();
    let mut other = Map::new();
    for (name, value) in statement.as_object().into_iter().flatten() {
        match name.as_str() {
            "Sid" | "Resource" => {}
            "Effect" if value == "Allow" => {}
            "Action" if single(value).is_some() => permission.action = single(value).unwrap_or_default(),
            "Principal" if principal(value).is_some() => permission.principal = principal(value).unwrap_or_default(),
            "Condition" => conditions(value, &mut permission, &mut other),
            _ => drop(other.insert(name.clone(), value.clone())),
        }
    }
    if !other.is_empty() {
        permission.other = Value::Object(other).to_string();
    }
    permission
}

/// A string, or a list with one string.
fn single(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Array(list) => match list.as_slice() {
            [one] => single(one),
            _ => None,
        },
        Value::Null | Value::Number(_) | Value::Object(_) => None,
    }
}

/// `"*"`, `{"AWS": …}` or `{"Service": …}`, with one caller.
fn principal(value: &Value) -> Option<String> {
    let Value::Object(kinds) = value else { return single(value) };
    let mut kinds = kinds.iter();
    let (Some((kind, caller)), None) = (kinds.next(), kinds.next()) else { return None };
    let caller = single(caller)?;
    ["AWS", "Service"].contains(&kind.as_str()).then(|| normal(&caller))
}

/// The canonical form of a principal. For example, AWS shows an account as the ARN of its root.
#[must_use]
pub fn normal(principal: &str) -> String {
    let parts: Vec<_> = principal.split(':').collect();
    match parts.as_slice() {
        ["arn", _, "iam", "", account, "root"] => (*account).to_owned(),
        _ => principal.to_owned(),
    }
}

fn conditions(value: &Value, permission: &mut Permission, other: &mut Map<String, Value>) {
    let mut unknown = Map::new();
    for (operator, keys) in value.as_object().into_iter().flatten() {
        for (key, value) in keys.as_object().into_iter().flatten() {
            let field = single(value).and_then(|text| Some((place(operator, key, permission)?, text)));
            match field {
                Some((Place::Text(field), text)) if field.is_empty() => *field = text,
                Some((Place::ViaUrl(field), text)) if text == "true" => *field = true,
                Some(_) | None => drop(unknown.insert(format!("{operator} {key}"), value.clone())),
            }
        }
    }
    if !unknown.is_empty() {
        other.insert("Condition".into(), Value::Object(unknown));
    }
}

/// The field of the model that a condition is about.
enum Place<'a> {
    Text(&'a mut String),
    ViaUrl(&'a mut bool),
}

/// Keys of conditions are case-insensitive in IAM.
fn place<'a>(operator: &str, key: &str, permission: &'a mut Permission) -> Option<Place<'a>> {
    let equals = ["StringEquals", "StringLike"].contains(&operator);
    let like = ["ArnLike", "ArnEquals", "StringLike", "StringEquals"].contains(&operator);
    match key.to_ascii_lowercase().as_str() {
        "aws:sourcearn" if like => Some(Place::Text(&mut permission.source_arn)),
        "aws:sourceaccount" if equals => Some(Place::Text(&mut permission.source_account)),
        "aws:principalorgid" if equals => Some(Place::Text(&mut permission.principal_org_id)),
        "lambda:eventsourcetoken" if equals => Some(Place::Text(&mut permission.event_source_token)),
        "lambda:functionurlauthtype" if equals => Some(Place::Text(&mut permission.function_url_auth_type)),
        "lambda:invokedviafunctionurl" if operator == "Bool" => Some(Place::ViaUrl(&mut permission.via_url)),
        _ => None,
    }
}

/// Characters of the statement that AWS makes of an AddPermission for this resource.
#[must_use]
pub fn length(id: &str, permission: &Permission, resource: &str) -> usize {
    let Permission {
        action,
        principal,
        source_arn,
        source_account,
        principal_org_id,
        event_source_token,
        function_url_auth_type,
        via_url,
        other: _,
    } = permission;
    let texts = |keys: &[(&str, &String)]| -> Map<String, Value> {
        let set = keys.iter().filter(|(_, value)| !value.is_empty());
        set.map(|(key, value)| ((*key).to_owned(), json!(value))).collect()
    };
    let equals = texts(&[
        ("AWS:SourceAccount", source_account),
        ("aws:PrincipalOrgID", principal_org_id),
        ("lambda:EventSourceToken", event_source_token),
        ("lambda:FunctionUrlAuthType", function_url_auth_type),
    ]);
    let like = texts(&[("AWS:SourceArn", source_arn)]);
    let via = if *via_url { texts(&[("lambda:InvokedViaFunctionUrl", &"true".to_owned())]) } else { Map::new() };
    let blocks = [("StringEquals", equals), ("ArnLike", like), ("Bool", via)];
    let condition: Map<_, _> = blocks
        .into_iter()
        .filter(|(_, keys)| !keys.is_empty())
        .map(|(operator, keys)| (operator.to_owned(), Value::Object(keys)))
        .collect();
    let account = principal.len() == 12 && principal.bytes().all(|byte| byte.is_ascii_digit());
    let shown = match principal.as_str() {
        "*" => json!("*"),
        // The partition is not known here, so the longest name is assumed.
        _ if account => json!({ "AWS": format!("arn:aws-us-gov:iam::{principal}:root") }),
        arn if arn.starts_with("arn:") => json!({ "AWS": arn }),
        service => json!({ "Service": service }),
    };
    let mut statement =
        json!({"Sid": id, "Effect": "Allow", "Principal": shown, "Action": action, "Resource": resource});
    if !condition.is_empty() {
        statement["Condition"] = Value::Object(condition);
    }
    statement.to_string().chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(statement: &Value) -> Permission {
        permission(statement)
    }

    fn s3() -> Value {
        json!({"Sid": "s3", "Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"},
            "Action": "lambda:InvokeFunction", "Resource": "arn:f",
            "Condition": {"StringEquals": {"AWS:SourceAccount": "123456789012"}, "ArnLike": {"AWS:SourceArn": "arn:aws:s3:::b"}}})
    }

    #[test]
    fn spellings_of_one_statement_are_equal() {
        let plain = read(&s3());
        assert_eq!((plain.principal.as_str(), plain.source_arn.as_str()), ("s3.amazonaws.com", "arn:aws:s3:::b"));
        assert_eq!(plain.other, "");
        let mut other = s3();
        other["Action"] = json!(["lambda:InvokeFunction"]);
        other["Principal"] = json!({"Service": ["s3.amazonaws.com"]});
        other["Condition"] = json!({"StringLike": {"aws:sourcearn": ["arn:aws:s3:::b"]}, "StringEquals": {"aws:SourceAccount": "123456789012"}});
        assert_eq!(read(&other), plain);
        let of = |principal: Value| read(&json!({ "Principal": principal })).principal;
        assert_eq!(of(json!({"AWS": "arn:aws-cn:iam::123456789012:root"})), "123456789012");
        assert_eq!(normal("123456789012"), "123456789012");
        assert_eq!((of(json!("*")), of(json!({"AWS": "*"}))), ("*".into(), "*".into()));
        let role = "arn:aws:iam::123456789012:role/root";
        assert_eq!(of(json!({ "AWS": role })), role);
        let via = json!({"Condition": {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}});
        assert!(read(&via).via_url);
    }

    #[test]
    fn whatever_add_permission_cannot_say_is_a_difference() {
        let changed = |name: &str, value: Value| {
            let mut statement = s3();
            statement[name] = value;
            read(&statement)
        };
        for odd in [
            changed("Effect", json!("Deny")),
            changed("Action", json!(["lambda:InvokeFunction", "lambda:GetFunction"])),
            changed("Principal", json!({"AWS": ["1", "2"]})),
            changed("NotAction", json!("lambda:*")),
            changed("Condition", json!({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}})),
            changed("Condition", json!({"Bool": {"lambda:InvokedViaFunctionUrl": "false"}})),
        ] {
            assert_ne!(odd.other, "", "{odd:?}");
        }
    }

    #[test]
    fn only_the_objects_own_statements_are_kept_and_all_are_counted() {
        let text = format!(r#"{{"Version":"2012-10-17","Id":"default","Statement":[{},{{"Sid":"theirs"}}]}}"#, s3());
        let policy = policy(&text, Some("r".into()), &["s3".into()]);
        assert_eq!(policy.held.iter().map(|held| held.id.as_str()).collect::<Vec<_>>(), ["s3"]);
        assert_eq!((policy.size, policy.revision.as_deref()), (text.len(), Some("r")));
        assert_eq!(super::policy("no JSON", None, &["s3".into()]).held, []);
    }

    /// AWS limits the characters of a policy. The length decides, before the call, whether there is room for a second statement.
    #[test]
    fn the_length_of_a_statement_is_the_one_that_aws_will_count() {
        assert_eq!(length("s3", &read(&s3()), "arn:f"), s3().to_string().len());
        let bare = json!({"Sid": "a", "Effect": "Allow", "Principal": "*", "Action": "lambda:*", "Resource": "arn:f"});
        assert_eq!(length("a", &read(&bare), "arn:f"), bare.to_string().len());
    }
}
