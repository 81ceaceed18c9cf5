//! One object and its reconciles: the operator's own stages, over the model of AWS.

use std::convert::Infallible;
use std::time::Duration;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use k8s_openapi::jiff::Timestamp;
use lambda_operator::api::function::spec::LambdaFunction;
use lambda_operator::api::shared::AdoptionPolicy;
use lambda_operator::controller::reconcile::stages::{Stop, converge};
use lambda_operator::core::blocked::Blocked;
use lambda_operator::core::conclusion::{Seen, StatusInput};
use lambda_operator::core::consent::Owner;
use lambda_operator::core::deletion::Deletion;
use lambda_operator::core::goal::Defaults;
use lambda_operator::core::hand_over::{HandOver, ObjectName};
use lambda_operator::core::kind::{Cluster, ConclusionOf, GoalInput, Situation};
use lambda_operator::core::namespace_policy::Policy;
use lambda_operator::core::operation::Access;
use lambda_operator::core::outcome::Outcome;
use lambda_operator::core::package::{NotLoaded, Package};
use lambda_operator::core::past::Past;
use lambda_operator::core::references::{Contents, Kind, Reference, References};
use lambda_operator::core::staleness::READ_LAG;
use lambda_operator::core::status::status;
use lambda_operator::core::target::Target;
use lambda_operator::kinds::function::desired::{Goal, goal};
use lambda_operator::kinds::function::status::history::History;

use super::aws::{Aws, Mishap};
use super::{GIVER, OWNER};

/// What a user asks for.
#[derive(Clone, Debug)]
pub(super) struct Wish {
    pub(super) object: LambdaFunction,
    /// What the Secret `db` holds.
    pub(super) secret: &'static str,
    /// The namespace allows that what nobody owns is taken over.
    pub(super) may_adopt: bool,
    /// What the API server says of the second owner.
    pub(super) giver: Owner,
    /// The time of its last reconcile. The model's reads are never stale, so each reconcile comes when AWS's lag is over.
    pub(super) clock: Timestamp,
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

impl Wish {
    pub(super) fn goal(&self) -> Goal {
        let history = History::of(self.object.status.as_ref());
        goal(&GoalInput {
            object: &self.object,
            target: &target(),
            now: k8s_openapi::jiff::Timestamp::UNIX_EPOCH,
            rival: None,
            may_adopt: self.may_adopt,
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
        References {
            objects: [(secret, Contents { uid: "u".into(), version: self.secret.into(), values })].into(),
            ..References::default()
        }
    }

    pub(super) fn is_leaving(&self) -> bool {
        self.object.metadata.deletion_timestamp.is_some()
    }

    pub(super) fn adopts(&self) -> bool {
        self.object.spec.common.adoption_policy == Some(AdoptionPolicy::Adopt)
    }

    /// Whether everybody who has a say lets this object have a function of this owner.
    pub(super) fn may_take(&self, owner: Option<&str>) -> bool {
        let agrees = Owner::Living(ObjectName::parse("demo/hello").map(HandOver::To));
        !self.is_leaving()
            && match owner {
                None => self.adopts() && self.may_adopt,
                Some(GIVER) => {
                    self.asks_the_giver() && (self.giver == agrees || self.giver == Owner::Gone && self.may_adopt)
                }
                Some(_) => false,
            }
    }

    /// Whether it wants the second owner's function.
    pub(super) fn asks_the_giver(&self) -> bool {
        self.object.spec.adopt_from.as_deref() == Some(GIVER)
    }

    pub(super) fn regrants(&self) -> bool {
        self.object.metadata.annotations.is_some()
    }

    fn conditions(&self) -> Option<Vec<Condition>> {
        self.object.status.as_ref().map(|status| status.common.conditions.clone())
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
                // Where the record is lost, a later read finds the version: that is news.
                Ended::Blocked(_) if !is_published(told.as_ref()) && is_published(self.conditions().as_ref()) => {
                    before = ended;
                }
                Ended::Blocked(_) | Ended::Refused if ended == before => {
                    assert_eq!(self.conditions(), told, "told otherwise without news");
                    return ended;
                }
                _ => before = ended,
            }
        }
        panic!("no end after {MOST_PASSES} passes");
    }

