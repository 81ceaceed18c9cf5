//! The Kubernetes side of the stages of a reconcile: uncached reads, and the packages that steps send.

use std::collections::BTreeMap;
use std::io;

use kube::core::PartialObjectMeta;
use kube::{Api, Resource, ResourceExt};

use super::failure::Failure;
use super::packages::Loaded;
use super::{Reconcile, finalizer};
use crate::api::shared::{GROUP, RECONCILE_REQUESTED_AT};
use crate::controller::managed::Managed;
use crate::controller::room::{NO_ROOM, Place, soon};
use crate::controller::watch::stripped::Named;
use crate::core::consent::Owner;
use crate::core::hand_over::{HandOver, ObjectName};
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

    /// Whether it is the same object, with our finalizer and the spec for which the plan was made. After an edit, a new reconcile plans first.
    async fn still_wants(&self, _: Access) -> Result<bool, Failure> {
        let (kubernetes, namespace) =
            (self.context.shared.kubernetes.clone(), self.object.namespace().unwrap_or_default());
        // The metadata is enough for this check, and it is small.
        let objects: Api<Named<K>> = Api::namespaced(kubernetes, &namespace);
        let current = objects.get_opt(&self.object.name_any()).await.map_err(Failure::of(Request::Object))?;
        Ok(current.is_some_and(|current| is_unchanged(self.object, &current)))
    }

    /// Reads only the metadata, because an object whose spec this version cannot read can give its consent, too.
    async fn owner(&self, name: &ObjectName) -> Result<Owner, Failure> {
        let ObjectName { namespace, name } = name;
        if !self.context.shared.settings.watches(namespace) {
            return Ok(Owner::Unreadable(format!("this operator does not watch the namespace {namespace}")));
        }
        let objects: Api<K> = Api::namespaced(self.context.shared.kubernetes.clone(), namespace);
        let answer = objects.get_metadata_opt(name).await;
        owner(answer).map_err(Failure::of(Request::Object))
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

/// Packages from Kubernetes are small, so an upload ends soon and its memory is free again.
fn no_room() -> NotLoaded {
    NotLoaded::NoRoom(soon(NO_ROOM))
}

impl<K: Managed> Reconcile<'_, K> {
    pub(super) fn objects(&self) -> Api<K> {
        Api::namespaced(self.context.shared.kubernetes.clone(), &self.object.namespace().unwrap_or_default())
    }
}

/// The owner, from the API server's answer. A refusal counts as no consent; any other error leads to a retry.
fn owner<K>(answer: kube::Result<Option<PartialObjectMeta<K>>>) -> kube::Result<Owner> {
    match answer {
        Ok(None) => Ok(Owner::Gone),
        Ok(Some(object)) => Ok(Owner::Living(HandOver::of(object.metadata.annotations.as_ref()))),
        Err(kube::Error::Api(status)) if matches!(status.code, 401 | 403) => Ok(Owner::Unreadable(status.message)),
        Err(error) => Err(error),
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

#[cfg(test)]
mod tests {
    use kube::core::Status;

    use super::*;
    use crate::api::function::spec::LambdaFunction;

    #[test]
    fn an_owner_that_the_api_server_does_not_show_has_not_consented() {
        let refused = |code: u16| {
            let status = Status { code, message: "no".into(), ..Status::default() };
            owner::<LambdaFunction>(Err(kube::Error::Api(Box::new(status))))
        };
        for code in [401, 403] {
            assert!(matches!(refused(code), Ok(Owner::Unreadable(why)) if why == "no"), "{code}");
        }
        for code in [429, 500, 503] {
            assert!(refused(code).is_err(), "{code}: it is asked again");
        }
        assert!(matches!(owner::<LambdaFunction>(Ok(None)), Ok(Owner::Gone)));
    }
}
