//! The cache outside the tree: one folder per artefact, named by a hash of what it is made from.

use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::error::Error;

/// One artefact: a folder that is complete or absent.
pub(crate) struct Artefact {
    name: &'static str,
    folder: PathBuf,
}

impl Artefact {
    /// The artefact `name` made from `inputs`.
    pub(crate) fn new(name: &'static str, inputs: &[&str]) -> Result<Artefact, Error> {
        let mut hash = Sha256::new();
        for input in inputs {
            // the length keeps ("ab", "c") and ("a", "bc") apart
            hash.update(input.len().to_le_bytes());
            hash.update(input.as_bytes());
        }
        let key: String = hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
        Ok(Artefact { name, folder: root()?.join(format!("{name}-{key}")) })
    }

    /// Its folder, built by `build` in a temporary sibling if it is not there yet.
    pub(crate) async fn get<F>(&self, announcement: &str, build: F) -> Result<PathBuf, Error>
    where
        F: AsyncFnOnce(&Path) -> Result<(), Error>,
    {
        if self.folder.is_dir() {
            return Ok(self.folder.clone());
        }
        eprintln!("testbed: {announcement}");
        self.sweep();
        let unfinished = Unfinished(self.folder.with_extension(format!("{}.tmp", std::process::id())));
        let _ = std::fs::remove_dir_all(&unfinished.0);
        std::fs::create_dir_all(&unfinished.0).map_err(Error::file("make the folder", &unfinished.0))?;
        build(&unfinished.0).await?;
        self.publish(&unfinished.0)
    }

    /// Removes what builds of this artefact left behind when they were killed, more than a day ago.
    fn sweep(&self) {
        let day = Duration::from_secs(24 * 60 * 60);
        let old = |path: &Path| {
            let modified = std::fs::metadata(path).and_then(|metadata| metadata.modified()).ok();
            modified.and_then(|time| time.elapsed().ok()).is_some_and(|age| age > day)
        };
        for entry in self.folder.parent().and_then(|root| std::fs::read_dir(root).ok()).into_iter().flatten().flatten()
        {
            let path = entry.path();
            let ours = path.file_stem().and_then(|stem| stem.to_str()).is_some_and(|stem| stem.starts_with(self.name));
            if ours && path.extension().is_some_and(|extension| extension == "tmp") && old(&path) {
                let _ = std::fs::remove_dir_all(&path);
            }
        }
    }

    /// A rename is atomic: others see the whole artefact or none. Who comes second throws his own away.
    fn publish(&self, unfinished: &Path) -> Result<PathBuf, Error> {
        if let Err(source) = std::fs::rename(unfinished, &self.folder)
            && !self.folder.is_dir()
        {
            return Err(Error::File { doing: "finish", path: self.folder.clone(), source });
        }
        eprintln!("testbed: {} is ready in {}", self.name, self.folder.display());
        Ok(self.folder.clone())
    }
}

/// A build's folder: gone if the build fails, is interrupted, or comes second.
struct Unfinished(PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        // a compiler that was just killed may write its last file while we remove
        for _ in 0..20 {
            let _ = std::fs::remove_dir_all(&self.0);
            if !self.0.exists() {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// `$LAMBDA_OPERATOR_CACHE`, else `$XDG_CACHE_HOME/lambda-operator`, else `~/.cache/lambda-operator`.
fn root() -> Result<PathBuf, Error> {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    variable("LAMBDA_OPERATOR_CACHE")
        .or_else(|| variable("XDG_CACHE_HOME").map(|cache| cache.join("lambda-operator")))
        .or_else(|| variable("HOME").map(|home| home.join(".cache").join("lambda-operator")))
        .ok_or_else(|| Error::Missing {
            what: "a place for the cache".to_owned(),
            remedy: "set HOME, XDG_CACHE_HOME or LAMBDA_OPERATOR_CACHE to a folder".to_owned(),
        })
}

/// Is `program` on PATH, and where?
pub(crate) fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|candidate| candidate.is_file())
}

#[cfg(test)]
mod tests {
    use super::Artefact;

    #[test]
    fn the_key_depends_on_every_input_and_on_their_borders() {
        let folder = |inputs: &[&str]| Artefact::new("x", inputs).map(|a| a.folder).ok();
        assert_ne!(folder(&["ab", "c"]), folder(&["a", "bc"]));
        assert_ne!(folder(&["ab"]), folder(&["ac"]));
        assert_eq!(folder(&["ab"]), folder(&["ab"]));
    }

    #[tokio::test]
    async fn a_failed_build_leaves_nothing() {
        let temp = crate::folder::TempFolder::create("cache-test").unwrap();
        let artefact = Artefact { name: "x", folder: temp.path().join("x-1") };
        let failed = artefact.get("building x", async |_| Err(crate::Error::unexpected("x", "y"))).await;
        assert!(failed.is_err());
        assert_eq!(std::fs::read_dir(temp.path()).unwrap().count(), 0);
        let made = artefact
            .get("building x", async |folder| crate::folder::write(&folder.join("file"), "content"))
            .await
            .unwrap();
        assert!(made.join("file").is_file());
        assert_eq!(std::fs::read_dir(temp.path()).unwrap().count(), 1);
    }
}
