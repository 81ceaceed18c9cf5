//! AWS as far as one function goes: what it holds, how long it is busy, what it forgets, and what must never be asked of it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use lambda_operator::function::{
    Answer, Content, Desired, Error, Function, Halt, Knowable, Lambda, Lifecycle, Look, Observed, Operation, Says,
    Source, Step, Tagging, Untagging, Version,
};

use super::OWNER;

/// How many tags a function holds, the owner's included. AWS allows 50; with few the limit is felt.
const MOST_TAGS: usize = 3;

/// What goes wrong in a run, once. Numbers count the writes that were tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mishap {
    /// Nothing.
    Nothing,
    /// The process dies before it sends the write.
    DiesBefore(usize),
    /// The process dies after AWS carried the write out and before it reads the answer.
    DiesAfter(usize),
    /// The object's status is lost after the pass that sent the write.
    StatusLostAfter(usize),
    /// AWS denies the write.
    Denied(usize),
    /// AWS accepts the write and fails while it works on it.
    TakenBack(usize),
    /// Another operator adopts at the same moment, and writes its name over ours.
    Outrun,
}

/// One function and everything that happened to it.
pub(super) struct Aws(Mutex<Account>);

/// What AWS keeps.
pub(super) struct Account {
    pub(super) function: Option<Held>,
    /// The writes that it carried out, in their order.
    pub(super) done: Vec<Operation>,
    /// The writes that were tried.
    pub(super) tried: usize,
    /// Deleting a function that once worked is right.
    pub(super) may_go: bool,
    mishap: Mishap,
}

/// A function as AWS holds it.
#[derive(Clone, Debug)]
pub(super) struct Held {
    /// What `GetFunction` shows.
    pub(super) shown: Function,
    /// What invocations get: after a failed update, not what is shown.
    pub(super) runs: Function,
    pub(super) owner: Option<String>,
    pub(super) tags_withheld: bool,
    /// `State` and `LastUpdateStatus` with its reason code, in AWS's words.
    pub(super) state: &'static str,
    pub(super) last_update: &'static str,
    pub(super) reason_code: Option<&'static str>,
    pub(super) under_way: Option<UnderWay>,
    /// It was invocable at some time.
    pub(super) worked: bool,
    /// What the published versions froze; the first has number 1.
    pub(super) versions: Vec<Function>,
    /// An update came since the last version: only without one is PublishVersion idempotent.
    pub(super) updated: bool,
}

/// What AWS is at work on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct UnderWay {
    pub(super) what: Operation,
    pub(super) fails: bool,
    /// How many looks find it still at work.
    pub(super) looks: u8,
}

impl UnderWay {
    pub(super) const fn on(what: Operation) -> Self {
        Self { what, fails: false, looks: 1 }
    }
}

impl Aws {
    pub(super) fn new(function: Option<Held>, may_go: bool, mishap: Mishap) -> Self {
        Self(Mutex::new(Account { function, done: Vec::new(), tried: 0, may_go, mishap }))
    }

    pub(super) fn account(&self) -> MutexGuard<'_, Account> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Lambda for Aws {
    async fn observe(&self, look: &Look) -> Result<Option<Observed>, Halt> {
        let mut account = self.account();
        account.time_passes();
        Ok(account.function.as_ref().map(|held| held.observed(look)))
    }

    async fn execute(&self, step: &Step, _: Option<Vec<u8>>) -> Result<Answer, Halt> {
        let mut account = self.account();
        account.tried += 1;
        let (this, mishap) = (account.tried, account.mishap);
        if mishap == Mishap::DiesBefore(this) {
            return Err(death());
        }
        if mishap == Mishap::Denied(this) {
            return Err(Halt::Failed(Error::new(step.operation(), "AccessDeniedException", 403, "not authorized")));
        }
        account.done.push(step.operation());
        let answer = account.carry_out(step);
        if let Some(held) = &mut account.function {
            if let Some(work) = &mut held.under_way {
                work.fails |= mishap == Mishap::TakenBack(this);
            }
            if mishap == Mishap::Outrun && matches!(step, Step::TagResource(Tagging::Owner(_))) {
                held.owner = Some("another".into());
            }
        }
        if mishap == Mishap::DiesAfter(this) { Err(death()) } else { Ok(answer) }
    }
}

/// The only postponement that this model knows: the process is gone.
const fn death() -> Halt {
    Halt::Postponed(Duration::ZERO)
}

