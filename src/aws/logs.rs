//! The calls of CloudWatch Logs about the log group of a function. Its SDK has more than a hundred operations, and the operator needs four.

use aws_config::SdkConfig;
use serde_json::Value;

use crate::aws::client::circuit_breaker::CircuitBreaker;
use crate::aws::client::signed::{Service, Signed};
use crate::core::error::Error;
use crate::core::operation::Operation;
use crate::core::withheld::Withheld;

/// A client for these calls.
pub(super) struct Logs(Signed);

const SERVICE: Service = Service { name: "logs", endpoint_variable: "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS" };

impl Logs {
    pub(super) fn new(config: &SdkConfig) -> Self {
        Self(Signed::new(config, SERVICE))
    }

    pub(super) const fn breaker(&self) -> &CircuitBreaker {
        &self.0.breaker
    }

    /// One call. An answer without a body is `Null`.
    pub(super) async fn call(&self, operation: Operation, region: &str, request: &Value) -> Result<Value, Error> {
        // The requests name a log group, and nothing that is withheld.
        let failed =
            |code: &str, status, words: &str| Error::heard(operation, code, status, words, &Withheld::nothing());
        let target = format!("Logs_20140328.{}", operation.name());
        let headers = [("content-type", "application/x-amz-json-1.1"), ("x-amz-target", target.as_str())];
        let (status, body) =
            self.0.post(region, &headers, request.to_string()).await.map_err(|words| failed("", 0, &words))?;
        if status == 200 {
            if body.is_empty() {
                return Ok(Value::Null);
            }
            return serde_json::from_str(&body).map_err(|_| failed("", status, "the answer cannot be read"));
        }
        let (code, words) = refusal(&body);
        Err(failed(&code, status, &words.unwrap_or_else(|| format!("HTTP status {status}"))))
    }
}

/// Code and text of a refusal. The code can have a name space before it.
fn refusal(body: &str) -> (String, Option<String>) {
    let body: Value = serde_json::from_str(body).unwrap_or_default();
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let code = text("__type").unwrap_or_default();
    let code = code.rsplit('#').next().unwrap_or_default().to_owned();
    (code, text("message").or_else(|| text("Message")).map(str::to_owned))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_and_text_are_read_out_of_a_refusal() {
        let of = |body: &str| refusal(body);
        let plain = r#"{"__type":"ResourceNotFoundException","message":"The specified log group does not exist."}"#;
        assert_eq!(
            of(plain),
            ("ResourceNotFoundException".into(), Some("The specified log group does not exist.".into()))
        );
        let long = r#"{"__type":"com.amazonaws.logs#ThrottlingException","Message":"Rate exceeded"}"#;
        assert_eq!(of(long), ("ThrottlingException".into(), Some("Rate exceeded".into())));
        assert_eq!(of("<html>"), (String::new(), None));
    }
}
