//! `lambda-operator status`: the tree of a function's objects, with the state of each. Reads only Kubernetes, and of a Secret only its metadata.

mod item;
mod text;
mod tree;

use std::collections::BTreeMap;
use std::io::Write;
use std::process::ExitCode;

use futures::FutureExt;
use futures::future::BoxFuture;
use k8s_openapi::NamespaceResourceScope;
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use kube::api::ListParams;
use kube::{Api, Client, Resource};
use serde::de::DeserializeOwned;

use self::item::Item;
use self::text::text;
use self::tree::{Existence, Health, Node, Objects};
use super::Error;
use super::cluster::{Cluster, words};
use super::kinds::{ForEachKind, each};
use crate::controller::managed::Managed;
use crate::core::references::{Kind, Reference};
use crate::core::shown::printable;

/// Objects of one page of a list.
const PAGE: u32 = 500;

/// The functions to show.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Names of LambdaFunctions. Default: every function of the namespace, and every object that belongs to none of them.
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// Namespace of the objects. Default: the namespace of the kubeconfig, or `default`.
    #[arg(short, long, env = "LAMBDA_OPERATOR_NAMESPACE", value_name = "NS")]
    namespace: Option<String>,
    /// Context of the kubeconfig. Default: the current context.
    #[arg(long, value_name = "CONTEXT")]
    context: Option<String>,
}

/// Exit code: 0 all are Ready, 2 one is not, 1 one could not be read.
pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Error::Runtime)?;
    runtime.block_on(show(arguments))
}

async fn show(arguments: &Arguments) -> Result<ExitCode, Error> {
    let Arguments { names, namespace, context } = arguments;
    let cluster = Cluster::connect(context.as_deref()).await.map_err(Error::Cluster)?;
    let namespace = namespace.clone().unwrap_or(cluster.namespace);
    let mut lists = Lists { client: &cluster.client, namespace: &namespace, running: Vec::new() };
    each(&mut lists);
    let (mut items, mut unread) = (Vec::new(), Vec::new());
    for (kind, list) in lists.running {
        match list.await {
            Ok(all) => items.extend(all),
            Err(why) => unread.push(format!("objects of the kind {kind} could not be read: {why}")),
        }
    }
    let used = existing(&cluster.client, &namespace, &items).await;
    let objects = Objects { items: &items, used: &used };
    let trees = if names.is_empty() {
        objects.of_all()
    } else {
        let missing = |name| Error::NoFunction { name, namespace: namespace.clone(), unread: unread.join("; ") };
        objects.of_functions(names).map_err(missing)?
    };
    print(&trees)?;
    unread.iter().for_each(|sentence| eprintln!("lambda-operator: {}", printable(sentence)));
    if trees.is_empty() && unread.is_empty() {
        eprintln!("lambda-operator: the namespace {namespace} has no object of this operator: set --namespace");
    }
    let unknown = if unread.is_empty() { Health::Ready } else { Health::Unknown };
    Ok(match trees.iter().map(Node::worst).fold(unknown, Ord::max) {
        Health::Ready => ExitCode::SUCCESS,
        Health::NotReady => ExitCode::from(2),
        Health::Unknown => ExitCode::FAILURE,
    })
}

fn print(trees: &[Node]) -> Result<(), Error> {
    let all = trees.iter().map(text).collect::<Vec<_>>().join("\n");
    let failed = |error: std::io::Error| Error::Print { what: "the status", error: error.to_string() };
    std::io::stdout().write_all(all.as_bytes()).map_err(failed)
}

/// The objects of a kind, or why they could not be read.
type Listed = Result<Vec<Item>, String>;

/// The list of each kind.
struct Lists<'a> {
    client: &'a Client,
    namespace: &'a str,
    running: Vec<(String, BoxFuture<'a, Listed>)>,
}

impl ForEachKind for Lists<'_> {
    fn kind<K: Managed>(&mut self) {
        let list = list::<K>(self.client, self.namespace).boxed();
        self.running.push((K::kind(&()).into_owned(), list));
    }
}

/// Every object of a kind, in pages.
async fn list<K: Managed>(client: &Client, namespace: &str) -> Listed {
    let objects: Api<K> = Api::namespaced(client.clone(), namespace);
    let (mut items, mut parameters) = (Vec::new(), ListParams::default().limit(PAGE));
    loop {
        let page = objects.list(&parameters).await.map_err(|error| words(&error))?;
        items.extend(page.items.iter().map(Item::of));
        match page.metadata.continue_.filter(|token| !token.is_empty()) {
            Some(token) => parameters = parameters.continue_token(&token),
            None => return Ok(items),
        }
    }
}

/// Whether the Secrets and ConfigMaps exist that objects use, and the objects of our own kinds that were not listed.
async fn existing(client: &Client, namespace: &str, items: &[Item]) -> BTreeMap<Reference, Existence> {
    let mut used = BTreeMap::new();
    for reference in items.iter().flat_map(|item| &item.uses) {
        if used.contains_key(reference) {
            continue;
        }
        let existence = match reference.kind {
            Kind::Secret => exists::<Secret>(client, namespace, &reference.name).await,
            Kind::ConfigMap => exists::<ConfigMap>(client, namespace, &reference.name).await,
            // Their lists have been read.
            Kind::LambdaFunction | Kind::LambdaAlias | Kind::LambdaCodeSigningConfig | Kind::LambdaLayerVersion => {
                Existence::Missing
            }
        };
        used.insert(reference.clone(), existence);
    }
    used
}

/// Whether an object exists, by its metadata alone.
async fn exists<K>(client: &Client, namespace: &str, name: &str) -> Existence
where
    K: Resource<DynamicType = (), Scope = NamespaceResourceScope> + Clone + DeserializeOwned + std::fmt::Debug,
{
    let objects: Api<K> = Api::namespaced(client.clone(), namespace);
    match objects.get_metadata_opt(name).await {
        Ok(Some(_)) => Existence::Exists,
        Ok(None) => Existence::Missing,
        Err(error) => Existence::Unknown(words(&error)),
    }
}
