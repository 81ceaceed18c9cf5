//! `lambda-operator import`: manifests of resources in AWS, which change nothing when they are applied.

mod family;
mod name;
mod objects;
mod origin;
mod package;
mod read;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use futures::{StreamExt, stream};

use self::family::{Family, FunctionReading, Mappings, Reading, family, not_imported};
use self::name::Name;
use self::objects::{Objects, Written};
use self::origin::{Origin, every, words};
use self::package::Source;
use self::read::read;
use super::aws_client::{clients, patiently};
use super::{Error, shared_flags};
use crate::api::function::spec::LambdaFunction;
use crate::aws::client::Identity;
use crate::core::error::class::Class;
use crate::core::kind::Aws;
use crate::core::operation::Operation;
use crate::core::shown::printable;
use crate::kinds::function::import::obstacle;
use crate::kinds::function::observed::Observed;
use crate::kinds::function::observed::query::Query;
use crate::kinds::function::side;
use crate::kinds::function::side::{Probe, Side};

/// The most functions that are read at the same time.
const AT_A_TIME: usize = 8;

/// The functions to import, and the source of their code.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Resources in AWS: FUNCTION for a function with its family (aliases, statements of policies, URLs, event invoke configurations, provisioned concurrency, event source mappings, code signing configuration), FUNCTION/ALIAS for an alias, FUNCTION/UUID for an event source mapping, permission:FUNCTION[:QUALIFIER]/ID for a statement of a policy, url:FUNCTION[:ALIAS] for a function URL, event-invoke-config:FUNCTION[:QUALIFIER] for an event invoke configuration, provisioned-concurrency:FUNCTION:QUALIFIER for provisioned concurrency, csc-ID for a code signing configuration, layer:NAME[:VERSION] for a version of a layer (default: the newest).
    #[arg(value_name = "NAME", required_unless_present = "all", conflicts_with = "all", value_parser = Name::parse)]
    names: Vec<Name>,
    /// Import every function of the region, each with its family.
    #[arg(long)]
    all: bool,
    /// Import the functions without their families.
    #[arg(long)]
    function_only: bool,
    /// With --all: import only functions with this tag. Repeatable; a function must have all of the tags.
    #[arg(long = "tag", requires = "all", value_parser = shared_flags::tag, value_name = "K=V")]
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
    #[arg(long, value_name = "BUCKET/KEY", value_parser = package::s3)]
    s3: Option<(String, String)>,
}

/// Writes the manifests that can be imported; fails if one could not.
pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Error::Runtime)?;
    runtime.block_on(import(arguments))
}

