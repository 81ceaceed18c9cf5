//! An object of the soak, and the endless row of its specs: one random chain after the other, all of one kind.

use serde_json::Value;

use support::chain::{Chain, Choice};
use support::fields::Kind;
use support::target::Place;

/// As many kinds does a chain choose from by its seed.
const KINDS: u64 = 8;

pub(crate) struct Subject {
    pub(crate) name: String,
    /// Of the spec that it has now; `None`: it is not there yet.
    pub(crate) choice: Option<Choice>,
    chain: Chain,
    step: usize,
}

impl Subject {
    pub(crate) fn new(number: u64, seed: u64) -> Self {
        // Every kind is there, whatever the seed.
        let chain = Chain::random(number % KINDS + KINDS * (seed * 1000 + number));
        Self { name: format!("soak-{number:02}"), choice: None, chain, step: 0 }
    }

    /// The next spec.
    pub(crate) fn edit(&mut self, place: &Place) -> Value {
        if self.step == self.chain.steps.len() {
            (self.chain, self.step) = (Chain::random(self.chain.seed + KINDS), 0);
        }
        let choice = self.chain.steps[self.step].edit.clone();
        self.step += 1;
        let spec = self.chain.spec(&choice, place);
        self.choice = Some(choice);
        spec
    }

    /// The spec that it has now.
    pub(crate) fn spec(&self, place: &Place) -> Option<Value> {
        self.choice.as_ref().map(|choice| self.chain.spec(choice, place))
    }

    pub(crate) fn kind(&self) -> Kind {
        self.chain.kind
    }
}
