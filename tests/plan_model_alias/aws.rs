//! AWS as far as one alias goes: what it holds, whose it is, what a read may hide, and what must never be asked of it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use lambda_operator::api::alias::LambdaAlias;
use lambda_operator::core::attached::Model;
use lambda_operator::core::attached::plan::Wanted;
use lambda_operator::core::attached::status::Answer;
use lambda_operator::core::attached::{Observed, Query};
use lambda_operator::core::error::{CallError, Error};
use lambda_operator::core::host::FunctionOwner;
use lambda_operator::core::kind;
use lambda_operator::core::operation::Operation;
use lambda_operator::core::plan::Write;
use lambda_operator::core::values::Knowable;
use lambda_operator::core::withheld::Withheld;
use lambda_operator::kinds::alias::model::{Alias, Member};
use lambda_operator::kinds::alias::plan::Step;

const ARN: &str = "arn:aws:lambda:eu-west-1:123456789012:function:hello";

/// The versions of the function.
const VERSIONS: [&str; 3] = ["1", "2", "3"];

/// What goes wrong in a run, once. Numbers count the writes that were tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mishap {
    /// Nothing.
    Nothing,
    /// The process dies before it sends the write.
    DiesBefore(usize),
    /// The process dies after AWS carried the write out and before it reads the answer.
    DiesAfter(usize),
    /// AWS carries the write out, and the answer is lost on the way.
    AnswerLost(usize),
    /// The object's status is lost after the pass that sent the write.
    StatusLostAfter(usize),
    /// AWS denies the write.
    Denied(usize),
    /// Somebody else creates the same alias at the moment of the write, if that is a creation.
    Outrun(usize),
    /// Somebody else creates another alias of this name at the moment of the write, if that is a creation.
    OutrunByAnother(usize),
    /// The first read shows nothing, although there is an alias, and our last write was long ago.
    Hidden,
}

/// One alias and everything that happened to it.
pub(super) struct Aws(Mutex<Account>);

/// What AWS keeps.
#[derive(Clone, Debug)]
pub(super) struct Account {
    pub(super) alias: Option<Alias>,
    /// The alias may be written to: status can tell that it is the object's.
    pub(super) ours: bool,
    /// It may be taken over.
    pub(super) may_adopt: bool,
    /// So many looks find the weights that AWS set itself; then they are gone.
    pub(super) shifts: Option<u8>,
    /// The function's owner tag.
    pub(super) owner: Option<&'static str>,
    /// The writes that it carried out, in their order.
    pub(super) done: Vec<Operation>,
    /// The writes that were tried.
    pub(super) tried: usize,
    pub(super) looks: usize,
    /// The reads of the function's owner.
    pub(super) asked: usize,
    pub(super) revision: usize,
    pub(super) mishap: Mishap,
}

impl Account {
    pub(super) fn new(alias: Option<Alias>, ours: bool) -> Self {
        Self {
            alias,
            ours,
            may_adopt: false,
            shifts: None,
            owner: None,
            done: Vec::new(),
            tried: 0,
            looks: 0,
            asked: 0,
            revision: 7,
            mishap: Mishap::Nothing,
        }
    }

    pub(super) fn with(self, mishap: Mishap, may_adopt: bool) -> Self {
        Self { mishap, may_adopt, ..self }
    }

    /// The last read has shown how it stays.
    pub(super) fn is_told(&self) -> bool {
        self.shifts.is_none() && !(self.mishap == Mishap::Hidden && self.looks == 1 && self.alias.is_some())
    }

    /// From here on nothing goes wrong.
    pub(super) fn calm(&mut self) {
        self.mishap = Mishap::Nothing;
    }

    /// Somebody else creates an alias.
    fn outrun(&mut self, alias: Alias) {
        if self.alias.is_none() && VERSIONS.contains(&&*alias.version) {
            self.alias = Some(alias);
        }
    }

    /// The function belongs to an object of the namespace.
    pub(super) fn is_within(&self) -> bool {
        self.owner.is_some_and(|owner| owner.starts_with("cluster/demo/"))
    }

    /// The function belongs to an object of another namespace.
    pub(super) fn is_elsewhere(&self) -> bool {
        self.owner.is_some() && !self.is_within()
    }

