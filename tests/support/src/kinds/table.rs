//! The table of kinds, one entry each.

use futures::FutureExt;
use kube::core::ApiResource;
use lambda_operator::api::alias::LambdaAlias;
use lambda_operator::api::code_signing_config::LambdaCodeSigningConfig;
use lambda_operator::api::event_invoke_config::LambdaFunctionEventInvokeConfig;
use lambda_operator::api::event_source_mapping::spec::LambdaEventSourceMapping;
use lambda_operator::api::function::spec::LambdaFunction;
use lambda_operator::api::function_url::LambdaFunctionUrl;
use lambda_operator::api::layer_version::LambdaLayerVersion;
use lambda_operator::api::permission::LambdaPermission;
use lambda_operator::api::provisioned_concurrency::LambdaProvisionedConcurrencyConfig;
use serde_json::{Value, json};
use testbed::{Aws, poll};

use super::{ALIAS, By, Entry, FUNCTION, Parent, seen};
use crate::objects::Object;
use crate::signing_configs::PROFILE;
use crate::world::spec_with;

pub(super) const QUEUE: &str = "orders";
/// The layer in AWS, whatever its object is called.
pub(super) const LAYER: &str = "common";

/// Longer than anything takes that somebody else does.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(30);

/// Every kind; what others belong to comes first.
#[must_use]
pub fn all() -> Vec<Entry> {
    vec![
        function(),
        alias(),
        permission(),
        url(),
        event_invoke_config(),
        provisioned_concurrency(),
        event_source_mapping(),
        code_signing_config(),
        layer_version(),
    ]
}

fn resource<K: Object>() -> ApiResource {
    ApiResource::erase::<K>(&())
}

/// A call of somebody else, repeated while AWS is busy or says that he is too fast.
async fn call(aws: &Aws, method: &str, path: &str, body: Option<&Value>) {
    let done = poll(path, PATIENCE, async || {
        let (status, answer) = aws.lambda(method, path, body).await?;
        let over = (200..300).contains(&status) || status == 404;
        Ok(if over { Ok(()) } else { Err(format!("{status}: {answer}")) })
    });
    done.await.unwrap();
}

fn path(date: &str, what: &str) -> String {
    format!("/{date}/functions/{FUNCTION}{what}")
}

#[must_use]
pub fn function() -> Entry {
    Entry {
        resource: resource::<LambdaFunction>(),
        name: FUNCTION,
        parent: Parent::Nothing,
        specs: |_, _| {
            [(128, "red"), (256, "red"), (192, "green")].map(|(memory, colour)| function_spec(memory, colour))
        },
        read: "GetFunction",
        creates: &["CreateFunction"],
        changes: &["UpdateFunctionConfiguration", "PublishVersion"],
        deletes: &["DeleteFunction"],
        held: |aws| seen::function(aws).boxed_local(),
        change: |aws| {
            async move {
                let change = json!({"MemorySize": 512, "Description": "meddled"});
                call(&aws, "PUT", &path("2015-03-31", "/configuration"), Some(&change)).await;
                aws.wait_until_at_rest(FUNCTION).await.unwrap();
            }
            .boxed_local()
        },
        remove: |aws| async move { call(&aws, "DELETE", &path("2015-03-31", ""), None).await }.boxed_local(),
        unresolved: Some(json!({"codeFrom": {"configMapRef": {"name": "missing"}}})),
        outlives_function: false,
    }
}

fn function_spec(memory: i64, colour: &str) -> Value {
    let variables = json!({"COLOUR": colour});
    spec_with(&json!({"publish": true, "memorySize": memory, "environment": {"variables": variables}}))
}

