//! What the stages of a reconcile ask of Kubernetes: reads that must not come from the cache, and the packages that steps carry.

use std::collections::BTreeMap;
use std::io;

use kube::{Api, Resource, ResourceExt};

use super::failure::Failure;
use super::packages::Loaded;
use super::{Reconcile, finalizer};
use crate::api::shared::{GROUP, RECONCILE_REQUESTED_AT};
use crate::controller::managed::Managed;
use crate::controller::room::{NO_ROOM, Place, soon};
use crate::controller::watch::stripped::Named;
use crate::core::kind::{Cluster, ConclusionOf};
use crate::core::operation::Access;
use crate::core::package;
use crate::core::package::{NotLoaded, Package};
use crate::core::refusal::Request;

impl<'a, K: Managed> Cluster<K> for Reconcile<'a, K> {
    type Error = Failure;
    type Permit = Place<'a>;

    async fn record(&mut self, conclusion: ConclusionOf<K>) -> Result<(), Failure> {
        self.report(conclusion).await.map(drop)
    }

    /// The same object, held by our finalizer, with the spec and the consent that were judged: whatever was edited since is judged first.
    async fn still_wants(&self, _: Access) -> Result<bool, Failure> {
        let (kubernetes, namespace) =
            (self.context.shared.kubernetes.clone(), self.object.namespace().unwrap_or_default());
        // The metadata says all of it, and is small.
        let objects: Api<Named<K>> = Api::namespaced(kubernetes, &namespace);
        let current = objects.get_opt(&self.object.name_any()).await.map_err(Failure::of(Request::Object))?;
        Ok(current.is_some_and(|current| is_unchanged(self.object, &current)))
    }

    async fn package(&self, package: Package<'_>) -> Result<(Vec<u8>, Place<'a>), NotLoaded> {
        let room = &self.context.shared.room;
        let files: BTreeMap<&str, &[u8]> = match package {
            Package::Inline(files) => files.iter().map(|(path, text)| (path.as_str(), text.as_bytes())).collect(),
            Package::Object(reference, key) => {
                let contents = self.references.objects.get(reference);
                let values = &contents.ok_or(io::Error::from(io::ErrorKind::NotFound))?.values;
                if let Some(key) = key {
                    let place = room.small().ok_or_else(no_room)?;
                    return Ok((values.get(key).cloned().unwrap_or_default(), place));
                }
                values.iter().map(|(key, bytes)| (key.as_str(), bytes.as_slice())).collect()
            }
            Package::File(path) => {
                let Loaded { bytes, place } = self.context.shared.packages.load(room, path).await?;
                return Ok((bytes, place));
            }
        };
        let place = room.small().ok_or_else(no_room)?;
        Ok((package::pack(&files).map_err(io::Error::other)?, place))
    }

    fn object(&self) -> &K {
        self.object
    }
}

/// Packages from Kubernetes are small, and soon on their way.
fn no_room() -> NotLoaded {
    NotLoaded::NoRoom(soon(NO_ROOM))
}

impl<K: Managed> Reconcile<'_, K> {
    pub(super) fn objects(&self) -> Api<K> {
        Api::namespaced(self.context.shared.kubernetes.clone(), &self.object.namespace().unwrap_or_default())
    }
}

/// A deletion and each edit of the spec, `suspend` and `skipDestroy` included, are a new generation.
fn is_unchanged<K: Managed>(judged: &K, current: &Named<K>) -> bool {
    let consent = |annotations: &BTreeMap<String, String>| {
        let ours = annotations.iter().filter(|(key, _)| key.starts_with(GROUP) && *key != RECONCILE_REQUESTED_AT);
        ours.map(|(key, value)| (key.clone(), value.clone())).collect::<BTreeMap<_, _>>()
    };
    current.uid() == judged.uid()
        && finalizer::is_on(current)
        && current.meta().generation == judged.meta().generation
        && current.meta().deletion_timestamp.is_some() == judged.meta().deletion_timestamp.is_some()
        && consent(current.annotations()) == consent(judged.annotations())
}
