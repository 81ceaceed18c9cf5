//! The references of a planned object: to objects of the same file as they will be once it is applied, or to those of the cluster.

use std::sync::PoisonError;

use futures::FutureExt;
use futures::future::BoxFuture;
use kube::ResourceExt;
use serde_json::Value;

use super::file;
use super::planner::{Followed, Planner, Undecided};
use super::text::Decision;
use crate::api::alias::LambdaAlias;
use crate::api::code_signing_config::LambdaCodeSigningConfig;
use crate::api::function::spec::LambdaFunction;
use crate::api::layer_version::LambdaLayerVersion;
use crate::cli::cluster::{Cluster, words};
use crate::cli::manifest;
use crate::controller::managed::Managed;
use crate::controller::reconcile::references::fetch;
use crate::core::plan::Plan;
use crate::core::references::{Contents, Kind, Parent, Reference, References, TOO_MUCH};

/// An object of the file, as the objects that refer to it see it once the file is applied.
#[derive(Clone)]
pub(super) struct Foreseen {
    parent: Parent,
    /// Whether AWS shows the resource and the object has no status about it: the object is applied first, and takes the resource over.
    taken_first: bool,
    /// Why the version is unknown to which followers will move. Other objects do not depend on it.
    moves: Option<String>,
}

/// The references of an object.
#[derive(Default)]
pub(super) struct Resolved {
    pub(super) references: References,
    /// The object of the file that will own the function.
    pub(super) owner: Option<Reference>,
}

impl Planner {
    pub(super) async fn references<K: Managed>(&self, object: &K, followed: Followed) -> Result<Resolved, Undecided> {
        let (namespace, mut found) = (object.namespace().unwrap_or_default(), Resolved::default());
        let waits = followed == Followed::Next && object.follows_versions();
        for reference in object.references() {
            match self.file.document(&namespace, &reference) {
                Some(document) => self.of_file(&namespace, reference, document, waits, &mut found).await?,
                None => self.of_cluster(&namespace, reference, &mut found.references).await?,
            }
        }
        if found.references.is_too_much() {
            return Err(Undecided::Fault(TOO_MUCH.to_owned()));
        }
        if let Some(path) = object.file() {
            found.references.file = self.packages.look(path).await;
        }
        Ok(found)
    }

    async fn of_cluster(&self, namespace: &str, reference: Reference, found: &mut References) -> Result<(), String> {
        let Some(Cluster { client, .. }) = &self.cluster else {
            return Err(format!(
                "the spec refers to {reference}, which is not in this file and needs a cluster: set KUBECONFIG to the cluster that has it"
            ));
        };
        let named = reference.to_string();
        let read = fetch(client, namespace, reference, found).await;
        read.map_err(|error| format!("{named} could not be read: {}", words(&error)))
    }

    async fn of_file(
        &self,
        namespace: &str,
        reference: Reference,
        document: &Value,
        waits: bool,
        found: &mut Resolved,
    ) -> Result<(), Undecided> {
        let foreseen = match reference.kind {
            Kind::Secret | Kind::ConfigMap => {
                let contents = self.contents(namespace, &reference, document).await?;
                found.references.objects.insert(reference, contents);
                return Ok(());
            }
            Kind::LambdaFunction => self.parent::<LambdaFunction>(namespace, &reference, document),
            Kind::LambdaAlias => self.parent::<LambdaAlias>(namespace, &reference, document),
            Kind::LambdaCodeSigningConfig => self.parent::<LambdaCodeSigningConfig>(namespace, &reference, document),
            Kind::LambdaLayerVersion => self.parent::<LambdaLayerVersion>(namespace, &reference, document),
        };
        let Foreseen { parent, taken_first, moves } = foreseen.await.map_err(Undecided::Later)?;
        if let Some(first) = moves.filter(|_| waits) {
            return Err(Undecided::Later(first));
        }
        match reference.kind {
            Kind::LambdaFunction | Kind::LambdaAlias => {
                found.references.parent = Some(parent);
                found.owner = taken_first.then_some(reference);
            }
            Kind::Secret | Kind::ConfigMap | Kind::LambdaCodeSigningConfig | Kind::LambdaLayerVersion => {
                found.references.used.insert(reference, parent);
            }
        }
        Ok(())
    }

