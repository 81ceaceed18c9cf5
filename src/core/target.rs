//! The target of an object in AWS (account, region, and the name of its function if it has one), and the ARNs that follow from it.

/// Account, region and name, which identify a function in AWS; or account and region alone, for a resource that belongs to no function.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Target {
    /// Account number, 12 digits.
    pub account: String,
    /// Code of the region.
    pub region: String,
    /// The function's name; empty for a resource that belongs to no function.
    pub name: String,
}

impl Target {
    /// The function's name, unless the resource belongs to no function.
    #[must_use]
    pub fn function_name(&self) -> Option<&str> {
        Some(self.name.as_str()).filter(|name| !name.is_empty())
    }

    /// The target in messages: the function's ARN, or account and region.
    #[must_use]
    pub fn text(&self) -> String {
        match self.function_name() {
            Some(_) => self.arn(),
            None => format!("a resource of account {} in region {}", self.account, self.region),
        }
    }

    /// The ARN that AWS gives a function here, without a version.
    #[must_use]
    pub fn arn(&self) -> String {
        let Self { account, region, name } = self;
        format!("arn:{}:lambda:{region}:{account}:function:{name}", partition(region))
    }

    /// The ARN of a version or alias of the function here; without a qualifier, that of the function.
    #[must_use]
    pub fn qualified_arn(&self, qualifier: Option<&String>) -> String {
        qualifier.map_or_else(|| self.arn(), |qualifier| format!("{}:{qualifier}", self.arn()))
    }

    /// The ARN of the event source mapping with this UUID, in the account and region of the function.
    #[must_use]
    pub fn event_source_mapping(&self, uuid: &str) -> String {
        let Self { account, region, name: _ } = self;
        format!("arn:{}:lambda:{region}:{account}:event-source-mapping:{uuid}", partition(region))
    }

    /// The ARN of the code signing configuration with this id.
    #[must_use]
    pub fn code_signing_config(&self, id: &str) -> String {
        let Self { account, region, name: _ } = self;
        format!("arn:{}:lambda:{region}:{account}:code-signing-config:{id}", partition(region))
    }

    /// The ARN of the layer with this name, without a version.
    #[must_use]
    pub fn layer(&self, layer: &str) -> String {
        let Self { account, region, name: _ } = self;
        format!("arn:{}:lambda:{region}:{account}:layer:{layer}", partition(region))
    }

    /// The function's identifier in calls: its ARN, so that AWS refuses a call that reaches another account or region. It is the name alone if the
    /// account is not known, or if the ARN is longer than AWS accepts.
    #[must_use]
    pub fn function(&self) -> String {
        let arn = self.arn();
        if self.account.is_empty() || arn.len() > LONGEST_FUNCTION_NAME { self.name.clone() } else { arn }
    }

    /// Account and region of an ARN in an answer, if one of them is not the target's.
    #[must_use]
    pub fn differs_from(&self, arn: &str) -> Option<String> {
        let [_, _, _, region, account, ..] = arn.split(':').collect::<Vec<_>>()[..] else { return None };
        let same = (self.account.is_empty() || account == self.account) && region == self.region;
        (!same).then(|| format!("account {account} and region {region}"))
    }

    /// The account of the caller that AWS's refusal names (`User: arn:aws:sts::123456789012:assumed-role/…`), if that is another account.
    #[must_use]
    pub fn foreign_caller(&self, message: &str) -> Option<String> {
        let (_, caller) = message.split_once("User: arn:")?;
        let account = caller.split(':').nth(3)?;
        let known = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
        (known && !self.account.is_empty() && account != self.account).then(|| account.to_owned())
    }
}

/// The most characters that AWS accepts as the name of a function in a call.
const LONGEST_FUNCTION_NAME: usize = 140;

/// The ARN by which API Gateway invokes a function, or a version of it.
pub(crate) fn invoke_arn(region: &str, function_arn: &str) -> String {
    format!("arn:{}:apigateway:{region}:lambda:path/2015-03-31/functions/{function_arn}/invocations", partition(region))
}

/// The ARN by which API Gateway invokes a function if the response is streamed.
pub(crate) fn response_streaming_invoke_arn(region: &str, function_arn: &str) -> String {
    let partition = partition(region);
    format!(
        "arn:{partition}:apigateway:{region}:lambda:path/2021-11-15/functions/{function_arn}/response-streaming-invocations"
    )
}

/// Whether the text has the form of a region's code, as the CRD requires of `spec.region`. It becomes a part of host names.
pub(crate) fn is_region_code(text: &str) -> bool {
    let allowed = |character: char| character.is_ascii_lowercase() || character.is_ascii_digit() || character == '-';
    !text.is_empty() && text.chars().all(allowed)
}

