//! `lambda-operator plan`: the changes that the operator would make in AWS for the objects of a file, field by field. It changes nothing.

mod consent;
mod file;
mod planner;
mod references;
mod text;

use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::Value;

use super::aws_client::clients;
use super::cluster::Cluster;
use super::kinds::{ForEachKind, each};
use super::shared_flags::SharedFlags;
use super::{Error, manifest, run};
use crate::controller::managed::Managed;
use planner::{Name, Planner};
use text::{Planned, Verdict};

/// The objects to plan for, and the settings of the operator.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// File with the objects; - reads standard input.
    #[arg(short, long, value_name = "FILE")]
    file: PathBuf,
    /// Namespace of objects that name none. Default: the namespace of the kubeconfig, or `default`.
    #[arg(long, env = "LAMBDA_OPERATOR_NAMESPACE", value_name = "NS")]
    namespace: Option<String>,
    #[command(flatten, next_help_heading = "Settings of the operator: give them the values that `run` has")]
    shared: SharedFlags,
}

/// Exit code: 0 no changes, 2 changes, 1 an object cannot be planned.
pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let text = read(&arguments.file)?;
    let refused = |fault| Error::Manifest { file: arguments.file.display().to_string(), fault };
    let file = manifest::read(&text).map_err(refused)?;
    check(&file.objects).map_err(refused)?;
    let unknown = manifest::unknown_kinds(&file.objects).map_err(refused)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Error::Runtime)?;
    let planned = runtime.block_on(describe(arguments, &file, &unknown))?;
    let failed = |error: std::io::Error| Error::Print { what: "the plan", error: error.to_string() };
    std::io::Write::write_all(&mut std::io::stdout(), planned.text.as_bytes()).map_err(failed)?;
    Ok(match planned.verdict {
        Verdict::Same => ExitCode::SUCCESS,
        Verdict::Differs => ExitCode::from(2),
        Verdict::Unknown => ExitCode::FAILURE,
    })
}

fn read(file: &Path) -> Result<String, Error> {
    let read = if file == Path::new("-") {
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text).map(|_| text)
    } else {
        std::fs::read_to_string(file)
    };
    read.map_err(|error| Error::file(file, &error))
}

/// The first fault of any document.
fn check(documents: &[Value]) -> Result<(), String> {
    struct Check<'a>(&'a [Value], Vec<(usize, Result<(), String>)>);
    impl ForEachKind for Check<'_> {
        fn kind<K: Managed>(&mut self) {
            let read = |(index, document)| Some((index, manifest::object::<K>(document)?.map(drop)));
            self.1.extend(self.0.iter().enumerate().filter_map(read));
        }
    }
    let mut check = Check(documents, Vec::new());
    each(&mut check);
    check.1.sort_by_key(|(index, _)| *index);
    check.1.into_iter().try_for_each(|(_, read)| read)
}

/// The plans of a file's objects, each with its position in the file.
struct Plans<'a> {
    planner: &'a Planner,
    documents: &'a [Value],
    plans: Vec<(usize, BoxFuture<'a, Planned>)>,
}

impl ForEachKind for Plans<'_> {
    fn kind<K: Managed>(&mut self) {
        let Self { planner, documents, plans } = self;
        for (index, document) in documents.iter().enumerate() {
            if let Some(Ok(object)) = manifest::object::<K>(document) {
                plans.push((index, planner.describe_in(object).boxed()));
            }
        }
    }
}

async fn describe(arguments: &Arguments, file: &manifest::File, unknown: &BTreeSet<String>) -> Result<Planned, Error> {
    let documents = &file.objects;
    let mut aws = clients(None).await?;
    if aws.default_region().is_none() {
        // Reading the account of the credentials needs a region; any region that an object names works.
        let region = |document: &Value| document["spec"]["region"].as_str().map(str::to_owned);
        let named = documents.iter().filter_map(region).find(|region| !region.is_empty());
        aws = clients(named).await?;
    }
    let mut planned = Planned::nothing();
    if !unknown.is_empty() {
        planned.line(&format!(
            "note: objects of kinds that this version does not know are skipped: {}",
            manifest::list(unknown)
        ));
    }
    let (cluster, why) = match Cluster::connect(None).await {
        Ok(cluster) => (Some(cluster), None),
        Err(why) => (None, Some(why)),
    };
    if let Some(why) = why {
        planned.line(&format!("note: the plan does not use a cluster ({why})"));
    }
    let (name, unnamed) = match owner_cluster(arguments, cluster.as_ref()).await {
        Ok(name) => (name, None),
        Err(why) => (Name::Unknown, Some(why)),
    };
    let planner = Planner::new(arguments, aws, cluster, name, file);
    let mut all = Plans { planner: &planner, documents, plans: Vec::new() };
    each(&mut all);
    all.plans.sort_by_key(|(index, _)| *index);
    let mut objects = Planned::nothing();
    for (_, plan) in all.plans {
        objects.add(&plan.await);
    }
    // Known only now: which names the owner tags have.
    if let Some(why) = unnamed {
        planned.line(&unnamed_note(&why, &planner.owner_flags()));
    }
    planned.add(&objects);
    Ok(planned)
}

/// The cluster name in owner tags; the error says why it is unknown.
async fn owner_cluster(arguments: &Arguments, cluster: Option<&Cluster>) -> Result<Name, String> {
    if let Some(name) = &arguments.shared.cluster_name {
        return Ok(Name::Given(name.clone()));
    }
    let Some(cluster) = cluster else { return Err("no cluster".into()) };
    run::cluster_uid(&cluster.client).await.map(Name::Default).map_err(|error| error.to_string())
}

/// The note about a cluster without a known name. `found`: the flags with the names that owner tags in AWS have.
fn unnamed_note(why: &str, found: &[String]) -> String {
    let set = match found {
        [] => "set --cluster-name as for `run`".to_owned(),
        found => format!("owner tags in AWS say {}, so set that", found.join(" and ")),
    };
    format!(
        "note: ownership is decided by namespace and name alone, because the cluster's name is unknown ({why}): {set}"
    )
}
