//! CloudWatch Logs: the emulator has groups and their retention, but no read of several groups by their names.

use serde_json::{Value, json};

use super::recognise::Recognised;
use super::refusal::Refusal;
use super::upstream::Upstream;
use crate::http::Answer;

/// The maximum number of identifiers in one DescribeLogGroups.
const MOST_IDENTIFIERS: usize = 50;

/// The answer to a DescribeLogGroups that names its groups; `None` for any other call.
pub(crate) async fn answer(call: &Recognised, body: &[u8], upstream: &Upstream) -> Result<Option<Answer>, String> {
    let request: Value = serde_json::from_slice(body).unwrap_or_default();
    let named = (call.operation == "DescribeLogGroups").then(|| request.get("logGroupIdentifiers")).flatten();
    let Some(identifiers) = named.and_then(Value::as_array) else { return Ok(None) };
    if identifiers.len() > MOST_IDENTIFIERS {
        let text = format!(
            "1 validation error detected: Value at 'logGroupIdentifiers' failed to satisfy constraint: \
                            Member must have length less than or equal to {MOST_IDENTIFIERS}"
        );
        return Ok(Some(Refusal::new(400, "InvalidParameterException", text).answer("logs")));
    }
    let mut groups = Vec::new();
    for name in identifiers.iter().filter_map(Value::as_str).map(group_name) {
        let question = json!({ "logGroupNamePrefix": name });
        let answer = upstream.ask_target(call, "logs", "Logs_20140328.DescribeLogGroups", &question).await?;
        let found: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        let found = found.get("logGroups").and_then(Value::as_array).into_iter().flatten();
        groups.extend(found.filter(|group| group["logGroupName"] == name).cloned());
    }
    Ok(Some(Answer::json(200, &json!({ "logGroups": groups }))))
}

/// The name in an identifier, which is a name or an ARN.
fn group_name(identifier: &str) -> &str {
    match identifier.split_once(":log-group:") {
        Some((_, name)) => name.trim_end_matches(":*"),
        None => identifier,
    }
}

#[cfg(test)]
mod tests {
    use super::group_name;

    #[test]
    fn a_log_group_is_named_by_its_name_or_its_arn() {
        assert_eq!(group_name("/aws/lambda/f"), "/aws/lambda/f");
        assert_eq!(group_name("arn:aws:logs:eu-west-1:111111111111:log-group:/aws/lambda/f"), "/aws/lambda/f");
        assert_eq!(group_name("arn:aws:logs:eu-west-1:111111111111:log-group:/aws/lambda/f:*"), "/aws/lambda/f");
    }
}
