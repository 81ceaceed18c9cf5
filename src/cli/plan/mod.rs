//! `lambda-operator plan`: the changes that the operator would make in AWS for the objects of a file, field by field. It changes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};

use futures::FutureExt;
use futures::future::BoxFuture;
use k8s_openapi::api::core::v1::Namespace;
use k8s_openapi::jiff::Timestamp;
use kube::{Api, ResourceExt};
use serde_json::Value;

use super::aws_client::{ClusterNames, Patient, Renamed, clients};
use super::cluster::{Cluster, words};
use super::kinds::{ForEachKind, each};
use super::plan_file::PlannedFile;
use super::plan_text::{Decision, Planned, Verdict};
use super::{Error, consent, manifest, plan_file, run, run_flags};
use crate::api::alias::LambdaAlias;
use crate::api::code_signing_config::LambdaCodeSigningConfig;
use crate::api::function::spec::LambdaFunction;
use crate::api::layer_version::LambdaLayerVersion;
use crate::aws::client::budget::Holder;
use crate::aws::client::recent::Freshness;
use crate::aws::client::{Caller, Clients, Identity};
use crate::controller::managed::Managed;
use crate::controller::reconcile::packages::Packages;
use crate::controller::reconcile::references::fetch;
use crate::controller::reconcile::{identity, observation, stages};
use crate::core::blocked::Blocked;
use crate::core::bounded::Bounds;
use crate::core::conclusion::Seen;
use crate::core::goal::{Defaults, Goal};
use crate::core::hand_over::HandOver;
use crate::core::kind::{ConclusionOf, GoalOf, Kind, Situation, own_name};
use crate::core::namespace_policy::Policy;
use crate::core::outcome::Outcome;
use crate::core::past::Past;
use crate::core::plan::Plan;
use crate::core::references;
use crate::core::references::{Contents, Parent, Reference, References, TOO_MUCH};
use crate::core::tag_pattern::TagPattern;
use crate::core::target::Target;

/// The cluster name in owner tags if the real one is unknown.
const NO_CLUSTER: &str = "unknown";

/// The objects to plan for, and the settings of the operator.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// File with the objects; - reads standard input.
    #[arg(short, long, value_name = "FILE")]
    file: PathBuf,
    /// Namespace of objects that name none. Default: the namespace of the kubeconfig, or `default`.
    #[arg(long, env = "LAMBDA_OPERATOR_NAMESPACE", value_name = "NS")]
    namespace: Option<String>,
    /// First part of the owner tag. Use the same value as the operator's flag. Default: the uid of the namespace kube-system.
    #[arg(long, env = "LAMBDA_OPERATOR_CLUSTER_NAME", value_parser = run_flags::cluster_name)]
    cluster_name: Option<String>,
    /// Former name of the cluster; repeatable. Owner tags with it are accepted and rewritten. Use the same values as the operator's flag.
    #[arg(long = "former-cluster-name", env = "LAMBDA_OPERATOR_FORMER_CLUSTER_NAME", value_parser = run_flags::cluster_name, value_delimiter = ',', value_name = "NAME")]
    former_cluster_names: Vec<String>,
    /// Tags for every function: k=v,k=v. Use the same value as the operator's flag.
    #[arg(long, env = "LAMBDA_OPERATOR_DEFAULT_TAGS", value_delimiter = ',', value_parser = run_flags::tag, value_name = "K=V")]
    default_tags: Vec<(String, String)>,
    /// Tags that somebody else sets: key,prefix*. The plan does not change them. Use the same value as the operator's flag.
    #[arg(long, env = "LAMBDA_OPERATOR_IGNORE_TAGS", value_delimiter = ',', value_parser = TagPattern::parse, value_name = "KEY")]
    ignore_tags: Vec<TagPattern>,
    /// Labels of an object that become tags of its function. Use the same value as the operator's flag.
    #[arg(long, env = "LAMBDA_OPERATOR_COPY_LABELS", value_delimiter = ',', value_parser = run_flags::label, value_name = "KEY")]
    copy_labels: Vec<String>,
    /// Require the annotations of namespaces: refuse every value that no annotation of the namespace allows. Set it if the operator has this flag.
    #[arg(long, env = "LAMBDA_OPERATOR_REQUIRE_NAMESPACE_POLICY")]
    require_namespace_policy: bool,
    /// AWS regions beside those that this version knows: region,region. Use the same value as the operator's flag.
    #[arg(long, env = "LAMBDA_OPERATOR_EXTRA_REGIONS", value_delimiter = ',', value_parser = run_flags::region, value_name = "REGION")]
    extra_regions: Vec<String>,
    /// Tag the sessions of namespaces' roles. Set it if the operator has this flag.
    #[arg(long, env = "LAMBDA_OPERATOR_SESSION_TAGS")]
    session_tags: bool,
    /// Allow objects to adopt resources without an owner in every namespace. Set it if the operator has this flag.
    #[arg(long, env = "LAMBDA_OPERATOR_ALLOW_ADOPTION")]
    allow_adoption: bool,
    /// Folder of the zip files that `filename` names. It must hold the same files as the operator's package folder.
    #[arg(long, env = "LAMBDA_OPERATOR_PACKAGE_DIR", value_name = "DIR")]
    package_dir: Option<PathBuf>,
}

