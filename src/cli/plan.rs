//! `lambda-operator plan`: what the operator would do to AWS for the objects of a file, field by field. It changes nothing.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use k8s_openapi::api::core::v1::Namespace;
use k8s_openapi::jiff::Timestamp;
use kube::{Api, ResourceExt};

use super::aws_client::{Patient, clients};
use super::cluster::{Cluster, words};
use super::{Error, manifest, run};
use crate::api::function::spec::LambdaFunction;
use crate::aws::client::{Caller, Clients, Identity};
use crate::controller::reconcile::packages::Packages;
use crate::controller::reconcile::references::fetch;
use crate::controller::reconcile::stages::Situation;
use crate::controller::reconcile::{identity, stages};
use crate::core::namespace_policy::Policy;
use crate::core::operation::Operation;
use crate::core::outcome::Outcome;
use crate::core::references::References;
use crate::core::target::Target;
use crate::core::values::Knowable;
use crate::kinds::function::desired::references::references;
use crate::kinds::function::desired::{Defaults, Desired, Goal};
use crate::kinds::function::model::Content;
use crate::kinds::function::observed::{Lifecycle, Observed};
use crate::kinds::function::plan::step::{Step, Tagging};
use crate::kinds::function::plan::{Plan, change, plan};
use crate::kinds::function::side;
use crate::kinds::function::status::conclusion::Seen;
use crate::kinds::function::status::history::History;
use crate::kinds::function::status::summary::explain;

/// The owner's first part where no cluster says its name.
const NO_CLUSTER: &str = "unknown";

/// What to plan for, and as which operator.
#[derive(clap::Args)]
pub(super) struct Arguments {
    /// The file with the objects; - reads standard input.
    #[arg(short, long, value_name = "FILE")]
    file: PathBuf,
    /// Namespace of objects that name none. Default: the kubeconfig's, else `default`.
    #[arg(long, env = "LAMBDA_OPERATOR_NAMESPACE", value_name = "NS")]
    namespace: Option<String>,
    /// As for `run`: the first part of the owner tag. Default: the uid of the namespace kube-system.
    #[arg(long, env = "LAMBDA_OPERATOR_CLUSTER_NAME", value_parser = run::cluster_name)]
    cluster_name: Option<String>,
    /// As for `run`: names that the cluster once had; their tags are accepted and rewritten.
    #[arg(long = "former-cluster-name", env = "LAMBDA_OPERATOR_FORMER_CLUSTER_NAME", value_parser = run::cluster_name, value_delimiter = ',', value_name = "NAME")]
    former_cluster_names: Vec<String>,
    /// As for `run`: tags for every function.
    #[arg(long, env = "LAMBDA_OPERATOR_DEFAULT_TAGS", value_delimiter = ',', value_parser = run::tag, value_name = "K=V")]
    default_tags: Vec<(String, String)>,
    /// As for `run`: what a namespace's annotations do not allow is refused.
    #[arg(long, env = "LAMBDA_OPERATOR_REQUIRE_NAMESPACE_POLICY")]
    require_namespace_policy: bool,
    /// As for `run`: folder of the zip files that `filename` names.
    #[arg(long, env = "LAMBDA_OPERATOR_PACKAGE_DIR", value_name = "DIR")]
    package_dir: Option<PathBuf>,
}

