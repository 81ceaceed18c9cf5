//! Somebody else, who changes the function behind the operator's back.

use serde_json::{Value, json};

use crate::chain::Meddling;
use crate::fields::Kind;
use crate::world::{World, base64, zip};

/// Does it, as soon as AWS lets him.
pub async fn meddle(world: &World, name: &str, meddling: Meddling, kind: Kind) -> Result<(), String> {
    let function = format!("/2015-03-31/functions/{name}");
    match meddling {
        Meddling::Configuration => {
            // Managed instances have at least 2048 MB.
            let change = json!({"MemorySize": 2304, "Description": "meddled", "Timeout": 77, "TracingConfig": {"Mode": "Active"}});
            put(world, "PUT", &format!("{function}/configuration"), &change).await
        }
        Meddling::Environment => {
            let change =
                json!({"Environment": {"Variables": {"STRAY": "x"}}, "Role": "arn:aws:iam::123456789012:role/stray"});
            put(world, "PUT", &format!("{function}/configuration"), &change).await
        }
        Meddling::Code => {
            let image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/app:stray";
            let change = match kind {
                Kind::Image => json!({"ImageUri": image}),
                Kind::Zip | Kind::Durable | Kind::Tenant | Kind::Managed => {
                    json!({"ZipFile": base64(&zip("main.py", "stray = True"))})
                }
            };
            put(world, "PUT", &format!("{function}/code"), &change).await
        }
        Meddling::Tags => {
            let arn = format!("arn:aws:lambda:eu-west-1:{}:function:{name}", world.account).replace(':', "%3A");
            let change = json!({"Tags": {"team": "stray", "stray": "x"}});
            put(world, "POST", &format!("/2017-03-31/tags/{arn}"), &change).await
        }
        Meddling::Concurrency => {
            let change = json!({"ReservedConcurrentExecutions": 9});
            put(world, "PUT", &format!("/2017-10-31/functions/{name}/concurrency"), &change).await
        }
    }
}

/// Tried again while the function is busy.
async fn put(world: &World, method: &str, path: &str, change: &Value) -> Result<(), String> {
    let patience = std::time::Duration::from_secs(15);
    let sent = testbed::poll("somebody's change", patience, async || {
        let (status, answer) = world.aws.lambda(method, path, Some(change)).await?;
        Ok(if status < 300 { Ok(()) } else { Err(format!("{status}: {answer}")) })
    });
    sent.await.map_err(|error| error.to_string())
}