    /// The contents of a Secret or ConfigMap once the file is applied. Contents that do not change keep their version.
    async fn contents(&self, namespace: &str, reference: &Reference, document: &Value) -> Result<Contents, String> {
        let (values, mut live) = (file::values(reference, document)?, References::default());
        if let Some(Cluster { client, .. }) = &self.cluster {
            // What cannot be read counts as changed.
            let _unread = fetch(client, namespace, reference.clone(), &mut live).await;
        }
        let changed = |uid: String| Contents { uid, version: String::new(), values: values.clone() };
        Ok(match live.objects.remove(reference) {
            Some(live) if live.values == values => live,
            Some(live) => changed(live.uid.clone()),
            None => changed(String::new()),
        })
    }

    /// An object of the file to which others refer. The error says what comes first.
    fn parent<'a, K: Managed>(
        &'a self,
        namespace: &'a str,
        reference: &'a Reference,
        document: &'a Value,
    ) -> BoxFuture<'a, Result<Foreseen, String>> {
        let known = move || self.foreseen.lock().unwrap_or_else(PoisonError::into_inner);
        async move {
            let key = (namespace.to_owned(), reference.clone());
            let seen = known().get(&key).cloned();
            if let Some(seen) = seen {
                return seen;
            }
            let foreseen = self.foresee::<K>(namespace, reference, document).await;
            known().insert(key, foreseen.clone());
            foreseen
        }
        .boxed()
    }

    async fn foresee<K: Managed>(
        &self,
        namespace: &str,
        reference: &Reference,
        document: &Value,
    ) -> Result<Foreseen, String> {
        let named = format!("{reference} of this file");
        let Some(Ok(mut object)) = manifest::object::<K>(document) else { return Err(format!("{named} is faulty")) };
        object.meta_mut().namespace = Some(namespace.to_owned());
        let live = self.live(&mut object).await;
        let known = live.as_ref().ok().and_then(Option::as_ref);
        let applied = file::applied(&object, known);
        let mut told = applied.as_ref().and_then(K::parent).unwrap_or_default();
        let suspended = object.common().suspend.unwrap_or_default();
        let writes = !told.leaving && !told.handed_over && !suspended;
        if let Some(applied) = applied.filter(|_| writes) {
            applied.applied(&mut told);
        }
        if told.exists || told.leaving || told.handed_over {
            let moves = if told.publishes && writes { self.publication(object, live, &named).await } else { None };
            let parent = has_its_arn(told, reference.kind, &named)?;
            return Ok(Foreseen { parent, taken_first: false, moves });
        }
        if suspended {
            return Err(format!("{named} is suspended"));
        }
        let Decision { target, desired, observed, plan, .. } = self.known(object, live, &named).await?;
        let Some(observed) = observed.filter(|observed| !K::is_absent(observed)) else {
            return Err(format!("{named} does not exist in AWS yet"));
        };
        let moves = first::<K>(&plan, &named)?;
        let mut parent = Parent { target: Some(target), exists: true, ..told };
        K::foresee(&mut parent, &desired, &observed, &plan);
        let parent = has_its_arn(parent, reference.kind, &named)?;
        Ok(Foreseen { parent, taken_first: true, moves })
    }

    /// What comes before a version that followers of the object move to, if its plan publishes one or is unknown.
    async fn publication<K: Managed>(&self, object: K, live: Result<Option<K>, String>, named: &str) -> Option<String> {
        let decided = self.known(object, live, named).await;
        decided.and_then(|decision| first::<K>(&decision.plan, named)).unwrap_or_else(Some)
    }

    /// The decision about an object of the file. The error says what comes first.
    async fn known<K: Managed>(
        &self,
        object: K,
        live: Result<Option<K>, String>,
        named: &str,
    ) -> Result<Decision<K>, String> {
        self.decide(object, live, Followed::Now).await.map_err(|undecided| match undecided {
            Undecided::Fault(_) => format!("{named} has no plan yet, because of a fault"),
            Undecided::Later(_) => format!("{named} is planned later too"),
        })
    }
}

/// The publication that followers of the object wait for, if its plan has one. The error says that there is no plan.
fn first<K: Managed>(plan: &Plan<K::Step>, named: &str) -> Result<Option<String>, String> {
    match plan {
        Plan::Blocked(_) | Plan::Wait => Err(format!("{named} has no plan yet")),
        Plan::Steps(steps) => Ok(K::publishes(steps).then(|| format!("{named} publishes a version first"))),
        Plan::Done | Plan::Drift(_) => Ok(None),
    }
}

/// The object, unless it is a layer without a version for its spec.
fn has_its_arn(parent: Parent, kind: Kind, named: &str) -> Result<Parent, String> {
    let is_missing = kind == Kind::LambdaLayerVersion && parent.exists && parent.arn.is_none();
    if is_missing { Err(format!("{named} has no version for its spec yet")) } else { Ok(parent) }
}
