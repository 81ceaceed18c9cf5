//! Packages of code: the source of their bytes, and zip archives from files in Kubernetes. The same files always give the same bytes.

use std::collections::BTreeMap;
use std::io::{Cursor, Write};

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

/// Packs files sorted by name, with one fixed time and mode, and uncompressed. Another version of a compressor would give other
/// bytes, and with them a needless deployment of every function; Kubernetes objects are small enough without compression.
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

/// The largest zip file that AWS accepts in a call; larger ones must come from S3.
const MOST: usize = 50 * 1024 * 1024;

/// The fault of a zip file, in words that follow "cannot be deployed:"; `None` if it has none.
#[must_use]
pub fn fault(bytes: &[u8]) -> Option<String> {
    if bytes.is_empty() {
        Some("it is empty".into())
    } else if !bytes.starts_with(b"PK") {
        Some("it is not a zip file".into())
    } else if bytes.len() > MOST {
        Some(format!(
            "it has {} bytes, and AWS accepts at most {MOST} in a call; upload it to S3 and set s3Bucket and s3Key",
            bytes.len()
        ))
    } else {
        None
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

    /// Fixed for good: with another hash every function with inline code would be deployed again after an upgrade.
    #[test]
    fn the_hash_never_changes_between_releases() {
        let files = [("main.py", "def handler(e, c): return 'hi'".as_bytes())].into();
        assert_eq!(sha256(&pack(&files).unwrap()), "TqN/sHaN8P6oxaktxlmFoAk8CwZWPbhNzhSjOkEj4qo=");
    }
}
