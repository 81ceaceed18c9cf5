//! The package folder for `filename`. Files outside of it are refused, each file is hashed once after each change, and only few files are in memory
//! at the same time.

use std::collections::HashMap;
use std::io;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::task::spawn_blocking;

use crate::controller::room::{Place, Room, soon};
use crate::core::package;
use crate::core::package::NotLoaded;
use crate::core::references::File;

/// The delay before a reconcile that found no memory for its package is retried. An upload takes seconds, and each retry reads from AWS again.
const AFTER_AN_UPLOAD: Duration = Duration::from_secs(5);

/// The folder, if one is configured.
pub struct Packages {
    folder: Option<PathBuf>,
    /// Entries by real path, because a file can have several names.
    known: Mutex<HashMap<PathBuf, (Stamp, File)>>,
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
    pub(in crate::controller) place: Place<'a>,
}

impl Packages {
    /// Creates it for this folder.
    #[must_use]
    pub fn new(folder: Option<PathBuf>) -> Self {
        Self { folder, known: Mutex::default() }
    }

    /// The file's hash; the file is read again only if its stamp has changed. `None` if the file does not exist.
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
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&path).cloned();
        if let Some((_, file)) = known.filter(|(seen, _)| *seen == stamp) {
            return Some(file);
        }
        // The size is checked before the file is read, because it can be very large.
        if let Some(fault) = package::fault_of_size(stamp.size) {
            return Some(faulty(&fault));
        }
        let scanned = path.clone();
        let file = spawn_blocking(move || scan(&scanned).unwrap_or_else(|error| faulty(&error.to_string())));
        let file = file.await.ok()?;
        self.known.lock().unwrap_or_else(PoisonError::into_inner).insert(path, (stamp, file.clone()));
        Some(file)
    }

    /// The file's bytes, if there is memory for them.
    pub(in crate::controller) async fn load<'a>(
        &self,
        room: &'a Room,
        filename: &str,
    ) -> Result<Loaded<'a>, NotLoaded> {
        let place = room.file().ok_or_else(|| NotLoaded::NoRoom(soon(AFTER_AN_UPLOAD)))?;
        let folder = self.folder.clone().ok_or(io::Error::from(io::ErrorKind::NotFound))?;
        let name = filename.to_owned();
        let bytes = spawn_blocking(move || whole(&locate(&folder, &name)?.0)).await.map_err(io::Error::other)??;
        Ok(Loaded { bytes, place })
    }
}

/// A reader that ends one byte after the highest allowed size, because the file can grow while it is read.
fn bounded(path: &Path) -> io::Result<io::Take<std::fs::File>> {
    Ok(std::fs::File::open(path)?.take(package::MOST.saturating_add(1)))
}

fn scan(path: &Path) -> io::Result<File> {
    let mut file = bounded(path)?;
    let (mut scan, mut piece) = (package::Scan::default(), vec![0; 64 * 1024]);
    loop {
        match file.read(&mut piece)? {
            0 => break,
            count => scan.add(&piece[..count]),
        }
    }
    let (sha256, fault) = scan.end();
    Ok(File { sha256, fault })
}

fn whole(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = bounded(path)?;
    let size = file.get_ref().metadata()?.len();
    if let Some(fault) = package::fault_of_size(size) {
        return Err(io::Error::other(fault));
    }
    let mut bytes = Vec::with_capacity(size.try_into().unwrap_or_default());
    file.read_to_end(&mut bytes)?;
    match package::fault(&bytes) {
        Some(fault) => Err(io::Error::other(fault)),
        None => Ok(bytes),
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
        let (folder, room) = (folder("out"), Room::default());
        let _ = std::os::unix::fs::symlink(folder.join("outside.zip"), folder.join("inside/link.zip"));
        let packages = Packages::new(Some(folder.join("inside")));
        for name in ["../outside.zip", "link.zip", "/etc/hostname"] {
            let file = packages.look(name).await;
            assert!(file.is_none_or(|file| file.fault.is_some_and(|fault| fault.contains("outside"))), "{name}");
            assert!(packages.load(&room, name).await.is_err(), "{name}");
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
        assert_eq!(one.sha256, package::sha256(b"PK one"));
        std::fs::write(folder.join("inside/a.zip"), b"PK other").unwrap();
        assert_ne!(packages.look("a.zip").await.unwrap().sha256, one.sha256);
        std::fs::write(folder.join("inside/a.zip"), b"text").unwrap();
        assert!(packages.look("a.zip").await.unwrap().fault.is_some_and(|fault| fault.contains("not a zip")));
        assert!(packages.look("./a.zip").await.is_some());
        assert_eq!(packages.known.lock().unwrap().len(), 1, "another name of the same file");
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[tokio::test]
    async fn a_file_that_is_too_large_is_not_read_and_nobody_waits_for_room() {
        let (folder, room) = (folder("large"), Room::default());
        let packages = Packages::new(Some(folder.join("inside")));
        // A sparse file: a terabyte that uses no disk space, and would use all memory.
        let large = folder.join("inside/large.zip");
        std::fs::File::create(&large).unwrap().set_len(1 << 40).unwrap();
        let fault = packages.look("large.zip").await.unwrap().fault;
        assert!(fault.is_some_and(|fault| fault.contains("upload it to S3")));
        assert!(matches!(packages.load(&room, "large.zip").await, Err(NotLoaded::Unreadable(_))));
        assert_eq!(io::copy(&mut bounded(&large).unwrap(), &mut io::sink()).unwrap(), package::MOST + 1);
        let held = [room.file().unwrap(), room.file().unwrap()];
        assert!(packages.look("a.zip").await.is_some(), "a look needs no room");
        let Err(NotLoaded::NoRoom(due)) = packages.load(&room, "a.zip").await else { panic!("it is read") };
        assert!(due >= AFTER_AN_UPLOAD && due <= 2 * AFTER_AN_UPLOAD);
        drop(held);
        assert_eq!(packages.load(&room, "a.zip").await.unwrap().bytes, b"PK one");
        std::fs::remove_dir_all(folder).unwrap();
    }
}
