//! Walks of a LambdaAlias: random edits, somebody else's changes, kills and lost answers; at every rest AWS holds exactly the alias that the
//! spec says, another look writes nothing, and its deletion leaves none.

use std::fmt;

use fastrand::Rng;
use futures::StreamExt;
use serde_json::{Value, json};
use testbed::{Action, Rule, RuleId, poll};

use crate::walk::{BETWEEN_LOOKS, PATIENCE, killed, operator_arguments};
use support::aliases::{function_of, held};
use support::world::{World, writes};

const FUNCTION: &str = "walked";
const ALIAS: &str = "walker";

/// An edit, what comes in its way, and what somebody does once it is at rest.
#[derive(Clone, Debug)]
struct Step {
    spec: Spec,
    trouble: Option<Trouble>,
    meddling: Option<Meddling>,
}

#[derive(Clone, Debug)]
struct Spec {
    version: &'static str,
    description: Option<&'static str>,
    /// Of the other version.
    weight: Option<&'static str>,
}

#[derive(Clone, Copy, Debug)]
enum Trouble {
    /// The operator is killed after so many calls, and started again.
    Killed(usize),
    AnswerLost(&'static str),
}

#[derive(Clone, Copy, Debug)]
enum Meddling {
    Moved,
    Described,
    Weighted,
    Deleted,
}

struct Walk(Vec<Step>);

impl Walk {
    fn random(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let step = |rng: &mut Rng| Step {
            spec: Spec {
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
        };
        Self((0..6).map(|_| step(&mut rng)).collect())
    }
}

impl fmt::Display for Walk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|step| writeln!(f, "{step:?}"))
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

/// Somebody else's change. No spec points to version 3, so weights for it are no move of AWS's.
async fn meddle(world: &World, meddling: Meddling, spec: &Spec) {
    let change = match meddling {
        Meddling::Deleted => return world.aws.delete_alias(FUNCTION, ALIAS).await.unwrap(),
        Meddling::Moved => json!({"FunctionVersion": "3", "RoutingConfig": {}}),
        Meddling::Described => json!({"Description": "meddled"}),
        Meddling::Weighted => {
            json!({"FunctionVersion": spec.version, "RoutingConfig": {"AdditionalVersionWeights": {"3": 0.75}}})
        }
    };
    world.aws.update_alias(FUNCTION, ALIAS, &change).await.unwrap();
}

async fn hinder(world: &World, trouble: Option<Trouble>) -> Option<RuleId> {
    let Some(Trouble::AnswerLost(write)) = trouble else { return None };
    let rule = Rule::new("lost", Action::LoseAnswer).account(&world.account).operation(write).agent("*/*").times(1);
    Some(world.manners().add(&rule).await.unwrap())
}

/// The alias is what the spec says, and the only one.
async fn reached(world: &World, spec: &Spec) {
    let wanted = spec.wanted();
    world.alias_is_ready(ALIAS).await;
    let arrived = poll("the alias to be what the spec says", PATIENCE, async || {
        let found = held(&world.aws, FUNCTION, ALIAS).await;
        if found.as_ref() == Some(&wanted) {
            return Ok(Ok(()));
        }
        // These questions count as calls of the account, and the operator needs some too.
        tokio::time::sleep(BETWEEN_LOOKS).await;
        Ok(Err(format!("{found:?} and not {wanted}")))
    });
    arrived.await.unwrap_or_else(|error| panic!("{error}\n{}", world.operator.log()));
    world.alias_is_ready(ALIAS).await;
    assert_eq!(world.aws.list_aliases(FUNCTION).await.unwrap().len(), 1);
}

async fn still(world: &World) {
    let mark = world.manners().mark().await.unwrap();
    world.alias_is_looked_at(ALIAS).await;
    world.alias_is_looked_at(ALIAS).await;
    let calls = world.calls_since(mark).await;
    assert_eq!(writes(&calls), [""; 0], "written without a difference\n{}", world.operator.log());
}

async fn walk(walk: &Walk) {
    let mut world = World::with(&operator_arguments().each_ref().map(String::as_str)).await;
    function_of(&world.aws, &world.namespace, FUNCTION).await;
    let path = format!("/2015-03-31/functions/{FUNCTION}/configuration");
    world.aws.lambda("PUT", &path, Some(&json!({"MemorySize": 512}))).await.unwrap();
    world.aws.wait_until_at_rest(FUNCTION).await.unwrap();
    assert_eq!(world.aws.publish_version(FUNCTION).await.unwrap(), "3");
    for Step { spec, trouble, meddling } in &walk.0 {
        let rule = hinder(&world, *trouble).await;
        let mark = world.manners().mark().await.unwrap();
        world.apply_alias(ALIAS, &spec.json()).await;
        if let Some(Trouble::Killed(calls)) = trouble {
            world = killed(world, mark, *calls).await;
        }
        reached(&world, spec).await;
        if let Some(rule) = rule {
            world.manners().remove(rule).await.unwrap();
        }
        still(&world).await;
        if let Some(meddling) = meddling {
            meddle(&world, *meddling, spec).await;
            world.alias_is_looked_at(ALIAS).await;
            reached(&world, spec).await;
        }
    }
    world.delete_alias(ALIAS).await;
    world.alias_is_gone(ALIAS).await;
    assert_eq!(world.aws.list_aliases(FUNCTION).await.unwrap().len(), 0, "left behind");
}

/// A failed walk is printed whole: it is short.
struct Told<'a>(u64, &'a Walk);

impl Drop for Told<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("The walk of seed {}:\n{}", self.0, self.1);
        }
    }
}

/// So many walks where `WALK_CHAINS` does not say otherwise.
const WALKS: usize = 4;

#[tokio::test]
async fn after_any_history_an_alias_is_what_its_spec_says() {
    let first = crate::number("WALK_SEED").unwrap_or(1_u64);
    let walks = (first..).take(crate::number("WALK_CHAINS").unwrap_or(WALKS)).map(async |seed| {
        let chain = Walk::random(seed);
        let _told = Told(seed, &chain);
        walk(&chain).await;
    });
    futures::stream::iter(walks).buffer_unordered(crate::AT_A_TIME).collect::<Vec<()>>().await;
}