/// Exit code: 0 no changes, 2 changes, 1 an object cannot be planned.
pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let text = text(&arguments.file)?;
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

fn text(file: &Path) -> Result<String, Error> {
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
        planned.line(&unnamed_note(&why, &planner.names.flags()));
    }
    planned.add(&objects);
    Ok(planned)
}

/// The name of the cluster in owner tags.
enum Name {
    /// A flag names it.
    Given(String),
    /// The uid of the namespace kube-system, which is the operator's default.
    Default(String),
    Unknown,
}

/// The cluster name in owner tags; the error says why it is unknown.
async fn owner_cluster(arguments: &Arguments, cluster: Option<&Cluster>) -> Result<Name, String> {
    if let Some(name) = &arguments.cluster_name {
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

/// The shared state for all objects of a file.
struct Planner {
    aws: Clients,
    cluster: Option<Cluster>,
    identity: stages::Identity,
    /// Whether the name of the cluster is known, and whether a flag gave it.
    naming: Naming,
    packages: Packages,
    extra_regions: Vec<String>,
    file: PlannedFile,
    /// The names of clusters in owner tags.
    names: ClusterNames,
    /// The objects of the file to which others refer.
    foreseen: Mutex<BTreeMap<(String, Reference), Result<Foreseen, String>>>,
}

/// Where the name of the cluster comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Naming {
    Flag,
    Default,
    Unknown,
}

/// An object of the file, as the objects that refer to it see it once the file is applied.
#[derive(Clone)]
struct Foreseen {
    parent: Parent,
    /// Whether AWS shows the resource and the object has no status about it: the object is applied first, and takes the resource over.
    taken_first: bool,
}

/// The references of an object.
#[derive(Default)]
struct Resolved {
    references: References,
    /// The object of the file that will own the function.
    owner: Option<Reference>,
}

/// Why there is no plan.
enum Undecided {
    /// A fault of the object.
    Fault(String),
    /// A dependency, perhaps in the same file, must exist first.
    Later(String),
}

impl From<String> for Undecided {
    fn from(sentence: String) -> Self {
        Self::Fault(sentence)
    }
}

/// The input of the stages, as far as it is known without a controller.
fn situation<'a, K: Kind>(
    goal: &'a GoalOf<K>,
    target: &'a Target,
    history: &'a K::History,
    past: &'a Past,
    generation: i64,
) -> Situation<'a, K> {
    let (recorded, repeated, now) = (history, &past.repeated, Timestamp::now());
    Situation { goal, target, history, recorded, repeated, generation, now }
}

