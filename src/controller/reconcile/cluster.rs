//! What the stages of a reconcile ask of Kubernetes: reads that must not come from the cache, and the packages that steps carry.

use std::collections::BTreeMap;
use std::io;

use kube::{Api, ResourceExt};

use super::packages::Loaded;
use super::stages::Cluster;
use super::{Reconcile, finalizer};
use crate::controller::managed::Managed;
use crate::core::kind::ConclusionOf;
use crate::core::operation::Access;
use crate::core::package;
use crate::core::package::Package;

impl<'a, K: Managed> Cluster<K> for Reconcile<'a, K> {
    type Error = kube::Error;
    type Permit = Option<Loaded<'a>>;

    async fn record(&mut self, conclusion: ConclusionOf<K>) -> kube::Result<()> {
        self.report(conclusion).await.map(drop)
    }

    /// The same object, still wanted (or still unwanted), and held by our finalizer.
    async fn still_wants(&self, access: Access) -> kube::Result<bool> {
        let Some(current) = self.objects().get_opt(&self.object.name_any()).await? else { return Ok(false) };
        let unwanted = |object: &K| object.meta().deletion_timestamp.is_some();
        Ok(current.uid() == self.object.uid()
            && finalizer::is_on(&current)
            && unwanted(&current) == unwanted(self.object)
            && current.common().skip_destroy == self.object.common().skip_destroy
            && (access != Access::Create || current.meta().generation == self.object.meta().generation))
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