/// 0: nothing to change. 2: changes. 1: something cannot be planned.
pub(super) fn run(arguments: &Arguments) -> Result<ExitCode, Error> {
    let text = text(&arguments.file)?;
    let objects =
        manifest::read(&text).map_err(|fault| Error::Manifest { file: arguments.file.display().to_string(), fault })?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Error::Runtime)?;
    let told = runtime.block_on(tell(arguments, objects));
    let failed = |error: std::io::Error| Error::Print { what: "the plan", error: error.to_string() };
    std::io::Write::write_all(&mut std::io::stdout(), told.text.as_bytes()).map_err(failed)?;
    Ok(match told.verdict {
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

/// The worst of several counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    Same,
    Differs,
    Unknown,
}

struct Told {
    verdict: Verdict,
    text: String,
}

async fn tell(arguments: &Arguments, objects: Vec<LambdaFunction>) -> Told {
    let mut aws = clients(None).await;
    if aws.default_region().is_none() {
        // Whose credentials these are is asked in some region; any that is named will do.
        let named = objects.iter().find_map(|object| object.spec.region.clone().filter(|region| !region.is_empty()));
        aws = clients(named).await;
    }
    let mut told = Told { verdict: Verdict::Same, text: String::new() };
    let (cluster, why) = match Cluster::connect().await {
        Ok(cluster) => (Some(cluster), None),
        Err(why) => (None, Some(why)),
    };
    if let Some(why) = why {
        let _ = writeln!(told.text, "note: no cluster was asked ({why})");
    }
    let name = owner_cluster(arguments, cluster.as_ref(), &mut told.text).await;
    let planner = Planner {
        aws,
        cluster,
        is_named: name.is_some(),
        identity: stages::Identity {
            cluster: name.unwrap_or_else(|| NO_CLUSTER.into()),
            former_clusters: arguments.former_cluster_names.clone(),
            defaults: Defaults { tags: arguments.default_tags.iter().cloned().collect() },
            require_policy: arguments.require_namespace_policy,
        },
        packages: Packages::new(arguments.package_dir.clone()),
    };
    for mut object in objects {
        let own = object.namespace().or_else(|| arguments.namespace.clone());
        let namespace = own.or_else(|| planner.cluster.as_ref().map(|cluster| cluster.namespace.clone()));
        object.metadata.namespace = Some(namespace.unwrap_or_else(|| "default".into()));
        let Told { verdict, text } = planner.tell(object).await;
        told.verdict = told.verdict.max(verdict);
        told.text.push_str(&text);
    }
    told
}

/// First part of every owner tag, if it can be known.
async fn owner_cluster(arguments: &Arguments, cluster: Option<&Cluster>, notes: &mut String) -> Option<String> {
    if let Some(name) = &arguments.cluster_name {
        return Some(name.clone());
    }
    let why = match cluster {
        Some(cluster) => match run::cluster_uid(&cluster.client).await {
            Ok(uid) => return Some(uid),
            Err(error) => error.to_string(),
        },
        None => "no cluster".into(),
    };
    let _ = writeln!(
        notes,
        "note: whose functions are ours is told by namespace and name alone, since the cluster's name is unknown: set --cluster-name as for `run` ({why})"
    );
    None
}

/// What is the same for all objects of a file.
struct Planner {
    aws: Clients,
    cluster: Option<Cluster>,
    identity: stages::Identity,
    /// The cluster's name is known.
    is_named: bool,
    packages: Packages,
}

/// What one object would have the operator do.
struct Decision {
    target: Target,
    desired: Desired,
    observed: Option<Observed>,
    plan: Plan,
    notes: Vec<String>,
    /// What the operator remembers is known.
    remembered: bool,
}

impl Planner {
    async fn tell(&self, object: LambdaFunction) -> Told {
        let name = object.name_any();
        if object.spec.suspend.unwrap_or_default() {
            let text = format!("{name}: suspended: the operator makes no AWS calls for it until suspend is false\n");
            return Told { verdict: Verdict::Same, text };
        }
        match self.decide(object).await {
            Ok(decision) => decision.tell(&name),
            Err(sentence) => Told { verdict: Verdict::Unknown, text: format!("{name}: {sentence}\n") },
        }
    }

    /// The operator's own stages up to the plan.
    async fn decide(&self, mut object: LambdaFunction) -> Result<Decision, String> {
        let (history, remembered, mut notes) = self.remember(&mut object).await;
        let namespace = object.namespace().unwrap_or_default();
        let annotations = self.annotations(&namespace, &mut notes).await;
        let said = |outcome| sentence(&outcome);
        let policy = stages::policy(&self.identity, &annotations, &object).map_err(said)?;
        let caller = self.caller(&policy, &namespace).await;
        let target = identity::target(&self.aws, &caller, &policy, &object, &history).await.map_err(said)?;
        let references = self.references(&object).await?;
        let mut goal = stages::goal(&self.identity, &policy, &object, &target, &history, &references).map_err(said)?;
        let own = format!("{namespace}/{}", object.name_any());
        let aws = Patient(self.aws.function(&caller, target.clone(), own.clone()));
        let situation = Situation {
            goal: &goal,
            target: &target,
            history: &history,
            recorded: &history,
            generation: object.metadata.generation.unwrap_or_default(),
            now: Timestamp::now(),
        };
        let mut observed =
            stages::observe(&situation, &aws).await.map_err(|conclusion| sentence(&conclusion.outcome))?;
        if let (false, Goal::Present(desired), Some(owner)) = (self.is_named, &mut goal, owner(observed.as_ref()))
            && owner.ends_with(&format!("/{own}"))
        {
            desired.ownership.owner = owner;
        }
        if let Some(observed) = observed.as_mut().filter(|observed| observed.lifecycle == Lifecycle::Busy) {
            notes.push("AWS is still at work on an earlier change: this is what follows it".into());
            observed.lifecycle = Lifecycle::Ready;
        }
        let plan = to_the_end(&goal, &history, observed.as_ref());
        let Goal::Present(desired) = goal else { return Err("it is being deleted".into()) };
        Ok(Decision { target, desired: *desired, observed, plan, notes, remembered })
    }

    /// The namespace's annotations, as far as a cluster can be asked.
    async fn annotations(&self, namespace: &str, notes: &mut Vec<String>) -> BTreeMap<String, String> {
        let Some(Cluster { client, .. }) = &self.cluster else { return BTreeMap::new() };
        match Api::<Namespace>::all(client.clone()).get_metadata_opt(namespace).await {
            Ok(metadata) => metadata.map(|namespace| namespace.annotations().clone()).unwrap_or_default(),
            Err(error) => {
                notes.push(format!("the namespace's annotations are not regarded: {}", words(&error)));
                BTreeMap::new()
            }
        }
    }

    /// Who looks: whoever runs this, unless the namespace's objects live in another account.
    async fn caller(&self, policy: &Policy, namespace: &str) -> Arc<Caller> {
        let own = self.aws.caller(&Identity::default()).await;
        let Some(role) = &policy.role_arn else { return own };
        let account = self.aws.principal(&own).await.ok().map(|principal| principal.account);
        if account.as_deref() == role.split(':').nth(4) {
            return own;
        }
        let external_id = format!("{}/{namespace}", self.identity.cluster);
        self.aws.caller(&Identity { role_arn: Some(role.clone()), external_id }).await
    }

    /// What status remembers, whether it could be asked, and why not. The object gets the generation that it would have.
    async fn remember(&self, object: &mut LambdaFunction) -> (History, bool, Vec<String>) {
        let Some(cluster) = &self.cluster else { return (History::of(None), false, Vec::new()) };
        match cluster.object(object).await {
            Ok(live) => {
                let (same, generation) = live.as_ref().map_or((false, 0), |live| {
                    (live.spec == object.spec, live.metadata.generation.unwrap_or_default())
                });
                object.metadata.generation = Some(if same { generation } else { generation + 1 });
                let deleting = live.as_ref().is_some_and(|live| live.metadata.deletion_timestamp.is_some());
                let note =
                    deleting.then(|| "the object in the cluster is being deleted: this is for a new one".to_owned());
                (History::of(live.and_then(|live| live.status).as_ref()), true, note.into_iter().collect())
            }
            Err(error) => {
                let note = format!("what the operator remembers of it is not known: {error}");
                (History::of(None), false, vec![note])
            }
        }
    }

    async fn references(&self, object: &LambdaFunction) -> Result<References, String> {
        let mut found = References::default();
        for reference in references(&object.spec) {
            let Some(Cluster { client, .. }) = &self.cluster else {
                return Err(format!(
                    "the spec refers to {reference} and no cluster was asked: set KUBECONFIG to the cluster that holds it"
                ));
            };
            let namespace = object.namespace().unwrap_or_default();
            let contents = fetch(client, &namespace, &reference)
                .await
                .map_err(|error| format!("{reference} could not be read: {}", words(&error)))?;
            found.objects.extend(contents.map(|contents| (reference, contents)));
        }
        if let Some(path) = object.spec.filename.as_ref().filter(|path| !path.is_empty()) {
            found.file = self.packages.look(path).await;
        }
        Ok(found)
    }
}

fn owner(observed: Option<&Observed>) -> Option<String> {
    observed.and_then(|observed| observed.owner.known().cloned().flatten())
}

/// A pass that has no place has a sentence for it.
fn sentence(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Blocked(blocked) => explain(blocked, &Seen::Nothing).1,
        Outcome::Failed(error) => error.to_string(),
        Outcome::Missing(sentence) => sentence.clone(),
        Outcome::Settled | Outcome::Released | Outcome::InProgress(_) | Outcome::Suspended | Outcome::Drifted(_) => {
            "nothing is known of its place".into()
        }
    }
}

