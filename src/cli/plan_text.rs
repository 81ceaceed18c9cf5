//! What `lambda-operator plan` prints of one object: its decision, field by field, and the exit code that follows. Pure.

use std::fmt::Write as _;

use crate::core::conclusion::Seen;
use crate::core::plan::{Plan, Write};
use crate::core::preview::Preview;
use crate::core::target::Target;

/// The worst of several counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Verdict {
    Same,
    Differs,
    Unknown,
}

pub(super) struct Told {
    pub(super) verdict: Verdict,
    pub(super) text: String,
}

/// What one object would have the operator do.
pub(super) struct Decision<K: Preview> {
    pub(super) target: Target,
    pub(super) desired: Box<K::Desired>,
    pub(super) observed: Option<K::Observed>,
    pub(super) plan: Plan<K::Step>,
    pub(super) notes: Vec<String>,
    /// What the operator remembers is known.
    pub(super) remembered: bool,
}

impl<K: Preview> Decision<K> {
    pub(super) fn tell(&self, name: &str) -> Told {
        let Self { target, desired, observed, plan, notes, remembered: _ } = self;
        let title = format!("{name} ({})", K::arn(desired, target));
        let seen = observed.clone().map_or(Seen::Absent, |observed| Seen::Ours(Box::new(observed)));
        let (verdict, mut text) = match plan {
            Plan::Done => (Verdict::Same, format!("{title}: no changes\n")),
            Plan::Wait => (Verdict::Unknown, format!("{title}: AWS is at work on it: ask again when it has ended\n")),
            Plan::Blocked(blocked) => (Verdict::Unknown, format!("{title}: {}\n", K::explain(blocked, &seen).1)),
            Plan::Steps(steps) => (Verdict::Differs, self.steps(&title, steps, "")),
            Plan::Drift(steps) => {
                (Verdict::Differs, self.steps(&title, steps, " that driftPolicy: Report tells and leaves"))
            }
        };
        for note in notes {
            let _ = writeln!(text, "  note: {note}");
        }
        Told { verdict, text }
    }

    fn steps(&self, title: &str, steps: &[K::Step], what: &str) -> String {
        let (count, plural) = (steps.len(), if steps.len() == 1 { "" } else { "s" });
        let steps: String = steps.iter().map(|step| self.step(step)).collect();
        format!("{title}: {count} change{plural}{what}\n{steps}")
    }

    fn step(&self, step: &K::Step) -> String {
        let Self { target, desired, observed, plan: _, notes: _, remembered } = self;
        let mut text = format!("  {}\n", step.operation());
        for change in K::changes(step, target, desired, observed.as_ref()) {
            let _ = writeln!(text, "    {change}");
        }
        if let Some(untold) = K::untold(step, desired).filter(|_| !remembered) {
            let _ = writeln!(text, "    {untold}");
        }
        text
    }
}