/// The first parts of the codes of AWS's regions, including those of its other partitions.
const AREAS: [&str; 16] = [
    "af", "ap", "ca", "cn", "eu", "eu-isoe", "eusc-de", "il", "me", "mx", "sa", "us", "us-gov", "us-iso", "us-isob",
    "us-isof",
];

const DIRECTIONS: [&str; 9] =
    ["central", "east", "north", "northeast", "northwest", "south", "southeast", "southwest", "west"];

/// Whether the text has the form of a region of AWS: an area, a direction and a digit. A table of the regions would soon be incomplete. AWS's own
/// pattern would accept any number of names; this one accepts some hundreds.
#[must_use]
pub fn is_known_region(text: &str) -> bool {
    let Some((place, number)) = text.rsplit_once('-') else { return false };
    let Some((area, direction)) = place.rsplit_once('-') else { return false };
    AREAS.contains(&area) && DIRECTIONS.contains(&direction) && matches!(number.as_bytes(), [b'1'..=b'9'])
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

    fn target() -> Target {
        Target { account: "123456789012".into(), region: "eu-west-1".into(), name: "f".into() }
    }

    #[test]
    fn calls_name_the_arn_where_aws_takes_it() {
        assert_eq!(target().function(), target().arn());
        assert_eq!(Target { account: String::new(), ..target() }.function(), "f");
        let long = "n".repeat(100);
        assert_eq!(Target { name: long.clone(), ..target() }.function(), long);
    }

    #[test]
    fn a_resource_without_a_function_is_named_by_its_account_and_region() {
        assert_eq!((target().function_name(), target().text()), (Some("f"), target().arn()));
        let alone = Target { name: String::new(), ..target() };
        assert_eq!(alone.function_name(), None);
        assert_eq!(alone.text(), "a resource of account 123456789012 in region eu-west-1");
    }

    #[test]
    fn an_answer_from_elsewhere_is_recognised() {
        let differs = |arn: &str| target().differs_from(arn).is_some();
        assert!(!differs("arn:aws:lambda:eu-west-1:123456789012:function:f:live"));
        assert!(differs("arn:aws:lambda:eu-west-1:222222222222:function:f"));
        assert!(differs("arn:aws:lambda:us-east-1:123456789012:function:f"));
        assert!(!differs("") && !differs("nonsense"), "an answer without an ARN says nothing");
        let caller = |text: &str| target().foreign_caller(text);
        let denied = |account| {
            format!("User: arn:aws:sts::{account}:assumed-role/x/s is not authorized to perform: lambda:GetFunction")
        };
        assert_eq!(caller(&denied("222222222222")).as_deref(), Some("222222222222"));
        assert_eq!(caller(&denied("123456789012")), None);
        assert_eq!(caller("Access denied"), None);
    }

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

    /// Those that the AWS SDK of this version knows.
    const REGIONS: &str = "af-south-1 ap-east-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2 ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7 ca-central-1 ca-west-1 cn-north-1 cn-northwest-1 eu-central-1 eu-central-2 eu-isoe-west-1 eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2 eu-west-3 eusc-de-east-1 il-central-1 me-central-1 me-south-1 mx-central-1 sa-east-1 us-east-1 us-east-2 us-gov-east-1 us-gov-west-1 us-iso-east-1 us-iso-west-1 us-isob-east-1 us-isob-west-1 us-isof-east-1 us-isof-south-1 us-west-1 us-west-2";

    #[test]
    fn every_region_of_aws_is_known_and_few_other_names_are() {
        let unknown: Vec<_> = REGIONS.split(' ').filter(|region| !is_known_region(region)).collect();
        assert!(unknown.is_empty(), "{unknown:?}");
        let made_up = [
            "",
            "eu",
            "eu-west",
            "eu-west-0",
            "eu-west-12",
            "eu-west-x",
            "xx-west-1",
            "eu-middle-1",
            "eu-west-1-a",
            "us-tenant7-1",
        ];
        assert!(!made_up.into_iter().any(is_known_region));
        assert!(AREAS.len() * DIRECTIONS.len() * 9 < 1500, "so many can be named at all");
    }

    #[test]
    fn a_region_is_a_code_and_nothing_that_leads_elsewhere() {
        assert!(["eu-west-1", "us-isob-east-1"].into_iter().all(is_region_code));
        assert!(!["", "EU-west-1", "eu-west-1.example.com/x#", "eu west 1"].into_iter().any(is_region_code));
    }
}
