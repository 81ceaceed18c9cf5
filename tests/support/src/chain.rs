//! A chain of specs and of what happens between them: random, the same for the same seed, and printed so that it can be told.

use std::collections::BTreeMap;
use std::fmt;

use fastrand::Rng;
use serde_json::{Value, json};
use testbed::DefaultNetwork;

use crate::fields::{self, Field, Kind, NOT_WITH_SNAP_START};
use crate::target::Place;

/// Fields, each with the number of one of its values.
pub type Choice = BTreeMap<&'static str, usize>;

/// A chain. It ends with the spec that it begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    pub seed: u64,
    pub kind: Kind,
    pub steps: Vec<Step>,
}

/// An edit, what comes in its way, and what somebody does once it is at rest.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Step {
    pub choice: Choice,
    pub trouble: Option<Trouble>,
    pub meddling: Option<Meddling>,
}

/// What comes in the way of an edit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// The operator is killed after this many calls to AWS, and started again.
    Killed(usize),
    /// Another edit came before, and the operator had made this many calls for it.
    Hurried(Choice, usize),
    /// The answer to the first write of this name is lost.
    AnswerLost(&'static str),
}

/// What somebody else does to the function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meddling {
    Configuration,
    Environment,
    Code,
    Tags,
    Concurrency,
}

const WRITES: [&str; 6] = [
    "CreateFunction",
    "UpdateFunctionConfiguration",
    "UpdateFunctionCode",
    "PutFunction*",
    "*Resource",
    "PublishVersion",
];

const MEDDLING: [Meddling; 5] =
    [Meddling::Configuration, Meddling::Environment, Meddling::Code, Meddling::Tags, Meddling::Concurrency];

impl Chain {
    /// The chain of a seed.
    pub fn random(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let kinds =
            [Kind::Zip, Kind::Zip, Kind::Image, Kind::Zip, Kind::Durable, Kind::Managed, Kind::Zip, Kind::Tenant];
        let kind = kinds[usize::try_from(seed).unwrap_or_default() % kinds.len()];
        let fields = fields::fields(kind, &nowhere());
        let mut choice = Choice::new();
        change(&mut choice, &fields, 8, &mut rng);
        let first = choice.clone();
        let mut steps = vec![step(choice.clone(), &fields, &mut rng)];
        for _ in 0..5 {
            let edits = rng.usize(1..=8);
            change(&mut choice, &fields, edits, &mut rng);
            steps.push(step(choice.clone(), &fields, &mut rng));
        }
        steps.push(step(first, &fields, &mut rng));
        Self { seed, kind, steps }
    }

    /// How many times a function is compared.
    pub fn rests(&self) -> usize {
        self.steps.iter().map(|step| 1 + usize::from(step.meddling.is_some())).sum()
    }

    /// How many troubles and meddlings are in it.
    pub fn disturbances(&self) -> usize {
        let of = |step: &Step| usize::from(step.trouble.is_some()) + usize::from(step.meddling.is_some());
        self.steps.iter().map(of).sum()
    }

    /// The spec of a choice.
    pub fn spec(&self, choice: &Choice, place: &Place) -> Value {
        let mut spec = fields::base(self.kind);
        let snapshots = choice.get("snap-start") == Some(&0);
        for field in fields::fields(self.kind, place) {
            let Some(value) = choice.get(field.name) else { continue };
            if !(snapshots && NOT_WITH_SNAP_START.contains(&field.name)) {
                fields::add(&mut spec, &field.values[*value]);
            }
        }
        spec
    }
}

/// Names and numbers of fields are the same everywhere.
fn nowhere() -> Place {
    let text = |text: &str| text.to_owned();
    let network = DefaultNetwork { subnet: text("SUBNET"), security_group: text("GROUP"), vpc: text("VPC") };
    let two = |name: &str| [1, 2].map(|number| format!("{name}-{number}"));
    let (layers, buckets, versions) = (two("LAYER"), two("BUCKET"), two("VERSION"));
    Place { account: text("ACCOUNT"), network, layers, buckets, versions }
}

/// Sets, changes and removes fields.
fn change(choice: &mut Choice, fields: &[Field], edits: usize, rng: &mut Rng) {
    for _ in 0..edits {
        let field = &fields[rng.usize(..fields.len())];
        if choice.contains_key(field.name) && rng.u8(..3) == 0 {
            choice.remove(field.name);
        } else {
            choice.insert(field.name, rng.usize(..field.values.len()));
        }
    }
}

fn step(choice: Choice, fields: &[Field], rng: &mut Rng) -> Step {
    let trouble = match rng.u8(..8) {
        0 | 1 => Some(Trouble::Killed(rng.usize(..6))),
        2 | 3 => {
            let mut other = choice.clone();
            change(&mut other, fields, 4, rng);
            Some(Trouble::Hurried(other, rng.usize(..5)))
        }
        4 => Some(Trouble::AnswerLost(WRITES[rng.usize(..WRITES.len())])),
        _ => None,
    };
    let meddling = (rng.u8(..3) == 0).then(|| MEDDLING[rng.usize(..MEDDLING.len())]);
    Step { choice, trouble, meddling }
}

impl fmt::Display for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "A walk of seed {}:", self.seed)?;
        for step in &self.steps {
            let Step { choice, trouble, meddling } = step;
            let spec = self.spec(choice, &nowhere());
            let trouble = match trouble {
                None => Value::Null,
                Some(Trouble::Killed(calls)) => json!(format!("the operator is killed after {calls} calls")),
                Some(Trouble::AnswerLost(write)) => json!(format!("the answer to {write} is lost")),
                Some(Trouble::Hurried(other, calls)) => {
                    json!({"calls since": calls, "another edit": self.spec(other, &nowhere())})
                }
            };
            writeln!(f, "{}", json!({"spec": spec}))?;
            if !trouble.is_null() {
                writeln!(f, "  trouble: {trouble}")?;
            }
            if let Some(meddling) = meddling {
                writeln!(f, "  then somebody else changes: {meddling:?}")?;
            }
        }
        Ok(())
    }
}
