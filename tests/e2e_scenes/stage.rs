//! A world whose operator reaches both AWS and Kubernetes through journals.

use std::time::{Duration, Instant};

use testbed::{Bed, KubernetesProxy, OperatorOptions};

use crate::lines;
use crate::recording::{compare, recorded};
use support::world::{World, installed, options};

/// So long nothing new may come, for a scene to be over.
const QUIET: Duration = Duration::from_secs(1);

/// And so much longer it is waited for what is recorded.
const LATE: Duration = Duration::from_secs(15);

/// What each scene plays with.
pub(crate) const NAME: &str = "hello";

pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) proxy: KubernetesProxy,
    /// The AWS call, and the number of Kubernetes writes, after which the scene begins.
    begun: (u64, usize),
}

impl Stage {
    /// With an operator that looks only when it is told to.
    pub(crate) async fn new() -> Self {
        Self::with(&[]).await
    }

    /// With an operator that has these arguments too.
    pub(crate) async fn with(arguments: &[&str]) -> Self {
        let bed = Bed::from_env().unwrap();
        let proxy = bed.kubernetes_proxy(&installed(&bed).await).await.unwrap();
        let world = World::on(bed, proxy.kubeconfig.clone(), arguments).await;
        Self { world, proxy, begun: (0, 0) }
    }

    /// Ends what came before: only what follows is recorded.
    pub(crate) async fn begin(&mut self) {
        self.quiet("").await;
        self.begun = (self.world.manners().mark().await.unwrap(), self.proxy.writes().len());
    }

    /// Waits until nothing comes any more, and compares all that came with what is recorded.
    pub(crate) async fn end(self, scene: &str) {
        let seen = self.quiet(&recorded(scene)).await;
        compare(scene, &seen, &self.world.operator.log());
    }

    /// Of another operator, for when this one has been killed.
    pub(crate) fn options(&self) -> OperatorOptions {
        let arguments = ["--watch-namespace", self.world.namespace.as_str()];
        options(self.proxy.kubeconfig.clone(), &self.world.account, &arguments)
    }

    /// Waits until what is seen stays as it is; for a while longer until it is `wanted`, where something is.
    async fn quiet(&self, wanted: &str) -> String {
        let (mut last, mut since) = (String::new(), Instant::now());
        self.world
            .until("an end of calls and writes", async |_: &World| {
                let (now, under_way) = self.seen().await;
                if now != last || under_way {
                    (last, since) = (now, Instant::now());
                }
                let patience = if wanted.is_empty() || last == wanted { QUIET } else { LATE };
                if since.elapsed() >= patience { Ok(last.clone()) } else { Err(last.clone()) }
            })
            .await
    }

    /// All that came since the beginning as text, and whether something is under way.
    async fn seen(&self) -> (String, bool) {
        let calls = self.world.calls_since(self.begun.0).await;
        let writes = self.proxy.writes().split_off(self.begun.1);
        let under_way = calls.iter().any(|call| call.duration_ms.is_none()) || writes.iter().any(|write| !write.ended);
        let ours: Vec<_> =
            writes.into_iter().filter(|write| write.namespace.as_ref() == Some(&self.world.namespace)).collect();
        (lines::text(&calls, &ours), under_way)
    }
}
