//! The watches of Secrets and ConfigMaps: of a namespace, from when an object in it refers to one until none does, and of metadata alone.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use kube::runtime::watcher;
use kube::{Api, Client, Resource};
use tokio::task::JoinSet;
use tokio::time::sleep;
use tracing::{debug, warn};

use super::pages;
use super::referred::Scope;
use super::resilient::{WatchHealth, resilient};
use super::stripped::Named;
use super::wake::Wake;
use crate::controller::context::Context;
use crate::core::references::{Kind, Reference};

/// The maximum number of watches at a time; each is a connection. Further references are read at each drift check.
const MOST: usize = 200;

/// Changes of objects within this time are handled together.
const TOGETHER: Duration = Duration::from_millis(500);

/// Watches the Secrets and ConfigMaps that objects refer to, until it is dropped. With `--watch-references=false` it watches nothing.
pub(in crate::controller) async fn follow(context: Arc<Context>, client: Client) {
    // The watches end when this is dropped.
    let mut watches = JoinSet::new();
    let mut running = BTreeMap::new();
    let mut told = 0;
    loop {
        let mut wanted = context.referred.wanted();
        if !context.settings.watch_references {
            wanted.clear();
        }
        let beyond = wanted.len().saturating_sub(MOST);
        if beyond > told {
            warn!(
                namespaces = beyond,
                "Changes of the Secrets or ConfigMaps of these namespaces are seen at the next drift check: {MOST} watches are open"
            );
        }
        told = beyond;
        wanted = wanted.into_iter().take(MOST).collect();
        running.retain(|scope, watch: &mut tokio::task::AbortHandle| {
            let goes_on = wanted.contains(scope);
            if !goes_on {
                watch.abort();
            }
            goes_on
        });
        for scope in wanted {
            if running.contains_key(&scope) {
                continue;
            }
            let (context, client, one) = (Arc::clone(&context), client.clone(), scope.clone());
            let watch = match scope.kind {
                Kind::Secret => watches.spawn(watch::<Secret>(context, client, one)),
                Kind::ConfigMap => watches.spawn(watch::<ConfigMap>(context, client, one)),
                // Every object of these kinds is watched by its own controller.
                Kind::LambdaFunction | Kind::LambdaAlias | Kind::LambdaCodeSigningConfig | Kind::LambdaLayerVersion => {
                    continue;
                }
            };
            running.insert(scope, watch);
        }
        while watches.try_join_next().is_some() {}
        context.referred.next_change().await;
        sleep(TOGETHER).await;
    }
}

/// Reports the changes in one scope. If RBAC forbids the watch, the operator notices changes at the next drift check.
async fn watch<R>(context: Arc<Context>, client: Client, scope: Scope)
where
    R: Resource<DynamicType = (), Scope = NamespaceResourceScope> + Clone + Debug + Send + Sync + 'static,
{
    let objects: Api<Named<R>> = Api::namespaced(client, &scope.namespace);
    let lists = context.lists.clone();
    let make = move || lists.in_turn(watcher(objects.clone(), pages::config()));
    let namespace = scope.namespace.clone();
    let tell = move |going: WatchHealth<'_>| match going {
        WatchHealth::Ok => {}
        WatchHealth::Failing(error, 1) => {
            warn!(kind = %R::kind(&()), namespace, %error, "Changes are not seen at once: the API server does not answer, or no role allows list and watch");
        }
        WatchHealth::Failing(error, errors) => debug!(kind = %R::kind(&()), namespace, %error, errors, "Still not"),
    };
    let mut events = std::pin::pin!(resilient(make, tell));
    let mut listed = HashSet::new();
    while let Some(event) = events.next().await {
        // Errors of the watch are reported by `tell`, which gets them when the watch is retried.
        let Ok(event) = event else { continue };
        for name in context.referred.news(&scope, &mut listed, &event) {
            context.wakes.send(Wake::Referred(scope.namespace.clone(), Reference { kind: scope.kind, name }));
        }
    }
}
