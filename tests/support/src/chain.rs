//! A chain of edits and of what happens between them, and the chains of a function's specs: random, the same for the same seed, and printed so that
//! it can be told.

use std::collections::BTreeMap;
use std::fmt;

use fastrand::Rng;
use serde_json::{Value, json};
use testbed::DefaultNetwork;

use crate::fields::{self, Field, Kind, NOT_WITH_SNAP_START};
use crate::target::Place;

/// Fields, each with the number of one of its values.
pub type Choice = BTreeMap<&'static str, usize>;

/// An edit, what comes in its way, and what somebody does once it is at rest. What is edited, and what can be done to it, differs from one walk to
/// the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step<E, M> {
    pub edit: E,
    pub trouble: Option<Trouble<E>>,
    pub meddling: Option<M>,
}

/// What comes in the way of an edit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble<E> {
    /// The operator is killed after this many calls to AWS, and started again.
    Killed(usize),
    /// Another edit came before, and the operator had made this many calls for it.
    Hurried(E, usize),
    /// The answer to the first write of this name is lost.
    AnswerLost(&'static str),
    /// AWS refuses this many calls, because there are too many.
    Throttled(u32),
}

impl<E: Clone, M: Clone> Step<E, M> {
    /// How many times what walks is compared.
    pub fn rests(steps: &[Self]) -> usize {
        steps.iter().map(|step| 1 + usize::from(step.meddling.is_some())).sum()
    }

    /// How many troubles and meddlings are in them.
    pub fn disturbances(steps: &[Self]) -> usize {
        let of = |step: &Self| usize::from(step.trouble.is_some()) + usize::from(step.meddling.is_some());
        steps.iter().map(of).sum()
    }

    /// Fewer steps, or fewer disturbances; those that lose the most come first.
    pub fn fewer(steps: &[Self]) -> Vec<Vec<Self>> {
        let count = steps.len();
        let mut all = Vec::new();
        let mut with = |change: &dyn Fn(&mut Vec<Self>)| {
            let mut other = steps.to_vec();
            change(&mut other);
            all.push(other);
        };
        for half in [0..count / 2, count / 2..count] {
            with(&|steps| drop(steps.drain(half.clone())));
        }
        for at in (0..count).rev() {
            with(&|steps| drop(steps.remove(at)));
        }
        for at in 0..count {
            with(&|steps| steps[at].trouble = None);
            with(&|steps| steps[at].meddling = None);
        }
        all
    }

    /// All edits, those included that another one overtakes.
    pub fn edits(steps: &mut [Self]) -> impl Iterator<Item = &mut E> {
        steps.iter_mut().flat_map(|step| {
            let other = match &mut step.trouble {
                Some(Trouble::Hurried(other, _)) => Some(other),
                Some(Trouble::Killed(_) | Trouble::AnswerLost(_) | Trouble::Throttled(_)) | None => None,
            };
            std::iter::once(&mut step.edit).chain(other)
        })
    }
}

/// A chain of a function's specs. It ends with the spec that it begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    pub seed: u64,
    pub kind: Kind,
    pub steps: Vec<Step<Choice, Meddling>>,
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

fn step(choice: Choice, fields: &[Field], rng: &mut Rng) -> Step<Choice, Meddling> {
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
    Step { edit: choice, trouble, meddling }
}

impl fmt::Display for Chain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "A walk of seed {}:", self.seed)?;
        for step in &self.steps {
            let Step { edit, trouble, meddling } = step;
            let spec = self.spec(edit, &nowhere());
            let trouble = match trouble {
                None => Value::Null,
                Some(Trouble::Killed(calls)) => json!(format!("the operator is killed after {calls} calls")),
                Some(Trouble::AnswerLost(write)) => json!(format!("the answer to {write} is lost")),
                Some(Trouble::Throttled(calls)) => json!(format!("AWS refuses {calls} calls")),
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
