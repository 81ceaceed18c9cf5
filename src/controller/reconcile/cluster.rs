//! The Kubernetes side of the stages of a reconcile: uncached reads, and the packages that steps send.

use std::collections::BTreeMap;
use std::io;

use kube::{Api, ResourceExt};

use super::failure::Failure;
use super::packages::Loaded;
use super::{Reconcile, finalizer};
use crate::api::shared::{GROUP, RECONCILE_REQUESTED_AT};
use crate::controller::managed::Managed;
use crate::core::kind::{Cluster, ConclusionOf};
use crate::core::operation::Access;
use crate::core::package;
use crate::core::package::Package;
use crate::core::refusal::Request;

impl<'a, K: Managed> Cluster<K> for Reconcile<'a, K> {
    type Error = Failure;
    type Permit = Option<Loaded<'a>>;

    async fn record(&mut self, conclusion: ConclusionOf<K>) -> Result<(), Failure> {
        self.report(conclusion).await.map(drop)
    }

    /// Whether it is the same object, with our finalizer and the spec for which the plan was made. If it was edited since, a new reconcile decides first.
    async fn still_wants(&self, _: Access) -> Result<bool, Failure> {
        let current = self.objects().get_opt(&self.object.name_any()).await.map_err(Failure::of(Request::Object))?;
        Ok(current.is_some_and(|current| is_unchanged(self.object, &current)))
    }

    async fn package(&self, package: Package<'_>) -> io::Result<(Vec<u8>, Self::Permit)> {
        let packed = |files: &BTreeMap<&str, &[u8]>| package::pack(files).map_err(io::Error::other);
        let bytes = match package {
            Package::Inline(files) => {
                packed(&files.iter().map(|(path, text)| (path.as_str(), text.as_bytes())).collect())?
            }
            Package::Object(reference, key) => {
                let Some(contents) = self.references.objects.get(reference) else {
                    return Err(io::ErrorKind::NotFound.into());
                };
                match key {
                    Some(key) => contents.values.get(key).cloned().unwrap_or_default(),
                    None => {
                        packed(&contents.values.iter().map(|(key, bytes)| (key.as_str(), bytes.as_slice())).collect())?
                    }
                }
            }
            Package::File(path) => {
                let mut loaded = self.context.shared.packages.load(path).await?;
                let bytes = std::mem::take(&mut loaded.bytes);
                return Ok((bytes, Some(loaded)));
            }
        };
        Ok((bytes, None))
    }

    fn object(&self) -> &K {
        self.object
    }
}

impl<K: Managed> Reconcile<'_, K> {
    pub(super) fn objects(&self) -> Api<K> {
        Api::namespaced(self.context.shared.kubernetes.clone(), &self.object.namespace().unwrap_or_default())
    }
}

/// Compares generations: a deletion and each edit of the spec, `suspend` and `skipDestroy` included, make a new one.
fn is_unchanged<K: Managed>(judged: &K, current: &K) -> bool {
    let consent = |object: &K| {
        let ours =
            object.annotations().iter().filter(|(key, _)| key.starts_with(GROUP) && *key != RECONCILE_REQUESTED_AT);
        ours.map(|(key, value)| (key.clone(), value.clone())).collect::<BTreeMap<_, _>>()
    };
    current.uid() == judged.uid()
        && finalizer::is_on(current)
        && current.meta().generation == judged.meta().generation
        && current.meta().deletion_timestamp.is_some() == judged.meta().deletion_timestamp.is_some()
        && consent(current) == consent(judged)
}