impl Planner {
    fn new(arguments: &Arguments, aws: Clients, cluster: Option<Cluster>, name: Name, file: &manifest::File) -> Self {
        let (name, naming) = match name {
            Name::Given(name) => (name, Naming::Flag),
            Name::Default(name) => (name, Naming::Default),
            Name::Unknown => (NO_CLUSTER.to_owned(), Naming::Unknown),
        };
        let identity = stages::Identity {
            cluster: name,
            former_clusters: arguments.former_cluster_names.clone(),
            defaults: Defaults {
                tags: arguments.default_tags.iter().cloned().collect(),
                ignore_tags: arguments.ignore_tags.clone(),
            },
            copied_labels: arguments.copy_labels.clone(),
            require_policy: arguments.require_namespace_policy,
            session_tags: arguments.session_tags,
            // Without a cluster, no annotation of a namespace can be read, so the consent is assumed.
            allow_adoption: arguments.allow_adoption || cluster.is_none(),
        };
        let namespace = arguments.namespace.clone();
        let namespace = namespace.or_else(|| cluster.as_ref().map(|cluster| cluster.namespace.clone()));
        Self {
            aws,
            cluster,
            identity,
            naming,
            packages: Packages::new(arguments.package_dir.clone()),
            extra_regions: arguments.extra_regions.clone(),
            file: PlannedFile::new(file, namespace.unwrap_or_else(|| "default".into())),
            names: ClusterNames::default(),
            foreseen: Mutex::default(),
        }
    }

    /// Plans an object. Without a namespace of its own it is in the one of the flag, or in the one of the kubeconfig.
    async fn describe_in<K: Managed>(&self, mut object: K) -> Planned {
        let namespace = object.namespace().unwrap_or_else(|| self.file.namespace().to_owned());
        object.meta_mut().namespace = Some(namespace);
        self.describe(object).await
    }

    async fn describe<K: Managed>(&self, object: K) -> Planned {
        let name = format!("{} {}", K::kind(&()), object.name_any());
        if object.common().suspend.unwrap_or_default() {
            let text = format!("{name}: suspended: the operator makes no AWS calls for it until suspend is false");
            return Planned::of(Verdict::Same, &text);
        }
        if let Some(HandOver::To(taker)) = HandOver::of(object.meta().annotations.as_ref()) {
            let text = format!("{name}: handed over to {taker}: the operator writes nothing for it");
            return Planned::of(Verdict::Same, &text);
        }
        match self.decide(object).await {
            Ok(decision) => decision.describe(&name),
            Err(Undecided::Fault(sentence)) => Planned::of(Verdict::Unknown, &format!("{name}: {sentence}")),
            Err(Undecided::Later(sentence)) => {
                Planned::of(Verdict::Differs, &format!("{name}: planned later: {sentence}"))
            }
        }
    }