    /// One reconcile: the operator's own stages over the model of AWS, and a status that nobody else writes.
    pub(super) async fn pass(&mut self, aws: &Aws) -> Ended {
        self.clock += READ_LAG;
        let known = self.object.status.clone();
        let history = History::of(known.as_ref());
        let (goal, target, generation) = (self.goal(), target(), self.object.metadata.generation.unwrap_or_default());
        let situation = Situation {
            goal: &goal,
            target: &target,
            history: &history,
            recorded: &history,
            repeated: &history.past.repeated,
            generation,
            now: self.clock,
        };
        let conclusion = match converge(&situation, &Policy::default(), aws, self).await {
            Ok(conclusion) => conclusion,
            Err(Stop::Conclusion(conclusion)) => *conclusion,
            Err(Stop::Cluster(never)) => match never {},
            Err(Stop::Again) => panic!("no read of the model fails"),
        };
        if conclusion.postponed.is_some() {
            return Ended::Died;
        }
        let ended = match &conclusion.outcome {
            Outcome::Settled | Outcome::Drifted(_) | Outcome::Released => Ended::Done,
            Outcome::Blocked(blocked) => Ended::Blocked(blocked.clone()),
            Outcome::Failed(_) if conclusion.sent.is_empty() && matches!(conclusion.seen, Seen::Nothing) => {
                Ended::Refused
            }
            Outcome::Failed(_)
            | Outcome::InProgress(_)
            | Outcome::Missing(_)
            | Outcome::Waiting(_)
            | Outcome::Refused(_)
            | Outcome::Suspended
            | Outcome::Unselected(_)
            | Outcome::HandingOver(_) => Ended::UnderWay,
        };
        // As the operator does: what was written ahead is in the report only if the conclusion says it again.
        self.object.status = known;
        self.write(&conclusion);
        ended
    }

    fn write(&mut self, conclusion: &ConclusionOf<LambdaFunction>) {
        let input = StatusInput {
            conclusion,
            generation: self.object.metadata.generation.unwrap_or_default(),
            identity: None,
            references: self.references().fingerprint(),
            timeout: Duration::from_secs(86_400),
            requested: None,
            shown: None,
            deletion: self.is_leaving().then_some(Deletion { namespace: "demo", name: "hello", skip_destroy: false }),
        };
        self.object.status = Some(status::<LambdaFunction>(self.object.status.as_ref(), &input, self.clock));
    }
}

/// Whether the conditions name a published version.
fn is_published(conditions: Option<&Vec<Condition>>) -> bool {
    let published = |one: &Condition| one.type_ == "VersionPublished" && one.status == "True";
    conditions.is_some_and(|all| all.iter().any(published))
}

fn target() -> Target {
    Target { account: "123456789012".into(), region: "eu-west-1".into(), name: "hello".into() }
}

/// A cluster that refuses nothing, in which nobody else edits the object.
impl Cluster<LambdaFunction> for Wish {
    type Error = Infallible;
    type Permit = ();

    async fn record(&mut self, conclusion: ConclusionOf<LambdaFunction>) -> Result<(), Infallible> {
        self.write(&conclusion);
        Ok(())
    }

    async fn still_wants(&self, access: Access) -> Result<bool, Infallible> {
        if access == Access::Create {
            let bound = Past::of(self.object.status.as_ref()).target;
            assert_eq!(bound, Some(target()), "created before it is written down where");
        }
        Ok(true)
    }

    async fn owner(&self, name: &ObjectName) -> Result<Owner, Infallible> {
        assert_eq!(GIVER, format!("cluster/{name}"), "somebody else is asked");
        Ok(self.giver.clone())
    }

    async fn package(&self, _: Package<'_>) -> Result<(Vec<u8>, ()), NotLoaded> {
        Ok((Vec::new(), ()))
    }

    fn object(&self) -> &LambdaFunction {
        &self.object
    }
}
