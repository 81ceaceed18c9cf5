//! One object and the passes over it, as the controller makes them: look, decide, do until AWS needs time, report.

use std::time::Duration;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use k8s_openapi::jiff::Timestamp;
use lambda_operator::api::function::blocks::AdoptionPolicy;
use lambda_operator::api::function::spec::LambdaFunction;
use lambda_operator::core::blocked::Blocked;
use lambda_operator::core::deletion::Deletion;
use lambda_operator::core::error::CallError;
use lambda_operator::core::operation::Operation;
use lambda_operator::core::outcome::{Outcome, Progress};
use lambda_operator::core::references::{Contents, Kind, Reference, References};
use lambda_operator::core::target::Target;
use lambda_operator::core::values::Knowable;
use lambda_operator::kinds::function::Lambda;
use lambda_operator::kinds::function::desired::{Defaults, Goal, GoalInput, goal, query};
use lambda_operator::kinds::function::observed::Observed;
use lambda_operator::kinds::function::plan::step::Step;
use lambda_operator::kinds::function::plan::{Plan, plan};
use lambda_operator::kinds::function::status::effects::Effects;
use lambda_operator::kinds::function::status::history::History;
use lambda_operator::kinds::function::status::pass::{Seen, StatusInput};
use lambda_operator::kinds::function::status::status;

use super::OWNER;
use super::aws::{Aws, Mishap};

/// What a user asks for.
#[derive(Clone, Debug)]
pub(super) struct Wish {
    pub(super) object: LambdaFunction,
    /// What the Secret `db` holds.
    pub(super) secret: &'static str,
}

/// How a pass ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    Done,
    Blocked(Blocked),
    /// AWS did not answer the look.
    Refused,
    UnderWay,
    Died,
}

/// What one pass did.
#[derive(Default)]
struct Applied {
    sent: Vec<Operation>,
    effects: Effects,
}

impl Wish {
    pub(super) fn goal(&self) -> Goal {
        let history = History::of(self.object.status.as_ref());
        goal(&GoalInput {
            object: &self.object,
            name: "hello",
            owner: OWNER.into(),
            former_owners: Vec::new(),
            defaults: &Defaults::default(),
            history: &history,
            references: &self.references(),
        })
        .expect("a spec that can be carried out")
    }

    fn references(&self) -> References {
        // Deletion needs none, and resolves none.
        if self.is_leaving() {
            return References::default();
        }
        let values = [("password".to_owned(), self.secret.as_bytes().to_vec())].into();
        let secret = Reference { kind: Kind::Secret, name: "db".into() };
        References { objects: [(secret, Contents { version: self.secret.into(), values })].into(), file: None }
    }

    pub(super) fn is_leaving(&self) -> bool {
        self.object.metadata.deletion_timestamp.is_some()
    }

    pub(super) fn adopts(&self) -> bool {
        self.object.spec.adoption_policy == Some(AdoptionPolicy::Adopt)
    }

    pub(super) fn regrants(&self) -> bool {
        self.object.metadata.annotations.is_some()
    }

    fn conditions(&self) -> Option<Vec<Condition>> {
        self.object.status.as_ref().map(|status| status.conditions.clone())
    }

    /// The object is being deleted.
    pub(super) fn deletion(mut self) -> Self {
        self.object.metadata.deletion_timestamp = Some(Time(Timestamp::UNIX_EPOCH));
        self
    }

    /// Passes until nothing is left to do, or twice in a row nothing can be done.
    pub(super) async fn drive(&mut self, aws: &Aws, mishap: Mishap) -> Ended {
        const MOST_PASSES: usize = 30;
        let mut before = Ended::UnderWay;
        for _ in 0..MOST_PASSES {
            let (tried, told) = (aws.account().tried, self.conditions());
            let ended = self.pass(aws).await;
            if matches!(mishap, Mishap::StatusLostAfter(n) if tried < n && n <= aws.account().tried) {
                self.object.status = None;
            }
            match ended {
                Ended::Done => return ended,
                Ended::Blocked(_) | Ended::Refused if ended == before => {
                    assert_eq!(self.conditions(), told, "told otherwise without news");
                    return ended;
                }
                _ => before = ended,
            }
        }
        panic!("no end after {MOST_PASSES} passes");
    }

