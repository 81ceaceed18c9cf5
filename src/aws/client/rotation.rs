//! Credentials that are read again when one of their files changes. Reads the times of these files.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use std::{env, fs};

use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use futures::future::BoxFuture;

/// The interval at which the files are checked while calls are made. Keys in a file do not expire, so no expiry triggers the check.
const LOOK: Duration = Duration::from_secs(60);

/// Finds credentials as AWS's tools do. It is repeated, because the SDK reads its files only once in the life of a process.
pub(super) type Search = Box<dyn Fn() -> BoxFuture<'static, Option<SharedCredentialsProvider>> + Send + Sync>;

/// Credentials, and the files that can contain them.
pub(super) struct Rotating {
    files: Vec<PathBuf>,
    search: Search,
    found: tokio::sync::Mutex<Found>,
}

struct Found {
    versions: Vec<Option<Version>>,
    source: SharedCredentialsProvider,
}

/// Identifies the contents of a file. When a mounted Secret changes, another file gets the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Version {
    changed: Option<SystemTime>,
    size: u64,
    inode: u64,
}

impl Version {
    fn of(path: &Path) -> Option<Self> {
        let file = fs::metadata(path).ok()?;
        Some(Self { changed: file.modified().ok(), size: file.len(), inode: file.ino() })
    }
}

impl Rotating {
    /// `source` is the result of a search that was just made.
    pub(super) fn new(source: SharedCredentialsProvider, files: Vec<PathBuf>, search: Search) -> Self {
        let versions = versions(&files);
        Self { files, search, found: tokio::sync::Mutex::new(Found { versions, source }) }
    }

    /// The source of credentials, and whether any of the files is there.
    async fn source(&self) -> (SharedCredentialsProvider, bool) {
        let mut found = self.found.lock().await;
        // The versions are read before the search, so that a change during the search is noticed the next time.
        let versions = versions(&self.files);
        if versions != found.versions
            && let Some(source) = (self.search)().await
        {
            *found = Found { versions, source };
        }
        (found.source.clone(), found.versions.iter().any(Option::is_some))
    }
}

impl std::fmt::Debug for Rotating {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rotating").field("files", &self.files).finish_non_exhaustive()
    }
}

impl ProvideCredentials for Rotating {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async move {
            let (source, in_files) = self.source().await;
            let mut credentials: Credentials = source.provide_credentials().await?;
            if in_files && credentials.expiry().is_none() {
                *credentials.expiry_mut() = Some(SystemTime::now() + LOOK);
            }
            Ok(credentials)
        })
    }
}

fn versions(files: &[PathBuf]) -> Vec<Option<Version>> {
    files.iter().map(|file| Version::of(file)).collect()
}

/// The files of profiles and keys, where AWS's tools look for them.
pub(super) fn files() -> Vec<PathBuf> {
    let home = env::var_os("HOME").map(PathBuf::from);
    let named = |variable: &str, usual: &str| {
        let named = env::var_os(variable).filter(|path| !path.is_empty()).map(PathBuf::from);
        named.or_else(|| home.as_ref().map(|home| home.join(usual)))
    };
    let both = [named("AWS_CONFIG_FILE", ".aws/config"), named("AWS_SHARED_CREDENTIALS_FILE", ".aws/credentials")];
    both.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use aws_config::profile::ProfileFileCredentialsProvider;
    use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
    use futures::FutureExt;

    use super::*;

    fn profile(file: &Path) -> SharedCredentialsProvider {
        let files = EnvConfigFiles::builder().with_file(EnvConfigFileKind::Credentials, file).build();
        SharedCredentialsProvider::new(ProfileFileCredentialsProvider::builder().profile_files(files).build())
    }

    async fn key(of: &impl ProvideCredentials) -> String {
        of.provide_credentials().await.unwrap().access_key_id().to_owned()
    }

    #[tokio::test]
    async fn keys_that_are_rotated_in_their_file_are_read_again() {
        let folder = std::env::temp_dir().join(format!("rotation-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join("credentials");
        let write = |key: &str| {
            // As the kubelet does: another file takes the name.
            let next = folder.join("next");
            fs::write(&next, format!("[default]\naws_access_key_id = {key}\naws_secret_access_key = secret\n"))
                .unwrap();
            fs::rename(next, &file).unwrap();
        };
        write("FIRST");
        let (once, searched) = (profile(&file), file.clone());
        let search: Search = Box::new(move || std::future::ready(Some(profile(&searched))).boxed());
        let rotating = Rotating::new(once.clone(), vec![file.clone()], search);
        assert_eq!(key(&rotating).await, "FIRST");
        let until = rotating.provide_credentials().await.unwrap().expiry();
        assert!(until.is_some_and(|until| until <= SystemTime::now() + LOOK), "the SDK asks again within a minute");
        write("SECOND");
        assert_eq!(key(&once).await, "FIRST", "the SDK alone reads the file once");
        assert_eq!(key(&rotating).await, "SECOND");
        fs::remove_dir_all(folder).unwrap();
    }
}
