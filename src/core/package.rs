//! Packages of code: the source of their bytes, and zip archives from files in Kubernetes. The same files always give the same bytes.

use std::collections::BTreeMap;
use std::io;
use std::io::{Cursor, Write};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::references::Reference;

/// The source of a package's bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Package<'a> {
    /// The object itself: files by their paths.
    Inline(&'a BTreeMap<String, String>),
    /// A Secret or ConfigMap: one key, or all keys as files.
    Object(&'a Reference, Option<&'a str>),
    /// A file in the package folder.
    File(&'a str),
}

/// Why the package of a step cannot be loaded.
#[derive(Debug)]
pub enum NotLoaded {
    /// It cannot be read.
    Unreadable(io::Error),
    /// Other reconciles use the memory for packages. Retry after this time.
    NoRoom(Duration),
}

impl From<io::Error> for NotLoaded {
    fn from(error: io::Error) -> Self {
        Self::Unreadable(error)
    }
}

/// Packs files sorted by name, with one fixed time and mode, and uncompressed: a compressor's next version would give other
/// bytes, and with them a needless deployment of every function. Kubernetes objects are small enough.
///
/// # Errors
/// If a zip archive cannot hold a name or the size.
pub fn pack(files: &BTreeMap<&str, &[u8]>) -> Result<Vec<u8>, zip::result::ZipError> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o755);
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, bytes) in files {
        archive.start_file(*path, options)?;
        archive.write_all(bytes)?;
    }
    Ok(archive.finish()?.into_inner())
}

/// Identity of the files, whatever the archive's format. Each part is hashed with its length, so that names and contents cannot run together.
#[must_use]
pub fn digest(files: &BTreeMap<&str, &[u8]>) -> String {
    let mut hash = Sha256::new();
    for part in files.iter().flat_map(|(path, bytes)| [path.as_bytes(), bytes]) {
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    STANDARD.encode(hash.finalize())
}

/// CodeSha256 of these bytes, as AWS will compute it.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    STANDARD.encode(Sha256::digest(bytes))
}

/// AWS takes zip files up to this size in a call; larger ones have to come from S3.
pub const MOST: u64 = 50 * 1024 * 1024;

/// The fault of a zip file, in words that follow "cannot be deployed:"; `None` if it has none.
#[must_use]
pub fn fault(bytes: &[u8]) -> Option<String> {
    if bytes.is_empty() {
        Some("it is empty".into())
    } else if !bytes.starts_with(START) {
        Some("it is not a zip file".into())
    } else {
        fault_of_size(bytes.len().try_into().unwrap_or(u64::MAX))
    }
}

/// The first bytes of every zip file.
const START: &[u8] = b"PK";

/// The fault of a file with this number of bytes, before it is read.
#[must_use]
pub fn fault_of_size(bytes: u64) -> Option<String> {
    (bytes > MOST).then(|| {
        format!("it has {bytes} bytes and AWS takes {MOST} in a call; upload it to S3 and set s3Bucket and s3Key")
    })
}

/// Hashes and checks a zip file piece by piece, so that the whole file is never in memory.
#[derive(Default)]
pub struct Scan {
    hash: Sha256,
    start: Vec<u8>,
    bytes: u64,
}

impl Scan {
    /// The next piece.
    pub fn add(&mut self, piece: &[u8]) {
        let missing = START.len().saturating_sub(self.start.len());
        self.start.extend(piece.iter().take(missing));
        self.hash.update(piece);
        self.bytes = self.bytes.saturating_add(piece.len().try_into().unwrap_or(u64::MAX));
    }

    /// The CodeSha256 that AWS will compute, and the fault of the file, if it has one.
    #[must_use]
    pub fn end(self) -> (String, Option<String>) {
        let Self { hash, start, bytes } = self;
        (STANDARD.encode(hash.finalize()), fault(&start).or_else(|| fault_of_size(bytes)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(text: &str) -> Vec<u8> {
        pack(&[("main.py", text.as_bytes()), ("a/b.py", b"")].into()).unwrap()
    }

    #[test]
    fn equal_files_give_equal_bytes_and_any_change_gives_others() {
        assert_eq!(packed("x"), packed("x"));
        assert_ne!(sha256(&packed("x")), sha256(&packed("y")));
        assert_eq!(fault(&packed("x")), None);
        assert!(fault(b"hello").is_some_and(|fault| fault.contains("not a zip")));
    }

    #[test]
    fn a_package_in_pieces_is_the_same_as_in_one() {
        let whole = packed("x");
        for size in [1, 2, 7, whole.len()] {
            let mut scan = Scan::default();
            whole.chunks(size).for_each(|piece| scan.add(piece));
            assert_eq!(scan.end(), (sha256(&whole), None), "{size}");
        }
        let mut text = Scan::default();
        [b"h".as_slice(), b"ello"].into_iter().for_each(|piece| text.add(piece));
        assert_eq!(text.end().1, fault(b"hello"));
        assert_eq!(Scan::default().end().1, fault(b""));
    }

    /// This hash must never change: otherwise an upgrade of the operator would deploy every function with inline code again.
    #[test]
    fn the_hash_never_changes_between_releases() {
        let files = [("main.py", "def handler(e, c): return 'hi'".as_bytes())].into();
        assert_eq!(sha256(&pack(&files).unwrap()), "TqN/sHaN8P6oxaktxlmFoAk8CwZWPbhNzhSjOkEj4qo=");
    }
}