pub(super) fn alias() -> Entry {
    const PATH: &str = "/aliases/live";
    Entry {
        resource: resource::<LambdaAlias>(),
        name: ALIAS,
        parent: Parent::Function,
        specs: |_, by| {
            ["one", "two", "three"].map(|description| match by {
                By::Object => json!({"functionVersionFrom": "Published", "description": description}),
                By::Name => json!({"name": ALIAS, "functionVersion": "1", "description": description}),
            })
        },
        read: "GetAlias",
        creates: &["CreateAlias"],
        changes: &["UpdateAlias"],
        deletes: &["DeleteAlias"],
        held: |aws| seen::aliases(aws).boxed_local(),
        change: |aws| {
            let change = json!({"Description": "meddled"});
            async move { call(&aws, "PUT", &path("2015-03-31", PATH), Some(&change)).await }.boxed_local()
        },
        remove: |aws| async move { call(&aws, "DELETE", &path("2015-03-31", PATH), None).await }.boxed_local(),
        unresolved: None,
        outlives_function: false,
    }
}

fn permission() -> Entry {
    Entry {
        resource: resource::<LambdaPermission>(),
        name: "uploads",
        parent: Parent::Function,
        specs: |_, _| {
            ["one", "two", "three"].map(|bucket| {
                json!({"action": "lambda:InvokeFunction", "principal": "s3.amazonaws.com", "sourceArn": format!("arn:aws:s3:::{bucket}")})
            })
        },
        read: "GetPolicy",
        creates: &["AddPermission"],
        changes: &["AddPermission", "RemovePermission"],
        deletes: &["RemovePermission"],
        held: |aws| seen::permissions(aws).boxed_local(),
        change: |aws| {
            async move {
                for sid in statement_ids(&aws).await {
                    let other = json!({"StatementId": sid, "Action": "lambda:InvokeFunction", "Principal": "s3.amazonaws.com", "SourceArn": "arn:aws:s3:::meddled"});
                    call(&aws, "DELETE", &path("2015-03-31", &format!("/policy/{sid}")), None).await;
                    call(&aws, "POST", &path("2015-03-31", "/policy"), Some(&other)).await;
                }
            }
            .boxed_local()
        },
        remove: |aws| {
            async move {
                for sid in statement_ids(&aws).await {
                    call(&aws, "DELETE", &path("2015-03-31", &format!("/policy/{sid}")), None).await;
                }
            }
            .boxed_local()
        },
        unresolved: None,
        outlives_function: false,
    }
}

/// Of the statements that are not for everybody.
async fn statement_ids(aws: &Aws) -> Vec<String> {
    let all = aws.statements(FUNCTION, None).await.unwrap();
    let wanted = all.iter().filter(|statement| statement["Principal"] != "*");
    wanted.filter_map(|statement| statement["Sid"].as_str().map(str::to_owned)).collect()
}

fn url() -> Entry {
    Entry {
        resource: resource::<LambdaFunctionUrl>(),
        name: "web",
        parent: Parent::Function,
        specs: |_, _| {
            [
                json!({"authorizationType": "NONE"}),
                json!({"authorizationType": "AWS_IAM", "cors": {"maxAge": 60}}),
                json!({"authorizationType": "NONE", "invokeMode": "RESPONSE_STREAM"}),
            ]
        },
        read: "GetFunctionUrlConfig",
        creates: &["CreateFunctionUrlConfig", "AddPermission", "AddPermission"],
        changes: &["UpdateFunctionUrlConfig", "RemovePermission", "RemovePermission"],
        deletes: &["RemovePermission", "RemovePermission", "DeleteFunctionUrlConfig"],
        held: |aws| seen::urls(aws).boxed_local(),
        change: |aws| {
            let change = json!({"Cors": {"MaxAge": 77}});
            async move { call(&aws, "PUT", &path("2021-10-31", "/url"), Some(&change)).await }.boxed_local()
        },
        remove: |aws| async move { call(&aws, "DELETE", &path("2021-10-31", "/url"), None).await }.boxed_local(),
        unresolved: None,
        outlives_function: false,
    }
}

