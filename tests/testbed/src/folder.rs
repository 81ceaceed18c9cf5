//! A temporary folder that is removed when it is dropped.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::error::Error;

/// A folder of ours under the system's temporary folder.
#[derive(Debug)]
pub(crate) struct TempFolder {
    path: PathBuf,
}

static COUNTER: AtomicU32 = AtomicU32::new(0);

impl TempFolder {
    /// Makes an empty folder whose name holds `purpose`.
    pub(crate) fn create(purpose: &str) -> Result<TempFolder, Error> {
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let name = format!("lambda-operator-{purpose}-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        // a leftover of a killed process that had our process id
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).map_err(Error::file("make the folder", &path))?;
        Ok(TempFolder { path })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a file in it.
    pub(crate) fn write(&self, name: &str, content: &str) -> Result<PathBuf, Error> {
        let path = self.path.join(name);
        write(&path, content)?;
        Ok(path)
    }
}

impl Drop for TempFolder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.path);
    }
}

/// Writes a file, with an error that names it.
pub(crate) fn write(path: &Path, content: &str) -> Result<(), Error> {
    std::fs::write(path, content).map_err(Error::file("write", path))
}

/// Reads a file, with an error that names it.
pub(crate) fn read(path: &Path) -> Result<String, Error> {
    std::fs::read_to_string(path).map_err(Error::file("read", path))
}
