//! The plan of one object: the operator's own stages up to the plan, and what is known of the object without a controller. Reads AWS and the cluster.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use k8s_openapi::api::core::v1::Namespace;
use k8s_openapi::jiff::Timestamp;
use kube::{Api, ResourceExt};

use super::Arguments;
use super::file::{PlannedFile, keep};
use super::references::{Foreseen, Resolved};
use super::text::{Decision, Planned, Verdict};
use crate::aws::client::budget::Holder;
use crate::aws::client::recent::Freshness;
use crate::aws::client::{Caller, Clients, Identity};
use crate::cli::aws_client::{ClusterNames, Patient, Renamed};
use crate::cli::cluster::{Cluster, words};
use crate::cli::manifest;
use crate::controller::managed::Managed;
use crate::controller::reconcile::packages::Packages;
use crate::controller::reconcile::{identity, observation, stages};
use crate::core::blocked::Blocked;
use crate::core::bounded::Bounds;
use crate::core::conclusion::Seen;
use crate::core::goal::Goal;
use crate::core::hand_over::HandOver;
use crate::core::kind::{ConclusionOf, GoalOf, Kind, Situation, own_name};
use crate::core::namespace_policy::Policy;
use crate::core::outcome::Outcome;
use crate::core::past::Past;
use crate::core::plan::Plan;
use crate::core::references::Reference;
use crate::core::target::Target;

/// The cluster name in owner tags if the real one is unknown.
const NO_CLUSTER: &str = "unknown";

/// The name of the cluster in owner tags.
pub(super) enum Name {
    /// A flag names it.
    Given(String),
    /// The uid of the namespace kube-system, which is the operator's default.
    Default(String),
    Unknown,
}

/// The shared state for all objects of a file.
pub(super) struct Planner {
    aws: Clients,
    pub(super) cluster: Option<Cluster>,
    identity: stages::Identity,
    /// Whether the name of the cluster is known, and whether a flag gave it.
    naming: Naming,
    pub(super) packages: Packages,
    extra_regions: Vec<String>,
    pub(super) file: PlannedFile,
    /// The names of clusters in owner tags.
    names: ClusterNames,
    /// The objects of the file to which others refer.
    pub(super) foreseen: Mutex<BTreeMap<(String, Reference), Result<Foreseen, String>>>,
}

/// Where the name of the cluster comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Naming {
    Flag,
    Default,
    Unknown,
}

/// The version that an object follows, if its function publishes another one first.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Followed {
    /// The one of now: enough for what other objects see of the object.
    Now,
    /// The next one, which the object's own plan waits for.
    Next,
}

/// Why there is no plan.
pub(super) enum Undecided {
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

/// The status of an object in the cluster, whether it is known, and notes.
type Remembered<K> = (Option<<K as Kind>::Status>, bool, Vec<String>);

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
    pub(super) fn new(
        arguments: &Arguments,
        aws: Clients,
        cluster: Option<Cluster>,
        name: Name,
        file: &manifest::File,
    ) -> Self {
        let (name, naming) = match name {
            Name::Given(name) => (name, Naming::Flag),
            Name::Default(name) => (name, Naming::Default),
            Name::Unknown => (NO_CLUSTER.to_owned(), Naming::Unknown),
        };
        let Arguments { namespace, shared, .. } = arguments;
        let mut identity = shared.identity(name);
        // Without a cluster, no annotation of a namespace can be read, so the consent is assumed.
        identity.allow_adoption |= cluster.is_none();
        let namespace = namespace.clone().or_else(|| cluster.as_ref().map(|cluster| cluster.namespace.clone()));
        Self {
            aws,
            cluster,
            identity,
            naming,
            packages: Packages::new(shared.package_dir.clone()),
            extra_regions: shared.extra_regions.clone(),
            file: PlannedFile::new(file, namespace.unwrap_or_else(|| "default".into())),
            names: ClusterNames::default(),
            foreseen: Mutex::default(),
        }
    }

    /// The flags for the names that owner tags in AWS have.
    pub(super) fn owner_flags(&self) -> Vec<String> {
        self.names.flags()
    }