/// The steps of this pass, and those of the passes that will follow it.
fn to_the_end(goal: &Goal, history: &History, observed: Option<&Observed>) -> Plan {
    let mut steps = match plan(goal, history, observed) {
        Plan::Steps(steps) => steps,
        // The operator would only tell of them.
        drift @ Plan::Drift(_) => return drift,
        end @ (Plan::Done | Plan::Wait | Plan::Blocked(_)) => return end,
    };
    match (steps.as_slice(), goal, observed) {
        ([Step::TagResource(Tagging::Owner(owner))], _, Some(observed)) => {
            let adopted = Observed { owner: Knowable::Known(Some(owner.clone())), ..observed.clone() };
            match plan(goal, history, Some(&adopted)) {
                Plan::Steps(more) => steps.extend(more),
                Plan::Blocked(blocked) => return Plan::Blocked(blocked),
                Plan::Done | Plan::Wait | Plan::Drift(_) => {}
            }
        }
        ([Step::DeleteFunction], Goal::Present(_), Some(_)) => {
            if let Plan::Steps(more) = plan(goal, history, None) {
                steps.extend(more);
            }
        }
        _ => {}
    }
    if let Goal::Present(desired) = goal {
        steps.extend(later(desired, &steps));
    }
    Plan::Steps(steps)
}

