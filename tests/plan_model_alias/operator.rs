//! One LambdaAlias and its reconciles: the operator's own stages, over the model of AWS.

use std::convert::Infallible;
use std::time::Duration;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use k8s_openapi::jiff::{SignedDuration, Timestamp};
use lambda_operator::api::alias::{LambdaAlias, LambdaAliasStatus};
use lambda_operator::api::shared::RecordedClaim;
use lambda_operator::api::shared::{AdoptionPolicy, DriftPolicy};
use lambda_operator::controller::reconcile::stages::{Stop, converge};
use lambda_operator::core::attached::{Goal, Model};
use lambda_operator::core::blocked::Blocked;
use lambda_operator::core::conclusion::StatusInput;
use lambda_operator::core::consent::Owner;
use lambda_operator::core::deletion::Deletion;
use lambda_operator::core::error::class::Class;
use lambda_operator::core::goal::Defaults;
use lambda_operator::core::hand_over::ObjectName;
use lambda_operator::core::kind::{Cluster, ConclusionOf, GoalInput, Situation};
use lambda_operator::core::namespace_policy::Policy;
use lambda_operator::core::operation::{Access, Operation};
use lambda_operator::core::outcome::Outcome;
use lambda_operator::core::package::{NotLoaded, Package};
use lambda_operator::core::references::{Parent, References};
use lambda_operator::core::staleness::READ_LAG;
use lambda_operator::core::status::status;
use lambda_operator::core::target::Target;
use lambda_operator::kinds::alias::desired::goal;
use lambda_operator::kinds::alias::history::History;
use lambda_operator::kinds::alias::model::{Alias, Member};

use super::aws::{Aws, Mishap};

/// How long the object's waits may last.
pub(super) const TIMEOUT: Duration = Duration::from_secs(90);

/// What a user asks for.
#[derive(Clone, Debug)]
pub(super) struct Wish {
    pub(super) object: LambdaAlias,
    /// The newest version that the LambdaFunction published.
    pub(super) published: &'static str,
    /// The time of its last reconcile. Each one comes when AWS's lag is over.
    pub(super) clock: Timestamp,
}

/// How a pass ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    Done,
    Blocked(Blocked),
    Failed(Operation, Class),
    UnderWay,
    Died,
}

impl Wish {
    pub(super) fn goal(&self) -> Goal<Alias> {
        let history = History::of(self.object.status.as_ref());
        goal(&GoalInput {
            object: &self.object,
            target: &target(),
            now: k8s_openapi::jiff::Timestamp::UNIX_EPOCH,
            rival: None,
            may_adopt: true,
            owner: "cluster/demo/live".into(),
            former_owners: Vec::new(),
            defaults: &Defaults::default(),
            history: &history,
            references: &self.references(),
        })
        .expect("a spec that can be carried out")
    }

    fn references(&self) -> References {
        // Deletion needs none, and resolves none.
        if self.is_leaving() || !self.is_inside() {
            return References::default();
        }
        let parent = Parent {
            uid: "1".into(),
            leaving: false,
            target: Some(target()),
            exists: true,
            handed_over: false,
            blocked: None,
            arn: None,
            publishes: true,
            version: Some(self.published.into()),
            alias: None,
            is_shared: false,
        };
        References { parent: Some(parent), ..References::default() }
    }

    pub(super) fn is_leaving(&self) -> bool {
        self.object.metadata.deletion_timestamp.is_some()
    }

    pub(super) fn adopts(&self) -> bool {
        self.object.spec.common.adoption_policy == Some(AdoptionPolicy::Adopt)
    }

    pub(super) fn reports(&self) -> bool {
        self.object.spec.common.drift_policy == Some(DriftPolicy::Report)
    }

    /// Of a LambdaFunction of the namespace.
    pub(super) fn is_inside(&self) -> bool {
        self.object.spec.function_ref.is_some()
    }

    fn generation(&self) -> i64 {
        self.object.metadata.generation.unwrap_or_default()
    }

    pub(super) fn status(&self) -> LambdaAliasStatus {
        self.object.status.clone().unwrap_or_default()
    }

    fn conditions(&self) -> Option<Vec<Condition>> {
        self.object.status.as_ref().map(|status| status.common.conditions.clone())
    }

    /// The object is being deleted, which is a new generation too.
    pub(super) fn deletion(mut self) -> Self {
        self.object.metadata.deletion_timestamp = Some(Time(Timestamp::UNIX_EPOCH));
        self.object.metadata.generation = Some(self.generation() + 1);
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
                continue;
            }
            match ended {
                // What AWS moves by itself, or does not show, is not at its end yet.
                Ended::Done if aws.account().is_told() => return ended,
                Ended::Blocked(_) | Ended::Failed(..) if ended == before => {
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
        self.clock += SignedDuration::try_from(READ_LAG).expect("seconds");
        let known = self.object.status.clone();
        let history = History::of(known.as_ref());
        let (goal, target) = (self.goal(), target());
        let situation = Situation {
            goal: &goal,
            target: &target,
            history: &history,
            recorded: &history,
            repeated: &history.attached.past.repeated,
            generation: self.generation(),
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
            Outcome::Failed(error) => Ended::Failed(error.operation, error.class),
            Outcome::InProgress(_)
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

    fn write(&mut self, conclusion: &ConclusionOf<LambdaAlias>) {
        let input = StatusInput {
            conclusion,
            generation: self.generation(),
            identity: None,
            references: self.references().fingerprint(),
            timeout: TIMEOUT,
            requested: None,
            shown: None,
            deletion: self.is_leaving().then_some(Deletion { namespace: "demo", name: "live", skip_destroy: false }),
        };
        self.object.status = Some(status::<LambdaAlias>(self.object.status.as_ref(), &input, self.clock));
    }

    /// AWS has no tags for an alias: after a crash status alone tells whose it is.
    fn assert_intent(&self) {
        let (status, goal) = (self.status(), self.goal());
        let desired = goal.desired().expect("a creation is not for an object that leaves");
        assert_eq!(status.name.as_deref(), Some("live"), "the name is not fixed");
        assert_eq!(status.common.function_name.as_deref(), Some("hello"), "the target is not fixed");
        match status.record.claim.claim.expect("a claim before the creation") {
            RecordedClaim::Creating => assert_eq!(status.record.claim.applied, desired.model.applied(&Member::ALL)),
            RecordedClaim::Owned => {}
        }
    }
}

fn target() -> Target {
    Target { account: "123456789012".into(), region: "eu-west-1".into(), name: "hello".into() }
}

/// A cluster that refuses nothing, in which nobody else edits the object.
impl Cluster<LambdaAlias> for Wish {
    type Error = Infallible;
    type Permit = ();

    async fn record(&mut self, conclusion: ConclusionOf<LambdaAlias>) -> Result<(), Infallible> {
        self.write(&conclusion);
        Ok(())
    }

    async fn still_wants(&self, access: Access) -> Result<bool, Infallible> {
        if access == Access::Create {
            self.assert_intent();
        }
        Ok(true)
    }

    /// Aliases have no owner tag.
    async fn owner(&self, name: &ObjectName) -> Result<Owner, Infallible> {
        panic!("{name} is asked for its consent");
    }

    async fn package(&self, _: Package<'_>) -> Result<(Vec<u8>, ()), NotLoaded> {
        Ok((Vec::new(), ()))
    }

    fn object(&self) -> &LambdaAlias {
        &self.object
    }
}
