//! Layers. The emulator has them, almost as AWS does.

use hyper::body::Bytes;
use serde_json::Value;

use super::asked::Asked;
use super::texts;
use crate::http::Answer;
use crate::proxy::references;
use crate::proxy::refusal::Refusal;
use crate::proxy::validate;

/// The answer to a call about versions of a layer and about their policies.
pub(crate) async fn answer(asked: &Asked<'_>, body: Bytes) -> Result<Answer, String> {
    let refusal = match refusal(asked.operation(), &asked.path, &asked.request) {
        None => of_its_package(asked).await?,
        refusal => refusal,
    };
    if let Some(refusal) = refusal {
        return Ok(refusal.answer("lambda"));
    }
    let mut answer = asked.upstream.forward(asked.parts, body).await?;
    if answer.status == 412 {
        // with AWS's message
        answer = Refusal::new(412, "PreconditionFailedException", texts::LAYER_POLICY_REVISION).answer("lambda");
    }
    answer.edit(show);
    Ok(answer)
}

fn refusal(operation: &str, path: &[String], request: &Value) -> Option<Refusal> {
    let number = path.get(3).and_then(|number| number.parse::<i64>().ok());
    if number.is_some_and(|number| number < 1) {
        return Some(Refusal::invalid(texts::LAYER_NUMBER));
    }
    let text = |member: &str| request.get(member).and_then(Value::as_str);
    match operation {
        "PublishLayerVersion" => validate::description(request),
        "AddLayerVersionPermission" => {
            let action = text("Action").filter(|action| *action != "lambda:GetLayerVersion")?;
            let pattern = "Member must satisfy regular expression pattern: lambda:GetLayerVersion";
            Some(Refusal::constraint(action, "action", pattern))
        }
        _ => None,
    }
}

/// The refusal if the package in S3 does not exist.
async fn of_its_package(asked: &Asked<'_>) -> Result<Option<Refusal>, String> {
    if asked.operation() != "PublishLayerVersion" {
        return Ok(None);
    }
    references::s3_object(asked.call, asked.request.get("Content"), asked.upstream).await
}

/// Removes members that the request did not name.
fn show(body: &mut Value) {
    let one = |version: &mut Value| {
        if let Value::Object(fields) = version {
            fields.retain(|name, value| name != "LicenseInfo" || value != "");
            let lists = ["CompatibleRuntimes", "CompatibleArchitectures"];
            fields.retain(|name, value| {
                !lists.contains(&name.as_str()) || value.as_array().is_none_or(|list| !list.is_empty())
            });
        }
    };
    match body.get_mut("LayerVersions").and_then(Value::as_array_mut) {
        Some(versions) => versions.iter_mut().for_each(one),
        None => one(body),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{refusal, show};

    #[test]
    fn what_was_not_said_of_a_layer_is_not_shown() {
        let version = json!({"Version": 1, "Description": "", "LicenseInfo": "", "CompatibleRuntimes": []});
        let mut list = json!({ "LayerVersions": [version] });
        show(&mut list);
        assert_eq!(list, json!({"LayerVersions": [{"Version": 1, "Description": ""}]}));
        let mut said = json!({"LicenseInfo": "MIT", "CompatibleRuntimes": ["python3.13"]});
        show(&mut said);
        assert_eq!(said, json!({"LicenseInfo": "MIT", "CompatibleRuntimes": ["python3.13"]}));
    }

    #[test]
    fn versions_of_layers_begin_at_one_and_are_only_read() {
        let path = |number: &str| ["layers", "l", "versions", number].map(str::to_owned);
        let refused = |operation: &str, number: &str, request: Value| refusal(operation, &path(number), &request);
        let none = refused("GetLayerVersion", "0", Value::Null).unwrap();
        assert_eq!((none.status, none.message.as_str()), (400, "Layer Version Cannot be less than 1"));
        assert!(refused("DeleteLayerVersion", "-1", Value::Null).is_some());
        assert_eq!(refused("DeleteLayerVersion", "1", Value::Null), None);
        let action = refused("AddLayerVersionPermission", "1", json!({"Action": "*"})).unwrap();
        assert_eq!(
            action.message,
            "1 validation error detected: Value '*' at 'action' failed to satisfy constraint: Member must satisfy regular \
             expression pattern: lambda:GetLayerVersion"
        );
    }
}
