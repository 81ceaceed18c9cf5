//! Many objects of a foreign namespace that name a function, and what they cost its owner.

use std::time::{Duration, Instant};

use futures::future::join_all;
use kube::Api;
use kube::api::{Patch, PatchParams};
use lambda_operator::api::alias::LambdaAlias;
use serde_json::json;

use crate::rival::namespace;
use support::world::{World, spec, spec_with};

/// Objects of the foreign namespace.
const CROWD: usize = 40;

#[tokio::test]
async fn forty_foreign_aliases_of_a_function_do_not_delay_its_owners_edits() {
    let other = namespace().await;
    let world = World::with(&["--drift-interval", "1h", "--watch-namespace", &other]).await;
    world.settle("hello", &spec()).await;
    let edited = async |memory: i32| {
        let started = Instant::now();
        world.settle("hello", &spec_with(&json!({"memorySize": memory}))).await;
        started.elapsed()
    };
    let alone = edited(256).await;
    let aliases: Api<LambdaAlias> = Api::namespaced(world.client.clone(), &other);
    join_all((0..CROWD).map(async |number| {
        let name = format!("alias-{number}");
        let object = json!({
            "apiVersion": "lambda-operator.io/v1alpha1", "kind": "LambdaAlias", "metadata": {"name": name},
            "spec": {"functionName": "hello", "functionVersion": "$LATEST"},
        });
        aliases.patch(&name, &PatchParams::apply("user"), &Patch::Apply(object)).await.unwrap();
    }))
    .await;
    let beside = edited(512).await;
    let most = alone * 2 + Duration::from_secs(2);
    assert!(beside < most, "an edit took {beside:.1?} beside {CROWD} foreign aliases, {alone:.1?} without them");
    world
        .until("all aliases to be refused", async |_: &World| {
            let all = aliases.list(&kube::api::ListParams::default()).await.unwrap();
            let conditions = all.items.iter().flat_map(|alias| alias.status.iter().flat_map(|s| &s.common.conditions));
            let refused = conditions.filter(|c| c.type_ == "Stalled" && c.reason == "NotOwned").count();
            if refused == CROWD { Ok(()) } else { Err(format!("{refused} are")) }
        })
        .await;
}
