//! Where these tests happen: in the shared bed behind a proxy to Kubernetes, or in a bed of their own that may be broken.

use std::path::{Path, PathBuf};

use testbed::{Bed, KubernetesProxy, Operator, OperatorOptions};

use support::world::{World, installed, options};

/// A world whose operator goes through a proxy to Kubernetes.
pub(crate) async fn proxied(arguments: &[&str]) -> (World, KubernetesProxy) {
    let bed = Bed::from_env().unwrap();
    let proxy = bed.kubernetes_proxy(&installed(&bed).await).await.unwrap();
    (World::on(bed, proxy.kubeconfig.clone(), arguments).await, proxy)
}

/// The operator of a proxied world, to start it again.
pub(crate) fn through(world: &World, proxy: &KubernetesProxy, arguments: &[&str]) -> OperatorOptions {
    let watch = ["--watch-namespace", world.namespace.as_str()];
    options(proxy.kubeconfig.clone(), &world.account, &[&watch, arguments].concat())
}

/// Installs the chart into a bed of one's own.
pub(crate) async fn install(bed: &Bed) -> PathBuf {
    bed.install(&Path::new(env!("CARGO_MANIFEST_DIR")).join("charts/lambda-operator")).await.unwrap()
}

/// A world in a bed of one's own. `account` and `namespace` belong to it alone.
pub(crate) async fn private(
    bed: &Bed,
    kubeconfig: PathBuf,
    (account, namespace): (&str, &str),
    arguments: &[&str],
) -> World {
    bed.kubectl_ok(&["create", "namespace", namespace], None).await.unwrap();
    let options = options(kubeconfig, account, &[&["--watch-namespace", namespace], arguments].concat());
    let operator = Operator::start(bed, options).await.unwrap();
    World::around(bed.clone(), account, namespace, operator).await
}
