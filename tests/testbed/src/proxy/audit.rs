//! The facts about a caller that CloudTrail would show: the namespace in its User-Agent, and the name and tags of its session.

use hyper::HeaderMap;

use super::recognise::parameter;

/// The namespace in a User-Agent. AWS records its own header instead, if the request has one.
pub(crate) fn namespace(headers: &HeaderMap) -> Option<String> {
    let agent = headers.get("x-amz-user-agent").or_else(|| headers.get("user-agent"))?.to_str().ok()?;
    agent.split(' ').find_map(|word| word.strip_prefix("md/ns#")).map(str::to_owned)
}

/// The name and the tags of the requested session.
pub(crate) fn session(operation: &str, body: &[u8]) -> (Option<String>, Vec<String>) {
    if !operation.starts_with("AssumeRole") {
        return (None, Vec::new());
    }
    let form = String::from_utf8_lossy(body);
    let tag = |number: usize| {
        let key = parameter(&form, &format!("Tags.member.{number}.Key"))?;
        let value = parameter(&form, &format!("Tags.member.{number}.Value"))?;
        Some(format!("{key}={value}"))
    };
    (parameter(&form, "RoleSessionName"), (1..).map_while(tag).collect())
}

#[cfg(test)]
mod tests {
    use hyper::HeaderMap;

    use super::{namespace, session};

    #[test]
    fn what_a_record_of_calls_shows_is_read() {
        let mut headers = HeaderMap::new();
        headers.insert("user-agent", "lambda-operator/0.1.0 md/ns#team-a".parse().unwrap());
        assert_eq!(namespace(&headers).as_deref(), Some("team-a"));
        headers.insert("x-amz-user-agent", "aws-sdk-rust/1 ua/2.1 app/lambda-operator".parse().unwrap());
        assert_eq!(namespace(&headers), None);
        let body = b"Action=AssumeRole&RoleSessionName=a.b&Tags.member.1.Key=k&Tags.member.1.Value=v%2B1";
        assert_eq!(session("AssumeRole", body), (Some("a.b".to_owned()), vec!["k=v+1".to_owned()]));
        assert_eq!(session("GetCallerIdentity", body), (None, Vec::new()));
    }
}