    /// Runs the operator's own stages up to the plan.
    async fn decide<K: Managed>(&self, mut object: K) -> Result<Decision<K>, Undecided> {
        let (status, remembered, mut notes) = self.remember(&mut object).await;
        let (past, history) = (Past::of(status.as_ref()), K::history(status.as_ref()));
        let namespace = object.namespace().unwrap_or_default();
        let annotations = self.annotations(&namespace, &mut notes).await;
        let said = |outcome| undecided::<K>(&outcome);
        let policy = stages::policy(&self.identity, &annotations, &object).map_err(said)?;
        let Resolved { references, owner } = self.references(&object).await?;
        let caller = self.caller(&policy, &namespace).await;
        let regions = &self.extra_regions;
        let target = identity::target(&self.aws, &caller, &policy, &object, &past, &references, regions);
        let target = target.await.map_err(said)?;
        let (rival, now) = (None, Timestamp::now());
        let given =
            stages::Given { object: &object, target: &target, history: &history, references: &references, rival, now };
        let mut goal = stages::goal(&self.identity, &policy, given).map_err(said)?;
        let own = own_name(&object);
        let holder = Holder { namespace: namespace.clone(), object: own.clone() };
        let aws = Patient(K::remote(&self.aws, &caller, target.clone(), holder, references.withheld(), Freshness::Own));
        let generation = object.meta().generation.unwrap_or_default();
        let stopped = |conclusion: Box<ConclusionOf<K>>| undecided::<K>(&conclusion.outcome);
        let mut observed = observation::observe(&situation(&goal, &target, &history, &past, generation), &aws)
            .await
            .map_err(stopped)?;
        let tag = observed.as_ref().and_then(K::owner_tag).filter(|tag| tag.ends_with(&format!("/{own}")));
        if let (Naming::Unknown, Goal::Present(desired), Some(tag)) = (self.naming, &mut goal, tag) {
            self.names.note(tag, &namespace);
            K::assume_owner(desired, tag);
        }
        if observed.as_mut().is_some_and(K::assume_settled) {
            notes.push("AWS is still applying an earlier change; this plan follows it".into());
        }
        if let Some(left) = observed.as_ref().and_then(|observed| K::left_to_others(&goal, &history, observed)) {
            goal = left;
        }
        let aws = Renamed {
            aws,
            cluster: (self.naming == Naming::Unknown).then_some(NO_CLUSTER),
            later: owner.map(|owner| format!("{}/{namespace}/{}", self.identity.cluster, owner.name)),
            namespace: &namespace,
            names: &self.names,
        };
        let asked: Situation<'_, K> = situation(&goal, &target, &history, &past, generation);
        if let Some(owned) = observation::ask_owner(&asked, &aws, observed.as_ref()).await.map_err(stopped)? {
            goal = owned;
        }
        let plan = K::to_the_end(&goal, &history, observed.as_ref());
        let bounds = Bounds::<K> {
            policy: &policy,
            goal: &goal,
            history: &history,
            target: &target,
            observed: observed.as_ref(),
        };
        let plan = bounds.within(plan);
        let plan = consent::agreed::<K>(self.cluster.as_ref(), plan, &goal, observed.as_ref()).await;
        notes.extend(self.other_name(&plan));
        let Goal::Present(desired) = goal else { return Err(Undecided::Fault("it is being deleted".into())) };
        Ok(Decision { target, desired, observed, plan, notes, remembered })
    }

    /// The namespace's annotations, if a cluster is available.
    async fn annotations(&self, namespace: &str, notes: &mut Vec<String>) -> BTreeMap<String, String> {
        let Some(Cluster { client, .. }) = &self.cluster else { return BTreeMap::new() };
        match Api::<Namespace>::all(client.clone()).get_metadata_opt(namespace).await {
            Ok(metadata) => metadata.map(|namespace| namespace.annotations().clone()).unwrap_or_default(),
            Err(error) => {
                notes.push(format!("the namespace's annotations are not considered: {}", words(&error)));
                BTreeMap::new()
            }
        }
    }

    /// The AWS identity of the reads: that of the person who runs this, unless the namespace's objects belong to another account.
    async fn caller(&self, policy: &Policy, namespace: &str) -> Arc<Caller> {
        let own = self.aws.caller(&Identity::default()).await;
        let Some(role) = &policy.role_arn else { return own };
        let account = self.aws.principal(&own).await.ok().map(|principal| principal.account);
        if account.as_deref() == role.split(':').nth(4) {
            return own;
        }
        let identity = &self.identity;
        self.aws
            .caller(&Identity::of_namespace(role.clone(), &identity.cluster, namespace, identity.session_tags))
            .await
    }

    /// The note about a resource of an object with the same namespace and name under another name of the cluster.
    fn other_name<S>(&self, plan: &Plan<S>) -> Option<String> {
        let Plan::Blocked(Blocked::OtherCluster(owner)) = plan else { return None };
        let name = owner.split_once('/').map_or(owner.as_str(), |(cluster, _)| cluster);
        (self.naming == Naming::Default).then(|| {
            format!("the plan takes the default for the cluster's name: if the operator runs with --cluster-name {name}, plan with --cluster-name {name} too")
        })
    }

