//! Interleavings by force: a call is stopped in the proxy, before or after AWS does it, until a test lets go of it.

use std::sync::atomic::{AtomicU32, Ordering};

use testbed::{Action, Call, Filter, Rule, RuleId};

use support::world::World;

static COUNTER: AtomicU32 = AtomicU32::new(0);

/// A hold of calls about one function.
pub(crate) struct Hold {
    name: String,
    rule: RuleId,
}

impl Hold {
    /// Of the next `calls` calls. AWS sees them when they are let go.
    pub(crate) async fn requests(world: &World, operation: &str, function: &str, calls: u32) -> Self {
        Self::add(world, Action::HoldRequest, operation, function, 0, calls).await
    }

    /// The same after `skip` calls that pass.
    pub(crate) async fn later_requests(world: &World, operation: &str, function: &str, skip: u32) -> Self {
        Self::add(world, Action::HoldRequest, operation, function, skip, 1).await
    }

    /// AWS does them at once, and the caller learns of it when they are let go.
    pub(crate) async fn answers(world: &World, operation: &str, function: &str, calls: u32) -> Self {
        Self::add(world, Action::HoldAnswer, operation, function, 0, calls).await
    }

    async fn add(world: &World, action: Action, operation: &str, function: &str, skip: u32, calls: u32) -> Self {
        // Other tests add and remove rules of their own meanwhile.
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let name = format!("hold-{number}-{operation}-{function}");
        let rule = Rule::new(&name, action).account(&world.account).operation(operation).function(function);
        let rule = world.manners().add(&rule.skip(skip).times(calls)).await.unwrap();
        Self { name, rule }
    }

    /// Waits until so many calls are held.
    pub(crate) async fn holds(&self, world: &World, calls: usize) {
        world
            .until(&format!("{calls} calls held by {}", self.name), async |world: &World| {
                let all = world.manners().calls(&Filter::account(&world.account)).await.unwrap();
                let held = |call: &&Call| call.duration_ms.is_none() && call.rule.as_deref() == Some(&self.name);
                if all.iter().filter(held).count() == calls { Ok(()) } else { Err(format!("{all:#?}")) }
            })
            .await;
    }

    /// Lets all of them go.
    pub(crate) async fn let_go(self, world: &World) {
        world.manners().remove(self.rule).await.unwrap();
    }
}

/// What was written about one function after call number `since`, and how it was answered.
pub(crate) async fn written(world: &World, function: &str, since: u64) -> Vec<(String, u16)> {
    let filter = Filter::account(&world.account).service("lambda").function(function).not_by_tests().since(since);
    let calls = world.manners().calls(&filter).await.unwrap();
    let reads = |call: &Call| call.operation.starts_with("Get") || call.operation.starts_with("List");
    calls.into_iter().filter(|call| !reads(call)).map(|call| (call.operation, call.status)).collect()
}

/// A call as [`written`] tells it.
pub(crate) fn call(operation: &str, status: u16) -> (String, u16) {
    (operation.to_owned(), status)
}
