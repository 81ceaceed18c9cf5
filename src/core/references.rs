//! References of a spec to objects of its namespace or to a file of the package folder. They are fetched elsewhere and read by the kinds.

use std::collections::BTreeMap;
use std::fmt;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use sha2::{Digest, Sha256};
use zeroize::Zeroize;

use super::hand_over::HandOver;
use super::past::{Past, Reported};
use super::reason::Reason;
use super::target::Target;
use super::withheld::Withheld;
use crate::api::condition;

/// Another object in the object's namespace.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    /// Kind of the object.
    pub kind: Kind,
    /// Name of the object.
    pub name: String,
}

/// The kinds that a spec can refer to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A Secret.
    Secret,
    /// A ConfigMap.
    ConfigMap,
    /// A LambdaFunction.
    LambdaFunction,
    /// A LambdaAlias.
    LambdaAlias,
    /// A LambdaCodeSigningConfig.
    LambdaCodeSigningConfig,
    /// A LambdaLayerVersion.
    LambdaLayerVersion,
}

impl Kind {
    /// Whether it is a kind of this operator. A controller of its own watches all its objects, and others see only its status.
    #[must_use]
    pub const fn is_managed(self) -> bool {
        match self {
            Self::LambdaFunction | Self::LambdaAlias | Self::LambdaCodeSigningConfig | Self::LambdaLayerVersion => true,
            Self::Secret | Self::ConfigMap => false,
        }
    }

    /// The name of the kind in Kubernetes.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Secret => "Secret",
            Self::ConfigMap => "ConfigMap",
            Self::LambdaFunction => "LambdaFunction",
            Self::LambdaAlias => "LambdaAlias",
            Self::LambdaCodeSigningConfig => "LambdaCodeSigningConfig",
            Self::LambdaLayerVersion => "LambdaLayerVersion",
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind.name(), self.name)
    }
}

/// The contents of one object's references, for one reconcile. They are never shown.
#[derive(Default)]
pub struct References {
    /// Those that exist.
    pub objects: BTreeMap<Reference, Contents>,
    /// The LambdaFunction or LambdaAlias that the object belongs to, if it exists.
    pub parent: Option<Parent>,
    /// The objects of our own kinds that the object uses and does not belong to, if they exist.
    pub used: BTreeMap<Reference, Parent>,
    /// The file that the spec names, if it exists.
    pub file: Option<File>,
}

/// An object of our own kinds, as objects that refer to it see it: from its status, never from AWS.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Parent {
    /// The object's uid, which tells apart two objects that had the same name one after the other.
    pub uid: String,
    /// The object is being deleted.
    pub leaving: bool,
    /// Account and region of the resource, and the name of the function, once they are fixed.
    pub target: Option<Target>,
    /// The resource exists in AWS, and the object owns it.
    pub exists: bool,
    /// The object hands the resource over to another.
    pub handed_over: bool,
    /// Why a person has to act before the resource can be used; `None` if nobody has to, or if it can be used as it is.
    pub blocked: Option<Reason>,
    /// ARN of a code signing configuration, or of the newest version of a layer if that has the newest generation of its spec.
    pub arn: Option<String>,
    /// The spec of a function says `publish: true`.
    pub publishes: bool,
    /// The newest published version of a function that is ready, or the version that an alias points to.
    pub version: Option<String>,
    /// The name of an alias in AWS.
    pub alias: Option<String>,
    /// An alias routes a share of the invocations to a second version.
    pub is_shared: bool,
}

impl Parent {
    /// The facts that metadata and status of every kind tell.
    #[must_use]
    pub fn of(metadata: &ObjectMeta, status: Option<&impl Reported>) -> Self {
        let past = Past::of(status);
        let conditions = status.into_iter().flat_map(|status| &status.common().conditions);
        // The status of an object that lost its resource to another, or whose function went, shows the time before that.
        let lost = conditions.into_iter().any(|c| {
            c.type_ == condition::STALLED && c.reason == Reason::NotOwned.name()
                || c.type_ == condition::READY && c.reason == Reason::WaitingForFunction.name()
        });
        Self {
            uid: metadata.uid.clone().unwrap_or_default(),
            leaving: metadata.deletion_timestamp.is_some(),
            target: past.target,
            exists: past.shown && !lost,
            handed_over: HandOver::of(metadata.annotations.as_ref()).is_some(),
            blocked: stalled(status).filter(|_| !past.shown || lost),
            ..Self::default()
        }
    }

