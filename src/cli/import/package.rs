//! `lambda-operator import`: the source of a function's package for its manifest, and the download.

use std::path::{Path, PathBuf};

use super::origin::{Origin, words};
use crate::cli::Error;
use crate::cli::aws_client::patiently;
use crate::core::package;
use crate::kinds::function::import::Package;
use crate::kinds::function::model::Content;
use crate::kinds::function::observed::Observed;
use crate::kinds::function::package_type::PackageType;

/// The user's choice of the source.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    /// Folder in which packages are saved.
    pub(super) download: Option<&'a PathBuf>,
    /// Bucket and key.
    pub(super) s3: Option<&'a (String, String)>,
}

/// The source of a function's package.
pub(super) async fn source(
    origin: &Origin<'_>,
    name: &str,
    observed: &Observed,
    source: Source<'_>,
) -> Result<Package, String> {
    let Source { download, s3 } = source;
    if observed.function.package == PackageType::Image {
        return Ok(Package::Elsewhere);
    }
    if let Some(folder) = download {
        return save(origin, name, observed, folder).await;
    }
    Ok(in_s3(s3, name).map_or(Package::Elsewhere, |(bucket, key)| Package::S3 { bucket, key }))
}

/// Bucket and key of a package, where a folder holds NAME.zip.
pub(super) fn in_s3(s3: Option<&(String, String)>, name: &str) -> Option<(String, String)> {
    let (bucket, key) = s3?;
    let key = if is_folder(key) { format!("{key}{name}.zip") } else { key.clone() };
    Some((bucket.clone(), key))
}

/// Saves the package, if its hash is the function's and the operator can send it.
async fn save(origin: &Origin<'_>, name: &str, observed: &Observed, folder: &Path) -> Result<Package, String> {
    let remote = origin.remote(name);
    let bytes = patiently(async || origin.aws.package(&remote).await).await.map_err(|error| words(&error))?;
    let sha256 = package::sha256(&bytes);
    if observed.function.code.content != Content::Sha256(sha256.clone()) {
        return Err(format!(
            "the downloaded package has CodeSha256 {sha256}, which is not the function's: the code was changed meanwhile, so run the command again"
        ));
    }
    let file = format!("{name}.zip");
    let path = folder.join(&file);
    std::fs::write(&path, &bytes).map_err(|error| Error::file(&path, &error).to_string())?;
    match package::fault(&bytes) {
        Some(fault) => {
            Err(format!("its package was saved as {}, but {fault} (--s3 writes such a manifest)", path.display()))
        }
        None => Ok(Package::File(file)),
    }
}

/// Whether a key of S3 is a folder, with a file for each function.
pub(super) fn is_folder(key: &str) -> bool {
    key.is_empty() || key.ends_with('/')
}

/// Bucket and key.
///
/// # Errors
/// If the text does not have both.
pub(super) fn s3(text: &str) -> Result<(String, String), String> {
    match text.strip_prefix("s3://").unwrap_or(text).split_once('/') {
        Some((bucket, key)) if !bucket.is_empty() => Ok((bucket.to_owned(), key.to_owned())),
        _ => Err("must be BUCKET/KEY, for instance packages/hello.zip, or BUCKET/ for a NAME.zip in it".into()),
    }
}
