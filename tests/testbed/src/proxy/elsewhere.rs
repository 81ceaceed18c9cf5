//! Functions that a request names by the ARN of another account or region: AWS refuses them, as recorded.

use super::recognise::Recognised;
use super::refusal::Refusal;

/// AWS's refusal of a call by `account`, if the function's ARN has another account or region.
pub(crate) fn refusal(call: &Recognised, account: &str) -> Option<Refusal> {
    let (owner, region) = call.place.as_ref()?;
    if *region != call.region {
        let text = format!("Functions from '{region}' are not reachable in this region ('{}')", call.region);
        return Some(Refusal::new(404, "ResourceNotFoundException", text));
    }
    (owner != account).then(|| {
        let operation = &call.operation;
        let function = call.function.as_deref().unwrap_or_default();
        let text = format!(
            "User: arn:aws:iam::{account}:root is not authorized to perform: lambda:{operation} on resource: \
             arn:aws:lambda:{region}:{owner}:function:{function} because no resource-based policy allows the \
             lambda:{operation} action"
        );
        Refusal::new(403, "AccessDeniedException", text)
    })
}

#[cfg(test)]
mod tests {
    use super::refusal;
    use crate::proxy::recognise::Recognised;

    #[test]
    fn an_arn_of_another_place_is_refused() {
        let call = |place: Option<(&str, &str)>| Recognised {
            service: "lambda".to_owned(),
            operation: "GetFunction".to_owned(),
            access_key: String::new(),
            region: "eu-west-1".to_owned(),
            function: Some("f".to_owned()),
            qualifier: None,
            place: place.map(|(account, region)| (account.to_owned(), region.to_owned())),
        };
        let judged = |place| refusal(&call(place), "111111111111").map(|refusal| (refusal.status, refusal.message));
        assert_eq!(judged(None), None);
        assert_eq!(judged(Some(("111111111111", "eu-west-1"))), None);
        let (status, text) = judged(Some(("222222222222", "eu-west-1"))).unwrap();
        assert!(status == 403 && text.starts_with("User: arn:aws:iam::111111111111:root is not authorized"), "{text}");
        let (status, text) = judged(Some(("111111111111", "us-east-1"))).unwrap();
        assert_eq!(
            (status, &*text),
            (404, "Functions from 'us-east-1' are not reachable in this region ('eu-west-1')")
        );
    }
}
