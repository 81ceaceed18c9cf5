//! The worst that objects may refer to: Secrets of very many keys and of very large values, packages of ConfigMaps, the largest inline code; and
//! clients of the operator's port meanwhile. All of it fits into the memory that the chart gives the operator.

use std::time::Duration;

use futures::{StreamExt, stream};
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use kube::api::{ApiResource, DynamicObject, Patch, PatchParams, PostParams};
use kube::{Api, Resource};
use lambda_operator::api::alias::LambdaAlias;
use lambda_operator::core::package::pack;
use serde_json::{Map, Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::worst::{AT_A_TIME, INLINE, LIMIT_MIB, bloated, measured, noise, quiet, restarted};
use crate::{alone, is_full, say};
use support::world::{World, base64, installed, spec_with};
use testbed::{Bed, Operator, poll};

/// Keys of one Secret: with a key of four letters, each takes ten bytes of the 1.5 MiB that etcd holds.
const KEYS: usize = 140_000;
/// Characters of all values of a Secret or ConfigMap.
const VALUES: usize = 1024 * 1024;
/// Objects of each sort that one function refers to; the schema allows 16.
const REFERRED: usize = 7;
/// Clients at a time.
const CLIENTS: usize = 200;

/// Writes an object without managed fields, which would take the half of the space.
async fn write<R: Resource<DynamicType = ()>>(world: &World, name: &str, contents: &Value) {
    let resource = ApiResource::erase::<R>(&());
    let objects: Api<DynamicObject> = Api::namespaced_with(world.client.clone(), &world.namespace, &resource);
    let object = |metadata: Value, contents: &Value| -> DynamicObject {
        let mut object = contents.clone();
        object["apiVersion"] = json!("v1");
        object["kind"] = json!(R::kind(&()));
        object["metadata"] = metadata;
        serde_json::from_value(object).unwrap()
    };
    let empty = objects.create(&PostParams::default(), &object(json!({"name": name}), &json!({}))).await.unwrap();
    let metadata = json!({"name": name, "resourceVersion": empty.metadata.resource_version, "managedFields": [{}]});
    objects.replace(name, &PostParams::default(), &object(metadata, contents)).await.unwrap();
}

/// Keys of four letters.
fn keys() -> Map<String, Value> {
    let letter = |number: usize| char::from(b"abcdefghijklmnopqrstuvwxyz"[number % 26]);
    let key = |n: usize| [n / 17_576, n / 676, n / 26, n].map(letter).iter().collect::<String>();
    (0..KEYS).map(|number| (key(number), json!(""))).collect()
}

/// A package as large as its ConfigMap.
fn package() -> Vec<u8> {
    let most = VALUES - 1024;
    let noise: Vec<u8> = (0..most).map(|_| fastrand::u8(..)).collect();
    pack(&[("main.py", b"x".as_slice()), ("noise", &noise[..most - 1024])].into()).unwrap()
}

/// Everything that functions refer to.
async fn referred(world: &World) {
    let full = json!({"data": {"VALUE": noise(VALUES)}});
    for number in 0..REFERRED {
        write::<Secret>(world, &format!("keys-{number}"), &json!({"data": keys()})).await;
        write::<ConfigMap>(world, &format!("values-{number}"), &full).await;
    }
    write::<ConfigMap>(world, "package", &json!({"binaryData": {"p.zip": base64(&package())}})).await;
}

/// Functions of every bad sort, and aliases of a large one; gives their names.
async fn written(world: &World, count: usize) -> Vec<String> {
    let from = |sort: &str, kind: &str| -> Value {
        (0..REFERRED).map(|number| json!({kind: {"name": format!("{sort}-{number}")}})).collect()
    };
    let zip = json!({"codeFrom": {"inline": null, "configMapRef": {"name": "package", "key": "p.zip"}}});
    let files = json!({"codeFrom": {"inline": null, "secretRef": {"name": "keys-0"}}});
    let inline = json!({"codeFrom": {"inline": {"main.py": noise(INLINE - 7)}}});
    let sorts = [
        ("keys", spec_with(&json!({"environment": {"from": from("keys", "secretRef")}}))),
        ("values", spec_with(&json!({"environment": {"from": from("values", "configMapRef")}}))),
        ("zip", spec_with(&zip)),
        ("files", spec_with(&files)),
        ("inline", spec_with(&inline)),
        ("bloated", bloated()),
    ];
    let all = sorts.iter().flat_map(|(sort, spec)| (0..count).map(move |n| (format!("{sort}-{n}"), spec)));
    let apply = |(name, spec): (String, _)| async move {
        world.apply(&name, spec).await;
        name
    };
    let names = stream::iter(all).map(apply).buffer_unordered(AT_A_TIME).collect::<Vec<_>>().await;
    for number in 0..count {
        let aliases: Api<LambdaAlias> = Api::namespaced(world.client.clone(), &world.namespace);
        let name = format!("of-bloated-{number}");
        let spec = json!({"functionRef": {"name": format!("bloated-{number}")}, "functionVersion": "1"});
        let alias = json!({"apiVersion": "lambda-operator.io/v1alpha1", "kind": "LambdaAlias", "metadata": {"name": name}, "spec": spec});
        aliases.patch(&name, &PatchParams::apply("user").force(), &Patch::Apply(alias)).await.unwrap();
    }
    names
}

/// Clients of the port that ask for all metrics, and clients that ask nothing, until it is dropped.
async fn clients(operator: &Operator) {
    let address = operator.url().trim_start_matches("http://").to_owned();
    let client = |number: usize| {
        let address = address.clone();
        async move {
            loop {
                let Ok(mut stream) = TcpStream::connect(&address).await else { continue };
                if number.is_multiple_of(2) {
                    let _ = stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n").await;
                }
                let _ = stream.read_to_end(&mut Vec::new()).await;
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        }
    };
    futures::future::join_all((0..CLIENTS).map(client)).await;
}

/// Waits until each of these was concluded: it is ready, or it is stalled.
async fn concluded(world: &World, names: &[String]) {
    let all = poll("every function to be concluded", Duration::from_secs(120), async || {
        let objects = world.objects().list(&kube::api::ListParams::default()).await.unwrap();
        let is_open = |name: &&String| {
            let object = objects.items.iter().find(|one| one.metadata.name.as_ref() == Some(*name));
            let conditions = object.and_then(|one| one.status.as_ref()).map(|status| &status.common.conditions);
            let is =
                |type_: &str| conditions.is_some_and(|all| all.iter().any(|c| c.type_ == type_ && c.status == "True"));
            !is("Ready") && !is("Stalled")
        };
        let open: Vec<_> = names.iter().filter(is_open).collect();
        Ok(if open.is_empty() { Ok(()) } else { Err(format!("{open:?}")) })
    });
    if let Err(error) = all.await {
        panic!("{error}\nthe operator's log:\n{}", testbed::last_lines(&world.operator.log(), 40));
    }
}

#[tokio::test]
async fn the_worst_references_packages_and_clients_fit_into_the_charts_memory_limit() {
    let _alone = alone().await;
    let count = if is_full() { 24 } else { 4 };
    let bed = Bed::from_env().unwrap();
    let kubeconfig = installed(&bed).await;
    let world = World::on(bed, kubeconfig.clone(), &[]).await;
    let options = quiet(kubeconfig, &world);
    let world = restarted(world, options).await;
    referred(&world).await;
    let work = async {
        let names = written(&world, count).await;
        concluded(&world, &names).await;
    };
    tokio::select! {
        () = work => {}
        () = clients(&world.operator) => {}
    }
    let (rss, peak) = measured(&world.operator);
    say(&format!(
        "{count} functions of each bad sort ({REFERRED} Secrets of {KEYS} keys, {REFERRED} ConfigMaps of 1 MiB, packages and code of the largest size), \
         {CLIENTS} clients: RSS {rss} MiB, at most {peak} MiB"
    ));
    assert!(peak < LIMIT_MIB, "{peak} MiB, and the chart gives {LIMIT_MIB} MiB");
}
