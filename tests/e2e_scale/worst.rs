//! The worst objects that somebody may write into a namespace: they are read in small pages, and fit into the memory that the chart gives the operator.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use futures::{StreamExt, stream};
use kube::api::{ApiResource, DynamicObject, Patch, PatchParams};
use kube::{Api, Resource};
use serde_json::{Value, json};
use testbed::{Bed, KubernetesProxy, Operator, OperatorOptions, Read, poll};

use crate::{alone, is_full, say};
use support::world::{World, installed, options, spec_with};

/// Objects in a page.
const PAGE: u32 = 10;
/// Bytes of a page: the API server takes 1.5 MiB of each object.
const MOST_OF_A_PAGE: usize = 10 * 3 * 512 * 1024;
/// `resources.limits.memory` of the chart.
pub(crate) const LIMIT_MIB: u64 = 128;
/// Of annotations, all together, less a little for their names.
const ANNOTATIONS: usize = 253 * 1024;
/// Writes at a time: each is large.
pub(crate) const AT_A_TIME: usize = 8;

/// Text that nothing makes smaller.
pub(crate) fn noise(length: usize) -> String {
    (0..length).map(|_| fastrand::alphanumeric()).collect()
}

/// Characters of inline code, paths included.
pub(crate) const INLINE: usize = 262_144;

/// A spec as large as its schema and etcd allow, beside annotations: 0.93 MB of variables, which no function can have, and 0.26 MB of code.
pub(crate) fn bloated() -> Value {
    let variables: BTreeMap<_, _> = (0..227).map(|number| (format!("V{number:03}"), noise(4096))).collect();
    let inline = json!({"main.py": noise(INLINE - "main.py".len())});
    spec_with(&json!({"environment": {"variables": variables}, "codeFrom": {"inline": inline}}))
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
        let name = format!("worst-{number}");
        world.apply(&name, &bloated()).await;
        let annotations = json!({"metadata": {"annotations": {"example.com/note": noise(ANNOTATIONS)}}});
        world.objects().patch(&name, &PatchParams::default(), &Patch::Merge(annotations)).await.unwrap();
    };
    stream::iter(0..objects).map(apply).buffer_unordered(AT_A_TIME).collect::<Vec<()>>().await;
    let from = json!([{"secretRef": {"name": "worst-0"}}, {"configMapRef": {"name": "worst-0"}}]);
    world.apply("refers", &spec_with(&json!({"environment": {"from": from}}))).await;
}

/// The operator started again, with all of it there already.
pub(crate) async fn restarted(mut world: World, options: OperatorOptions) -> World {
    world.operator.kill().await;
    world.operator = Operator::start(&world.bed, options).await.unwrap();
    world
}

/// The operator of a world as the chart starts it: with its log level, and as it is released where SCALE_OPERATOR names such a program.
pub(crate) fn quiet(kubeconfig: PathBuf, world: &World) -> OperatorOptions {
    let mut again = options(kubeconfig, &world.account, &["--watch-namespace", &world.namespace]);
    if let Some(release) = std::env::var_os("SCALE_OPERATOR") {
        again.binary = release.into();
    }
    let level = again.args.iter().position(|argument| argument.contains("lambda_operator=debug")).unwrap();
    again.args[level] = "info".into();
    again
}

/// Its memory now, and the most that it ever had, in MiB.
pub(crate) fn measured(operator: &Operator) -> (u64, u64) {
    (operator.rss_kib().unwrap() / 1024, operator.peak_rss_kib().unwrap() / 1024)
}

/// Waits until every object was looked at by this process, and is refused.
async fn looked_at(world: &World, objects: usize) {
    let refused = format!("ready=\"False\",reason=\"InvalidSpec\"}} {objects}.0\n");
    let passes = "controller_runtime_reconcile_total{controller=\"lambdafunction\"";
    let all = poll("every object to be refused", Duration::from_secs(120), async || {
        let metrics = world.operator.metrics().await?;
        let counts = metrics.lines().filter(|line| line.starts_with(passes));
        let passes: usize = counts.filter_map(|line| line.rsplit(' ').next()?.parse::<usize>().ok()).sum();
        let all = passes > objects && metrics.contains(&refused);
        Ok(if all { Ok(()) } else { Err(format!("{passes} passes")) })
    });
    all.await.unwrap();
    world.ready("refers").await;
}

/// The sizes of the pages that the operator read of a resource, after so many reads.
fn pages(proxy: &KubernetesProxy, after: usize, resource: &str) -> Vec<usize> {
    let reads = proxy.reads().into_iter().skip(after).filter(|read| read.resource == resource);
    let sizes = reads.filter_map(|Read { limit, bytes, .. }| {
        assert!(bytes.is_none() || limit == Some(PAGE), "{resource}: pages of {limit:?}");
        bytes
    });
    sizes.collect()
}

/// Waits until Secrets and ConfigMaps are known, in so many pages each.
async fn watched(proxy: &KubernetesProxy, after: usize, count: usize) {
    let waited = poll("both to be watched", Duration::from_secs(120), async || {
        let seen = ["secrets", "configmaps"].map(|resource| pages(proxy, after, resource).len());
        Ok(if seen.iter().all(|pages| *pages >= count) { Ok(()) } else { Err(format!("{seen:?}")) })
    });
    waited.await.unwrap();
}

/// A world whose operator goes through a proxy, which counts, and is started again over the worst objects.
async fn over_the_worst(objects: usize, others: usize) -> (World, KubernetesProxy, usize) {
    let bed = Bed::from_env().unwrap();
    let proxy = bed.kubernetes_proxy(&installed(&bed).await).await.unwrap();
    let world = World::on(bed, proxy.kubeconfig.clone(), &[]).await;
    worst(&world, objects, others).await;
    let again = quiet(proxy.kubeconfig.clone(), &world);
    let after = proxy.reads().len();
    let started = Instant::now();
    let world = restarted(world, again).await;
    let ready = started.elapsed();
    looked_at(&world, objects).await;
    say(&format!(
        "{objects} objects: ready {ready:.1?} after the start, all refused {:.1?} after it",
        started.elapsed()
    ));
    watched(&proxy, after, others.div_ceil(10)).await;
    (world, proxy, after)
}

#[tokio::test]
async fn lists_come_in_small_pages_whatever_the_objects_hold() {
    let _alone = alone().await;
    let (_world, proxy, after) = over_the_worst(24, 44).await;
    for resource in ["lambdafunctions", "secrets", "configmaps"] {
        let sizes = pages(&proxy, after, resource);
        say(&format!("{resource}: pages of {sizes:?} bytes"));
        assert!(sizes.len() > 1, "{resource}: {sizes:?}");
        assert!(sizes.iter().all(|bytes| *bytes <= MOST_OF_A_PAGE), "{sizes:?}");
    }
    assert!(pages(&proxy, after, "namespaces").len() <= 1 && pages(&proxy, after, "lambdaaliases").len() == 1);
}

#[tokio::test]
async fn the_worst_objects_fit_into_the_charts_memory_limit() {
    let _alone = alone().await;
    let (objects, others) = if is_full() { (150, 300) } else { (30, 40) };
    let (world, _proxy, _) = over_the_worst(objects, others).await;
    let (rss, peak) = measured(&world.operator);
    say(&format!(
        "{objects} objects of 1.45 MB, {others} ConfigMaps and Secrets of 253 kB: RSS {rss} MiB, at most {peak} MiB"
    ));
    assert!(peak < LIMIT_MIB, "{peak} MiB, and the chart gives {LIMIT_MIB} MiB");
}
