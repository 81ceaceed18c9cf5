//! One object and the passes over it, as the controller makes them: look, decide, do until AWS needs time, report.

use std::time::Duration;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use k8s_openapi::jiff::Timestamp;
use lambda_operator::api::{Deployed, LambdaFunction};
use lambda_operator::function::{
    Blocked, Defaults, Goal, Halt, Knowable, Lambda, Look, Memory, Observed, Operation, Outcome, Pass, Place, Plan,
    Seen, Step, Version, Work, goal, plan, status,
};

use super::OWNER;
use super::aws::{Aws, Mishap};

/// What a user asks for.
#[derive(Clone, Debug)]
pub(super) struct Wish {
    pub(super) object: LambdaFunction,
    pub(super) code_signing: Option<String>,
    pub(super) adopt: bool,
}

/// How a pass ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    Done,
    Blocked(Blocked),
    UnderWay,
    Died,
}

/// What one pass did that is worth remembering.
#[derive(Default)]
struct Applied {
    sent: Vec<Operation>,
    deployed: Option<Deployed>,
    published: Option<Version>,
}

impl Wish {
    pub(super) fn goal(&self) -> Goal {
        let memory = Memory::of(self.object.status.as_ref());
        let mut goal = goal(&self.object, "hello", OWNER.into(), &Defaults::default(), &memory)
            .expect("a spec that can be carried out");
        if let Goal::Present(desired) = &mut goal {
            desired.adopt = self.adopt;
            desired.function.code_signing = Knowable::Known(self.code_signing.clone());
        }
        goal
    }

    pub(super) fn is_leaving(&self) -> bool {
        self.object.metadata.deletion_timestamp.is_some()
    }

    /// The object is being deleted.
    pub(super) fn leaving(mut self) -> Self {
        self.object.metadata.deletion_timestamp = Some(Time(Timestamp::UNIX_EPOCH));
        self
    }

    /// Passes until nothing is left to do, or twice in a row nothing can be done.
    pub(super) async fn drive(&mut self, aws: &Aws, mishap: Mishap) -> Ended {
        const MOST_PASSES: usize = 30;
        let mut before = Ended::UnderWay;
        for _ in 0..MOST_PASSES {
            let tried = aws.account().tried;
            let ended = self.pass(aws).await;
            if matches!(mishap, Mishap::StatusLostAfter(n) if tried < n && n <= aws.account().tried) {
                self.object.status = None;
            }
            match ended {
                Ended::Done => return ended,
                Ended::Blocked(_) if ended == before => return ended,
                _ => before = ended,
            }
        }
        panic!("no end after {MOST_PASSES} passes");
    }

    pub(super) async fn pass(&mut self, aws: &Aws) -> Ended {
        let memory = Memory::of(self.object.status.as_ref());
        let goal = self.goal();
        let looked = aws.observe(&self.look(&goal, &memory)).await.expect("a look that is answered");
        let observed = looked.as_ref();
        let seen = match observed {
            None => Seen::Absent,
            Some(observed) if observed.owner == Knowable::Known(Some(OWNER.into())) => Seen::Ours(observed),
            Some(_) => Seen::Nothing,
        };
        let (ended, outcome, applied) = match plan(&goal, observed) {
            Plan::Done => (Ended::Done, Outcome::Settled, Applied::default()),
            Plan::Wait => (Ended::UnderWay, Outcome::Working(Work::Waiting), Applied::default()),
            Plan::Blocked(blocked) => (Ended::Blocked(blocked.clone()), Outcome::Blocked(blocked), Applied::default()),
            Plan::Steps(steps) => {
                if matches!(steps[..], [Step::CreateFunction(_)]) && (memory.place.is_none() || memory.worked) {
                    self.report(seen, Outcome::Working(Work::Creating), Applied::default());
                }
                let (applied, halt) = apply(aws, observed, &steps).await;
                let outcome = match halt {
                    Some(Halt::Postponed(_)) => return Ended::Died,
                    Some(Halt::Failed(error)) => Outcome::Failed(error),
                    None => Outcome::Working(Work::Sent(applied.sent.clone())),
                };
                (Ended::UnderWay, outcome, applied)
            }
        };
        self.report(seen, outcome, applied);
        ended
    }

    fn look(&self, goal: &Goal, memory: &Memory) -> Look {
        let Goal::Present(desired) = goal else { return Look::default() };
        let never_looked = self.object.status.as_ref().is_none_or(|status| status.arn.is_none());
        Look {
            code_signing: self.code_signing.is_some() || memory.code_signing.is_some() || never_looked,
            published: desired.publish.then(|| memory.published.clone()),
        }
    }

    fn report(&mut self, seen: Seen<'_>, outcome: Outcome, applied: Applied) {
        let place = Place { account: "123456789012".into(), region: "eu-west-1".into(), name: "hello".into() };
        let pass = Pass {
            generation: self.object.metadata.generation.unwrap_or_default(),
            place: Some(&place),
            seen,
            outcome,
            deployed: applied.deployed,
            published: applied.published,
            timeout: Duration::from_secs(600),
        };
        self.object.status = Some(status(self.object.status.as_ref(), &pass, Timestamp::UNIX_EPOCH));
    }
}

/// Up to the first step after which AWS must be looked at again.
async fn apply(aws: &Aws, observed: Option<&Observed>, steps: &[Step]) -> (Applied, Option<Halt>) {
    let mut applied = Applied::default();
    for step in steps {
        let answer = match aws.execute(step, None).await {
            Ok(answer) => answer,
            Err(halt) => return (applied, Some(halt)),
        };
        applied.sent.push(step.operation());
        if let (Some(source), Some(code_sha256)) = (step.deploys(), answer.code_sha256) {
            applied.deployed = Some(Deployed { source: source.identity(), code_sha256 });
        }
        if let (Some(number), Some(observed)) = (answer.version, observed) {
            applied.published = Some(Version { number, fingerprint: observed.function.fingerprint() });
        }
        if step.ends_pass() {
            break;
        }
    }
    (applied, None)
}
