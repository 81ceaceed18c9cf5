//! Fairness: what an object, or an account, that is never at rest costs the others.

use std::time::{Duration, Instant};

use futures::future::{join_all, select};
use futures::{StreamExt, stream};
use k8s_openapi::api::core::v1::Namespace;
use kube::Api;
use kube::api::{ListParams, Patch, PatchParams, PostParams};
use lambda_operator::api::function::spec::LambdaFunction;
use serde_json::json;
use testbed::{Action, Rule};

use crate::{alone, say};
use support::world::{World, spec, spec_with};

/// So few writes a second that whoever takes more than his share takes it from others.
const SCARCE: [&str; 2] = ["--aws-write-rps", "1"];

/// Those that nobody may starve.
const QUIET: [&str; 4] = ["quiet-0", "quiet-1", "quiet-2", "quiet-3"];
const NOISY: &str = "noisy";

/// Who is there beside the quiet ones.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Beside {
    Nobody,
    /// One that is edited all the time.
    Edited,
    /// One whose every call fails, and that is asked for all the time.
    Failing,
}

#[tokio::test]
async fn one_noisy_object_does_not_starve_the_others() {
    let _alone = alone().await;
    let all = [Beside::Nobody, Beside::Edited, Beside::Failing].map(served_beside);
    let [undisturbed, edited, failing] = join_all(all).await.try_into().unwrap();
    say(&format!(
        "edits of four objects, with few writes a second: {undisturbed:.1?}; beside one edited all the time: {edited:.1?}; beside one that always fails: {failing:.1?}"
    ));
    let most = undisturbed * 2 + Duration::from_secs(1);
    assert!(edited < most, "{edited:?} beside one that is edited all the time, {undisturbed:?} without it");
    assert!(failing < most, "{failing:?} beside one that always fails, {undisturbed:?} without it");
}

/// How long three edits of all quiet objects take.
async fn served_beside(beside: Beside) -> Duration {
    let world = World::with(&SCARCE).await;
    let (all, spec) = ([&QUIET[..], &[NOISY]].concat(), spec());
    join_all(all.iter().map(|name| world.settle(name, &spec))).await;
    if beside == Beside::Failing {
        let failing = Action::error(500, "ServiceException", "An error occurred and the request cannot be processed.");
        world.manners().add(&Rule::new("failing", failing).account(&world.account).function(NOISY)).await.unwrap();
    }
    let edits = async {
        let started = Instant::now();
        for round in 0..3 {
            // Two writes each.
            let edit = spec_with(&json!({"memorySize": 256 + round, "reservedConcurrentExecutions": 5 + round}));
            join_all(QUIET.iter().map(|name| world.settle(name, &edit))).await;
        }
        started.elapsed()
    };
    match select(Box::pin(edits), Box::pin(noise(&world, beside))).await {
        futures::future::Either::Left((took, _)) => took,
        futures::future::Either::Right(_) => panic!("the noise has ended"),
    }
}

/// Ten times a second, without an end.
async fn noise(world: &World, beside: Beside) {
    let mut often = tokio::time::interval(Duration::from_millis(100));
    for number in 0_u64.. {
        often.tick().await;
        match beside {
            Beside::Nobody => {}
            Beside::Edited => {
                let (memory, reserved) = (300 + number % 100, 20 + number % 10);
                let edit = spec_with(&json!({"memorySize": memory, "reservedConcurrentExecutions": reserved}));
                world.apply(NOISY, &edit).await;
            }
            Beside::Failing => world.look_now(NOISY).await,
        }
    }
}

/// As many as keep the account's writes busy for half a minute.
const MANY: u32 = 450;