    /// Reads the status from the cluster; a note says why it is unknown. The object gets the generation that it would have.
    async fn remember<K: Managed>(&self, object: &mut K) -> (Option<K::Status>, bool, Vec<String>) {
        match self.live(object).await {
            Ok(None) if self.cluster.is_none() => (None, false, Vec::new()),
            Ok(live) => {
                let deleting = live.as_ref().is_some_and(|live| live.meta().deletion_timestamp.is_some());
                let note = deleting
                    .then(|| "the object in the cluster is being deleted; this plan is for a new one".to_owned());
                (live.and_then(|live| live.reported().cloned()), true, note.into_iter().collect())
            }
            Err(error) => {
                let note = format!(
                    "the object's status is unknown, so recorded deployments and versions are not considered: {error}"
                );
                (None, false, vec![note])
            }
        }
    }

    /// The object in the cluster, if there is one. The object of the file gets the generation that it would have.
    async fn live<K: Managed>(&self, object: &mut K) -> Result<Option<K>, String> {
        let Some(cluster) = &self.cluster else { return Ok(None) };
        let live = cluster.object(object).await?;
        let (same, generation) = live
            .as_ref()
            .map_or((false, 0), |live| (is_same_spec(live, object), live.meta().generation.unwrap_or_default()));
        object.meta_mut().generation = Some(if same { generation } else { generation + 1 });
        Ok(live)
    }

    async fn references<K: Managed>(&self, object: &K) -> Result<Resolved, Undecided> {
        let (namespace, mut found) = (object.namespace().unwrap_or_default(), Resolved::default());
        for reference in object.references() {
            match self.file.document(&namespace, &reference) {
                Some(document) => self.of_file(&namespace, reference, document, &mut found).await?,
                None => self.of_cluster(&namespace, reference, &mut found.references).await?,
            }
        }
        if found.references.is_too_much() {
            return Err(Undecided::Fault(TOO_MUCH.to_owned()));
        }
        if let Some(path) = object.file() {
            found.references.file = self.packages.look(path).await;
        }
        Ok(found)
    }

    async fn of_cluster(&self, namespace: &str, reference: Reference, found: &mut References) -> Result<(), String> {
        let Some(Cluster { client, .. }) = &self.cluster else {
            return Err(format!(
                "the spec refers to {reference}, which is not in this file and needs a cluster: set KUBECONFIG to the cluster that has it"
            ));
        };
        let named = reference.to_string();
        let read = fetch(client, namespace, reference, found).await;
        read.map_err(|error| format!("{named} could not be read: {}", words(&error)))
    }

    async fn of_file(
        &self,
        namespace: &str,
        reference: Reference,
        document: &Value,
        found: &mut Resolved,
    ) -> Result<(), Undecided> {
        let foreseen = match reference.kind {
            references::Kind::Secret | references::Kind::ConfigMap => {
                let contents = self.contents(namespace, &reference, document).await?;
                found.references.objects.insert(reference, contents);
                return Ok(());
            }
            references::Kind::LambdaFunction => self.parent::<LambdaFunction>(namespace, &reference, document),
            references::Kind::LambdaAlias => self.parent::<LambdaAlias>(namespace, &reference, document),
            references::Kind::LambdaCodeSigningConfig => {
                self.parent::<LambdaCodeSigningConfig>(namespace, &reference, document)
            }
            references::Kind::LambdaLayerVersion => self.parent::<LambdaLayerVersion>(namespace, &reference, document),
        };
        let Foreseen { parent, taken_first } = foreseen.await.map_err(Undecided::Later)?;
        match reference.kind {
            references::Kind::LambdaFunction | references::Kind::LambdaAlias => {
                found.references.parent = Some(parent);
                found.owner = taken_first.then_some(reference);
            }
            references::Kind::Secret
            | references::Kind::ConfigMap
            | references::Kind::LambdaCodeSigningConfig
            | references::Kind::LambdaLayerVersion => {
                found.references.used.insert(reference, parent);
            }
        }
        Ok(())
    }

    /// The contents of a Secret or ConfigMap once the file is applied. Contents that do not change keep their version.
    async fn contents(&self, namespace: &str, reference: &Reference, document: &Value) -> Result<Contents, String> {
        let (values, mut live) = (plan_file::values(reference, document)?, References::default());
        if let Some(Cluster { client, .. }) = &self.cluster {
            // What cannot be read counts as changed.
            let _unread = fetch(client, namespace, reference.clone(), &mut live).await;
        }
        let changed = |uid: String| Contents { uid, version: String::new(), values: values.clone() };
        Ok(match live.objects.remove(reference) {
            Some(live) if live.values == values => live,
            Some(live) => changed(live.uid.clone()),
            None => changed(String::new()),
        })
    }

