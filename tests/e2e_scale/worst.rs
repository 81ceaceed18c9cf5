//! The worst objects that somebody may write into a namespace: they are read in small pages, and fit into the memory that the chart gives the operator.

use std::collections::BTreeMap;

use futures::{StreamExt, stream};
use kube::api::{Patch, PatchParams};
use kube::core::DynamicObject;
use kube::discovery::ApiResource;
use kube::{Api, Resource};
use serde_json::{Value, json};
use testbed::{Bed, Operator, OperatorOptions, poll};

use crate::{alone, is_full, say};
use support::world::{World, installed, options, spec_with};

/// Objects in a page.
const PAGE: u32 = 20;
/// Bytes that the API server takes of one object.
const MOST_OF_ONE: usize = 3 * 512 * 1024;
/// `resources.limits.memory` of the chart.
const LIMIT_MIB: u64 = 128;
/// Of annotations, all together, less a little for their names.
const ANNOTATIONS: usize = 253 * 1024;
/// Writes at a time: each is large.
const AT_A_TIME: usize = 8;

/// Text that nothing makes smaller.
fn noise(length: usize) -> String {
    (0..length).map(|_| fastrand::alphanumeric()).collect()
}

/// An object as large as its schema and the API server allow: about 0.93 MB of variables, which no function can have.
fn bloated() -> Value {
    let variables: BTreeMap<_, _> = (0..227).map(|number| (format!("V{number:03}"), noise(4096))).collect();
    spec_with(&json!({"environment": {"variables": variables}}))
}

/// What `kubectl apply` leaves on a large dashboard, say.
async fn annotated<R: Resource<DynamicType = ()>>(world: &World, count: usize) {
    let resource = ApiResource::erase::<R>(&());
    let objects: Api<DynamicObject> = Api::namespaced_with(world.client.clone(), &world.namespace, &resource);
    let write = |number: usize| {
        let annotations = json!({"kubectl.kubernetes.io/last-applied-configuration": noise(ANNOTATIONS)});
        let metadata = json!({"name": format!("worst-{number}"), "annotations": annotations});
        let object = json!({"apiVersion": "v1", "kind": R::kind(&()), "metadata": metadata});
        let objects = objects.clone();
        async move {
            let name = format!("worst-{number}");
            objects.patch(&name, &PatchParams::apply("user").force(), &Patch::Apply(object)).await.unwrap();
        }
    };
    stream::iter(0..count).map(write).buffer_unordered(AT_A_TIME).collect::<Vec<()>>().await;
}

/// All of it, and a function that refers to one of each kind, so that both are watched.
async fn worst(world: &World, objects: usize, others: usize) {
    annotated::<k8s_openapi::api::core::v1::ConfigMap>(world, others).await;
    annotated::<k8s_openapi::api::core::v1::Secret>(world, others).await;
    let apply = |number: usize| async move {
        world.apply(&format!("worst-{number}"), &bloated()).await;
    };
    stream::iter(0..objects).map(apply).buffer_unordered(AT_A_TIME).collect::<Vec<()>>().await;
    let from = json!([{"secretRef": {"name": "worst-0"}}, {"configMapRef": {"name": "worst-0"}}]);
    world.apply("refers", &spec_with(&json!({"environment": {"from": from}}))).await;
}

/// The operator anew, as it is after a restart.
async fn restarted(world: &mut World, options: OperatorOptions) {
    let started = Operator::start(&world.bed, options).await.unwrap();
    std::mem::replace(&mut world.operator, started).kill().await;
}

/// Waits until every object was looked at.
async fn looked_at(world: &World, objects: usize) {
    let refused = format!("ready=\"False\",reason=\"InvalidSpec\"}} {objects}\n");
    let all = poll("every object to be refused", std::time::Duration::from_secs(240), async || {
        let metrics = world.operator.metrics().await?;
        let seen: Vec<_> = metrics.lines().filter(|line| line.starts_with("lambda_operator_objects{")).collect();
        Ok(if metrics.contains(&refused) { Ok(()) } else { Err(seen.join("\n")) })
    });
    all.await.unwrap();
    world.ready("refers").await;
}

#[tokio::test]
async fn lists_come_in_small_pages_whatever_the_objects_hold() {
    let _alone = alone().await;
    let (bed, objects, others) = (Bed::from_env().unwrap(), 24, 44);
    let proxy = bed.kubernetes_proxy(&installed(&bed).await).await.unwrap();
    let mut world = World::on(bed, proxy.kubeconfig.clone(), &[]).await;
    worst(&world, objects, others).await;
    let before = proxy.reads().len();
    let watch = ["--watch-namespace", &world.namespace.clone()];
    let again = options(proxy.kubeconfig.clone(), &world.account, &watch);
    restarted(&mut world, again).await;
    looked_at(&world, objects).await;
    let pages = |resource: &str| -> Vec<usize> {
        let reads = proxy.reads().into_iter().skip(before).filter(|read| read.resource == resource);
        reads
            .filter_map(|read| read.bytes.map(|bytes| (read.limit, bytes)))
            .inspect(|(limit, _)| {
                assert_eq!(*limit, Some(PAGE), "{resource}");
            })
            .map(|(_, bytes)| bytes)
            .collect()
    };
    let waited = poll("both to be watched", std::time::Duration::from_secs(60), async || {
        let seen = ["secrets", "configmaps"].map(|resource| pages(resource).len());
        Ok(if seen.iter().all(|pages| *pages >= 3) { Ok(()) } else { Err(format!("{seen:?}")) })
    });
    waited.await.unwrap();
    for (resource, least) in [("lambdafunctions", 2), ("secrets", 3), ("configmaps", 3)] {
        let sizes = pages(resource);
        say(&format!("{resource}: pages of {sizes:?} bytes"));
        assert!(sizes.len() >= least, "{resource}: {sizes:?}");
        assert!(sizes.iter().all(|bytes| *bytes <= usize::try_from(PAGE).unwrap() * MOST_OF_ONE), "{sizes:?}");
    }
    assert!(pages("namespaces").len() <= 1 && pages("lambdaaliases").len() == 1);
}

#[tokio::test]
async fn the_worst_objects_fit_into_the_charts_memory_limit() {
    let _alone = alone().await;
    let (objects, others) = if is_full() { (150, 300) } else { (30, 40) };
    let mut world = World::new().await;
    worst(&world, objects, others).await;
    let watch = ["--watch-namespace", &world.namespace.clone()];
    let mut again = options(installed(&world.bed).await, &world.account, &watch);
    if let Some(release) = std::env::var_os("SCALE_OPERATOR") {
        again.binary = release.into();
    }
    let level = again.args.iter().position(|argument| argument.contains("lambda_operator=debug")).unwrap();
    again.args[level] = "info".into();
    restarted(&mut world, again).await;
    looked_at(&world, objects).await;
    let (rss, peak) = (world.operator.rss_kib().unwrap() / 1024, world.operator.peak_rss_kib().unwrap() / 1024);
    say(&format!(
        "{objects} objects of 0.93 MB, {others} ConfigMaps and Secrets of 253 kB: RSS {rss} MiB, at most {peak} MiB"
    ));
    assert!(peak < LIMIT_MIB, "{peak} MiB, and the chart gives {LIMIT_MIB} MiB");
}