#[tokio::test]
async fn a_namespace_of_many_objects_does_not_delay_creations_of_another() {
    let _alone = alone().await;
    let beside = format!("beside-{:08x}", fastrand::u32(..));
    let world = World::with(&["--watch-namespace", &beside]).await;
    let object = serde_json::from_value(json!({"metadata": {"name": beside}})).unwrap();
    Api::<Namespace>::all(world.client.clone()).create(&PostParams::default(), &object).await.unwrap();
    let quiet = Api::namespaced(world.client.clone(), &beside);
    let mut undisturbed = Duration::ZERO;
    for number in 0..3 {
        undisturbed = undisturbed.max(created(&world, &quiet, &format!("before-{number}")).await);
    }
    let spec = spec();
    let noise = stream::iter(0..MANY).map(|number| {
        let (world, spec) = (&world, &spec);
        async move { drop(world.apply(&format!("noisy-{number:04}"), spec).await) }
    });
    noise.buffer_unordered(32).collect::<Vec<()>>().await;
    let mut slowest = Duration::ZERO;
    for number in 0..5 {
        slowest = slowest.max(created(&world, &quiet, &format!("beside-{number}")).await);
    }
    let objects = world.objects().list(&ListParams::default()).await.unwrap().items;
    let waiting = objects.iter().filter(|object| !is_ready(object)).count();
    say(&format!(
        "a creation beside {MANY} of another namespace: {slowest:.1?}; before: {undisturbed:.1?}; {waiting} still wait"
    ));
    assert!(waiting > 50, "{waiting} wait: nobody was disturbed");
    assert!(slowest < undisturbed + Duration::from_secs(5), "{slowest:?}, and {undisturbed:?} before");
}

/// How long a creation takes.
async fn created(world: &World, objects: &Api<LambdaFunction>, name: &str) -> Duration {
    let object = json!({
        "apiVersion": "lambda-operator.io/v1alpha1", "kind": "LambdaFunction", "metadata": {"name": name}, "spec": spec(),
    });
    let started = Instant::now();
    objects.patch(name, &PatchParams::apply("user").force(), &Patch::Apply(object)).await.unwrap();
    world
        .until("the creation to be done", async |_: &World| {
            let object = objects.get(name).await.map_err(|error| error.to_string())?;
            if is_ready(&object) { Ok(()) } else { Err(format!("{:?}", object.status)) }
        })
        .await;
    started.elapsed()
}

fn is_ready(object: &LambdaFunction) -> bool {
    let mut conditions = object.status.iter().flat_map(|status| &status.common.conditions);
    conditions.any(|condition| condition.type_ == "Ready" && condition.status == "True")
}

/// More than passes at a time, so that each worker would have one to wait for.
const HELD_UP: usize = 48;

#[tokio::test]
async fn a_throttled_account_does_not_delay_other_edits() {
    let _alone = alone().await;
    let neighbours = Neighbours::new().await;
    let world = &neighbours.world;
    let mark = world.manners().mark().await.unwrap();
    let nothing = Action::error(429, "TooManyRequestsException", "Rate exceeded");
    let rule = Rule::new("nothing", nothing).account(&world.account).operation("Update*");
    let rule = world.manners().add(&rule).await.unwrap();
    neighbours.are_edited().await;
    world
        .until("AWS to throttle", async |world: &World| {
            let throttled = world.calls_since(mark).await.iter().filter(|call| call.status == 429).count();
            if throttled >= 4 { Ok(()) } else { Err(format!("{throttled} calls")) }
        })
        .await;
    neighbours.leave_the_other_alone("throttled").await;
    world.manners().remove(rule).await.unwrap();
    let started = Instant::now();
    neighbours.are_ready().await;
    say(&format!("the throttled account is served {:.0?} after AWS lets it", started.elapsed()));
}

#[tokio::test]
async fn an_unresponsive_account_does_not_delay_other_edits() {
    let _alone = alone().await;
    let neighbours = Neighbours::new().await;
    let world = &neighbours.world;
    let rule = world.manners().add(&Rule::new("silent", Action::HoldRequest).account(&world.account)).await.unwrap();
    neighbours.are_edited().await;
    // Every worker waits for an answer once, as long as one call may.
    let told = neighbours.names.iter().map(|name| world.condition(name, "Ready", "False", Some("AWSUnavailable")));
    join_all(told).await;
    neighbours.leave_the_other_alone("silent").await;
    world.manners().remove(rule).await.unwrap();
    neighbours.are_ready().await;
}