/// What is not in the plan yet, but will be once these steps are done.
fn later(desired: &Desired, steps: &[Step]) -> Vec<Step> {
    let has = |operation| steps.iter().any(|step| step.operation() == operation);
    let mut later = Vec::new();
    if has(Operation::CreateFunction) {
        later.extend(side::after_creation(&desired.function.sides));
    }
    if let Some(reserved) = desired.function.concurrency.filter(|_| has(Operation::CreateFunction)) {
        later.push(Step::PutFunctionConcurrency(reserved));
    }
    // A version that holds what is there now will not hold what comes.
    let unpublished = steps.iter().any(|step| matches!(step, Step::CreateFunction(made) if made.publish.is_none()));
    let changes = has(Operation::UpdateFunctionConfiguration) || has(Operation::UpdateFunctionCode) || unpublished;
    if desired.publish.is_some() && changes && !has(Operation::PublishVersion) {
        later.push(Step::PublishVersion {
            code_sha256: String::new(),
            to: desired.publish.as_ref().and_then(|publish| publish.to.clone()),
        });
    }
    later
}

impl Decision {
    fn tell(&self, name: &str) -> Told {
        let Self { target, desired: _, observed, plan, notes, remembered: _ } = self;
        let title = format!("{name} ({})", target.arn());
        let seen = observed.clone().map_or(Seen::Absent, |observed| Seen::Ours(Box::new(observed)));
        let (verdict, mut text) = match plan {
            Plan::Done => (Verdict::Same, format!("{title}: no changes\n")),
            Plan::Wait => (Verdict::Unknown, format!("{title}: AWS is at work on it: ask again when it has ended\n")),
            Plan::Blocked(blocked) => (Verdict::Unknown, format!("{title}: {}\n", explain(blocked, &seen).1)),
            Plan::Steps(steps) => (Verdict::Differs, self.steps(&title, steps, "")),
            Plan::Drift(steps) => {
                (Verdict::Differs, self.steps(&title, steps, " that driftPolicy: Report tells and leaves"))
            }
        };
        for note in notes {
            let _ = writeln!(text, "  note: {note}");
        }
        Told { verdict, text }
    }

    fn steps(&self, title: &str, steps: &[Step], what: &str) -> String {
        let (count, plural) = (steps.len(), if steps.len() == 1 { "" } else { "s" });
        let steps: String = steps.iter().map(|step| self.step(step)).collect();
        format!("{title}: {count} change{plural}{what}\n{steps}")
    }

    fn step(&self, step: &Step) -> String {
        let Self { target, desired, observed, plan: _, notes: _, remembered } = self;
        let mut text = format!("  {}\n", step.operation());
        for change in change::changes(step, &target.name, desired, observed.as_ref()) {
            let _ = writeln!(text, "    {change}");
        }
        let untold = step.operation() == Operation::UpdateFunctionCode
            && desired.function.code.content == Content::Undeployed
            && !remembered;
        if untold {
            text.push_str("    whether this code is live already cannot be told without the object's status in the cluster; with codeSha256 it could\n");
        }
        text
    }
}