impl Account {
    fn time_passes(&mut self) {
        let Some(held) = &mut self.function else { return };
        match &mut held.under_way {
            Some(work) if work.looks > 0 => work.looks -= 1,
            Some(UnderWay { what: Operation::DeleteFunction, .. }) => self.function = None,
            Some(_) => held.settle(),
            None => {}
        }
    }

    fn carry_out(&mut self, step: &Step) -> Answer {
        match (step, &mut self.function) {
            (Step::CreateFunction(desired), function) => {
                assert!(function.is_none(), "a second function is created");
                let held = Held::new(desired);
                let answer = Answer {
                    code_sha256: Some(sha256(&desired.source)),
                    version: desired.publish.then(|| held.versions.len().to_string()),
                };
                self.function = Some(held);
                answer
            }
            (Step::DeleteFunction, Some(held)) => {
                held.accepts(step);
                assert!(self.may_go || !held.worked, "a function that once worked is made anew");
                self.function = None;
                Answer::default()
            }
            (step, Some(held)) => {
                held.accepts(step);
                held.write(step)
            }
            (step, None) => panic!("{step:?} of a function that is not there"),
        }
    }
}

impl Held {
    /// Just created: pending, and with its first version where one was asked for.
    fn new(desired: &Desired) -> Self {
        let mut shown = desired.function.clone();
        shown.code.content = Content::Sha256(sha256(&desired.source));
        shown.code.architecture.get_or_insert_with(|| "x86_64".into());
        // Not part of CreateFunction.
        shown.concurrency = None;
        Self {
            runs: shown.clone(),
            owner: Some(desired.owner.clone()),
            tags_withheld: false,
            state: "Pending",
            last_update: "InProgress",
            reason_code: None,
            under_way: Some(UnderWay::on(Operation::CreateFunction)),
            worked: false,
            versions: if desired.publish { vec![shown.clone()] } else { Vec::new() },
            updated: !desired.publish,
            shown,
        }
    }

    /// What no write may ever break.
    fn accepts(&self, step: &Step) {
        let adoption = matches!(step, Step::TagResource(Tagging::Owner(_)));
        let ours = self.owner.as_deref() == Some(OWNER);
        assert!(ours || (adoption && self.owner.is_none()), "{step:?} of a function that is not ours");
        assert!(!self.tags_withheld, "{step:?} of a function whose owner cannot be read");
        let always = matches!(step, Step::TagResource(_) | Step::UntagResource(_) | Step::DeleteFunction);
        assert!(always || self.under_way.is_none(), "{step:?} while AWS is busy");
        assert!(self.state != "Deleting", "{step:?} while the function is being deleted");
    }

    fn write(&mut self, step: &Step) -> Answer {
        match step {
            Step::UpdateFunctionConfiguration(configuration) => {
                let needless = self.last_update == "Successful" && self.shown.configuration == **configuration;
                assert!(!needless, "an update without a difference");
                self.shown.configuration = (**configuration).clone();
                self.begin(Operation::UpdateFunctionConfiguration);
            }
            Step::UpdateFunctionCode { source, architecture } => {
                self.shown.code.content = Content::Sha256(sha256(source));
                // AWS does not keep what is left out.
                self.shown.code.architecture = Some(architecture.clone().unwrap_or_else(|| "x86_64".into()));
                self.begin(Operation::UpdateFunctionCode);
                return Answer { code_sha256: Some(sha256(source)), version: None };
            }
            Step::PublishVersion { code_sha256 } => return self.publish(code_sha256),
            Step::PutFunctionCodeSigningConfig(arn) => {
                self.both(|f| f.code_signing = Knowable::Known(Some(arn.clone())));
            }
            Step::DeleteFunctionCodeSigningConfig => self.both(|f| f.code_signing = Knowable::Known(None)),
            Step::PutFunctionConcurrency(reserved) => self.both(|f| f.concurrency = Some(*reserved)),
            Step::DeleteFunctionConcurrency => self.both(|f| f.concurrency = None),
            Step::TagResource(Tagging::Owner(owner)) => self.owner = Some(owner.clone()),
            Step::UntagResource(Untagging::Owner) => self.owner = None,
            Step::TagResource(Tagging::Set(set)) => {
                let mut tags = self.shown.tags.known().cloned().unwrap_or_default();
                tags.extend(set.clone());
                assert!(tags.len() < MOST_TAGS, "more tags than AWS holds: {tags:?}");
                self.both(|f| f.tags = Knowable::Known(tags.clone()));
            }
            Step::UntagResource(Untagging::Remove(keys)) => {
                assert!(
                    keys.iter().all(|key| !key.starts_with("lambda-operator.io/")),
                    "the owner is removed by the way"
                );
                let mut tags = self.shown.tags.known().cloned().unwrap_or_default();
                tags.retain(|key, _| !keys.contains(key));
                self.both(|f| f.tags = Knowable::Known(tags.clone()));
            }
            Step::CreateFunction(_) | Step::DeleteFunction => unreachable!("carried out by the account"),
        }
        Answer::default()
    }

