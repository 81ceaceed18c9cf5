//! What a pass did that later passes must know: learnt from each step and its answer, remembered in the status.

use crate::api::function::status::Deployed;
use crate::core::error::CallError;
use crate::core::error::class::Class;
use crate::core::operation::Access;
use crate::core::outcome::Progress;
use crate::core::plan::Write;
use crate::core::target::Target;
use crate::kinds::function::Answer;
use crate::kinds::function::desired::Desired;
use crate::kinds::function::model::Content;
use crate::kinds::function::observed::{Observed, Version};
use crate::kinds::function::plan::step::{Step, Tagging};
use crate::kinds::function::side;
use crate::kinds::function::side::{Setting, Sides};
use crate::kinds::function::status::history::History;

/// Write-ahead. Before CreateFunction: the target, which binds the object to it, and that nothing is known of the new function, so that
/// records of a previous function are not attributed to it. Before a side group is set: its value, because GetFunction does not report it, and a
/// crash here would leave it set forever.
pub(crate) fn write_ahead(target: &Target, recorded: &History, steps: &[Step]) -> Vec<(Progress, Effects)> {
    let creates = steps.iter().any(|step| step.operation().access() == Access::Create);
    let unbound = creates && (recorded.past.target.as_ref() != Some(target) || recorded.ever_active);
    let creation = unbound.then(|| (Progress::Creating, Effects::default()));
    let sides = Effects::intended(steps, recorded).map(|effects| (Progress::Waiting, effects));
    creation.into_iter().chain(sides).collect()
}

/// What a pass did that later passes must know.
#[derive(Clone, Debug, Default)]
pub struct Effects {
    /// The code that is live now, if code was sent.
    pub deployed: Option<Deployed>,
    /// The version that was published, if one was.
    pub published: Option<Version>,
    /// The side groups that were set, and those that a creation carried.
    pub sides: Sides,
    /// The configuration was sent.
    pub configured: bool,
    /// The role that was given for a moment, if one was.
    pub regranted: Option<String>,
    /// `LastModified` as the last write answered it, if one did.
    pub modified: Option<String>,
    /// The function was taken over: somebody else created it.
    pub adopted: bool,
}

impl Effects {
    /// What a pass proves that finds nothing to do: the live code came from the source, and the configuration is ours,
    /// even where a crash or a lost answer kept the pass that sent them from saying so.
    #[must_use]
    pub fn proved(desired: &Desired, observed: Option<&Observed>) -> Self {
        let Some(observed) = observed else { return Self::default() };
        let ours = desired.source.is_some() && !desired.initial_code;
        let code_sha256 = observed.attributes.code_sha256.clone().filter(|_| ours);
        let deployed = code_sha256.map(|code_sha256| Deployed { source: desired.identity.clone(), code_sha256 });
        Self { deployed, configured: true, ..Self::default() }
    }

    /// The side groups that these steps set in this reconcile and that are not recorded so. They are recorded ahead: GetFunction
    /// does not show them, and a crash between the call and the record would leave them set for good.
    #[must_use]
    pub fn intended(steps: &[Step], recorded: &History) -> Option<Self> {
        let mut intended = Self::default();
        let sent = steps.iter().take_while(|step| !step.ends_reconcile()).filter_map(Step::puts);
        sent.filter(|setting| recorded.sides.get(&setting.side()) != Some(setting)).for_each(|one| intended.put(one));
        (!intended.sides.is_empty()).then_some(intended)
    }

    /// Takes note of a step that AWS accepted. `observed` is what the look before it saw.
    pub fn record(&mut self, step: &Step, answer: Answer, observed: Option<&Observed>) {
        let Answer { code_sha256, version, modified } = answer;
        self.modified = modified.or(self.modified.take());
        if let (Some((_, identity)), Some(code_sha256)) = (step.deploys(), code_sha256) {
            self.deployed = Some(Deployed { source: identity.to_owned(), code_sha256 });
        }
        if let Some(number) = version {
            self.published = Some(Version { number, fingerprint: self.fingerprint(step, observed) });
        }
        match step {
            Step::CreateFunction(creation) => {
                self.sides = side::carried(&creation.function.sides);
                self.configured = true;
            }
            Step::PutSide(setting) => self.put(setting),
            Step::UpdateFunctionConfiguration(_) => self.configured = true,
            Step::TagResource(Tagging::Owner(_)) => self.adopted = true,
            // The next read shows what these did.
            Step::RemoveSide(_)
            | Step::UpdateFunctionCode(_)
            | Step::PutFunctionConcurrency(_)
            | Step::DeleteFunctionConcurrency
            | Step::TagResource(Tagging::Set(_))
            | Step::UntagResource(_)
            | Step::PublishVersion { .. }
            | Step::StopDurableExecution(_)
            | Step::DeleteFunction => {}
        }
    }

    /// Takes note of a step that failed. Where its answer was lost it may be done all the same, and an edit that wants none
    /// of it has to know.
    pub fn record_uncertain(&mut self, step: &Step, halt: &CallError) {
        let lost = matches!(halt, CallError::Failed(error) if error.class == Class::Unavailable);
        if let (true, Some(setting)) = (lost, step.puts()) {
            self.put(setting);
        }
    }

    fn put(&mut self, setting: &Setting) {
        self.sides.insert(setting.side(), Some(setting.clone()));
    }

    /// Hash of what a version published by this step holds.
    fn fingerprint(&self, step: &Step, observed: Option<&Observed>) -> String {
        let Step::CreateFunction(creation) = step else {
            return observed.map(|observed| observed.function.fingerprint()).unwrap_or_default();
        };
        let mut function = creation.function.clone();
        if let Some(deployed) = &self.deployed {
            function.code.content = Content::Sha256(deployed.code_sha256.clone());
        }
        function.code.architecture.get_or_insert_with(|| "x86_64".into());
        function.fingerprint()
    }
}
