//! Makes a chain that fails as short as it can be: fewer steps, fewer troubles, fewer fields, as long as it fails.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use crate::walk::walk;
use support::chain::{Chain, Choice, Step, Trouble};

/// A shorter chain is worth no more than this.
const WORTH: Duration = Duration::from_secs(180);

/// A walk that is alone is fast, or does not arrive.
const PATIENCE: Duration = Duration::from_secs(12);

/// The shortest chain found that fails, and how it does.
pub(crate) async fn shorten(chain: Chain, failure: String) -> (Chain, String) {
    let started = Instant::now();
    let (mut chain, mut failure) = (chain, failure);
    'again: while started.elapsed() < WORTH {
        for shorter in shorter(&chain) {
            // Another failure would be another matter.
            if let Err(other) = walk(&shorter, PATIENCE).await
                && what(&other) == what(&failure)
            {
                (chain, failure) = (shorter, other);
                continue 'again;
            }
            if started.elapsed() > WORTH {
                break;
            }
        }
        break;
    }
    (chain, failure)
}

/// The first word of what was seen last: the member that differs.
fn what(failure: &str) -> Option<&str> {
    failure.split_once("last seen: ")?.1.split_whitespace().next()
}

/// Chains with a little less, those that lose the most first.
fn shorter(chain: &Chain) -> Vec<Chain> {
    let mut all = Vec::new();
    let mut with = |change: &dyn Fn(&mut Chain)| {
        let mut other = chain.clone();
        change(&mut other);
        if other != *chain && !other.steps.is_empty() {
            all.push(other);
        }
    };
    let count = chain.steps.len();
    for half in [0..count / 2, count / 2..count] {
        with(&|chain| drop(chain.steps.drain(half.clone())));
    }
    for at in (0..count).rev() {
        with(&|chain| drop(chain.steps.remove(at)));
    }
    for at in 0..count {
        with(&|chain| chain.steps[at].trouble = None);
        with(&|chain| chain.steps[at].meddling = None);
    }
    let fields: BTreeSet<_> = chain.steps.iter().flat_map(choices).flat_map(BTreeMap::keys).copied().collect();
    let fields: Vec<_> = fields.into_iter().collect();
    for size in [fields.len().div_ceil(2), fields.len().div_ceil(4), 1] {
        for some in fields.chunks(size.max(1)) {
            with(&|chain| without(chain, some));
        }
    }
    all
}

fn choices(step: &Step) -> impl Iterator<Item = &Choice> {
    let other = match &step.trouble {
        Some(Trouble::Hurried(other, _)) => Some(other),
        Some(Trouble::Killed(_) | Trouble::AnswerLost(_)) | None => None,
    };
    std::iter::once(&step.choice).chain(other)
}

fn without(chain: &mut Chain, fields: &[&str]) {
    for step in &mut chain.steps {
        step.choice.retain(|field, _| !fields.contains(field));
        if let Some(Trouble::Hurried(other, _)) = &mut step.trouble {
            other.retain(|field, _| !fields.contains(field));
        }
    }
}