    fn publish(&mut self, code_sha256: &str) -> Answer {
        assert_eq!(self.last_update, "Successful", "published over a failed update");
        assert_eq!(
            self.shown.code.content,
            Content::Sha256(code_sha256.into()),
            "published another code than was meant"
        );
        if self.updated || self.versions.is_empty() {
            let held = self.versions.last().map(Function::fingerprint);
            assert_ne!(held, Some(self.shown.fingerprint()), "a second version of the same");
            self.versions.push(self.shown.clone());
            self.updated = false;
            self.last_update = "InProgress";
            self.under_way = Some(UnderWay::on(Operation::PublishVersion));
        }
        Answer { code_sha256: None, version: Some(self.versions.len().to_string()) }
    }

    fn begin(&mut self, what: Operation) {
        self.updated = true;
        self.last_update = "InProgress";
        self.under_way = Some(UnderWay::on(what));
    }

    fn settle(&mut self) {
        let Some(UnderWay { what, fails, .. }) = self.under_way.take() else { return };
        self.last_update = if fails { "Failed" } else { "Successful" };
        match (what, fails) {
            (Operation::CreateFunction, true) => self.state = "Failed",
            (Operation::UpdateFunctionCode, true) => self.reason_code = Some("InvalidImage"),
            (_, true) => self.reason_code = Some("InvalidSubnet"),
            (what, false) => {
                match what {
                    Operation::UpdateFunctionCode => self.runs.code = self.shown.code.clone(),
                    Operation::UpdateFunctionConfiguration => {
                        self.runs.configuration = self.shown.configuration.clone();
                    }
                    _ => {}
                }
                (self.state, self.worked) = ("Active", true);
            }
        }
    }

    /// What takes effect at once.
    fn both(&mut self, change: impl Fn(&mut Function)) {
        change(&mut self.shown);
        change(&mut self.runs);
    }

    fn observed(&self, look: &Look) -> Observed {
        let mut function = self.shown.clone();
        let mut owner = Knowable::Known(self.owner.clone());
        if !look.code_signing {
            function.code_signing = Knowable::Unknown;
        }
        if self.tags_withheld {
            (function.tags, owner) = (Knowable::Unknown, Knowable::Unknown);
        }
        let says = Says {
            arn: "arn:aws:lambda:eu-west-1:123456789012:function:hello".into(),
            code_sha256: self.code_sha256(),
            state: Some(self.state.into()),
            last_update_status: Some(self.last_update.into()),
            last_update_status_reason_code: self.reason_code.map(Into::into),
            ..Says::default()
        };
        let lifecycle = Lifecycle::of(&says);
        let asked = look.published.as_ref().filter(|_| lifecycle == Lifecycle::Ready);
        let published = asked.and_then(|known| self.holder_of_latest(known.as_ref()));
        Observed { function, owner, lifecycle, published, says }
    }

    /// The version that holds what `$LATEST` holds: the one that is known, or else the newest.
    fn holder_of_latest(&self, known: Option<&Version>) -> Option<Version> {
        let fingerprint = self.shown.fingerprint();
        if let Some(known) = known.filter(|known| known.fingerprint == fingerprint) {
            return Some(known.clone());
        }
        let number = known.map_or_else(|| self.versions.len().to_string(), |known| known.number.clone());
        let holds = self.version(&number).is_some_and(|version| version.fingerprint() == fingerprint);
        holds.then_some(Version { number, fingerprint })
    }

    pub(super) fn version(&self, number: &str) -> Option<&Function> {
        self.versions.get(number.parse::<usize>().ok()?.checked_sub(1)?)
    }

    fn code_sha256(&self) -> Option<String> {
        match &self.shown.code.content {
            Content::Sha256(sha256) => Some(sha256.clone()),
            Content::Undeployed => None,
        }
    }
}

/// What AWS calls the code of a source.
pub(super) fn sha256(source: &Source) -> String {
    match source {
        Source::Inline { sha256, .. } => sha256.clone(),
        other => format!("sha256 of {}", other.identity()),
    }
}
