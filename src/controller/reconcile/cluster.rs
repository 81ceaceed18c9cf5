//! What the stages of a reconcile ask of Kubernetes: reads that must not come from the cache, and the packages that steps carry.

use std::collections::BTreeMap;
use std::io;

use kube::{Api, ResourceExt};

use super::packages::Loaded;
use super::stages::Cluster;
use super::{Reconcile, finalizer};
use crate::api::function::spec::LambdaFunction;
use crate::core::operation::Operation;
use crate::kinds::function::desired::code::{Origin, Source};
use crate::kinds::function::desired::package;
use crate::kinds::function::plan::step::Step;
use crate::kinds::function::status::conclusion::Conclusion;

impl<'a> Cluster for Reconcile<'a> {
    type Error = kube::Error;
    type Permit = Option<Loaded<'a>>;

    async fn record(&mut self, conclusion: Conclusion) -> kube::Result<()> {
        self.report(conclusion).await.map(drop)
    }

    /// The same object, still wanted (or still unwanted), and held by our finalizer.
    async fn still_wants(&self, step: &Step) -> kube::Result<bool> {
        let Some(current) = self.objects().get_opt(&self.object.name_any()).await? else { return Ok(false) };
        let unwanted = |object: &LambdaFunction| object.metadata.deletion_timestamp.is_some();
        let creates = step.operation() == Operation::CreateFunction;
        Ok(current.uid() == self.object.uid()
            && finalizer::is_on(&current)
            && unwanted(&current) == unwanted(self.object)
            && current.spec.common.skip_destroy == self.object.spec.common.skip_destroy
            && (!creates || current.metadata.generation == self.object.metadata.generation))
    }

    /// Made only now: they need not lie in memory while a plan waits.
    async fn package(&self, step: &Step) -> io::Result<Option<(Vec<u8>, Self::Permit)>> {
        let Some((Source::Package { origin, .. }, _)) = step.deploys() else { return Ok(None) };
        let packed = |files: &BTreeMap<&str, &[u8]>| package::pack(files).map_err(io::Error::other);
        let bytes = match origin {
            Origin::Inline => {
                let files = self.object.spec.code_from.iter().flat_map(|from| from.inline.iter().flatten());
                packed(&files.map(|(path, text)| (path.as_str(), text.as_bytes())).collect())?
            }
            Origin::Object(reference, key) => {
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
            Origin::File(path) => {
                let mut loaded = self.context.packages.load(path).await?;
                let bytes = std::mem::take(&mut loaded.bytes);
                return Ok(Some((bytes, Some(loaded))));
            }
        };
        Ok(Some((bytes, None)))
    }
}

impl Reconcile<'_> {
    pub(super) fn objects(&self) -> Api<LambdaFunction> {
        Api::namespaced(self.context.kubernetes.clone(), &self.object.namespace().unwrap_or_default())
    }
}
