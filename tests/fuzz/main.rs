//! Whatever the schema lets through and whatever AWS answers: no panic, no secret shown, every failure with its class.
//!
//! The seed is fixed, so that a failure is the same everywhere; HOSTILE_SEED and HOSTILE_CASES ask for others.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking, in what it calls too")]

mod answers;
mod observe;
mod schema;
mod server;
mod specs;
mod texts;

use std::fmt::Debug;

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// In every value that must be shown nowhere.
const SECRET: &str = "mArKeD";

/// Runs the test on many values; what fails is made as small as it can be.
fn check<T: Debug>(strategy: &impl Strategy<Value = T>, cases: u32, test: impl Fn(T)) {
    let seed = number("HOSTILE_SEED").unwrap_or(1);
    let config = Config {
        cases: number("HOSTILE_CASES").and_then(|cases| cases.try_into().ok()).unwrap_or(cases),
        failure_persistence: None,
        max_shrink_iters: 4000,
        ..Config::default()
    };
    let bytes: Vec<u8> = (0..4_u64).flat_map(|part| seed.wrapping_add(part).to_le_bytes()).collect();
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let result = runner.run(strategy, |value| {
        test(value);
        Ok(())
    });
    if let Err(error) = result {
        panic!("seed {seed}: {error}");
    }
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// Whatever people, logs and Kubernetes get to read.
fn assert_silent(what: &str, shown: &str) {
    assert!(!shown.contains(SECRET), "{what} shows a secret: {shown}");
}