/// Many settled objects of one account, and one of another account.
struct Neighbours {
    world: World,
    names: Vec<String>,
    other: Elsewhere,
    /// How long an edit of the other one takes.
    undisturbed: Duration,
}

impl Neighbours {
    async fn new() -> Self {
        let elsewhere = format!("elsewhere-{:08x}", fastrand::u32(..));
        let world = World::with(&["--watch-namespace", &elsewhere]).await;
        let other = Elsewhere::make(&world, &elsewhere).await;
        other.edited(&world, 128).await;
        let undisturbed = other.edited(&world, 256).await;
        let names: Vec<_> = (0..HELD_UP).map(|number| format!("held-up-{number}")).collect();
        let spec = spec();
        join_all(names.iter().map(|name| world.settle(name, &spec))).await;
        Self { world, names, other, undisturbed }
    }

    async fn are_edited(&self) {
        let edit = spec_with(&json!({"memorySize": 256}));
        join_all(self.names.iter().map(|name| self.world.apply(name, &edit))).await;
    }

    async fn are_ready(&self) {
        join_all(self.names.iter().map(|name| self.world.ready(name))).await;
    }

    /// Edits of the other one are about as fast as they were.
    async fn leave_the_other_alone(&self, how: &str) {
        let Self { world, names: _, other, undisturbed } = self;
        let mut slowest = Duration::ZERO;
        for memory in [384, 512, 640] {
            slowest = slowest.max(other.edited(world, memory).await);
        }
        say(&format!("an edit beside {HELD_UP} objects of a {how} account: {slowest:.1?}; before: {undisturbed:.1?}"));
        assert!(slowest < *undisturbed * 2 + Duration::from_secs(2), "{slowest:?}, and {undisturbed:?} before");
    }
}

/// A namespace whose role is another account's.
struct Elsewhere {
    objects: Api<LambdaFunction>,
}

impl Elsewhere {
    async fn make(world: &World, namespace: &str) -> Self {
        let account = format!("7{}", &world.account[1..]);
        let trust = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D";
        let form = format!("Action=CreateRole&Version=2010-05-08&RoleName=deployer&AssumeRolePolicyDocument={trust}");
        let (status, answer) = world.bed.aws(&account, "eu-west-1").query("iam", &form).await.unwrap();
        assert_eq!(status, 200, "{answer}");
        let role = format!("arn:aws:iam::{account}:role/deployer");
        let object = json!({"metadata": {"name": namespace, "annotations": {"lambda-operator.io/role-arn": role}}});
        let namespaces = Api::<Namespace>::all(world.client.clone());
        namespaces.create(&PostParams::default(), &serde_json::from_value(object).unwrap()).await.unwrap();
        Self { objects: Api::namespaced(world.client.clone(), namespace) }
    }

    /// How long it takes until an edit of the one object is done.
    async fn edited(&self, world: &World, memory: i32) -> Duration {
        let object = json!({
            "apiVersion": "lambda-operator.io/v1alpha1", "kind": "LambdaFunction", "metadata": {"name": "hello"},
            "spec": spec_with(&json!({"memorySize": memory})),
        });
        let started = Instant::now();
        self.objects.patch("hello", &PatchParams::apply("user").force(), &Patch::Apply(object)).await.unwrap();
        world
            .until("the edit elsewhere to be done", async |_: &World| {
                let object = self.objects.get("hello").await.map_err(|error| error.to_string())?;
                let status = object.status.unwrap_or_default();
                let ready = status.common.conditions.iter().any(|c| c.type_ == "Ready" && c.status == "True");
                let seen = (ready, status.common.observed_generation, status.memory_size);
                if seen == (true, object.metadata.generation, Some(memory)) { Ok(()) } else { Err(format!("{seen:?}")) }
            })
            .await;
        started.elapsed()
    }
}
