//! Walks one chain: every rest is compared with a fresh object of the same spec, and nothing moves once it is reached.

use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use futures::FutureExt;
use lambda_operator::api::function::spec::LambdaFunction;
use serde_json::Value;
use testbed::{Action, Operator, Rule, poll};

use support::chain::{Chain, Choice, Step, Trouble};
use support::target::{self, Place};
use support::world::{World, installed, options, writes};
use support::{other_actor, picture};

/// The object that walks.
const WALKER: &str = "walker";

/// A rest that is not reached by then is not reached, even where many walk at a time.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
pub(crate) const BETWEEN_LOOKS: Duration = Duration::from_millis(250);

/// Edits come from people and are noticed at once; only what nobody tells is found by a look.
const ARGUMENTS: [&str; 2] = ["--drift-interval", "1h"];

/// And packages, which are written before an operator starts that is to read them.
pub(crate) fn operator_arguments() -> [String; 4] {
    target::write_packages();
    let [option, interval] = ARGUMENTS;
    [option, interval, "--package-dir", &target::packages().to_string_lossy()].map(str::to_owned)
}

/// The error says at which step, and what differs.
pub(crate) async fn walk(chain: &Chain, patience: Duration) -> Result<(), String> {
    // What the world panics at is the end of this walk only.
    AssertUnwindSafe(steps(chain, patience))
        .catch_unwind()
        .await
        .unwrap_or_else(|payload| Err(panicked(payload.as_ref())))
}

fn panicked(payload: &(dyn std::any::Any + Send)) -> String {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("a panic without words").to_owned()
}

async fn steps(chain: &Chain, patience: Duration) -> Result<(), String> {
    let mut world = World::with(&operator_arguments().each_ref().map(String::as_str)).await;
    let place = Place::make(&world).await;
    let fresh = fresh(&world, chain, &place).await?;
    for (number, (step, fresh)) in chain.steps.iter().zip(&fresh).enumerate() {
        let at = |what: &str, error: String| format!("at step {number}, {what}: {error}");
        let rule = hinder(&world, step).await;
        let mark = world.manners().mark().await.unwrap();
        edit(&world, chain, step, &place).await.map_err(|error| at("the edit", error))?;
        if let Some(Trouble::Killed(calls)) = step.trouble {
            world = killed(world, mark, calls).await;
        }
        reached(&world, fresh, patience).await.map_err(|error| at("after the edit", error))?;
        if let Some(rule) = rule {
            world.manners().remove(rule).await.unwrap();
        }
        still(&world).await.map_err(|error| at("at rest", error))?;
        if let Some(meddling) = step.meddling {
            other_actor::meddle(&world, WALKER, meddling, chain.kind)
                .await
                .map_err(|error| at("somebody else", error))?;
            looked_at(&world).await.map_err(|error| at("somebody else", error))?;
            reached(&world, fresh, patience).await.map_err(|error| at("after somebody else", error))?;
        }
    }
    Ok(())
}

/// What a fresh object of each spec gives.
async fn fresh(world: &World, chain: &Chain, place: &Place) -> Result<Vec<Value>, String> {
    let mut choices: Vec<&Choice> = chain.steps.iter().map(|step| &step.choice).collect();
    choices.sort_unstable();
    choices.dedup();
    for (number, choice) in choices.iter().enumerate() {
        apply(world, &format!("fresh-{number}"), &chain.spec(choice, place)).await?;
    }
    let mut pictures = Vec::new();
    for number in 0..choices.len() {
        let name = format!("fresh-{number}");
        let taken = poll("a fresh object", PATIENCE, async || Ok(at_rest(world, &name).await)).await;
        pictures.push(taken.map_err(|error| log(world, &error.to_string()))?);
        world.delete(&name).await;
    }
    let of = |step: &Step| choices.iter().position(|choice| **choice == step.choice).map(|at| pictures[at].clone());
    chain.steps.iter().map(|step| of(step).ok_or_else(|| "a step without a fresh object".to_owned())).collect()
}

async fn apply(world: &World, name: &str, spec: &Value) -> Result<(), String> {
    world.try_apply(name, spec).await.map(drop).map_err(|error| format!("{error}\n{spec:#}"))
}

async fn edit(world: &World, chain: &Chain, step: &Step, place: &Place) -> Result<(), String> {
    if let Some(Trouble::Hurried(other, calls)) = &step.trouble {
        let mark = world.manners().mark().await.unwrap();
        apply(world, WALKER, &chain.spec(other, place)).await?;
        worked(world, mark, *calls).await;
    }
    apply(world, WALKER, &chain.spec(&step.choice, place)).await
}

