//! Zip packages from files that Kubernetes holds: the same files always give the same bytes.

use std::collections::BTreeMap;
use std::io::{Cursor, Write};

use base64::{Engine, engine::general_purpose::STANDARD};
use sha2::{Digest, Sha256};
use zip::{CompressionMethod, DateTime, ZipWriter, write::SimpleFileOptions};

/// Packs files sorted by name, with one fixed time and mode, and uncompressed: a compressor's next version would give other
/// bytes, and with them a needless deployment of every function. Kubernetes objects are small enough.
///
/// # Errors
/// Where a name or the size cannot be held in a zip archive.
pub fn pack(files: &BTreeMap<String, String>) -> Result<Vec<u8>, zip::result::ZipError> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o755);
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, text) in files {
        archive.start_file(path.as_str(), options)?;
        archive.write_all(text.as_bytes())?;
    }
    Ok(archive.finish()?.into_inner())
}

/// Identity of the files, whatever the archive's format: lengths keep names and texts apart.
#[must_use]
pub fn digest(files: &BTreeMap<String, String>) -> String {
    let mut hash = Sha256::new();
    for text in files.iter().flat_map(|(path, text)| [path, text]) {
        hash.update(text.len().to_be_bytes());
        hash.update(text);
    }
    STANDARD.encode(hash.finalize())
}

/// What AWS will call CodeSha256 of these bytes.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    STANDARD.encode(Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_files_give_equal_bytes_and_any_change_gives_others() {
        let files =
            |text: &str| BTreeMap::from([("main.py".to_owned(), text.to_owned()), ("a/b.py".into(), String::new())]);
        let once = pack(&files("x")).unwrap();
        assert_eq!(once, pack(&files("x")).unwrap());
        assert_ne!(sha256(&once), sha256(&pack(&files("y")).unwrap()));
    }

    /// Fixed for good: with another hash every function with inline code would be deployed again after an upgrade.
    #[test]
    fn the_hash_never_changes_between_releases() {
        let files = BTreeMap::from([("main.py".to_owned(), "def handler(e, c): return 'hi'".to_owned())]);
        assert_eq!(sha256(&pack(&files).unwrap()), "TqN/sHaN8P6oxaktxlmFoAk8CwZWPbhNzhSjOkEj4qo=");
    }
}
