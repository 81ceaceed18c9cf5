//! The stories: what is there before, the edit that starts it, and how to tell that it has ended.

use lambda_operator::api::function::spec::LambdaFunction;
use serde_json::{Value, json};

use crate::batch::{FUNCTION, Slot};
use support::world::{World, spec_with};

/// What happens to a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Scenario {
    Create,
    Update,
    /// Of a secret value alone, which no hash in status may hold.
    Environment,
    Adopt,
    Delete,
    SkipDestroy,
}

impl Scenario {
    pub(crate) const ALL: [Self; 6] =
        [Self::Create, Self::Update, Self::Environment, Self::Adopt, Self::Delete, Self::SkipDestroy];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Environment => "environment",
            Self::Adopt => "adopt",
            Self::Delete => "delete",
            Self::SkipDestroy => "skipDestroy",
        }
    }

    /// Brings about what is there before.
    pub(crate) async fn prepare(self, world: &World, slot: &Slot) {
        match self {
            Self::Create => {}
            Self::Update | Self::Environment | Self::Delete => drop(world.settle(&slot.name, &first(slot)).await),
            Self::SkipDestroy => {
                let mut spec = first(slot);
                spec["skipDestroy"] = json!(true);
                world.settle(&slot.name, &spec).await;
            }
            Self::Adopt => {
                world.allow_adoption().await;
                let aws = world.bed.aws(&world.account, &slot.region);
                let theirs = json!({"MemorySize": 512, "Timeout": 20, "Tags": {"theirs": "x"}, "Publish": true});
                aws.create_function(FUNCTION, &theirs).await.unwrap();
                aws.wait_until_at_rest(FUNCTION).await.unwrap();
            }
        }
    }

    /// What starts it.
    pub(crate) async fn edit(self, world: &World, slot: &Slot) {
        match self {
            Self::Create => drop(world.apply(&slot.name, &first(slot)).await),
            Self::Update => drop(world.apply(&slot.name, &second(slot)).await),
            Self::Environment => {
                let mut spec = first(slot);
                spec["environment"]["variables"]["COLOUR"] = json!("green");
                world.apply(&slot.name, &spec).await;
            }
            Self::Adopt => {
                let mut spec = second(slot);
                spec["adoptionPolicy"] = json!("Adopt");
                world.apply(&slot.name, &spec).await;
            }
            Self::Delete | Self::SkipDestroy => world.delete(&slot.name).await,
        }
    }

    /// How many versions AWS lists at the end, the unpublished one included.
    pub(crate) fn versions(self) -> usize {
        match self {
            Self::Create | Self::SkipDestroy => 2,
            Self::Update | Self::Environment | Self::Adopt => 3,
            Self::Delete => 0,
        }
    }

    /// Whether the object is as it shall be at the end.
    pub(crate) fn has_ended(self, object: Option<&LambdaFunction>) -> bool {
        match self {
            Self::Delete | Self::SkipDestroy => object.is_none(),
            Self::Create | Self::Update | Self::Environment | Self::Adopt => object.is_some_and(is_ready),
        }
    }
}

fn is_ready(object: &LambdaFunction) -> bool {
    let mut conditions = object.status.iter().flat_map(|status| &status.common.conditions);
    conditions.any(|condition| {
        condition.type_ == "Ready"
            && condition.status == "True"
            && condition.observed_generation == object.metadata.generation
    })
}

fn first(slot: &Slot) -> Value {
    spec_with(&json!({
        "functionName": FUNCTION, "region": slot.region, "publish": true, "memorySize": 128, "tags": {"team": "a"},
        "reservedConcurrentExecutions": 5, "environment": {"variables": {"COLOUR": "red"}},
    }))
}

/// Code, configuration, concurrency and tags, all at once.
fn second(slot: &Slot) -> Value {
    spec_with(&json!({
        "functionName": FUNCTION, "region": slot.region, "publish": true, "memorySize": 256, "timeout": 9, "tags": {"group": "b"},
        "reservedConcurrentExecutions": 7, "environment": {"variables": {"COLOUR": "green"}},
        "codeFrom": {"inline": {"main.py": "def handler(event, context): return 'two'"}},
    }))
}
