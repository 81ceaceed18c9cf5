//! The package folder for `filename`: files outside of it are refused, each file is hashed once for each change, and few are in memory at the same time.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::task::spawn_blocking;

use crate::core::package;
use crate::core::references::File;

/// The most packages in memory at the same time. One has up to 50 MB, and needs about three times that while it is sent.
const AT_A_TIME: usize = 2;

/// The folder, if one is configured.
pub struct Packages {
    folder: Option<PathBuf>,
    known: Mutex<HashMap<String, (Stamp, File)>>,
    room: Semaphore,
}

/// The stamp of a file, which changes with its contents.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stamp {
    size: u64,
    modified: Option<SystemTime>,
}

/// A package in memory, with its permit.
pub(in crate::controller) struct Loaded<'a> {
    pub(in crate::controller) bytes: Vec<u8>,
    _permit: SemaphorePermit<'a>,
}

impl Packages {
    /// Creates it for this folder.
    #[must_use]
    pub fn new(folder: Option<PathBuf>) -> Self {
        Self { folder, known: Mutex::default(), room: Semaphore::new(AT_A_TIME) }
    }

    /// The file's hash, computed again only if its stamp has changed. `None` if the file does not exist.
    pub async fn look(&self, filename: &str) -> Option<File> {
        let Some(folder) = self.folder.clone() else {
            return Some(faulty(
                "the operator has no package folder; start it with --package-dir (packageDir of the chart)",
            ));
        };
        let name = filename.to_owned();
        let found = spawn_blocking(move || locate(&folder, &name)).await.ok()?;
        let (path, stamp) = match found {
            Ok(found) => found,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            Err(error) => return Some(faulty(&error.to_string())),
        };
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(filename).cloned();
        if let Some((_, file)) = known.filter(|(seen, _)| *seen == stamp) {
            return Some(file);
        }
        let _permit = self.room.acquire().await.ok()?;
        let file = spawn_blocking(move || match std::fs::read(path) {
            Ok(bytes) => File { sha256: package::sha256(&bytes), fault: package::fault(&bytes) },
            Err(error) => faulty(&error.to_string()),
        });
        let file = file.await.ok()?;
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(filename.to_owned(), (stamp, file.clone()));
        Some(file)
    }

    /// The file's bytes, once a permit is free.
    pub(in crate::controller) async fn load(&self, filename: &str) -> io::Result<Loaded<'_>> {
        let target = self.room.acquire().await.map_err(io::Error::other)?;
        let folder = self.folder.clone().ok_or(io::ErrorKind::NotFound)?;
        let name = filename.to_owned();
        let bytes =
            spawn_blocking(move || std::fs::read(locate(&folder, &name)?.0)).await.map_err(io::Error::other)??;
        Ok(Loaded { bytes, _permit: target })
    }
}

fn faulty(fault: &str) -> File {
    File { sha256: String::new(), fault: Some(fault.to_owned()) }
}

/// The file's real path. A path that leaves the folder by `..` or by a link is refused.
fn locate(folder: &Path, filename: &str) -> io::Result<(PathBuf, Stamp)> {
    let folder = folder.canonicalize()?;
    let path = folder.join(filename).canonicalize()?;
    if !path.starts_with(&folder) {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it is outside of the package folder"));
    }
    let metadata = path.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a file"));
    }
    Ok((path, Stamp { size: metadata.len(), modified: metadata.modified().ok() }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("lambda-operator-packages-{name}-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("inside")).unwrap();
        std::fs::write(folder.join("outside.zip"), b"PK outside").unwrap();
        std::fs::write(folder.join("inside/a.zip"), b"PK one").unwrap();
        folder
    }

    #[tokio::test]
    async fn no_dots_and_no_link_lead_out_of_the_folder() {
        let folder = folder("out");
        let _ = std::os::unix::fs::symlink(folder.join("outside.zip"), folder.join("inside/link.zip"));
        let packages = Packages::new(Some(folder.join("inside")));
        for how_to_release in ["../outside.zip", "link.zip", "/etc/hostname"] {
            let file = packages.look(how_to_release).await;
            assert!(
                file.is_none_or(|file| file.fault.is_some_and(|fault| fault.contains("outside"))),
                "{how_to_release}"
            );
            assert!(packages.load(how_to_release).await.is_err(), "{how_to_release}");
        }
        assert_eq!(packages.look("a.zip").await.unwrap().fault, None);
        assert!(packages.look("none.zip").await.is_none());
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[tokio::test]
    async fn a_changed_file_changes_the_hash_and_a_non_zip_is_a_fault() {
        let folder = folder("change");
        let packages = Packages::new(Some(folder.join("inside")));
        let one = packages.look("a.zip").await.unwrap();
        std::fs::write(folder.join("inside/a.zip"), b"PK other").unwrap();
        assert_ne!(packages.look("a.zip").await.unwrap().sha256, one.sha256);
        std::fs::write(folder.join("inside/a.zip"), b"text").unwrap();
        assert!(packages.look("a.zip").await.unwrap().fault.is_some_and(|fault| fault.contains("not a zip")));
        std::fs::remove_dir_all(folder).unwrap();
    }
}