    fn carry_out(&mut self, step: &Step) -> Result<Answer, CallError> {
        let operation = step.operation();
        assert!(!self.is_elsewhere(), "written to a function of another namespace");
        assert_eq!(self.asked, 1, "written without a look at the function's owner");
        let refused = |code, status, text: String| {
            Err(CallError::Failed(Error::heard(operation, code, status, &text, &Withheld::nothing())))
        };
        match step {
            Step::Create(wanted) | Step::Update(wanted) if !VERSIONS.contains(&&*wanted.model.version) => {
                let text = format!("Function not found: {ARN}:{}", wanted.model.version);
                return refused("ResourceNotFoundException", 404, text);
            }
            Step::Create(Wanted { name, model: alias, members }) => {
                if self.alias.is_some() {
                    return refused("ResourceConflictException", 409, format!("Alias already exists: {ARN}:{name}"));
                }
                assert_eq!(*members, Member::ALL, "a creation sends everything");
                (self.alias, self.ours) = (Some(alias.clone()), true);
            }
            Step::Update(Wanted { name, model: alias, members }) => {
                let Some(held) = &mut self.alias else {
                    return refused("ResourceNotFoundException", 404, format!("Alias not found: {ARN}:{name}"));
                };
                assert!(self.ours || self.may_adopt, "an alias that is not ours is changed: {held:?}");
                assert!(members.iter().all(|member| held.text(*member) != alias.text(*member)), "sent needlessly");
                let clears = *members == [Member::Routing] && alias.weights.is_empty();
                assert!(!clears || self.shifts.is_none(), "AWS is hindered at its own move");
                let Alias { version, description, weights } = alias.clone();
                for member in members {
                    match member {
                        Member::Version => held.version.clone_from(&version),
                        Member::Description => held.description.clone_from(&description),
                        Member::Routing => held.weights = weights.clone(),
                    }
                }
                self.ours = true;
                self.shifts = self.shifts.filter(|_| !members.contains(&Member::Routing));
            }
            Step::Delete(_) => {
                assert!(self.ours, "an alias that is not ours is deleted: {:?}", self.alias);
                self.alias = None;
            }
        }
        self.revision += 1;
        self.done.push(operation);
        Ok(Answer { revision: self.alias.as_ref().map(|_| self.revision.to_string()) })
    }
}

impl Aws {
    pub(super) fn new(account: Account) -> Self {
        Self(Mutex::new(account))
    }

    pub(super) fn into_account(self) -> Account {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn account(&self) -> MutexGuard<'_, Account> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl kind::Tagged for Aws {
    async fn function_owner(&self) -> Result<FunctionOwner, CallError> {
        let mut account = self.account();
        account.asked += 1;
        Ok(Knowable::Known(account.owner.map(str::to_owned)))
    }
}

impl kind::Aws<LambdaAlias> for Aws {
    async fn observe(&self, query: &Query) -> Result<Option<Observed<Alias>>, CallError> {
        let mut account = self.account();
        account.looks += 1;
        account.asked = 0;
        if account.shifts == Some(0) {
            account.shifts = None;
            account.revision += 1;
            account.alias.iter_mut().for_each(|alias| alias.weights = Default::default());
        }
        account.shifts = account.shifts.map(|looks| looks - 1);
        let hidden = account.mishap == Mishap::Hidden && account.looks == 1;
        let held = |alias: &Alias| Observed {
            model: alias.clone(),
            arn: format!("{ARN}:{}", query.name),
            revision: Some(account.revision.to_string()),
        };
        Ok(account.alias.as_ref().filter(|_| !hidden).map(held))
    }

    async fn execute(&self, step: &Step, _: Option<Vec<u8>>) -> Result<Answer, CallError> {
        let mut account = self.account();
        account.tried += 1;
        let (this, mishap, operation) = (account.tried, account.mishap, step.operation());
        if mishap == Mishap::DiesBefore(this) {
            return Err(death());
        }
        if mishap == Mishap::Denied(this) {
            return Err(CallError::Failed(Error::new(operation, "AccessDeniedException", 403, "not authorized")));
        }
        if let Step::Create(Wanted { model: alias, .. }) = step {
            if mishap == Mishap::Outrun(this) {
                account.outrun(alias.clone());
            } else if mishap == Mishap::OutrunByAnother(this) {
                account.outrun(Alias { description: "theirs".into(), ..alias.clone() });
            }
        }
        let answer = account.carry_out(step);
        if mishap == Mishap::DiesAfter(this) {
            Err(death())
        } else if mishap == Mishap::AnswerLost(this) {
            Err(CallError::Failed(Error::new(operation, "", 0, "connection reset")))
        } else {
            answer
        }
    }
}

/// The only postponement that this model knows: the process is gone.
const fn death() -> CallError {
    CallError::Postponed(Duration::ZERO)
}
