//! The statement that AWS creates for an AddPermission, and the refusals that do not depend on existing statements.

use serde_json::{Map, Value, json};

use super::policies::Statement;
use super::texts;
use crate::proxy::refusal::Refusal;
use crate::proxy::validate;

/// The refusal of a request that violates a constraint, before AWS looks for the function.
pub(crate) fn constraint(request: &Value, qualifier: Option<&str>) -> Option<Refusal> {
    let text = |member: &str| request.get(member).and_then(Value::as_str);
    let word = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    let pattern = |value: Option<&str>, member: &str, fits: &dyn Fn(&str) -> bool, pattern: &str| {
        let value = value.filter(|value| !fits(value))?;
        Some(Refusal::constraint(value, member, &format!("Member must satisfy regular expression pattern: {pattern}")))
    };
    let organisation = |text: &str| {
        text.strip_prefix("o-")
            .is_some_and(|id| (10..=32).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_alphanumeric()))
    };
    let action = |text: &str| {
        text == "*"
            || text
                .strip_prefix("lambda:")
                .is_some_and(|name| name == "*" || is_made_of(name, |b| b.is_ascii_alphabetic()))
    };
    validate::required(request, "StatementId", "statementId")
        .or_else(|| validate::required(request, "Action", "action"))
        .or_else(|| validate::required(request, "Principal", "principal"))
        .or_else(|| pattern(text("StatementId"), "statementId", &|text| is_made_of(text, word), "([a-zA-Z0-9-_]+)"))
        .or_else(|| long(text("StatementId"), "statementId", 100))
        .or_else(|| pattern(text("Action"), "action", &action, "(lambda:[*]|lambda:[a-zA-Z]+|[*])"))
        .or_else(|| pattern(text("SourceAccount"), "sourceAccount", &is_account, r"\d{12}"))
        .or_else(|| pattern(text("PrincipalOrgID"), "principalOrgID", &organisation, "^o-[a-z0-9]{10,32}$"))
        .or_else(|| validate::one_of(request, "/FunctionUrlAuthType", "functionUrlAuthType", &["NONE", "AWS_IAM"]))
        .or_else(|| of_a_qualifier(qualifier))
}

/// The refusal of an invalid qualifier.
pub(crate) fn of_a_qualifier(qualifier: Option<&str>) -> Option<Refusal> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-_$".contains(&byte);
    let wrong = qualifier.filter(|qualifier| *qualifier != "$LATEST.PUBLISHED" && !is_made_of(qualifier, fits))?;
    let pattern = r"Member must satisfy regular expression pattern: \$(LATEST(\.PUBLISHED)?)|[a-zA-Z0-9-_$]+";
    Some(Refusal::constraint(wrong, "qualifier", pattern))
}

/// The refusal of a request for an existing function.
pub(crate) fn refusal(request: &Value) -> Option<Refusal> {
    let text = |member: &str| request.get(member).and_then(Value::as_str).unwrap_or_default();
    let said = |member: &str| request.get(member).is_some_and(|value| !value.is_null());
    let (principal, action) = (text("Principal"), text("Action"));
    if principal_element(principal).is_none() {
        return Some(Refusal::invalid(texts::INVALID_PRINCIPAL));
    }
    let of_a_url = action == "lambda:InvokeFunctionUrl";
    if principal == "*" && of_a_url && !said("FunctionUrlAuthType") {
        return Some(Refusal::invalid(texts::PUBLIC_WITHOUT_AUTH_TYPE));
    }
    // AWS documents both rules; its messages are not known
    let misplaced =
        [("FunctionUrlAuthType", "lambda:InvokeFunctionUrl"), ("InvokedViaFunctionUrl", "lambda:InvokeFunction")];
    let (member, only) = misplaced.into_iter().find(|(member, only)| said(member) && action != *only)?;
    Some(Refusal::invalid(format!("{member} is only supported for {only} action")))
}

/// The statement about the function, version or alias of this ARN.
pub(crate) fn made(request: &Value, arn: &str) -> Statement {
    let text = |member: &str| request.get(member).and_then(Value::as_str).unwrap_or_default();
    let sid = text("StatementId").to_owned();
    let mut members = vec![
        ("Sid", json!(sid)),
        ("Effect", json!("Allow")),
        ("Principal", principal_element(text("Principal")).unwrap_or_default()),
        ("Action", json!(text("Action"))),
        ("Resource", json!(arn)),
    ];
    let condition = condition(request);
    if !condition.is_empty() {
        members.push(("Condition", Value::Object(condition)));
    }
    // in AWS's order
    let members: Vec<String> = members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
    Statement { sid, text: format!("{{{}}}", members.join(",")) }
}

fn condition(request: &Value) -> Map<String, Value> {
    let equal = [
        ("SourceAccount", "AWS:SourceAccount"),
        ("PrincipalOrgID", "aws:PrincipalOrgID"),
        ("EventSourceToken", "lambda:EventSourceToken"),
        ("FunctionUrlAuthType", "lambda:FunctionUrlAuthType"),
    ];
    let said = |member: &str| request.get(member).filter(|value| !value.is_null()).cloned();
    let equal: Map<String, Value> =
        equal.iter().filter_map(|(member, key)| Some(((*key).to_owned(), said(member)?))).collect();
    let mut condition = Map::new();
    if !equal.is_empty() {
        condition.insert("StringEquals".to_owned(), Value::Object(equal));
    }
    if let Some(arn) = said("SourceArn") {
        condition.insert("ArnLike".to_owned(), json!({ "AWS:SourceArn": arn }));
    }
    if let Some(Value::Bool(via)) = said("InvokedViaFunctionUrl") {
        condition.insert("Bool".to_owned(), json!({"lambda:InvokedViaFunctionUrl": via.to_string()}));
    }
    condition
}

