//! What a spec refers to in its namespace or in the package folder: named here, fetched elsewhere, read by the core.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use sha2::{Digest, Sha256};

use crate::api::spec::LambdaFunctionSpec;

/// A Secret or ConfigMap in the object's namespace.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reference {
    /// Which of the two.
    pub kind: Kind,
    /// Its name.
    pub name: String,
}

/// What can be referred to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A Secret.
    Secret,
    /// A ConfigMap.
    ConfigMap,
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            Kind::Secret => "Secret",
            Kind::ConfigMap => "ConfigMap",
        };
        write!(f, "{kind} {}", self.name)
    }
}

/// What the references of one object hold, for one pass. Shown nowhere.
#[derive(Default)]
pub struct References {
    /// Those that exist.
    pub objects: BTreeMap<Reference, Contents>,
    /// The file that the spec names, where it is there.
    pub file: Option<File>,
}

/// One Secret or ConfigMap.
pub struct Contents {
    /// Its resourceVersion: another one, other contents.
    pub version: String,
    /// Its keys.
    pub values: BTreeMap<String, Vec<u8>>,
}

/// A package on disk, by its hash alone: the bytes are read when they are sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Base64 SHA-256.
    pub sha256: String,
    /// What is wrong with it, if anything.
    pub fault: Option<String>,
}

impl References {
    /// Hash of what is referred to, as far as it can be told without the contents.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let Self { objects, file } = self;
        let mut hash = Sha256::new();
        for (reference, contents) in objects {
            hash.update(format!("{reference}={};", contents.version));
        }
        if let Some(file) = file {
            hash.update(&file.sha256);
        }
        hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Every Secret and ConfigMap that the spec names.
#[must_use]
pub fn references(spec: &LambdaFunctionSpec) -> BTreeSet<Reference> {
    let secret = |name: &String| Reference { kind: Kind::Secret, name: name.clone() };
    let map = |name: &String| Reference { kind: Kind::ConfigMap, name: name.clone() };
    let mut all = BTreeSet::new();
    if let Some(environment) = &spec.environment {
        for value in environment.value_from.iter().flat_map(BTreeMap::values) {
            all.extend(value.secret_key_ref.iter().map(|key| secret(&key.name)));
            all.extend(value.config_map_key_ref.iter().map(|key| map(&key.name)));
        }
        for from in environment.from.iter().flatten() {
            all.extend(from.secret_ref.iter().map(|object| secret(&object.name)));
            all.extend(from.config_map_ref.iter().map(|object| map(&object.name)));
        }
    }
    if let Some(code) = &spec.code_from {
        all.extend(code.secret_ref.iter().map(|package| secret(&package.name)));
        all.extend(code.config_map_ref.iter().map(|package| map(&package.name)));
    }
    all
}
