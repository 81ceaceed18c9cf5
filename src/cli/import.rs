//! `lambda-operator import`: a manifest for each existing function, which changes nothing when it is applied.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use futures::{StreamExt, stream};

use super::aws_client::{clients, patiently};
use super::import_origin::{Origin, free};
use super::{
    Error, import_alias, import_attached, import_layer, import_mapping, import_permission, import_signing, import_url,
    manifest, run_flags,
};
use crate::api::function::spec::LambdaFunction;
use crate::aws::client::{Caller, Clients, Identity};
use crate::core::kind::Aws;
use crate::core::package;
use crate::kinds::function::import;
use crate::kinds::function::import::Package;
use crate::kinds::function::model::Content;
use crate::kinds::function::observed::Observed;
use crate::kinds::function::observed::query::Query;
use crate::kinds::function::package_type::PackageType;
use crate::kinds::function::side;

/// The most functions that are read at the same time.
const AT_A_TIME: usize = 8;

/// The functions to import, and the source of their code.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Resources in AWS: FUNCTION for a function, FUNCTION/ALIAS for an alias, FUNCTION/UUID for an event source mapping, permission:FUNCTION[:QUALIFIER]/ID for a statement of a policy, url:FUNCTION[:ALIAS] for a function URL, event-invoke-config:FUNCTION[:QUALIFIER] for an event invoke configuration, provisioned-concurrency:FUNCTION:QUALIFIER for provisioned concurrency, csc-ID for a code signing configuration, layer:NAME[:VERSION] for a version of a layer (default: the newest).
    #[arg(value_name = "NAME", required_unless_present = "all", conflicts_with = "all", value_parser = function_name)]
    names: Vec<String>,
    /// Import every function of the region.
    #[arg(long)]
    all: bool,
    /// With --all: import only functions with this tag. Repeatable; a function must have all of the tags.
    #[arg(long = "tag", requires = "all", value_parser = run_flags::tag, value_name = "K=V")]
    tags: Vec<(String, String)>,
    /// AWS region of the functions. Default: the configured region (AWS_REGION or profile).
    #[arg(long)]
    region: Option<String>,
    /// Namespace to write into the manifests. Default: none.
    #[arg(long, env = "LAMBDA_OPERATOR_NAMESPACE", value_name = "NS")]
    namespace: Option<String>,
    /// Folder in which each zip package is saved as NAME.zip; the manifest names it as a file of the operator's package folder. Default: packages are not saved.
    #[arg(long, value_name = "DIR", conflicts_with = "s3")]
    download: Option<PathBuf>,
    /// Location of the zip package in S3. A KEY that ends with / is a folder that holds NAME.zip.
    #[arg(long, value_name = "BUCKET/KEY", value_parser = s3)]
    s3: Option<(String, String)>,
}

/// Writes the manifests that can be imported; fails if one could not.
pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Error::Runtime)?;
    runtime.block_on(import(arguments))
}