/// The principal as AWS writes it; `None` if AWS does not accept it.
fn principal_element(principal: &str) -> Option<Value> {
    let services = [".amazonaws.com", ".amazonaws.com.cn", ".amazon.com"];
    if principal == "*" {
        return Some(json!("*"));
    }
    if is_account(principal) {
        return Some(json!({"AWS": format!("arn:aws:iam::{principal}:root")}));
    }
    if services.iter().any(|suffix| principal.ends_with(suffix)) {
        return Some(json!({ "Service": principal }));
    }
    let arn: Vec<&str> = principal.splitn(6, ':').collect();
    let ["arn", _, "iam" | "sts", "", account, _] = arn.as_slice() else { return None };
    is_account(account).then(|| json!({ "AWS": principal }))
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_made_of(text: &str, of: impl Fn(u8) -> bool) -> bool {
    !text.is_empty() && text.bytes().all(of)
}

fn long(value: Option<&str>, member: &str, most: usize) -> Option<Refusal> {
    let value = value.filter(|value| value.len() > most)?;
    Some(Refusal::constraint(value, member, &format!("Member must have length less than or equal to {most}")))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{constraint, made, refusal};

    const ARN: &str = "arn:aws:lambda:eu-west-1:111111111111:function:f:live";

    fn request(more: &Value) -> Value {
        let mut request =
            json!({"StatementId": "s3", "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com"});
        crate::rules::merge_patch(&mut request, more);
        request
    }

    fn statement(more: &Value) -> Value {
        serde_json::from_str(&made(&request(more), ARN).text).unwrap()
    }

    #[test]
    fn a_statement_is_the_recorded_one() {
        let recorded = json!({"Sid": "s3", "Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"},
            "Action": "lambda:InvokeFunction", "Resource": ARN,
            "Condition": {"ArnLike": {"AWS:SourceArn": "arn:aws:s3:::bucket"}}});
        assert_eq!(statement(&json!({"SourceArn": "arn:aws:s3:::bucket"})), recorded);
        assert!(made(&request(&json!({})), ARN).text.starts_with(r#"{"Sid":"s3","Effect":"Allow","Principal":{"#));
    }

    #[test]
    fn principals_are_written_as_aws_writes_them() {
        let principal = |text: &str| statement(&json!({"Principal": text}))["Principal"].clone();
        assert_eq!(principal("*"), "*");
        assert_eq!(principal("222222222222"), json!({"AWS": "arn:aws:iam::222222222222:root"}));
        let role = "arn:aws:iam::222222222222:role/a/b";
        assert_eq!(principal(role), json!({ "AWS": role }));
        for nobody in ["invalid.nonaws.com", "arn:aws:s3:::bucket", "2222"] {
            let refused = refusal(&request(&json!({"Principal": nobody}))).unwrap();
            assert_eq!(
                refused.message,
                "The provided principal was invalid. Please check the principal and try again."
            );
        }
    }

    #[test]
    fn conditions_of_every_member() {
        let all = json!({"SourceAccount": "222222222222", "PrincipalOrgID": "o-1234567890", "EventSourceToken": "t",
            "FunctionUrlAuthType": "NONE", "InvokedViaFunctionUrl": true});
        assert_eq!(
            statement(&all)["Condition"],
            json!({"StringEquals": {"AWS:SourceAccount": "222222222222", "aws:PrincipalOrgID": "o-1234567890",
                                    "lambda:EventSourceToken": "t", "lambda:FunctionUrlAuthType": "NONE"},
                   "Bool": {"lambda:InvokedViaFunctionUrl": "true"}})
        );
        assert_eq!(statement(&json!({})).get("Condition"), None);
    }

    #[test]
    fn what_a_permission_cannot_be() {
        let refused = |more: Value, qualifier: Option<&str>| constraint(&request(&more), qualifier).unwrap().message;
        assert_eq!(
            refused(json!({"StatementId": "example.com"}), None),
            "1 validation error detected: Value 'example.com' at 'statementId' failed to satisfy constraint: Member must \
             satisfy regular expression pattern: ([a-zA-Z0-9-_]+)"
        );
        assert_eq!(
            refused(json!({}), Some("invalid-qualifier-with-?-char")),
            r"1 validation error detected: Value 'invalid-qualifier-with-?-char' at 'qualifier' failed to satisfy constraint: Member must satisfy regular expression pattern: \$(LATEST(\.PUBLISHED)?)|[a-zA-Z0-9-_$]+"
        );
        assert!(refused(json!({"Action": "s3:GetObject"}), None).contains("at 'action'"));
        assert!(refused(json!({"Principal": null}), None).contains("Value null at 'principal'"));
        assert_eq!(constraint(&request(&json!({"Action": "*"})), Some("valid-with-$")), None);
        let public = json!({"Principal": "*", "Action": "lambda:InvokeFunctionUrl"});
        assert!(refusal(&request(&public)).unwrap().message.ends_with("lambda:FunctionUrlAuthType condition"));
        let mut with_type = request(&public);
        with_type["FunctionUrlAuthType"] = json!("NONE");
        assert_eq!(refusal(&with_type), None);
        assert!(refusal(&request(&json!({"FunctionUrlAuthType": "NONE"}))).is_some(), "of another action");
    }
}