fn event_invoke_config() -> Entry {
    const PATH: &str = "/event-invoke-config";
    Entry {
        resource: resource::<LambdaFunctionEventInvokeConfig>(),
        name: "retries",
        parent: Parent::Function,
        specs: |_, _| {
            [
                json!({"maximumRetryAttempts": 1}),
                json!({"maximumRetryAttempts": 0, "maximumEventAgeInSeconds": 60}),
                json!({"maximumEventAgeInSeconds": 90}),
            ]
        },
        read: "GetFunctionEventInvokeConfig",
        creates: &["PutFunctionEventInvokeConfig"],
        changes: &["PutFunctionEventInvokeConfig"],
        deletes: &["DeleteFunctionEventInvokeConfig"],
        held: |aws| seen::invoke_configs(aws).boxed_local(),
        change: |aws| {
            let change = json!({"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 777});
            async move { call(&aws, "PUT", &path("2019-09-25", PATH), Some(&change)).await }.boxed_local()
        },
        remove: |aws| async move { call(&aws, "DELETE", &path("2019-09-25", PATH), None).await }.boxed_local(),
        unresolved: None,
        outlives_function: false,
    }
}

fn provisioned_concurrency() -> Entry {
    const PATH: &str = "/provisioned-concurrency?Qualifier=live";
    Entry {
        resource: resource::<LambdaProvisionedConcurrencyConfig>(),
        name: "warm",
        parent: Parent::Alias,
        specs: |_, _| [1, 2, 3].map(|amount| json!({"provisionedConcurrentExecutions": amount})),
        read: "GetProvisionedConcurrencyConfig",
        creates: &["PutProvisionedConcurrencyConfig"],
        changes: &["PutProvisionedConcurrencyConfig"],
        deletes: &["DeleteProvisionedConcurrencyConfig"],
        held: |aws| seen::provisioned(aws).boxed_local(),
        change: |aws| {
            let change = json!({"ProvisionedConcurrentExecutions": 7});
            async move {
                call(&aws, "PUT", &path("2019-09-30", PATH), Some(&change)).await;
                aws.wait_until_provisioned(FUNCTION, ALIAS).await.unwrap();
            }
            .boxed_local()
        },
        remove: |aws| async move { call(&aws, "DELETE", &path("2019-09-30", PATH), None).await }.boxed_local(),
        unresolved: None,
        outlives_function: false,
    }
}

fn event_source_mapping() -> Entry {
    Entry {
        resource: resource::<LambdaEventSourceMapping>(),
        name: "orders",
        parent: Parent::Function,
        specs: |aws, _| {
            let queue = format!("arn:aws:sqs:{}:{}:{QUEUE}", aws.region(), aws.account());
            [
                json!({"eventSourceArn": queue, "batchSize": 5}),
                json!({"eventSourceArn": queue, "batchSize": 6}),
                json!({"eventSourceArn": queue, "tags": {"team": "a"}}),
            ]
        },
        read: "ListEventSourceMappings",
        creates: &["CreateEventSourceMapping"],
        changes: &["UpdateEventSourceMapping"],
        deletes: &["DeleteEventSourceMapping"],
        held: |aws| seen::mappings(aws).boxed_local(),
        change: |aws| {
            async move {
                let change = json!({"BatchSize": 7});
                for uuid in mapping_ids(&aws).await {
                    call(&aws, "PUT", &format!("/2015-03-31/event-source-mappings/{uuid}"), Some(&change)).await;
                    aws.wait_until_mapping_is(&uuid, Some("Enabled")).await.unwrap();
                }
            }
            .boxed_local()
        },
        remove: |aws| {
            async move {
                for uuid in mapping_ids(&aws).await {
                    call(&aws, "DELETE", &format!("/2015-03-31/event-source-mappings/{uuid}"), None).await;
                    aws.wait_until_mapping_is(&uuid, None).await.unwrap();
                }
            }
            .boxed_local()
        },
        unresolved: None,
        outlives_function: true,
    }
}

async fn mapping_ids(aws: &Aws) -> Vec<String> {
    let all = seen::list(aws, "/2015-03-31/event-source-mappings", "EventSourceMappings").await;
    all.iter().filter_map(|mapping| mapping["UUID"].as_str().map(str::to_owned)).collect()
}

fn code_signing_config() -> Entry {
    Entry {
        resource: resource::<LambdaCodeSigningConfig>(),
        name: "strict",
        parent: Parent::Nothing,
        specs: |aws, _| {
            let profile = PROFILE.replace("eu-west-1", aws.region());
            let publishers = json!({"signingProfileVersionArns": [profile]});
            [
                json!({"allowedPublishers": publishers}),
                json!({"allowedPublishers": publishers, "policies": {"untrustedArtifactOnDeployment": "Enforce"}}),
                json!({"allowedPublishers": publishers, "description": "all", "tags": {"team": "a"}}),
            ]
        },
        read: "ListCodeSigningConfigs",
        creates: &["CreateCodeSigningConfig"],
        changes: &["UpdateCodeSigningConfig"],
        deletes: &["DeleteCodeSigningConfig"],
        held: |aws| seen::signing_configs(aws).boxed_local(),
        change: |aws| {
            async move {
                let change = json!({"Description": "meddled"});
                for path in signing_paths(&aws).await {
                    call(&aws, "PUT", &path, Some(&change)).await;
                }
            }
            .boxed_local()
        },
        remove: |aws| {
            async move {
                for path in signing_paths(&aws).await {
                    call(&aws, "DELETE", &path, None).await;
                }
            }
            .boxed_local()
        },
        unresolved: None,
        outlives_function: true,
    }
}

async fn signing_paths(aws: &Aws) -> Vec<String> {
    let all = seen::list(aws, "/2020-04-22/code-signing-configs/", "CodeSigningConfigs").await;
    let arns = all.iter().filter_map(|config| config["CodeSigningConfigArn"].as_str());
    arns.map(|arn| format!("/2020-04-22/code-signing-configs/{}", arn.replace(':', "%3A"))).collect()
}

/// A version cannot change: another content is another version, and the former one goes. What somebody else can change is who may use it.
fn layer_version() -> Entry {
    Entry {
        resource: resource::<LambdaLayerVersion>(),
        name: LAYER,
        parent: Parent::Nothing,
        specs: |_, _| {
            let spec = |text: &str, account: &str| {
                json!({"layerName": LAYER, "codeFrom": {"inline": {"python/lib.py": text}}, "retainVersions": 1,
                    "permissions": [{"statementId": "partner", "principal": account}]})
            };
            let [one, another] = ["210987654321", "345678901234"];
            [spec("x = 1", one), spec("x = 2", one), spec("x = 1", another)]
        },
        read: "ListLayerVersions",
        creates: &["PublishLayerVersion", "AddLayerVersionPermission"],
        changes: &["PublishLayerVersion", "AddLayerVersionPermission", "DeleteLayerVersion"],
        deletes: &["DeleteLayerVersion"],
        held: |aws| seen::layer_versions(aws).boxed_local(),
        change: |aws| {
            async move {
                for version in layer_paths(&aws).await {
                    share_with_somebody_else(&aws, &version).await;
                }
            }
            .boxed_local()
        },
        remove: |aws| {
            async move {
                for version in layer_paths(&aws).await {
                    call(&aws, "DELETE", &version, None).await;
                }
            }
            .boxed_local()
        },
        unresolved: Some(json!({"codeFrom": {"configMapRef": {"name": "missing"}}})),
        outlives_function: true,
    }
}

async fn layer_paths(aws: &Aws) -> Vec<String> {
    let path = format!("/2018-10-31/layers/{LAYER}/versions");
    let all = seen::list(aws, &path, "LayerVersions").await;
    all.iter().filter_map(|version| version["Version"].as_i64()).map(|number| format!("{path}/{number}")).collect()
}

/// Another statement takes the place of the one of the spec, unless the version goes in the meantime.
async fn share_with_somebody_else(aws: &Aws, version: &str) {
    let policy = format!("{version}/policy");
    let other = json!({"StatementId": "partner", "Action": "lambda:GetLayerVersion", "Principal": "456789012345"});
    let done = poll(&policy, PATIENCE, async || {
        aws.lambda("DELETE", &format!("{policy}/partner"), None).await?;
        let (status, answer) = aws.lambda("POST", &policy, Some(&other)).await?;
        Ok(if [201, 404].contains(&status) { Ok(()) } else { Err(format!("{status}: {answer}")) })
    });
    done.await.unwrap();
}
