//! Where a function lives, and the ARNs that follow from it.

/// Account, region and name: what a function is, for AWS.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Target {
    /// 12 digits.
    pub account: String,
    /// Region code.
    pub region: String,
    /// The function's name.
    pub name: String,
}

impl Target {
    /// The ARN that AWS gives a function here, without a version.
    #[must_use]
    pub fn arn(&self) -> String {
        let Self { account, region, name } = self;
        format!("arn:{}:lambda:{region}:{account}:function:{name}", partition(region))
    }
}

/// The ARN that API Gateway invokes a function (or a version of it) by.
pub(crate) fn invoke_arn(region: &str, function_arn: &str) -> String {
    format!("arn:{}:apigateway:{region}:lambda:path/2015-03-31/functions/{function_arn}/invocations", partition(region))
}

/// The same for responses that are streamed.
pub(crate) fn response_streaming_invoke_arn(region: &str, function_arn: &str) -> String {
    let partition = partition(region);
    format!(
        "arn:{partition}:apigateway:{region}:lambda:path/2021-11-15/functions/{function_arn}/response-streaming-invocations"
    )
}

/// Whether it has the form of a region's code, as the CRD asks of `spec.region`. It becomes part of host names.
pub(crate) fn is_region_code(text: &str) -> bool {
    let allowed = |character: char| character.is_ascii_lowercase() || character.is_ascii_digit() || character == '-';
    !text.is_empty() && text.chars().all(allowed)
}

/// The partition that a region belongs to, by the prefixes that AWS's endpoint rules use.
fn partition(region: &str) -> &'static str {
    match region {
        r if r.starts_with("cn-") => "aws-cn",
        r if r.starts_with("us-gov-") => "aws-us-gov",
        r if r.starts_with("us-iso-") => "aws-iso",
        r if r.starts_with("us-isob-") => "aws-iso-b",
        r if r.starts_with("eu-isoe-") => "aws-iso-e",
        r if r.starts_with("us-isof-") => "aws-iso-f",
        r if r.starts_with("eusc-") => "aws-eusc",
        _ => "aws",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arns_follow_the_partition_of_the_region() {
        let target = |region: &str| Target { account: "123456789012".into(), region: region.into(), name: "f".into() };
        assert_eq!(target("eu-west-1").arn(), "arn:aws:lambda:eu-west-1:123456789012:function:f");
        assert_eq!(target("cn-north-1").arn(), "arn:aws-cn:lambda:cn-north-1:123456789012:function:f");
        assert_eq!(
            invoke_arn("us-gov-west-1", "arn:x"),
            "arn:aws-us-gov:apigateway:us-gov-west-1:lambda:path/2015-03-31/functions/arn:x/invocations"
        );
        assert_eq!(
            response_streaming_invoke_arn("eu-west-1", "arn:x"),
            "arn:aws:apigateway:eu-west-1:lambda:path/2021-11-15/functions/arn:x/response-streaming-invocations"
        );
    }

    #[test]
    fn a_region_is_a_code_and_nothing_that_leads_elsewhere() {
        assert!(["eu-west-1", "us-isob-east-1"].into_iter().all(is_region_code));
        assert!(!["", "EU-west-1", "eu-west-1.example.com/x#", "eu west 1"].into_iter().any(is_region_code));
    }
}
