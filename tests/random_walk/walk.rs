//! Walks one chain, of whatever it is: every rest is compared with what the edit before it gives, and nothing moves once it is reached.

use std::fmt;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures::FutureExt;
use lambda_operator::core::staleness::READ_LAG;
use lambda_operator::kinds::layer_version::history::LONGEST_CALL;
use testbed::{Action, Call, Operator, Rule, RuleId, last_lines, poll};

use support::chain::{Step, Trouble};
use support::target;
use support::world::{World, installed, options, writes};

/// A rest that is not reached by then is not reached, even where many walk at a time. An operator that was killed before a publication had its answer
/// searches for the version as long as a call can take and reads can be late.
pub(crate) const PATIENCE: Duration = Duration::from_secs(LONGEST_CALL.as_secs() + READ_LAG.as_secs() + 60);
pub(crate) const BETWEEN_LOOKS: Duration = Duration::from_millis(250);

/// Edits come from people and are noticed at once; only what nobody tells is found by a look.
const ARGUMENTS: [&str; 2] = ["--drift-interval", "1h"];

/// The steps of a walk.
pub(crate) type Steps<W> = Vec<Step<<W as Walk>::Edit, <W as Walk>::Meddling>>;

/// A chain that can be walked: what is edited, how somebody else meddles with it, and when it is at rest.
pub(crate) trait Walk: Clone + PartialEq + fmt::Display {
    type Edit: Clone + fmt::Debug;
    type Meddling: Copy + fmt::Debug;
    /// What it needs on its way.
    type Place;

    /// The function that its lost answers are about, where only some are.
    const FUNCTION: Option<&'static str>;

    /// The chain of a seed.
    fn random(seed: u64) -> Self;
    fn seed(&self) -> u64;
    fn steps(&self) -> &[Step<Self::Edit, Self::Meddling>];
    /// The same with these steps.
    fn with(&self, steps: Steps<Self>) -> Self;
    /// The same steps with smaller edits.
    fn smaller(&self) -> Vec<Self>;

    async fn start(&self) -> Result<(World, Self::Place), String>;
    async fn edit(&self, world: &World, place: &Self::Place, edit: &Self::Edit) -> Result<(), String>;
    /// Waits until all is as the edit says.
    async fn reached(
        &self,
        world: &World,
        place: &Self::Place,
        edit: &Self::Edit,
        patience: Duration,
    ) -> Result<(), String>;
    /// Asks for a look, and waits until it was made.
    async fn looked_at(&self, world: &World, edit: &Self::Edit) -> Result<(), String>;
    async fn meddle(&self, world: &World, meddling: Self::Meddling, edit: &Self::Edit) -> Result<(), String>;
    /// Deletes what walked, where that is part of the walk.
    async fn end(&self, world: &World) -> Result<(), String>;
}

/// And packages, which are written before an operator starts that is to read them.
pub(crate) fn operator_arguments() -> [String; 4] {
    target::write_packages();
    let [option, interval] = ARGUMENTS;
    [option, interval, "--package-dir", &target::packages().to_string_lossy()].map(str::to_owned)
}

/// The error says at which step, and what differs.
pub(crate) async fn walk<W: Walk>(chain: &W, patience: Duration) -> Result<(), String> {
    // What the world panics at is the end of this walk only.
    AssertUnwindSafe(walked(chain, patience))
        .catch_unwind()
        .await
        .unwrap_or_else(|payload| Err(panicked(payload.as_ref())))
}

fn panicked(payload: &(dyn std::any::Any + Send)) -> String {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("a panic without words").to_owned()
}

async fn walked<W: Walk>(chain: &W, patience: Duration) -> Result<(), String> {
    let (mut world, place) = chain.start().await?;
    for (number, step) in chain.steps().iter().enumerate() {
        let Step { edit, trouble, meddling } = step;
        let at = |what: &str, error: String| format!("at step {number}, {what}: {error}");
        let rule = hinder::<W>(&world, trouble.as_ref()).await;
        let mark = world.manners().mark().await.unwrap();
        if let Some(Trouble::Hurried(other, calls)) = trouble {
            chain.edit(&world, &place, other).await.map_err(|error| at("the edit before", error))?;
            worked(&world, mark, *calls).await;
        }
        chain.edit(&world, &place, edit).await.map_err(|error| at("the edit", error))?;
        if let Some(Trouble::Killed(calls)) = trouble {
            world = killed(world, mark, *calls).await;
        }
        let reached = chain.reached(&world, &place, edit, patience).await;
        reached.map_err(|error| at("after the edit", error))?;
        if let Some(rule) = rule {
            world.manners().remove(rule).await.unwrap();
        }
        still(chain, &world, edit).await.map_err(|error| at("at rest", error))?;
        if let Some(meddling) = *meddling {
            chain.meddle(&world, meddling, edit).await.map_err(|error| at("somebody else", error))?;
            chain.looked_at(&world, edit).await.map_err(|error| at("somebody else", error))?;
            let reached = chain.reached(&world, &place, edit, patience).await;
            reached.map_err(|error| at("after somebody else", error))?;
        }
    }
    chain.end(&world).await
}

async fn hinder<W: Walk>(world: &World, trouble: Option<&Trouble<W::Edit>>) -> Option<RuleId> {
    let rule = match trouble? {
        Trouble::AnswerLost(write) => Rule::new("lost", Action::LoseAnswer).operation(write).times(1),
        Trouble::Throttled(calls) => {
            let refusal = Action::error(429, "TooManyRequestsException", "Rate exceeded");
            Rule::new("throttled", refusal).times(*calls)
        }
        Trouble::Killed(_) | Trouble::Hurried(_, _) => return None,
    };
    let rule = rule.service("lambda").account(&world.account).agent("*/*");
    let rule = W::FUNCTION.into_iter().fold(rule, Rule::function);
    Some(world.manners().add(&rule).await.unwrap())
}

/// The operator dies in the middle of its work, or at its end where it had less to do, and comes back.
async fn killed(world: World, mark: u64, calls: usize) -> World {
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

/// Two looks find nothing to do.
async fn still<W: Walk>(chain: &W, world: &World, edit: &W::Edit) -> Result<(), String> {
    let mark = world.manners().mark().await.unwrap();
    chain.looked_at(world, edit).await?;
    chain.looked_at(world, edit).await?;
    let about = |call: &Call| W::FUNCTION.is_none_or(|function| call.function.as_deref() == Some(function));
    let calls: Vec<_> = world.calls_since(mark).await.into_iter().filter(about).collect();
    let written = writes(&calls);
    if written.is_empty() {
        return Ok(());
    }
    Err(format!("written without a difference: {written:?}\n{}", last_lines(&world.operator.log(), 40)))
}
