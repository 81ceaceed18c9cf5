//! What tests do with LambdaAliases in a world, beside what they do with objects of any kind: look at AWS, and compare.

use lambda_operator::api::alias::LambdaAlias;
use serde_json::{Value, json};
use testbed::Aws;

use crate::objects::Objects;
use crate::world::World;

/// A function without an owner, with the versions 1 and 2.
pub async fn function(aws: &Aws, name: &str) {
    published_twice(aws, name, &json!({"Publish": true})).await;
}

/// A function of an object of this namespace, with the versions 1 and 2.
pub async fn function_of(aws: &Aws, namespace: &str, name: &str) {
    let owner = format!("test/{namespace}/{name}");
    published_twice(aws, name, &json!({"Publish": true, "Tags": {"lambda-operator.io/owner": owner}})).await;
}

async fn published_twice(aws: &Aws, name: &str, changes: &Value) {
    aws.create_function(name, changes).await.unwrap();
    aws.wait_until_at_rest(name).await.unwrap();
    let path = format!("/2015-03-31/functions/{name}/configuration");
    let change = json!({"MemorySize": 256});
    let changed = testbed::poll("the function's second version", std::time::Duration::from_secs(30), async || {
        let (status, answer) = aws.lambda("PUT", &path, Some(&change)).await?;
        Ok(if status == 200 { Ok(()) } else { Err(format!("{status}: {answer}")) })
    });
    changed.await.unwrap();
    aws.wait_until_at_rest(name).await.unwrap();
    assert_eq!(aws.publish_version(name).await.unwrap(), "2");
}

/// What tests compare of an alias: version, description and weights.
pub async fn held(aws: &Aws, function: &str, alias: &str) -> Option<Value> {
    let (status, answer) = aws.get_alias(function, alias).await.unwrap();
    let weights =
        answer.pointer("/RoutingConfig/AdditionalVersionWeights").cloned().filter(|weights| *weights != json!({}));
    let description = answer["Description"].as_str().unwrap_or_default();
    (status == 200).then(|| {
        json!({"version": answer["FunctionVersion"], "description": description, "weights": weights.unwrap_or_default()})
    })
}

impl World {
    #[must_use]
    pub fn aliases(&self) -> Objects<'_, LambdaAlias> {
        self.of()
    }

    /// The alias in AWS, if there is one.
    pub async fn alias(&self, function: &str, alias: &str) -> Option<Value> {
        match self.aws.get_alias(function, alias).await.unwrap() {
            (200, answer) => Some(answer),
            (404, _) => None,
            (status, answer) => panic!("{status}: {answer}"),
        }
    }
}