    /// Plans an object. Without a namespace of its own it is in the one of the flag, or in the one of the kubeconfig.
    pub(super) async fn describe_in<K: Managed>(&self, mut object: K) -> Planned {
        let namespace = object.namespace().unwrap_or_else(|| self.file.namespace().to_owned());
        object.meta_mut().namespace = Some(namespace);
        self.describe(object).await
    }

    async fn describe<K: Managed>(&self, mut object: K) -> Planned {
        let name = format!("{} {}", K::kind(&()), object.name_any());
        let live = self.live(&mut object).await;
        if let Some(planned) = without_a_plan(&object, &name) {
            return planned;
        }
        match self.decide(object, live, Followed::Next).await {
            Ok(decision) => decision.describe(&name),
            Err(Undecided::Fault(sentence)) => Planned::of(Verdict::Unknown, &format!("{name}: {sentence}")),
            Err(Undecided::Later(sentence)) => {
                Planned::of(Verdict::Differs, &format!("{name}: planned later: {sentence}"))
            }
        }
    }

    /// Runs the operator's own stages up to the plan. `live` is the answer of [`Planner::live`] for this object.
    pub(super) async fn decide<K: Managed>(
        &self,
        object: K,
        live: Result<Option<K>, String>,
        followed: Followed,
    ) -> Result<Decision<K>, Undecided> {
        let (status, remembered, mut notes) = self.remember(live)?;
        let (past, history) = (Past::of(status.as_ref()), K::history(status.as_ref()));
        let namespace = object.namespace().unwrap_or_default();
        let annotations = self.annotations(&namespace, &mut notes).await;
        let said = |outcome| undecided::<K>(&outcome);
        let policy = stages::policy(&self.identity, &annotations, &object).map_err(said)?;
        let Resolved { references, owner } = self.references(&object, followed).await?;
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
        let asked: Situation<'_, K> = situation(&goal, &target, &history, &past, generation);
        let query = K::query_ahead(&goal, &history);
        let mut observed = observation::observe_by(&asked, &query, &aws).await.map_err(stopped)?;
        self.assume_ours::<K>(&mut goal, observed.as_ref(), &own, &namespace);
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
        let bounds = Bounds::<K> {
            policy: &policy,
            goal: &goal,
            history: &history,
            target: &target,
            observed: observed.as_ref(),
        };
        let plan = self.within(&bounds).await;
        notes.extend(self.other_name(&plan));
        let Goal::Present(desired) = goal else { return Err(Undecided::Fault("it is being deleted".into())) };
        Ok(Decision { target, desired, observed, plan, notes, remembered })
    }

    /// Where the cluster's name is unknown: a resource whose owner tag names this object of any cluster is taken for the object's.
    fn assume_ours<K: Managed>(
        &self,
        goal: &mut GoalOf<K>,
        observed: Option<&K::Observed>,
        own: &str,
        namespace: &str,
    ) {
        let tag = observed.and_then(K::owner_tag).filter(|tag| tag.ends_with(&format!("/{own}")));
        if let (Naming::Unknown, Goal::Present(desired), Some(tag)) = (self.naming, goal, tag) {
            self.names.note(tag, namespace);
            K::assume_owner(desired, tag);
        }
    }

    /// The plan within the bounds of the namespace and of the other owner's consent.
    async fn within<K: Managed>(&self, bounds: &Bounds<'_, K>) -> Plan<K::Step> {
        let Bounds { goal, history, observed, .. } = *bounds;
        self.agreed::<K>(bounds.within(K::to_the_end(goal, history, observed)), goal, observed).await
    }

