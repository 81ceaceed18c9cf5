//! Error answers in the form in which AWS gives them.

use std::sync::atomic::{AtomicU64, Ordering};

use hyper::HeaderMap;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use serde_json::{Value, json};

use crate::http::Answer;

/// An error that the proxy answers itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) code: String,
    pub(crate) message: String,
}

static REQUESTS: AtomicU64 = AtomicU64::new(0);

impl Refusal {
    pub(crate) fn new(status: u16, code: &str, message: impl Into<String>) -> Refusal {
        Refusal { status, code: code.to_owned(), message: message.into() }
    }

    /// 400 InvalidParameterValueException.
    pub(crate) fn invalid(message: impl Into<String>) -> Refusal {
        Refusal::new(400, "InvalidParameterValueException", message)
    }

    /// 400 ValidationException with one violated constraint.
    pub(crate) fn constraint(value: &str, member: &str, constraint: &str) -> Refusal {
        Refusal::new(
            400,
            "ValidationException",
            format!(
                "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: {constraint}"
            ),
        )
    }

    /// The same for a missing member.
    pub(crate) fn null(member: &str) -> Refusal {
        let text = format!(
            "1 validation error detected: Value null at '{member}' failed to satisfy constraint: Member must not be null"
        );
        Refusal::new(400, "ValidationException", text)
    }

    /// 409 ResourceConflictException.
    pub(crate) fn conflict(message: impl Into<String>) -> Refusal {
        Refusal::new(409, "ResourceConflictException", message)
    }

    /// 429, beyond the quota.
    pub(crate) fn rate_exceeded() -> Refusal {
        Refusal::new(429, "TooManyRequestsException", "Rate exceeded")
    }

    /// As an HTTP answer of `service`.
    pub(crate) fn answer(&self, service: &str) -> Answer {
        let number = REQUESTS.fetch_add(1, Ordering::Relaxed);
        let id = format!("7e57bed0-0000-4000-8000-{number:012x}");
        let mut headers = HeaderMap::new();
        let mut header = |name: &'static str, value: &str| {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        };
        header("x-amzn-requestid", &id);
        let body = match service {
            "sts" | "iam" | "sns" | "ec2" | "s3" | "elasticloadbalancing" => self.xml(service, &id),
            // The protocol AWS JSON 1.1 has the code in the body alone.
            "logs" => json!({"__type": self.code, "message": self.message}).to_string(),
            _ => {
                header("x-amzn-errortype", &self.code);
                self.json().to_string()
            }
        };
        if self.status == 429 {
            header("retry-after", "1");
        }
        let form = if body.starts_with('<') { "text/xml" } else { "application/json" };
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(form));
        Answer { status: self.status, headers, body: body.into() }
    }

    /// The JSON body. The name of the message's member differs between errors, as recorded.
    fn json(&self) -> Value {
        match self.code.as_str() {
            "TooManyRequestsException" => {
                json!({"Reason": "CallerRateLimitExceeded", "Type": "User", "message": self.message})
            }
            "ValidationException" | "AccessDeniedException" => json!({"message": self.message}),
            "ResourceNotFoundException" => json!({"Type": "User", "Message": self.message}),
            _ => {
                let who = if self.status >= 500 { "Service" } else { "User" };
                json!({"Type": who, "message": self.message})
            }
        }
    }

    fn xml(&self, service: &str, id: &str) -> String {
        let code = escape(&self.code);
        let message = escape(&self.message);
        match service {
            "s3" => {
                format!("<Error><Code>{code}</Code><Message>{message}</Message><RequestId>{id}</RequestId></Error>")
            }
            "ec2" => format!(
                "<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>\
                 <RequestID>{id}</RequestID></Response>"
            ),
            _ => format!(
                "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>\
                 <RequestId>{id}</RequestId></ErrorResponse>"
            ),
        }
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The text between `<tag>` and `</tag>`, the first time it occurs.
pub(crate) fn element<'a>(xml: &'a str, tag: &str) -> Option<&'a str> {
    let (_, rest) = xml.split_once(&format!("<{tag}>"))?;
    rest.split_once(&format!("</{tag}>")).map(|(text, _)| text)
}

/// AWS's error code in an answer of the emulator or of the proxy.
pub(crate) fn error_code(answer: &Answer) -> Option<String> {
    if answer.status < 400 {
        return None;
    }
    let header = answer.headers.get("x-amzn-errortype").and_then(|value| value.to_str().ok()).map(str::to_owned);
    let from_body = || {
        let text = String::from_utf8_lossy(&answer.body);
        if let Ok(body) = serde_json::from_str::<Value>(&text) {
            return ["__type", "code", "Code"].iter().find_map(|key| body.get(key)?.as_str().map(str::to_owned));
        }
        element(&text, "Code").map(str::to_owned)
    };
    let code = header.or_else(from_body)?;
    // `namespace#Code:http://…` is one of the forms
    let code = code.split(':').next().unwrap_or_default();
    Some(code.rsplit('#').next().unwrap_or(code).to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Refusal, error_code};

    #[test]
    fn the_code_is_found_in_every_form() {
        let refusal = Refusal::conflict("busy & <late>");
        for service in ["lambda", "sts", "ec2", "s3", "logs"] {
            let answer = refusal.answer(service);
            assert_eq!(error_code(&answer).as_deref(), Some("ResourceConflictException"), "{service}");
        }
        let mut answer = refusal.answer("lambda");
        answer.headers.clear();
        answer.body = r#"{"__type": "com.amazon#ThrottlingException:http://x"}"#.into();
        assert_eq!(error_code(&answer).as_deref(), Some("ThrottlingException"));
    }

    #[test]
    fn beyond_the_quota_as_aws_says_it() {
        let answer = Refusal::rate_exceeded().answer("lambda");
        assert_eq!(answer.status, 429);
        assert_eq!(answer.headers["retry-after"], "1");
        let body: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(body["Reason"], "CallerRateLimitExceeded");
        assert_eq!(body["message"], "Rate exceeded");
    }
}