    /// An object of the file to which others refer. The error says what comes first.
    fn parent<'a, K: Managed>(
        &'a self,
        namespace: &'a str,
        reference: &'a Reference,
        document: &'a Value,
    ) -> BoxFuture<'a, Result<Foreseen, String>> {
        let known = move || self.foreseen.lock().unwrap_or_else(PoisonError::into_inner);
        async move {
            let key = (namespace.to_owned(), reference.clone());
            let seen = known().get(&key).cloned();
            if let Some(seen) = seen {
                return seen;
            }
            let foreseen = self.foresee::<K>(namespace, reference, document).await;
            known().insert(key, foreseen.clone());
            foreseen
        }
        .boxed()
    }

    async fn foresee<K: Managed>(
        &self,
        namespace: &str,
        reference: &Reference,
        document: &Value,
    ) -> Result<Foreseen, String> {
        let named = format!("{reference} of this file");
        let Some(Ok(mut object)) = manifest::object::<K>(document) else { return Err(format!("{named} is faulty")) };
        object.meta_mut().namespace = Some(namespace.to_owned());
        let live = self.live(&mut object).await.ok().flatten();
        let told = plan_file::applied(&object, live.as_ref()).and_then(|object| object.parent()).unwrap_or_default();
        if told.exists || told.leaving || told.handed_over {
            return has_its_arn(told, reference.kind, &named).map(|parent| Foreseen { parent, taken_first: false });
        }
        if object.common().suspend.unwrap_or_default() {
            return Err(format!("{named} is suspended"));
        }
        let Decision { target, desired, observed, plan, .. } = match self.decide(object).await {
            Ok(decision) => decision,
            Err(Undecided::Fault(_)) => return Err(format!("{named} has no plan yet, because of a fault")),
            Err(Undecided::Later(_)) => return Err(format!("{named} is planned later too")),
        };
        let Some(observed) = observed.filter(|observed| !K::is_absent(observed)) else {
            return Err(format!("{named} does not exist in AWS yet"));
        };
        if matches!(plan, Plan::Blocked(_) | Plan::Wait) {
            return Err(format!("{named} has no plan yet"));
        }
        let mut parent = Parent { target: Some(target), exists: true, ..told };
        K::foresee(&mut parent, &desired, &observed, &plan);
        has_its_arn(parent, reference.kind, &named).map(|parent| Foreseen { parent, taken_first: true })
    }
}

/// The object, unless it is a layer without a version for its spec.
fn has_its_arn(parent: Parent, kind: references::Kind, named: &str) -> Result<Parent, String> {
    let is_missing = kind == references::Kind::LambdaLayerVersion && parent.exists && parent.arn.is_none();
    if is_missing { Err(format!("{named} has no version for its spec yet")) } else { Ok(parent) }
}

fn is_same_spec<K: Managed>(one: &K, other: &K) -> bool {
    let spec = |object: &K| serde_json::to_value(object).ok().map(|mut object| object["spec"].take());
    spec(one) == spec(other)
}

/// The message of a reconcile that ends before its plan.
fn undecided<K: Kind>(outcome: &Outcome) -> Undecided {
    Undecided::Fault(match outcome {
        Outcome::Blocked(blocked) => K::explain(blocked, &Seen::Nothing).1,
        Outcome::Failed(error) => error.to_string(),
        Outcome::Missing(sentence) => sentence.clone(),
        Outcome::Refused(refusal) => refusal.sentence.clone(),
        Outcome::Waiting(sentence) => return Undecided::Later(sentence.clone()),
        Outcome::Settled
        | Outcome::Released
        | Outcome::InProgress(_)
        | Outcome::Suspended
        | Outcome::Unselected(_)
        | Outcome::HandingOver(_)
        | Outcome::Drifted(_) => "nothing is known of its place".into(),
    })
}