async fn import(arguments: &Arguments) -> Result<ExitCode, Error> {
    let Arguments { names, all, function_only, tags, region, namespace, download, s3 } = arguments;
    if s3.as_ref().is_some_and(|(_, key)| !package::is_folder(key)) && (*all || names.len() > 1) {
        return Err(Error::OneKey);
    }
    if let Some(folder) = download {
        std::fs::create_dir_all(folder).map_err(|error| Error::file(folder, &error))?;
    }
    let aws = clients(region.clone()).await?;
    let caller = aws.caller(&Identity::default()).await;
    let region = aws.default_region().ok_or(Error::NoRegion)?;
    let origin = Origin { aws: &aws, caller: &caller, region: region.clone() };
    let names = if *all { every_function(&origin).await? } else { functions_first(names) };
    let source = Source { download: download.as_ref(), s3: s3.as_ref() };
    let importer = Importer {
        origin: &origin,
        with_family: !function_only,
        tags,
        source,
        mappings: Mappings::default(),
        without_logs: Cell::new(false),
    };
    let mut readings = stream::iter(&names).map(|name| importer.read(name)).buffered(AT_A_TIME);
    let mut objects = Objects::new(&region, namespace.as_ref(), s3.as_ref());
    let mut names = names.iter();
    let (mut written, mut failed) = (0, false);
    while let (Some(reading), Some(name)) = (readings.next().await, names.next()) {
        let Written { documents, faults, notes } = match reading {
            Ok(Some(_)) if objects.has(name) => continue,
            Ok(Some(reading)) => objects.write(name, reading),
            Ok(None) => continue,
            Err(sentence) => Written { faults: vec![not_imported(name, &sentence)], ..Written::default() },
        };
        for document in documents {
            print(&document, written)?;
            written += 1;
        }
        failed |= !faults.is_empty();
        faults.iter().for_each(|sentence| eprintln!("lambda-operator: {}", printable(sentence)));
        notes.iter().for_each(|sentence| eprintln!("lambda-operator: note: {}", printable(sentence)));
    }
    if written == 0 && !failed {
        eprintln!("lambda-operator: {region} has no such function");
    }
    Ok(if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// Prints a document, separated from the one before.
fn print(document: &str, number: usize) -> Result<(), Error> {
    let separator = if number == 0 { "" } else { "---\n" };
    let failed = |error: std::io::Error| Error::Print { what: "the manifest", error: error.to_string() };
    std::io::stdout().write_all(format!("{separator}{document}").as_bytes()).map_err(failed)
}

/// The names in the order of the manifest: other resources can then refer to the functions.
fn functions_first(names: &[Name]) -> Vec<Name> {
    let (functions, others): (Vec<_>, Vec<_>) = names.iter().cloned().partition(Name::is_function);
    functions.into_iter().chain(others).collect()
}

async fn every_function(origin: &Origin<'_>) -> Result<Vec<Name>, Error> {
    let list = async |marker| origin.aws.functions(origin.caller, &origin.region, marker).await;
    let mut names = every(list).await.map_err(Error::Aws)?;
    names.sort();
    Ok(names.into_iter().map(Name::Function).collect())
}

/// The shared state of one import command.
struct Importer<'a> {
    origin: &'a Origin<'a>,
    with_family: bool,
    tags: &'a [(String, String)],
    source: Source<'a>,
    mappings: Mappings,
    /// Whether CloudWatch Logs cannot be reached, so that no other function waits for it.
    without_logs: Cell<bool>,
}

impl Importer<'_> {
    /// Reads the resource behind a name, and its family if it is a function; `None` if it is not wanted.
    async fn read(&self, name: &Name) -> Result<Option<Reading>, String> {
        let Name::Function(function) = name else {
            return read(self.origin, name).await.map(|found| Some(Reading::Other(found)));
        };
        let Some(observed) = self.query(function).await? else { return Ok(None) };
        if let Some(obstacle) = obstacle(&observed) {
            return Err(obstacle);
        }
        let package = package::source(self.origin, function, &observed, self.source).await?;
        let family = if self.with_family {
            family(self.origin, &self.mappings, function, &observed).await
        } else {
            Family::default()
        };
        Ok(Some(Reading::Function(Box::new(FunctionReading { observed, package, family }))))
    }

    /// Reads a function; `None` if it does not have the requested tags.
    async fn query(&self, name: &str) -> Result<Option<Observed>, String> {
        let remote = self.origin.remote(name);
        let observe = async |sides: &BTreeMap<Side, Probe>| {
            let query = Query { sides: sides.clone(), ..Query::default() };
            patiently(async || Aws::<LambdaFunction>::observe(&remote, &query).await).await
        };
        let existing = |answer: Result<Option<Observed>, _>| {
            answer.map_err(|error| words(&error))?.ok_or_else(|| {
                format!("{} has no function of that name: correct the name, or set --region", self.origin.region)
            })
        };
        if !self.tags.is_empty() {
            let observed = existing(observe(&BTreeMap::new()).await)?;
            let tags = observed.function.tags.known();
            let has = |(key, value): &(String, String)| tags.is_some_and(|tags| tags.get(key) == Some(value));
            if !self.tags.iter().all(has) {
                return Ok(None);
            }
        }
        // All side groups are read, because the operator would reset one that the manifest does not name to its default.
        let mut sides = side::all_probes();
        if self.without_logs.get() {
            sides.remove(&Side::LogRetention);
        }
        let mut answer = observe(&sides).await;
        // Not every network reaches CloudWatch Logs, and a manifest without the field leaves the retention as it is.
        if let Err(error) = &answer
            && error.operation == Operation::DescribeLogGroups
            && error.class != Class::Elsewhere
        {
            self.without_logs.set(self.without_logs.get() || error.class == Class::Unavailable);
            sides.remove(&Side::LogRetention);
            answer = observe(&sides).await;
        }
        existing(answer).map(Some)
    }
}
