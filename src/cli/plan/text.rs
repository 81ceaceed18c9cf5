//! The text that `lambda-operator plan` prints of one object: its decision, field by field, and the exit code that follows. Pure.

use crate::core::conclusion::Seen;
use crate::core::plan::{Plan, Write};
use crate::core::preview::Preview;
use crate::core::shown::printable;
use crate::core::target::Target;

/// The worst of several counts.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Verdict {
    Same,
    Differs,
    Unknown,
}

/// The plan of an object or of a file, as it is printed.
pub(super) struct Planned {
    pub(super) verdict: Verdict,
    pub(super) text: String,
}

impl Planned {
    /// Nothing to print yet.
    pub(super) const fn nothing() -> Self {
        Self { verdict: Verdict::Same, text: String::new() }
    }

    /// One line.
    pub(super) fn of(verdict: Verdict, line: &str) -> Self {
        let mut planned = Self { verdict, text: String::new() };
        planned.line(line);
        planned
    }

    /// Adds a line. Names, kinds and values come from the file, from AWS or from the cluster: none of them steers a terminal or forges a line.
    pub(super) fn line(&mut self, line: &str) {
        self.text.push_str(&printable(line));
        self.text.push('\n');
    }

    /// Adds the plan of another object.
    pub(super) fn add(&mut self, other: &Self) {
        let Self { verdict, text } = other;
        self.verdict = self.verdict.max(*verdict);
        self.text.push_str(text);
    }
}

/// The writes of the operator for one object.
pub(super) struct Decision<K: Preview> {
    pub(super) target: Target,
    pub(super) desired: Box<K::Desired>,
    pub(super) observed: Option<K::Observed>,
    pub(super) plan: Plan<K::Step>,
    pub(super) notes: Vec<String>,
    /// Whether the status record of the object is known.
    pub(super) remembered: bool,
}

impl<K: Preview> Decision<K> {
    pub(super) fn describe(&self, name: &str) -> Planned {
        let Self { target, desired, observed, plan, notes, remembered: _ } = self;
        let title = format!("{name} ({})", K::arn(desired, target));
        let seen = observed.clone().map_or(Seen::Absent, |observed| Seen::Ours(Box::new(observed)));
        let mut planned = match plan {
            Plan::Done => Planned::of(Verdict::Same, &format!("{title}: no changes")),
            Plan::Wait => {
                Planned::of(Verdict::Unknown, &format!("{title}: AWS is at work on it: ask again when it has ended"))
            }
            Plan::Blocked(blocked) => {
                Planned::of(Verdict::Unknown, &format!("{title}: {}", K::explain(blocked, &seen).1))
            }
            Plan::Steps(steps) => self.steps(&title, steps, ""),
            Plan::Drift(steps) => self.steps(&title, steps, " that driftPolicy: Report reports and leaves"),
        };
        for note in notes {
            planned.line(&format!("  note: {note}"));
        }
        planned
    }

    fn steps(&self, title: &str, steps: &[K::Step], what: &str) -> Planned {
        let (count, plural) = (steps.len(), if steps.len() == 1 { "" } else { "s" });
        let mut planned = Planned::of(Verdict::Differs, &format!("{title}: {count} change{plural}{what}"));
        steps.iter().for_each(|step| self.step(step, &mut planned));
        planned
    }

    fn step(&self, step: &K::Step, planned: &mut Planned) {
        let Self { target, desired, observed, plan: _, notes: _, remembered } = self;
        planned.line(&format!("  {}", step.operation()));
        for change in K::changes(step, target, desired, observed.as_ref()) {
            planned.line(&format!("    {change}"));
        }
        if let Some(unknown) = K::untold(step, desired).filter(|_| !remembered) {
            planned.line(&format!("    {unknown}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_of_a_file_steers_the_terminal_or_forges_a_line() {
        let mut planned = Planned::of(Verdict::Same, "hello\u{1b}[2J\nother: no changes");
        planned.line("  note: \u{202e}x");
        planned.add(&Planned::of(Verdict::Differs, "next\r"));
        assert_eq!(planned.text, "hello\\u{1b}[2J\\nother: no changes\n  note: \\u{202e}x\nnext\\r\n");
        assert!(planned.verdict == Verdict::Differs, "the worst of both");
    }
}