async fn hinder(world: &World, step: &Step) -> Option<testbed::RuleId> {
    let Some(Trouble::AnswerLost(write)) = step.trouble else { return None };
    let rule = Rule::new("lost", Action::LoseAnswer).account(&world.account).function(WALKER).operation(write).times(1);
    Some(world.manners().add(&rule).await.unwrap())
}

/// The operator dies in the middle of its work, or at its end where it had less to do, and comes back.
pub(crate) async fn killed(world: World, mark: u64, calls: usize) -> World {
    worked(&world, mark, calls).await;
    let World { operator, bed, account, namespace, aws, client, witness } = world;
    operator.kill().await;
    let walks = operator_arguments();
    let arguments = [&["--watch-namespace", &namespace], &walks.each_ref().map(String::as_str)[..]].concat();
    let options = options(installed(&bed).await, &account, &arguments);
    let operator = Operator::start(&bed, options).await.unwrap();
    World { operator, bed, account, namespace, aws, client, witness }
}

/// Waits until the operator has made this many calls, or has no more to make.
async fn worked(world: &World, mark: u64, calls: usize) {
    let _ = poll("the operator's work", Duration::from_secs(2), async || {
        let made = world.calls_since(mark).await.len();
        Ok(if made >= calls { Ok(()) } else { Err(format!("{made} calls")) })
    })
    .await;
}

/// The picture of an object that says it is ready.
async fn at_rest(world: &World, name: &str) -> Result<Value, String> {
    let object = world.objects().get(name).await.map_err(|error| error.to_string())?;
    if !is_ready(&object) {
        return Err(format!("not ready: {:?}", object.status.map(|status| status.common.conditions)));
    }
    picture::picture(world, name, &object).await
}

fn is_ready(object: &LambdaFunction) -> bool {
    let conditions = object.status.iter().flat_map(|status| &status.common.conditions);
    let ready = conditions.into_iter().find(|condition| condition.type_ == "Ready" && condition.status == "True");
    ready.is_some_and(|ready| ready.observed_generation == object.metadata.generation)
}

/// The walker is ready, and what a fresh object gives.
async fn reached(world: &World, fresh: &Value, patience: Duration) -> Result<(), String> {
    let compared = poll("the walker to be what a fresh object is", patience, async || {
        let differs = match at_rest(world, WALKER).await.map(|picture| picture::differences(&picture, fresh)) {
            Ok(differences) if differences.is_empty() => return Ok(Ok(())),
            Ok(differences) => differences.join("\n"),
            Err(error) => error,
        };
        // These questions count as calls of the account, and the operator needs some too.
        tokio::time::sleep(BETWEEN_LOOKS).await;
        Ok(Err(differs))
    });
    compared.await.map_err(|error| log(world, &error.to_string()))
}

/// Two looks find nothing to do.
async fn still(world: &World) -> Result<(), String> {
    let mark = world.manners().mark().await.unwrap();
    looked_at(world).await?;
    looked_at(world).await?;
    let calls = world.calls_since(mark).await;
    let walkers: Vec<_> = calls.into_iter().filter(|call| call.function.as_deref() == Some(WALKER)).collect();
    let written = writes(&walkers);
    if written.is_empty() { Ok(()) } else { Err(log(world, &format!("written without a difference: {written:?}"))) }
}

/// Asks for a look, and again where an operator that has just started did not hear it.
async fn looked_at(world: &World) -> Result<(), String> {
    let mark = world.manners().mark().await.unwrap();
    let mut asked: Option<Instant> = None;
    let looked = poll("a look", PATIENCE, async || {
        if asked.is_none_or(|at| at.elapsed() > Duration::from_secs(1)) {
            world.look_now(WALKER).await;
            asked = Some(Instant::now());
        }
        let calls = world.calls_since(mark).await;
        let seen = |call: &testbed::Call| call.operation == "GetFunction" && call.function.as_deref() == Some(WALKER);
        Ok(if calls.iter().any(seen) { Ok(()) } else { Err(format!("{} other calls", calls.len())) })
    });
    looked.await.map_err(|error| log(world, &error.to_string()))
}

fn log(world: &World, error: &str) -> String {
    let log = world.operator.log();
    let about = |line: &&str| line.contains(WALKER) || line.contains("\"fresh-");
    let lines: Vec<_> = log.lines().filter(about).collect();
    format!("{error}\nthe operator's last words about it:\n{}", lines[lines.len().saturating_sub(12)..].join("\n"))
}
