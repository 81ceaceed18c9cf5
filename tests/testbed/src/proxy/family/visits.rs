//! Requests to a function URL. A public URL needs both statements that allow public access.

use serde_json::{Value, json};

use super::policies::Policies;
use super::urls::Urls;
use crate::http::Answer;

const FORBIDDEN: &str = "Forbidden. For troubleshooting Function URL authorization issues, see: \
                         https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html";

/// The refusal if the URL is not public. If the URL needs signatures, the emulator checks them.
pub(crate) fn refusal(id: &str, urls: &Urls, policies: &Policies) -> Option<Answer> {
    let Some((of, auth_type)) = urls.of_the_address(id) else {
        return Some(Answer::json(403, &json!({ "Message": null })));
    };
    let open = auth_type == "NONE" && !lets_everybody_in(&policies.statements(&of));
    open.then(|| Answer::json(403, &json!({ "Message": FORBIDDEN })))
}

/// Whether both statements exist that AWS requires since October 2025: to invoke the URL, and to invoke the function through it.
fn lets_everybody_in(statements: &[Value]) -> bool {
    let allows = |action: &str, condition: (&str, &str)| {
        statements.iter().any(|statement| {
            let everybody = statement["Effect"] == "Allow" && statement["Principal"] == "*";
            let named = statement["Action"].as_str().is_some_and(|named| [action, "lambda:*", "*"].contains(&named));
            everybody && named && holds(statement.get("Condition"), condition)
        })
    };
    allows("lambda:InvokeFunctionUrl", ("lambda:FunctionUrlAuthType", "NONE"))
        && allows("lambda:InvokeFunction", ("lambda:InvokedViaFunctionUrl", "true"))
}

/// Whether a statement has this condition and no other.
fn holds(condition: Option<&Value>, (key, value): (&str, &str)) -> bool {
    let operators = condition.and_then(Value::as_object).into_iter().flatten();
    operators
        .flat_map(|(_, keys)| keys.as_object().into_iter().flatten())
        .all(|(name, wanted)| name == key && wanted == value)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::lets_everybody_in;

    #[test]
    fn an_open_url_needs_both_statements() {
        let of_the_url = json!({"Effect": "Allow", "Principal": "*", "Action": "lambda:InvokeFunctionUrl",
                                "Condition": {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}});
        let of_the_function = json!({"Effect": "Allow", "Principal": "*", "Action": "lambda:InvokeFunction",
                                     "Condition": {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}});
        let within = |more: Value| {
            let mut statement = of_the_function.clone();
            crate::rules::merge_patch(&mut statement, &more);
            [of_the_url.clone(), statement]
        };
        assert!(lets_everybody_in(&within(json!({}))));
        assert!(lets_everybody_in(&within(json!({"Condition": null}))));
        assert!(!lets_everybody_in(std::slice::from_ref(&of_the_url)));
        assert!(!lets_everybody_in(std::slice::from_ref(&of_the_function)));
        let account = json!({"Condition": {"StringEquals": {"AWS:SourceAccount": "1"}}});
        assert!(!lets_everybody_in(&within(account)));
        assert!(!lets_everybody_in(&within(json!({"Principal": {"Service": "s3.amazonaws.com"}}))));
    }
}
