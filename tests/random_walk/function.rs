//! Walks of a LambdaFunction: every rest is compared with a fresh object of the same spec.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use lambda_operator::api::function::spec::LambdaFunction;
use serde_json::Value;
use testbed::poll;

use crate::walk::{BETWEEN_LOOKS, PATIENCE, Steps, Walk, operator_arguments};
use support::chain::{Chain, Choice, Meddling, Step};
use support::target::Place;
use support::world::World;
use support::{other_actor, picture};

/// The object that walks.
const WALKER: &str = "walker";

/// What specs name, and what fresh objects of the specs give.
pub(crate) struct Way {
    place: Place,
    fresh: BTreeMap<Choice, Value>,
}

impl Walk for Chain {
    type Edit = Choice;
    type Meddling = Meddling;
    type Place = Way;

    const FUNCTION: Option<&'static str> = Some(WALKER);

    fn random(seed: u64) -> Self {
        Self::random(seed)
    }

    fn seed(&self) -> u64 {
        self.seed
    }

    fn steps(&self) -> &[Step<Choice, Meddling>] {
        &self.steps
    }

    fn with(&self, steps: Steps<Self>) -> Self {
        Self { seed: self.seed, kind: self.kind, steps }
    }

    /// With fewer fields.
    fn smaller(&self) -> Vec<Self> {
        let mut steps = self.steps.clone();
        let fields: BTreeSet<_> = Step::edits(&mut steps).flat_map(|choice| choice.keys().copied()).collect();
        let fields: Vec<_> = fields.into_iter().collect();
        let mut all = Vec::new();
        for size in [fields.len().div_ceil(2), fields.len().div_ceil(4), 1] {
            for some in fields.chunks(size.max(1)) {
                let mut steps = self.steps.clone();
                Step::edits(&mut steps).for_each(|choice| choice.retain(|field, _| !some.contains(field)));
                all.push(self.with(steps));
            }
        }
        all
    }

    async fn start(&self) -> Result<(World, Way), String> {
        let world = World::with(&operator_arguments().each_ref().map(String::as_str)).await;
        let place = Place::make(&world).await;
        let fresh = fresh(&world, self, &place).await?;
        Ok((world, Way { place, fresh }))
    }

    async fn edit(&self, world: &World, place: &Way, edit: &Choice) -> Result<(), String> {
        apply(world, WALKER, &self.spec(edit, &place.place)).await
    }

    /// The walker is ready, and what a fresh object gives.
    async fn reached(&self, world: &World, place: &Way, edit: &Choice, patience: Duration) -> Result<(), String> {
        let fresh = place.fresh.get(edit).ok_or("a step without a fresh object")?;
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

    /// Asks again where an operator that has just started did not hear it.
    async fn looked_at(&self, world: &World, _: &Choice) -> Result<(), String> {
        let mark = world.manners().mark().await.unwrap();
        let mut asked: Option<Instant> = None;
        let looked = poll("a look", PATIENCE, async || {
            if asked.is_none_or(|at| at.elapsed() > Duration::from_secs(1)) {
                world.look_now(WALKER).await;
                asked = Some(Instant::now());
            }
            let calls = world.calls_since(mark).await;
            let seen =
                |call: &testbed::Call| call.operation == "GetFunction" && call.function.as_deref() == Some(WALKER);
            Ok(if calls.iter().any(seen) { Ok(()) } else { Err(format!("{} other calls", calls.len())) })
        });
        looked.await.map_err(|error| log(world, &error.to_string()))
    }

    async fn meddle(&self, world: &World, meddling: Meddling, _: &Choice) -> Result<(), String> {
        other_actor::meddle(world, WALKER, meddling, self.kind).await
    }

    async fn end(&self, _: &World) -> Result<(), String> {
        Ok(())
    }
}

/// What a fresh object of each spec gives.
async fn fresh(world: &World, chain: &Chain, place: &Place) -> Result<BTreeMap<Choice, Value>, String> {
    let choices: BTreeSet<_> = chain.steps.iter().map(|step| &step.edit).collect();
    for (number, choice) in choices.iter().enumerate() {
        apply(world, &format!("fresh-{number}"), &chain.spec(choice, place)).await?;
    }
    let mut pictures = BTreeMap::new();
    for (number, choice) in choices.into_iter().enumerate() {
        let name = format!("fresh-{number}");
        let taken = poll("a fresh object", PATIENCE, async || Ok(at_rest(world, &name).await)).await;
        pictures.insert(choice.clone(), taken.map_err(|error| log(world, &error.to_string()))?);
        world.delete(&name).await;
    }
    Ok(pictures)
}

async fn apply(world: &World, name: &str, spec: &Value) -> Result<(), String> {
    world.try_apply(name, spec).await.map(drop).map_err(|error| format!("{error}\n{spec:#}"))
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

fn log(world: &World, error: &str) -> String {
    let log = world.operator.log();
    let about = |line: &&str| line.contains(WALKER) || line.contains("\"fresh-");
    let lines: Vec<_> = log.lines().filter(about).collect();
    format!("{error}\nthe operator's last words about it:\n{}", lines[lines.len().saturating_sub(12)..].join("\n"))
}