    /// The namespace's annotations: those of the file are added to those of the cluster, as `kubectl apply` adds them.
    async fn annotations(&self, namespace: &str, notes: &mut Vec<String>) -> BTreeMap<String, String> {
        let given = self.file.annotations(namespace);
        let (live, unknown) = match &self.cluster {
            None => (None, None),
            Some(Cluster { client, .. }) => match Api::<Namespace>::all(client.clone())
                .get_metadata_opt(namespace)
                .await
            {
                Ok(Some(found)) => (Some(found.annotations().clone()), None),
                Ok(None) if given.is_some() => (None, None),
                Ok(None) => (None, Some(format!("namespace {namespace} is neither in the cluster nor in this file"))),
                Err(error) => (None, Some(words(&error))),
            },
        };
        notes.extend(unknown.map(|why| format!("the namespace's annotations are not considered: {why}")));
        live.into_iter().chain(given).flatten().collect()
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

    /// The status of the object in the cluster; a note says why it is unknown.
    fn remember<K: Managed>(&self, live: Result<Option<K>, String>) -> Result<Remembered<K>, Undecided> {
        Ok(match live {
            Ok(None) if self.cluster.is_none() => (None, false, Vec::new()),
            Ok(Some(live)) if live.meta().deletion_timestamp.is_some() => {
                let sentence = "the object in the cluster is being deleted; plan again once it is gone";
                return Err(Undecided::Later(sentence.into()));
            }
            Ok(live) => (live.and_then(|live| live.reported().cloned()), true, Vec::new()),
            Err(error) => {
                let note = format!(
                    "the object in the cluster cannot be read ({error}); this plan ignores its record, and the labels and annotations that only it has"
                );
                (None, false, vec![note])
            }
        })
    }

    /// The object in the cluster, if there is one. The object of the file gets the generation and the metadata that it would have.
    pub(super) async fn live<K: Managed>(&self, object: &mut K) -> Result<Option<K>, String> {
        let Some(cluster) = &self.cluster else { return Ok(None) };
        let live = cluster.object(object).await?;
        let (same, generation) = live
            .as_ref()
            .map_or((false, 0), |live| (is_same_spec(live, object), live.meta().generation.unwrap_or_default()));
        object.meta_mut().generation = Some(if same { generation } else { generation + 1 });
        if let Some(live) = &live {
            keep(object.meta_mut(), live.meta());
        }
        Ok(live)
    }
}

/// The line about an object for which the operator makes no plan, whatever AWS has. The order is that of a reconcile.
fn without_a_plan<K: Managed>(object: &K, name: &str) -> Option<Planned> {
    let (verdict, sentence) = match HandOver::of(object.meta().annotations.as_ref()) {
        Some(HandOver::To(taker)) => {
            (Verdict::Same, format!("handed over to {taker}: the operator writes nothing for it"))
        }
        Some(HandOver::Unreadable(text)) => {
            (Verdict::Unknown, K::explain(&HandOver::unreadable(&text), &Seen::Nothing).1)
        }
        None if object.common().suspend.unwrap_or_default() => {
            (Verdict::Same, "suspended: the operator makes no AWS calls for it until suspend is false".to_owned())
        }
        None => return None,
    };
    Some(Planned::of(verdict, &format!("{name}: {sentence}")))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::function::spec::{LambdaFunction, LambdaFunctionSpec};
    use crate::api::shared::HAND_OVER_TO;

    #[test]
    fn what_is_handed_over_or_suspended_has_no_plan() {
        let told = |hand_over: Option<&str>, suspend: bool| {
            let mut object = LambdaFunction::new("hello", LambdaFunctionSpec::default());
            object.spec.common.suspend = Some(suspend);
            object.metadata.annotations = hand_over.map(|text| [(HAND_OVER_TO.to_owned(), text.to_owned())].into());
            without_a_plan(&object, "hello").map(|planned| (planned.verdict == Verdict::Same, planned.text))
        };
        assert_eq!(told(None, false), None);
        assert_eq!(told(Some(" "), false), None);
        let starts = |told: Option<(bool, String)>, same: bool, words: &str| {
            let told = told.unwrap();
            assert!(told.0 == same && told.1.contains(words), "{told:?}");
        };
        starts(told(None, true), true, "hello: suspended: ");
        for suspend in [false, true] {
            starts(told(Some("a/b"), suspend), true, "hello: handed over to a/b: ");
            starts(told(Some("b"), suspend), false, "has the value 'b', which is not <namespace>/<name>");
        }
    }
}
