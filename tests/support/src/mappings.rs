//! What tests do with LambdaEventSourceMappings in a world, beside what they do with objects of any kind: look at AWS, and compare.

use lambda_operator::api::event_source_mapping::spec::LambdaEventSourceMapping;
use serde_json::{Value, json};

use crate::objects::Objects;
use crate::world::World;

impl World {
    #[must_use]
    pub fn mappings(&self) -> Objects<'_, LambdaEventSourceMapping> {
        self.of()
    }

    /// The mapping in AWS, if there is one.
    pub async fn mapping(&self, uuid: &str) -> Option<Value> {
        match self.aws.get_mapping(uuid).await.unwrap() {
            (200, answer) => Some(answer),
            (404, _) => None,
            (status, answer) => panic!("{status}: {answer}"),
        }
    }

    /// The tags of a mapping in AWS.
    pub async fn mapping_tags(&self, uuid: &str) -> Value {
        let path = format!("/2017-03-31/tags/{}", self.mapping_arn(uuid).replace(':', "%3A"));
        let (status, answer) = self.aws.lambda("GET", &path, None).await.unwrap();
        assert_eq!(status, 200, "{answer}");
        answer["Tags"].clone()
    }

    /// Sets tags of a mapping, as somebody else.
    pub async fn tag_mapping(&self, uuid: &str, tags: &Value) {
        let path = format!("/2017-03-31/tags/{}", self.mapping_arn(uuid).replace(':', "%3A"));
        let (status, answer) = self.aws.lambda("POST", &path, Some(&json!({ "Tags": tags }))).await.unwrap();
        assert_eq!(status, 204, "{answer}");
    }

    #[must_use]
    pub fn mapping_arn(&self, uuid: &str) -> String {
        format!("arn:aws:lambda:eu-west-1:{}:event-source-mapping:{uuid}", self.account)
    }
}

/// UUID of the object's mapping.
#[must_use]
pub fn uuid(object: &LambdaEventSourceMapping) -> String {
    object.status.as_ref().and_then(|status| status.uuid.clone()).unwrap()
}
