//! Makes a chain that fails as short as it can be: fewer steps, fewer troubles, smaller edits, as long as it fails.

use std::time::{Duration, Instant};

use crate::walk::{Walk, walk};
use support::chain::Step;

/// A shorter chain is worth no more than this.
const WORTH: Duration = Duration::from_secs(180);

/// A walk that is alone is fast, or does not arrive.
const PATIENCE: Duration = Duration::from_secs(12);

/// The shortest chain found that fails, and how it does.
pub(crate) async fn shorten<W: Walk>(chain: W, failure: String) -> (W, String) {
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
fn shorter<W: Walk>(chain: &W) -> Vec<W> {
    let fewer = Step::fewer(chain.steps()).into_iter().map(|steps| chain.with(steps));
    let all = fewer.chain(chain.smaller());
    all.filter(|other| other != chain && !other.steps().is_empty()).collect()
}
