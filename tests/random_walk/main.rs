//! Whatever edits, meddling, crashes and lost answers lie between: at rest the function is what a fresh object of the same spec gives.
//!
//! Chains are random and the seeds fixed; WALK_SEED and WALK_CHAINS ask for others. A chain that fails is shortened and printed.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in what it calls too")]

mod alias;
mod shorten;
mod walk;

use futures::StreamExt;
use futures::stream;
use support::chain::Chain;
use support::report_row::Row;

/// Walks at a time: each mostly waits for AWS.
const AT_A_TIME: usize = 8;

/// One of each kind, and some that once failed: an edit overtaken by the next left its code signing behind.
const SEEDS: [u64; 6] = [2, 4, 5, 7, 21, 25];

#[tokio::test]
async fn after_any_history_a_function_equals_a_fresh_one() {
    let started = std::time::Instant::now();
    let (first, count) = (number("WALK_SEED"), number("WALK_CHAINS"));
    let seeds = match (first, count) {
        (None, None) => SEEDS.to_vec(),
        (first, count) => (first.unwrap_or(1)..).take(count.unwrap_or(1)).collect(),
    };
    let chains = seeds.into_iter().map(Chain::random);
    let walks = stream::iter(chains).map(|chain| async {
        let failure = walk::walk(&chain, walk::PATIENCE).await.err();
        (chain, failure)
    });
    let ended: Vec<_> = walks.buffer_unordered(AT_A_TIME).collect().await;
    let rests: usize = ended.iter().map(|(chain, _)| chain.rests()).sum();
    println!("{} chains with {rests} rests", ended.len());
    let passed = ended.iter().filter(|(_, failure)| failure.is_none());
    let row = Row {
        what: "walks",
        points: rests,
        faults: ended.iter().map(|(chain, _)| chain.disturbances()).sum(),
        recoveries: passed.clone().map(|(chain, _)| chain.disturbances()).sum(),
        violations: ended.len() - passed.count(),
        took: started.elapsed(),
    };
    row.write();
    let mut failed: Vec<_> = ended.into_iter().filter_map(|(chain, failure)| Some((chain, failure?))).collect();
    for (chain, failure) in &failed {
        eprintln!("The chain of seed {} failed {failure}", chain.seed);
    }
    if let Some((chain, failure)) = failed.pop() {
        eprintln!("Shortening the chain of seed {}", chain.seed);
        let (shortest, failure) = shorten::shorten(chain, failure).await;
        panic!("{shortest}\nfailed {failure}");
    }
}

fn number<T: std::str::FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok()?.parse().ok()
}