    /// The state of a resource that cannot be used: the reason of its object if a person has to act, otherwise these words about the resource. The
    /// object's message is not repeated, because it can be long.
    #[must_use]
    pub fn unusable(&self, reference: &Reference, words: &str) -> String {
        match self.blocked {
            Some(reason) => format!("{reference} is blocked ({reason})"),
            None => words.to_owned(),
        }
    }

    /// The facts whose change counts as a change of the objects that refer to it.
    fn identity(&self) -> String {
        let Self {
            uid,
            leaving: _,
            target: _,
            exists,
            handed_over: _,
            blocked: _,
            arn,
            publishes: _,
            version,
            alias: _,
            is_shared: _,
        } = self;
        let arn = arn.as_ref().map(|arn| format!("/{arn}")).unwrap_or_default();
        format!("{uid}/{exists}/{version:?}{arn};")
    }
}

/// The reason of an object that is `Stalled`.
#[must_use]
pub fn stalled(status: Option<&impl Reported>) -> Option<Reason> {
    let conditions = &status?.common().conditions;
    let stalled = conditions.iter().find(|c| c.type_ == condition::STALLED && c.status == "True")?;
    Reason::named(&stalled.reason)
}

/// Bytes of memory of the Secrets and ConfigMaps of one object.
pub const MOST: usize = 8 * 1024 * 1024;

/// The message if they exceed it.
pub const TOO_MUCH: &str = "The Secrets and ConfigMaps that the spec refers to take more than 8 MiB of memory in all: refer to smaller ones, or to ones with fewer keys, or put code into S3 or an image.";

/// One Secret or ConfigMap. Its values are overwritten in memory when it is dropped.
pub struct Contents {
    /// Its uid, which changes if the object is recreated under the same name.
    pub uid: String,
    /// Its resourceVersion, which changes with the contents.
    pub version: String,
    /// The values by key.
    pub values: BTreeMap<String, Vec<u8>>,
}

impl Drop for Contents {
    fn drop(&mut self) {
        self.values.values_mut().for_each(Zeroize::zeroize);
    }
}

impl Contents {
    /// Bytes of memory that one value takes in addition to itself and its key: its place in the map, two allocations, and as much again as a
    /// variable or a file. A Secret of 1.5 MiB can have 150,000 keys without a value.
    const ENTRY: usize = 256;

    /// Bytes of memory.
    #[must_use]
    pub fn size(&self) -> usize {
        self.values.iter().map(|(key, value)| Self::size_of(key, value)).sum()
    }

    /// Bytes of memory of one value.
    #[must_use]
    pub const fn size_of(key: &str, value: &[u8]) -> usize {
        key.len().saturating_add(value.len()).saturating_add(Self::ENTRY)
    }
}

/// A package on disk, by its hash alone: the bytes are read when they are sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Base64 SHA-256.
    pub sha256: String,
    /// The fault that keeps it from being deployed, if it has one.
    pub fault: Option<String>,
}

impl References {
    /// Whether the Secrets and ConfigMaps exceed the limit for one object.
    #[must_use]
    pub fn is_too_much(&self) -> bool {
        self.objects.values().map(Contents::size).sum::<usize>() > MOST
    }

    /// The values that are removed from AWS's texts: those of all Secrets, including keys that the spec does not use.
    #[must_use]
    pub fn withheld(&self) -> Withheld {
        let secrets = self.objects.iter().filter(|(reference, _)| reference.kind == Kind::Secret);
        Withheld::of(secrets.flat_map(|(_, contents)| contents.values.values().map(Vec::as_slice)))
    }

    /// Hash of the identities of all references, without their contents.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let Self { objects, parent, used, file } = self;
        let mut hash = Sha256::new();
        for (reference, contents) in objects {
            hash.update(format!("{reference}={};", contents.version));
        }
        if let Some(parent) = parent {
            hash.update(parent.identity());
        }
        for (reference, used) in used {
            hash.update(format!("{reference}={}", used.identity()));
        }
        if let Some(file) = file {
            hash.update(&file.sha256);
        }
        hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_keys_without_values_take_their_room_in_memory() {
        let of = |keys: usize, value: &[u8]| {
            let values = (0..keys).map(|key| (format!("{key:04}"), value.to_vec())).collect();
            Contents { uid: String::new(), version: String::new(), values }.size()
        };
        // A map's entry (two of three words each), the key's text and the value, where an allocation has at least 16 bytes.
        let least = 2 * size_of::<String>() + 2 * 16;
        assert!(of(9000, b"") >= 9000 * least);
        assert_eq!(of(1, &[0; 1000]) - of(1, b""), 1000);
        assert_eq!(of(0, b""), 0);
    }
}
