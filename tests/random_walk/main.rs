//! Whatever edits, meddling, crashes and lost answers lie between: at rest AWS has what fresh objects of the same specs give.
//!
//! Chains are random and the seeds fixed; WALK_SEED and WALK_CHAINS ask for others. A chain that fails is shortened and printed.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in what it calls too")]

mod alias;
mod family;
mod function;
mod shorten;
mod walk;

use futures::StreamExt;
use futures::stream;
use support::chain::{Chain, Step};
use support::report_row::Row;
use walk::Walk;

/// Walks at a time: each mostly waits for AWS.
const AT_A_TIME: usize = 8;

/// One of each kind, and some that once failed: an edit overtaken by the next left its code signing behind.
const OF_FUNCTIONS: [u64; 6] = [2, 4, 5, 7, 21, 25];
const OF_ALIASES: [u64; 4] = [1, 2, 3, 4];
/// With deletions and every trouble. None deletes a resource in AWS right after it was written, which takes as long as AWS's reads may lag: with other
/// seeds that happens.
const OF_FAMILIES: [u64; 4] = [3, 8, 21, 29];

#[tokio::test]
async fn after_any_history_a_function_equals_a_fresh_one() {
    walks::<Chain>("walks", &OF_FUNCTIONS).await;
}

#[tokio::test]
async fn after_any_history_an_alias_is_what_its_spec_says() {
    walks::<alias::Aliased>("alias walks", &OF_ALIASES).await;
}

#[tokio::test]
async fn after_any_history_a_family_equals_a_fresh_one() {
    walks::<family::Family>("kinds' walks", &OF_FAMILIES).await;
}

/// Walks the chains of these seeds, or of those that the environment asks for; one that fails is shortened and printed.
async fn walks<W: Walk>(what: &'static str, seeds: &[u64]) {
    let started = std::time::Instant::now();
    let (first, count) = (number("WALK_SEED"), number("WALK_CHAINS"));
    let seeds = match (first, count) {
        (None, None) => seeds.to_vec(),
        (first, count) => (first.unwrap_or(1)..).take(count.unwrap_or(1)).collect(),
    };
    let chains = seeds.into_iter().map(W::random);
    let walks = stream::iter(chains).map(|chain| async {
        let failure = walk::walk(&chain, walk::PATIENCE).await.err();
        (chain, failure)
    });
    let ended: Vec<_> = walks.buffer_unordered(AT_A_TIME).collect().await;
    let rests: usize = ended.iter().map(|(chain, _)| Step::rests(chain.steps())).sum();
    println!("{} chains with {rests} rests", ended.len());
    let passed = ended.iter().filter(|(_, failure)| failure.is_none());
    let row = Row {
        what,
        points: rests,
        faults: ended.iter().map(|(chain, _)| Step::disturbances(chain.steps())).sum(),
        recoveries: passed.clone().map(|(chain, _)| Step::disturbances(chain.steps())).sum(),
        violations: ended.len() - passed.count(),
        took: started.elapsed(),
    };
    row.write();
    let mut failed: Vec<_> = ended.into_iter().filter_map(|(chain, failure)| Some((chain, failure?))).collect();
    for (chain, failure) in &failed {
        eprintln!("The chain of seed {} failed {failure}", chain.seed());
    }
    if let Some((chain, failure)) = failed.pop() {
        eprintln!("Shortening the chain of seed {}", chain.seed());
        let (shortest, failure) = shorten::shorten(chain, failure).await;
        panic!("{shortest}\nfailed {failure}");
    }
}

fn number<T: std::str::FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok()?.parse().ok()
}