async fn import(arguments: &Arguments) -> Result<ExitCode, Error> {
    let Arguments { names, all, tags, region, namespace, download, s3 } = arguments;
    if s3.as_ref().is_some_and(|(_, key)| !is_folder(key)) && (*all || names.len() > 1) {
        return Err(Error::OneKey);
    }
    if let Some(folder) = download {
        std::fs::create_dir_all(folder).map_err(|error| Error::file(folder, &error))?;
    }
    let aws = clients(region.clone()).await?;
    let caller = aws.caller(&Identity::default()).await;
    let region = aws.default_region().ok_or(Error::NoRegion)?;
    let names = if *all { every_name(&aws, &caller, &region).await? } else { names.clone() };
    let importer = Importer {
        origin: Origin { aws: &aws, caller: &caller, region, namespace: namespace.as_ref() },
        all: *all,
        tags,
        download: download.as_ref(),
        s3: s3.as_ref(),
    };
    let mut looks = stream::iter(&names).map(|name| importer.look(name)).buffered(AT_A_TIME);
    let mut taken = BTreeSet::new();
    let mut names = names.iter();
    let (mut written, mut failed) = (0, false);
    while let (Some(query), Some(name)) = (looks.next().await, names.next()) {
        let document = match query {
            Ok(Look::Alias(function, alias)) => {
                import_alias::document(&importer.origin, (function, alias), &mut taken).await
            }
            Ok(Look::Mapping(function, uuid)) => {
                import_mapping::document(&importer.origin, (function, uuid), &mut taken).await
            }
            Ok(Look::Permission(name)) => import_permission::document(&importer.origin, name, &mut taken).await,
            Ok(Look::Url(function, alias)) => {
                import_url::document(&importer.origin, (function, alias), &mut taken).await
            }
            Ok(Look::Layer(name)) => {
                let package = importer.s3.map(|(bucket, key)| (bucket.clone(), object_key(key, name.layer)));
                import_layer::document(&importer.origin, name, package, &mut taken).await
            }
            Ok(Look::Attached(name)) => import_attached::document(&importer.origin, name, &mut taken).await,
            Ok(Look::SigningConfig(id)) => import_signing::document(&importer.origin, id, &mut taken).await,
            Ok(Look::Unwanted) => continue,
            Ok(Look::Function(observed)) => importer.document(name, &observed, &mut taken).await,
            Err(sentence) => Err(sentence),
        };
        match document {
            Ok(document) => {
                print(&document, written)?;
                written += 1;
            }
            Err(sentence) => {
                eprintln!("lambda-operator: {name} was not imported: {sentence}");
                failed = true;
            }
        }
    }
    if written == 0 && !failed {
        eprintln!("lambda-operator: {} has no such function", importer.origin.region);
    }
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Prints a document, separated from the one before.
fn print(document: &str, number: usize) -> Result<(), Error> {
    let separator = if number == 0 { "" } else { "---\n" };
    let failed = |error: std::io::Error| Error::Print { what: "the manifest", error: error.to_string() };
    std::io::stdout().write_all(format!("{separator}{document}").as_bytes()).map_err(failed)
}

async fn every_name(aws: &Clients, caller: &Caller, region: &str) -> Result<Vec<String>, Error> {
    let mut names = Vec::new();
    let mut marker = None;
    loop {
        let page = patiently(async || aws.functions(caller, region, marker.clone()).await).await.map_err(Error::Aws)?;
        names.extend(page.names);
        marker = page.next;
        if marker.is_none() {
            names.sort();
            return Ok(names);
        }
    }
}

/// The resource behind a name.
enum Look<'a> {
    /// A function.
    Function(Box<Observed>),
    /// A function without the requested tags.
    Unwanted,
    /// An alias of a function.
    Alias(&'a str, &'a str),
    /// A statement of a policy.
    Permission(import_permission::Name<'a>),
    /// The URL of a function or alias.
    Url(&'a str, Option<&'a str>),
    /// A configuration of a function, a version or an alias.
    Attached(import_attached::Name<'a>),
    /// A layer.
    Layer(import_layer::Name<'a>),
    /// An event source mapping of a function, by its UUID.
    Mapping(&'a str, &'a str),
    /// A code signing configuration.
    SigningConfig(&'a str),
}

/// The shared state of one import command.
struct Importer<'a> {
    origin: Origin<'a>,
    /// Whether all functions are imported.
    all: bool,
    tags: &'a [(String, String)],
    download: Option<&'a PathBuf>,
    s3: Option<&'a (String, String)>,
}

impl Importer<'_> {
    /// Reads the resource behind a name.
    async fn look<'n>(&self, name: &'n str) -> Result<Look<'n>, String> {
        if let Some((function, uuid)) = import_alias::parts(name).filter(|(_, part)| import_mapping::is_uuid(part)) {
            return Ok(Look::Mapping(function, uuid));
        }
        if let Some(permission) = import_permission::parts(name) {
            return Ok(Look::Permission(permission));
        }
        if let Some(name) = import_attached::named(name) {
            return Ok(Look::Attached(name));
        }
        if let Some(layer) = import_layer::parts(name) {
            return Ok(Look::Layer(layer));
        }
        if let Some((function, alias)) = import_url::parts(name) {
            return Ok(Look::Url(function, alias));
        }
        if let Some((function, alias)) = import_alias::parts(name) {
            return Ok(Look::Alias(function, alias));
        }
        // `--all` reads only functions, and one of them can have such a name.
        if !self.all && import_signing::is_id(name) {
            return Ok(Look::SigningConfig(name));
        }
        let observed = self.query(name).await?;
        Ok(observed.map_or(Look::Unwanted, |observed| Look::Function(Box::new(observed))))
    }

    /// Reads a function; `None` if it does not have the requested tags.
    async fn query(&self, name: &str) -> Result<Option<Observed>, String> {
        let remote = self.origin.remote(name);
        let observe = async |query: &Query| {
            let observed = patiently(async || Aws::<LambdaFunction>::observe(&remote, query).await)
                .await
                .map_err(|error| error.to_string())?;
            observed.ok_or_else(|| {
                format!("{} has no function of that name: correct the name, or set --region", self.origin.region)
            })
        };
        if !self.tags.is_empty() {
            let observed = observe(&Query::default()).await?;
            let tags = observed.function.tags.known();
            let has = |(key, value): &(String, String)| tags.is_some_and(|tags| tags.get(key) == Some(value));
            if !self.tags.iter().all(has) {
                return Ok(None);
            }
        }
        // All side groups are read, because the operator would reset one that the manifest does not name to its default.
        observe(&Query { sides: side::all_probes(), ..Query::default() }).await.map(Some)
    }

    async fn document(&self, name: &str, observed: &Observed, taken: &mut BTreeSet<String>) -> Result<String, String> {
        if let Some(obstacle) = import::obstacle(observed) {
            return Err(obstacle);
        }
        let package = self.package(name, observed).await?;
        let object_name = free(&import::object_name(name), taken);
        let spec = import::spec(observed, &self.origin.target(name), &object_name, &package);
        let mut object = LambdaFunction::new(&object_name, spec);
        object.metadata.namespace = self.origin.namespace.cloned();
        manifest::write(&object, &import::notes(observed, &package))
    }

    async fn package(&self, name: &str, observed: &Observed) -> Result<Package, String> {
        if observed.function.package == PackageType::Image {
            return Ok(Package::Elsewhere);
        }
        if let Some(folder) = self.download {
            return self.save(name, observed, folder).await;
        }
        Ok(self.s3.map_or(Package::Elsewhere, |(bucket, key)| Package::S3 {
            bucket: bucket.clone(),
            key: object_key(key, name),
        }))
    }

    /// Saves the package, if its hash is the function's and the operator can send it.
    async fn save(&self, name: &str, observed: &Observed, folder: &Path) -> Result<Package, String> {
        let remote = self.origin.remote(name);
        let bytes =
            patiently(async || self.origin.aws.package(&remote).await).await.map_err(|error| error.to_string())?;
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
}

/// The key of a package, where a folder holds NAME.zip.
fn object_key(key: &str, name: &str) -> String {
    if is_folder(key) { format!("{key}{name}.zip") } else { key.to_owned() }
}

fn is_folder(key: &str) -> bool {
    key.is_empty() || key.ends_with('/')
}

fn function_name(text: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let is_name = |text: &str| !text.is_empty() && text.len() <= 140 && text.chars().all(plain);
    if import_layer::parts(text).is_some_and(|name| is_name(name.layer)) {
        return Ok(text.to_owned());
    }
    if let Some(name) = import_attached::named(text) {
        let (function, qualifier) = name.parts();
        if is_name(function) && (is_name(qualifier) || qualifier == "$LATEST") {
            return Ok(text.to_owned());
        }
    }
    let parts = match (import_permission::parts(text), import_url::parts(text)) {
        (Some(import_permission::Name { function, qualifier, id }), _) => {
            vec![function, qualifier.unwrap_or("none"), id]
        }
        (None, Some((function, alias))) => vec![function, alias.unwrap_or("none")],
        (None, None) => import_alias::parts(text).map_or_else(|| vec![text], |(function, alias)| vec![function, alias]),
    };
    if parts.into_iter().all(is_name) {
        return Ok(text.to_owned());
    }
    Err("is not the name of a function: write the name alone, FUNCTION/ALIAS, FUNCTION/UUID, permission:FUNCTION[:QUALIFIER]/ID, url:FUNCTION[:ALIAS], event-invoke-config:FUNCTION[:QUALIFIER], provisioned-concurrency:FUNCTION:QUALIFIER or layer:NAME[:VERSION], not an ARN or a version".into())
}

fn s3(text: &str) -> Result<(String, String), String> {
    match text.strip_prefix("s3://").unwrap_or(text).split_once('/') {
        Some((bucket, key)) if !bucket.is_empty() => Ok((bucket.to_owned(), key.to_owned())),
        _ => Err("must be BUCKET/KEY, for instance packages/hello.zip, or BUCKET/ for a NAME.zip in it".into()),
    }
}