    pub(super) async fn pass(&mut self, aws: &Aws) -> Ended {
        let history = History::of(self.object.status.as_ref());
        let goal = self.goal();
        let looked = match aws.observe(&query(&goal, &history)).await {
            Ok(looked) => looked,
            Err(CallError::Postponed(_)) => return Ended::Died,
            Err(CallError::Failed(error)) => {
                self.report(Seen::Nothing, Outcome::Failed(error), Effects::default());
                return Ended::Refused;
            }
        };
        let observed = looked.as_ref();
        let seen = match observed {
            None => Seen::Absent,
            Some(observed) if observed.owner == Knowable::Known(Some(OWNER.into())) => Seen::Ours(observed),
            Some(_) => Seen::Nothing,
        };
        let (ended, seen, outcome, effects) = match plan(&goal, observed) {
            Plan::Done => (Ended::Done, seen, Outcome::Settled, Effects::proved(&goal, observed)),
            Plan::Wait => (Ended::UnderWay, seen, Outcome::InProgress(Progress::Waiting), Effects::default()),
            Plan::Drift(_) => (Ended::Done, seen, Outcome::Drifted(Vec::new()), Effects::default()),
            Plan::Blocked(blocked) => {
                (Ended::Blocked(blocked.clone()), seen, Outcome::Blocked(blocked), Effects::default())
            }
            Plan::Steps(steps) => {
                if matches!(steps[..], [Step::CreateFunction(_)]) && (history.target.is_none() || history.ever_active) {
                    self.report(seen, Outcome::InProgress(Progress::Creating), Effects::default());
                }
                if let Some(signing) =
                    steps.iter().find_map(Step::signs).filter(|new| history.code_signing.as_ref() != Some(new))
                {
                    let effects = Effects { signed: Some(Some(signing.clone())), ..Effects::default() };
                    self.report(seen, Outcome::InProgress(Progress::Waiting), effects);
                }
                let (mut applied, halt) = apply(aws, observed, &steps).await;
                applied.effects.regranted = goal.regranted(&steps).filter(|_| applied.effects.configured);
                let outcome = match halt {
                    Some(CallError::Postponed(_)) => return Ended::Died,
                    Some(CallError::Failed(error)) => Outcome::Failed(error),
                    None => Outcome::InProgress(Progress::Sent(applied.sent.clone())),
                };
                let deleted = applied.sent.contains(&Operation::DeleteFunction);
                (Ended::UnderWay, if deleted { Seen::Absent } else { seen }, outcome, applied.effects)
            }
        };
        self.report(seen, outcome, effects);
        ended
    }

    fn report(&mut self, seen: Seen<'_>, outcome: Outcome, effects: Effects) {
        let target = Target { account: "123456789012".into(), region: "eu-west-1".into(), name: "hello".into() };
        let pass = StatusInput {
            generation: self.object.metadata.generation.unwrap_or_default(),
            target: Some(&target),
            identity: None,
            seen,
            outcome,
            references: self.references().fingerprint(),
            effects,
            timeout: Duration::from_secs(600),
            requested: None,
            shown: None,
            deletion: self.is_leaving().then_some(Deletion { namespace: "demo", name: "hello", skip_destroy: false }),
        };
        self.object.status = Some(status(self.object.status.as_ref(), &pass, Timestamp::UNIX_EPOCH));
    }
}

/// Up to the first step after which AWS must be looked at again.
async fn apply(aws: &Aws, observed: Option<&Observed>, steps: &[Step]) -> (Applied, Option<CallError>) {
    let mut applied = Applied::default();
    for step in steps {
        let answer = match aws.execute(step, None).await {
            Ok(answer) => answer,
            Err(halt) => {
                applied.effects.record_uncertain(step, &halt);
                return (applied, Some(halt));
            }
        };
        applied.sent.push(step.operation());
        applied.effects.record(step, answer, observed);
        if step.ends_pass() {
            break;
        }
    }
    (applied, None)
}
