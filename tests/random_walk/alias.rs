//! Walks of a LambdaAlias: random edits, somebody else's changes, kills and lost answers; at every rest AWS holds exactly the alias that the
//! spec says, another look writes nothing, and its deletion leaves none.

use std::fmt;
use std::time::Duration;

use fastrand::Rng;
use serde_json::{Value, json};
use testbed::poll;

use crate::walk::{BETWEEN_LOOKS, Steps, Walk, operator_arguments};
use support::aliases::{function_of, held};
use support::chain::{Step, Trouble};
use support::world::World;

const FUNCTION: &str = "walked";
const ALIAS: &str = "walker";

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Spec {
    version: &'static str,
    description: Option<&'static str>,
    /// Of the other version.
    weight: Option<&'static str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meddling {
    Moved,
    Described,
    Weighted,
    Deleted,
}

/// A chain of an alias's specs.
#[derive(Clone, PartialEq)]
pub(crate) struct Aliased {
    seed: u64,
    steps: Steps<Self>,
}

impl fmt::Display for Aliased {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "A walk of seed {}:", self.seed)?;
        self.steps.iter().try_for_each(|step| writeln!(f, "{step:?}"))
    }
}

fn step(rng: &mut Rng) -> Step<Spec, Meddling> {
    Step {
        edit: Spec {
            version: ["1", "2"][rng.usize(..2)],
            description: [None, Some("one"), Some("two")][rng.usize(..3)],
            weight: [None, None, Some("0.25"), Some("0.5")][rng.usize(..4)],
        },
        trouble: match rng.u8(..4) {
            0 => Some(Trouble::Killed(rng.usize(..3))),
            1 => Some(Trouble::AnswerLost(["CreateAlias", "UpdateAlias"][rng.usize(..2)])),
            _ => None,
        },
        meddling: [
            None,
            Some(Meddling::Moved),
            Some(Meddling::Described),
            Some(Meddling::Weighted),
            Some(Meddling::Deleted),
        ][rng.usize(..5)],
    }
}

impl Walk for Aliased {
    type Edit = Spec;
    type Meddling = Meddling;
    type Place = ();

    const FUNCTION: Option<&'static str> = Some(FUNCTION);

    fn random(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        Self { seed, steps: (0..6).map(|_| step(&mut rng)).collect() }
    }

    fn seed(&self) -> u64 {
        self.seed
    }

    fn steps(&self) -> &[Step<Spec, Meddling>] {
        &self.steps
    }

    fn with(&self, steps: Steps<Self>) -> Self {
        Self { seed: self.seed, steps }
    }

    /// Without descriptions, and without weights.
    fn smaller(&self) -> Vec<Self> {
        let without = |change: fn(&mut Spec)| {
            let mut steps = self.steps.clone();
            Step::edits(&mut steps).for_each(change);
            self.with(steps)
        };
        vec![without(|spec| spec.description = None), without(|spec| spec.weight = None)]
    }

    async fn start(&self) -> Result<(World, ()), String> {
        let world = World::with(&operator_arguments().each_ref().map(String::as_str)).await;
        function_of(&world.aws, &world.namespace, FUNCTION).await;
        let path = format!("/2015-03-31/functions/{FUNCTION}/configuration");
        world.aws.lambda("PUT", &path, Some(&json!({"MemorySize": 512}))).await.unwrap();
        world.aws.wait_until_at_rest(FUNCTION).await.unwrap();
        assert_eq!(world.aws.publish_version(FUNCTION).await.unwrap(), "3");
        Ok((world, ()))
    }

    async fn edit(&self, world: &World, (): &(), edit: &Spec) -> Result<(), String> {
        world.aliases().try_apply(ALIAS, &edit.json()).await.map(drop).map_err(|error| error.to_string())
    }

    /// The alias is what the spec says, and the only one.
    async fn reached(&self, world: &World, (): &(), edit: &Spec, patience: Duration) -> Result<(), String> {
        let wanted = edit.wanted();
        world.aliases().is_ready(ALIAS).await;
        let arrived = poll("the alias to be what the spec says", patience, async || {
            let found = held(&world.aws, FUNCTION, ALIAS).await;
            if found.as_ref() == Some(&wanted) {
                return Ok(Ok(()));
            }
            // These questions count as calls of the account, and the operator needs some too.
            tokio::time::sleep(BETWEEN_LOOKS).await;
            Ok(Err(format!("{found:?} and not {wanted}")))
        });
        arrived.await.map_err(|error| format!("{error}\n{}", world.operator.log()))?;
        world.aliases().is_ready(ALIAS).await;
        let all = world.aws.list_aliases(FUNCTION).await.unwrap();
        if all.len() == 1 { Ok(()) } else { Err(format!("not the only one: {all:?}")) }
    }

    async fn looked_at(&self, world: &World, _: &Spec) -> Result<(), String> {
        world.aliases().is_looked_at(ALIAS).await;
        Ok(())
    }

    /// No spec points to version 3, so weights for it are no move of AWS's.
    async fn meddle(&self, world: &World, meddling: Meddling, edit: &Spec) -> Result<(), String> {
        let change = match meddling {
            Meddling::Deleted => {
                return world.aws.delete_alias(FUNCTION, ALIAS).await.map_err(|error| error.to_string());
            }
            Meddling::Moved => json!({"FunctionVersion": "3", "RoutingConfig": {}}),
            Meddling::Described => json!({"Description": "meddled"}),
            Meddling::Weighted => {
                json!({"FunctionVersion": edit.version, "RoutingConfig": {"AdditionalVersionWeights": {"3": 0.75}}})
            }
        };
        world.aws.update_alias(FUNCTION, ALIAS, &change).await.map(drop).map_err(|error| error.to_string())
    }

    /// Its deletion leaves none.
    async fn end(&self, world: &World) -> Result<(), String> {
        world.aliases().delete(ALIAS).await;
        world.aliases().is_gone(ALIAS).await;
        let left = world.aws.list_aliases(FUNCTION).await.unwrap();
        if left.is_empty() { Ok(()) } else { Err(format!("left behind: {left:?}")) }
    }
}

impl Spec {
    fn other(&self) -> &'static str {
        if self.version == "1" { "2" } else { "1" }
    }

    fn json(&self) -> Value {
        let mut spec = json!({"functionName": FUNCTION, "functionVersion": self.version});
        if let Some(description) = self.description {
            spec["description"] = json!(description);
        }
        if let Some(weight) = self.weight {
            spec["routingConfig"] = json!({"additionalVersionWeights": {self.other(): weight}});
        }
        spec
    }

    /// What AWS holds when it is carried out.
    fn wanted(&self) -> Value {
        let weight = self.weight.and_then(|weight| weight.parse::<f64>().ok());
        let weights = weight.map_or(Value::Null, |weight| json!({self.other(): weight}));
        json!({"version": self.version, "description": self.description.unwrap_or_default(), "weights": weights})
    }
}
