//! The one EC2 call that the operator makes: DescribeSecurityGroups, for the group of a VPC that is named `default`. EC2's SDK has a million lines.

use aws_config::SdkConfig;

use crate::aws::client::circuit_breaker::CircuitBreaker;
use crate::aws::client::signed::{Service, Signed};
use crate::core::error::Error;
use crate::core::operation::Operation;
use crate::core::withheld::Withheld;

/// A client for this EC2 call.
pub(super) struct Ec2(Signed);

const SERVICE: Service = Service { name: "ec2", endpoint_variable: "AWS_ENDPOINT_URL_EC2" };

const HEADERS: [(&str, &str); 1] = [("content-type", "application/x-www-form-urlencoded; charset=utf-8")];

impl Ec2 {
    pub(super) fn new(config: &SdkConfig) -> Self {
        Self(Signed::new(config, SERVICE))
    }

    pub(super) const fn breaker(&self) -> &CircuitBreaker {
        &self.0.breaker
    }

    /// The id of the VPC's security group named `default`; `None` if it has none.
    pub(super) async fn default_group(&self, region: &str, vpc: &str) -> Result<Option<String>, Error> {
        let form = format!(
            "Action=DescribeSecurityGroups&Version=2016-11-15&Filter.1.Name=vpc-id&Filter.1.Value.1={vpc}&Filter.2.Name=group-name&Filter.2.Value.1=default"
        );
        let (status, body) = self.0.post(region, &HEADERS, form).await.map_err(|words| failed("", 0, &words))?;
        if status == 200 {
            return Ok(element(&body, "groupId"));
        }
        let said = |name| element(&body, name).unwrap_or_default();
        Err(failed(&said("Code"), status, &said("Message")))
    }
}

fn failed(code: &str, status: u16, words: &str) -> Error {
    // The question names a VPC, and nothing that is withheld.
    Error::heard(Operation::DescribeSecurityGroups, code, status, words, &Withheld::nothing())
}

/// The text of the first XML element with that name. The elements that we read are not nested in EC2's answers.
fn element(xml: &str, name: &str) -> Option<String> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    rest.split_once("</").map(|(text, _)| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_group_is_read_out_of_the_answer() {
        let xml = "<DescribeSecurityGroupsResponse><securityGroupInfo><item><groupId>sg-1</groupId></item></securityGroupInfo></DescribeSecurityGroupsResponse>";
        assert_eq!(element(xml, "groupId").as_deref(), Some("sg-1"));
        assert_eq!(element("<x><securityGroupInfo/></x>", "groupId"), None);
    }
}
