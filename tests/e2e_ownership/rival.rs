//! Objects that want one function: in one namespace, in two, or in two clusters.

use std::time::{Duration, Instant};

use kube::Api;
use kube::api::{DeleteParams, Patch, PatchParams};
use lambda_operator::api::function::spec::LambdaFunction;
use serde_json::{Value, json};
use testbed::{Bed, Operator};

use support::world::{World, installed, options, spec_with};

/// Where the rivals live.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Between {
    Objects,
    Namespaces,
    Clusters,
}

/// One who wants the function.
pub(crate) struct Rival {
    objects: Api<LambdaFunction>,
    name: String,
    /// What its owner tag says.
    pub(crate) owner: String,
}

/// Two rivals and their world, whose conflicts are looked at each second.
pub(crate) struct Arena {
    pub(crate) world: World,
    pub(crate) rivals: [Rival; 2],
    _other_cluster: Option<Operator>,
}

const OFTEN: [&str; 2] = ["--drift-interval", "1s"];

impl Arena {
    pub(crate) async fn new(between: Between) -> Self {
        let other = namespace().await;
        let world = match between {
            Between::Namespaces => World::with(&[&OFTEN[..], &["--watch-namespace", &other]].concat()).await,
            Between::Objects | Between::Clusters => World::with(&OFTEN).await,
        };
        let home = world.namespace.clone();
        let (place, cluster) = match between {
            Between::Objects => (home.as_str(), "test"),
            Between::Namespaces => (other.as_str(), "test"),
            Between::Clusters => (other.as_str(), "other"),
        };
        let other_cluster = match between {
            Between::Objects | Between::Namespaces => None,
            Between::Clusters => Some(operator_of(&world, "other", &other).await),
        };
        for namespace in [&home, &other] {
            support::world::allow_adoption(&world.client, namespace).await;
        }
        let rivals = [Rival::new(&world, "test", &home, "first"), Rival::new(&world, cluster, place, "second")];
        Self { world, rivals, _other_cluster: other_cluster }
    }

    /// Waits until AWS says whose the function is, that one is ready, and the other is refused; gives both in this order.
    pub(crate) async fn settled(&self, function: &str) -> (&Rival, &Rival) {
        let (world, [first, second]) = (&self.world, &self.rivals);
        world
            .until("one owner and one who is refused", async |world: &World| {
                let owner = owner(world, function).await;
                let (winner, loser) = if owner == first.owner { (first, second) } else { (second, first) };
                let (has, has_not) = (winner.says("Ready").await, loser.says("Stalled").await);
                let told = has_not.starts_with("NotOwned: ") && has_not.contains(&winner.owner);
                if owner == winner.owner && has.starts_with("Available: ") && told {
                    Ok((winner, loser))
                } else {
                    Err(format!("owner {owner}; {} says {has:?}; {} says {has_not:?}", winner.name, loser.name))
                }
            })
            .await
    }
}

impl Rival {
    pub(crate) fn new(world: &World, cluster: &str, namespace: &str, name: &str) -> Self {
        let objects = Api::namespaced(world.client.clone(), namespace);
        Self { objects, name: name.to_owned(), owner: format!("{cluster}/{namespace}/{name}") }
    }

    /// Wants this function.
    pub(crate) async fn wants(&self, function: &str, more: &Value) {
        let mut spec = spec_with(more);
        spec["functionName"] = json!(function);
        let object = json!({
            "apiVersion": "lambda-operator.io/v1alpha1", "kind": "LambdaFunction", "metadata": {"name": self.name}, "spec": spec,
        });
        self.objects.patch(&self.name, &PatchParams::apply("user").force(), &Patch::Apply(object)).await.unwrap();
    }

    /// Reason and message of a condition that is true, of its newest generation; empty where there is none.
    async fn says(&self, type_: &str) -> String {
        let Some(object) = self.objects.get_opt(&self.name).await.unwrap() else { return String::new() };
        let conditions = object.status.iter().flat_map(|status| &status.common.conditions);
        let mut now = conditions.filter(|c| c.observed_generation == object.metadata.generation && c.status == "True");
        now.find(|c| c.type_ == type_).map(|c| format!("{}: {}", c.reason, c.message)).unwrap_or_default()
    }

    /// Waits for a condition with this reason; gives its message.
    pub(crate) async fn until(&self, world: &World, type_: &str, reason: &str) -> String {
        world
            .until(&format!("{} {type_} {reason}", self.name), async |_: &World| {
                let says = self.says(type_).await;
                if says.starts_with(&format!("{reason}: ")) { Ok(says) } else { Err(says) }
            })
            .await
    }

    pub(crate) async fn delete(&self) {
        self.objects.delete(&self.name, &DeleteParams::default()).await.unwrap();
    }

    /// Waits until its object is gone.
    pub(crate) async fn gone(&self, world: &World) {
        world
            .until(&format!("{} to be gone", self.name), async |_: &World| {
                match self.objects.get_opt(&self.name).await.unwrap() {
                    None => Ok(()),
                    Some(object) => Err(format!("{:#?}", object.status)),
                }
            })
            .await;
    }

    /// How long it takes from now on until it has the function, with nobody's help.
    pub(crate) async fn takes_over(&self, world: &World, function: &str) -> Duration {
        let started = Instant::now();
        self.until(world, "Ready", "Available").await;
        assert_eq!(owner(world, function).await, self.owner);
        started.elapsed()
    }
}

/// The owner that AWS names; empty for none.
pub(crate) async fn owner(world: &World, function: &str) -> String {
    let answer = world.function(function).await.unwrap_or_default();
    answer["Tags"]["lambda-operator.io/owner"].as_str().unwrap_or_default().to_owned()
}

/// A namespace beside the world's own.
pub(crate) async fn namespace() -> String {
    let bed = Bed::from_env().unwrap();
    let name = format!("other-{}-{}", std::process::id(), unique());
    bed.kubectl_ok(&["create", "namespace", &name], None).await.unwrap();
    name
}

fn unique() -> u64 {
    use std::sync::atomic::{AtomicU64, Ordering};
    static COUNT: AtomicU64 = AtomicU64::new(0);
    COUNT.fetch_add(1, Ordering::Relaxed)
}

/// The operator of another cluster in the same AWS account.
async fn operator_of(world: &World, cluster: &str, namespace: &str) -> Operator {
    let arguments = [&OFTEN[..], &["--watch-namespace", namespace]].concat();
    let mut options = options(installed(&world.bed).await, &world.account, &arguments);
    let at = options.args.iter().position(|argument| argument == "--cluster-name").unwrap() + 1;
    cluster.clone_into(&mut options.args[at]);
    Operator::start(&world.bed, options).await.unwrap()
}

/// Somebody else's function, made without an operator.
pub(crate) async fn foreign(world: &World, function: &str) {
    let body = json!({
        "FunctionName": function, "Role": THEIRS, "Runtime": "python3.12", "Handler": "main.x",
        "Code": {"ZipFile": support::world::base64(&support::world::zip("main.py", "x = 1"))}, "Tags": {"made": "by hand"},
    });
    let (status, answer) = world.aws.lambda("POST", "/2015-03-31/functions", Some(&body)).await.unwrap();
    assert_eq!(status, 201, "{answer}");
}

const THEIRS: &str = "arn:aws:iam::123456789012:role/theirs";

/// It is still what [`foreign`] made.
pub(crate) async fn untouched(world: &World, function: &str) {
    let answer = world.function(function).await.unwrap();
    assert_eq!((&answer["Configuration"]["Role"], &answer["Tags"]), (&json!(THEIRS), &json!({"made": "by hand"})));
}
