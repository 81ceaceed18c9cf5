//! Reconciles of one object one after the other: the stages, over what AWS shows and answers in a test, and a status that nobody else writes.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Mutex;
use std::time::Duration;

use futures::executor::block_on;
use k8s_openapi::jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::*;
use crate::api::code_signing_config::{LambdaCodeSigningConfig, LambdaCodeSigningConfigStatus};
use crate::api::layer_version::{LambdaLayerVersion, LambdaLayerVersionStatus};
use crate::core::conclusion::StatusInput;
use crate::core::consent::Owner;
use crate::core::error::CallError;
use crate::core::hand_over::ObjectName;
use crate::core::host::FunctionOwner;
use crate::core::kind::Tagged;
use crate::core::package::{NotLoaded, Package};
use crate::core::past::{Past, Reported};
use crate::core::references::File;
use crate::core::staleness::READ_LAG;
use crate::core::status::status;
use crate::core::values::Knowable;
use crate::kinds::code_signing_config::status::Answer as Created;
use crate::kinds::layer_version::desired::ACTION;
use crate::kinds::layer_version::model::{Observed, Version};
use crate::kinds::layer_version::status::Answer;
use crate::kinds::permission::model::Permission;
use crate::kinds::permission::statement;
use crate::kinds::permission::statement::{Policy as Shared, Statement};

/// The time for which a call is put off.
const SOON: Duration = Duration::from_secs(1);

/// AWS in one reconcile.
struct Scene<K: Kind> {
    shows: Option<K::Observed>,
    answers: Mutex<VecDeque<Result<K::Answer, CallError>>>,
    tried: Mutex<Vec<Operation>>,
    reserved: Mutex<Vec<Operation>>,
}

impl<K: Kind> Scene<K> {
    fn new(shows: Option<K::Observed>, answers: impl IntoIterator<Item = Result<K::Answer, CallError>>) -> Self {
        Self {
            shows,
            answers: Mutex::new(answers.into_iter().collect()),
            tried: Mutex::default(),
            reserved: Mutex::default(),
        }
    }
}

impl<K: Kind> Tagged for Scene<K> {
    async fn function_owner(&self) -> Result<FunctionOwner, CallError> {
        Ok(Knowable::Known(None))
    }
}

impl<K: Kind> Aws<K> for Scene<K> {
    fn reserve(&self, calls: &[Operation]) -> Result<(), CallError> {
        self.reserved.lock().unwrap().extend(calls);
        Ok(())
    }

    async fn observe(&self, _: &K::Query) -> Result<Option<K::Observed>, CallError> {
        Ok(self.shows.clone())
    }

    async fn execute(&self, step: &K::Step, _: Option<Vec<u8>>) -> Result<K::Answer, CallError> {
        self.tried.lock().unwrap().push(step.operation());
        self.answers.lock().unwrap().pop_front().unwrap()
    }
}

/// One object.
struct Run<K: Kind> {
    object: K,
    /// The status before the reconcile.
    known: Option<K::Status>,
    /// The status that was written ahead in it.
    ahead: Option<K::Status>,
    keep: fn(&mut K, K::Status),
    now: Timestamp,
    /// What keeps the next step from being sent.
    halt: Option<Halt>,
}

/// What keeps a step that was recorded from being sent.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Halt {
    /// The rate limit.
    Rate,
    /// Memory for packages.
    Room,
    /// An edit of the object.
    Edit,
}

impl<K: Kind> Run<K> {
    fn new(object: K, keep: fn(&mut K, K::Status)) -> Self {
        Self { object, known: None, ahead: None, keep, now: Timestamp::UNIX_EPOCH, halt: None }
    }

    /// One reconcile, and the writes that it tried.
    fn pass(&mut self, aws: &Scene<K>) -> (ConclusionOf<K>, Vec<Operation>) {
        let known = self.object.reported().cloned();
        let (past, history) = (Past::of(known.as_ref()), K::history(known.as_ref()));
        let target = Target { account: "1".into(), region: "r".into(), name: String::new() };
        let (policy, file) = (Policy::default(), Some(File { sha256: "a".into(), fault: None }));
        let references = References { file, ..References::default() };
        let given = Given {
            object: &self.object,
            target: &target,
            history: &history,
            references: &references,
            rival: None,
            now: self.now,
        };
        let goal = goal(&Identity::default(), &policy, given).unwrap();
        let generation = self.object.metadata().generation.unwrap();
        let (recorded, repeated, now) = (&history, &past.repeated, self.now);
        let situation =
            Situation { goal: &goal, target: &target, history: &history, recorded, repeated, generation, now };
        (self.known, self.ahead) = (known, None);
        let conclusion = match block_on(converge(&situation, &policy, aws, self)) {
            Ok(conclusion) => conclusion,
            Err(Stop::Conclusion(conclusion)) => *conclusion,
            Err(Stop::Cluster(never)) => match never {},
            Err(Stop::Again) => panic!(),
        };
        if !conclusion.is_quiet() {
            self.report(&conclusion);
        }
        (conclusion, aws.tried.lock().unwrap().clone())
    }

    /// As the operator does: each report is made from the status before the reconcile.
    fn report(&mut self, conclusion: &ConclusionOf<K>) {
        let input = StatusInput {
            conclusion,
            generation: self.object.metadata().generation.unwrap(),
            identity: None,
            references: String::new(),
            timeout: Duration::from_secs(600),
            requested: None,
            shown: None,
            deletion: None,
        };
        let after = status::<K>(self.known.as_ref(), &input, self.now);
        (self.keep)(&mut self.object, after);
    }
}

impl<K: Kind> Cluster<K> for Run<K> {
    type Error = Infallible;
    type Permit = ();

    async fn record(&mut self, conclusion: ConclusionOf<K>) -> Result<(), Infallible> {
        self.report(&conclusion);
        self.ahead = self.object.reported().cloned();
        Ok(())
    }

    async fn still_wants(&self, _: Access) -> Result<bool, Infallible> {
        Ok(self.halt != Some(Halt::Edit))
    }

    async fn owner(&self, _: &ObjectName) -> Result<Owner, Infallible> {
        Ok(Owner::Gone)
    }

    async fn package(&self, _: Package<'_>) -> Result<(Vec<u8>, ()), NotLoaded> {
        if self.halt == Some(Halt::Room) { Err(NotLoaded::NoRoom(SOON)) } else { Ok((Vec::new(), ())) }
    }

    fn object(&self) -> &K {
        &self.object
    }
}

fn keep(object: &mut LambdaLayerVersion, status: LambdaLayerVersionStatus) {
    object.status = Some(status);
}

/// A layer that one account may use, before its first reconcile.
fn layer() -> Run<LambdaLayerVersion> {
    let shares = json!([{"statementId": "a", "principal": "111122223333"}]);
    let spec = json!({"filename": "l.zip", "permissions": shares});
    let mut object = LambdaLayerVersion::new("l", serde_json::from_value(spec).unwrap());
    object.metadata.generation = Some(1);
    Run::new(object, keep)
}

impl Run<LambdaLayerVersion> {
    /// An edit of the spec, after AWS's lag.
    fn edit(&mut self, changes: Value) {
        let mut spec = serde_json::to_value(&self.object.spec).unwrap();
        let Value::Object(changes) = changes else { panic!() };
        spec.as_object_mut().unwrap().extend(changes);
        self.object.spec = serde_json::from_value(spec).unwrap();
        self.object.metadata.generation = self.object.metadata.generation.map(|before| before + 1);
        self.later();
    }

    fn later(&mut self) {
        self.now += SignedDuration::try_from(READ_LAG).unwrap();
    }

    /// One reconcile while AWS shows these statements of version 1, and accepts whatever is sent.
    fn sees(&mut self, statements: &[(&str, &str)]) -> (Outcome, Vec<Operation>) {
        self.later();
        let held = statements.iter().map(|(id, principal)| {
            let principal = statement::normal(principal);
            let permission = Permission { action: ACTION.into(), principal, ..Permission::default() };
            Statement { id: (*id).to_owned(), permission, text: String::new() }
        });
        let policy = Some(Shared { revision: None, size: 0, held: held.collect() });
        let version = Version { number: 1, arn: "arn:l:1".into(), code_sha256: "a".into(), ..Version::default() };
        let observed = Observed { current: Some(version), policy, ..Observed::default() };
        let (conclusion, tried) =
            self.pass(&Scene::new(Some(observed), [Ok(Answer::default()), Ok(Answer::default())]));
        (conclusion.outcome, tried)
    }

    /// The version that functions get.
    fn gives(&self) -> Option<String> {
        self.object.parent().unwrap().arn
    }
}

/// A layer in sync, in its first generation.
fn settled() -> Run<LambdaLayerVersion> {
    let mut run = layer();
    let (_, tried) = run.pass(&Scene::new(None, [Ok(Answer { number: Some(1) })]));
    assert_eq!(tried, [Operation::PublishLayerVersion]);
    assert_eq!(run.sees(&[]).1, [Operation::AddLayerVersionPermission]);
    assert!(matches!(run.sees(&[("a", "111122223333")]).0, Outcome::Settled));
    assert_eq!(run.gives().as_deref(), Some("arn:l:1"));
    run
}

#[test]
fn a_statement_that_is_not_as_desired_holds_no_function_back() {
    let mut reported = settled();
    reported.edit(json!({"driftPolicy": "Report"}));
    assert!(matches!(reported.sees(&[]), (Outcome::Drifted(_), tried) if tried.is_empty()));
    assert_eq!(reported.gives().as_deref(), Some("arn:l:1"), "drift");
    let mut blocked = settled();
    let theirs = json!({"statementId": "theirs", "principal": "444455556666"});
    blocked.edit(json!({"permissions": [{"statementId": "a", "principal": "111122223333"}, theirs]}));
    let shows = [("a", "111122223333"), ("theirs", "777788889999")];
    assert!(matches!(blocked.sees(&shows).0, Outcome::Blocked(Blocked::InvalidSpec(_))));
    assert_eq!(blocked.gives().as_deref(), Some("arn:l:1"), "a statement of somebody else");
    let mut braked = settled();
    for _ in 0..5 {
        assert_eq!(braked.sees(&[]).1, [Operation::AddLayerVersionPermission]);
    }
    braked.edit(json!({"retainVersions": 3}));
    assert!(matches!(braked.sees(&[]), (Outcome::Blocked(Blocked::NotConverging(_)), tried) if tried.is_empty()));
    assert_eq!(braked.gives().as_deref(), Some("arn:l:1"), "the brake");
    braked.edit(json!({"description": "another version"}));
    assert_eq!(braked.gives(), None, "before it is published");
}

fn signing() -> Run<LambdaCodeSigningConfig> {
    let publishers = json!({"signingProfileVersionArns": ["arn:aws:signer:r:1:/signing-profiles/p/v"]});
    let spec = json!({"allowedPublishers": publishers});
    let mut object = LambdaCodeSigningConfig::new("c", serde_json::from_value(spec).unwrap());
    object.metadata.generation = Some(1);
    let keep = |object: &mut LambdaCodeSigningConfig, status: LambdaCodeSigningConfigStatus| {
        object.status = Some(status);
    };
    Run::new(object, keep)
}

impl<K: Kind> Run<K> {
    /// A reconcile of an object that AWS does not show, whose creation is not sent.
    fn put_off(&mut self, halt: Halt) -> ConclusionOf<K> {
        self.halt = Some(halt);
        let rate = (halt == Halt::Rate).then_some(Err(CallError::Postponed(SOON)));
        let (conclusion, _) = self.pass(&Scene::new(None, rate));
        self.halt = None;
        self.now += SignedDuration::from_secs(1);
        conclusion
    }

    /// A reconcile of an object that AWS does not show, and that is then created.
    fn creates(&mut self, answer: K::Answer) -> Vec<Operation> {
        self.pass(&Scene::new(None, [Ok(answer)])).1
    }
}

/// A creation that was put off is sent by the next reconcile, and one of a process that died is searched for.
fn is_sent_next<K: Kind>(new: fn() -> Run<K>, halts: &[Halt], answer: fn() -> K::Answer, create: Operation) {
    for halt in halts {
        let mut run = new();
        let conclusion = run.put_off(*halt);
        let (ahead, after) = (run.ahead.clone().unwrap(), run.object.reported().cloned().unwrap());
        assert!(conclusion.takes_back && conclusion.sent.is_empty(), "{halt:?}");
        assert_eq!(after.common().conditions, ahead.common().conditions, "{halt:?}: the conditions stay");
        assert!(ahead.record().perhaps_created.is_some() && after.record().perhaps_created.is_none(), "{halt:?}");
        run.put_off(*halt);
        assert!(run.ahead.is_some(), "{halt:?}: it is recorded before each call");
        assert_eq!(run.creates(answer()), [create], "{halt:?}");
        let mut died = new();
        died.put_off(*halt);
        let ahead = died.ahead.take().unwrap();
        (died.keep)(&mut died.object, ahead);
        assert!(died.creates(answer()).is_empty(), "{halt:?}: AWS may be carrying it out");
    }
}

#[test]
fn a_creation_that_was_put_off_is_sent_by_the_next_reconcile() {
    let published = || Answer { number: Some(1) };
    is_sent_next(layer, &[Halt::Rate, Halt::Room, Halt::Edit], published, Operation::PublishLayerVersion);
    is_sent_next(signing, &[Halt::Rate, Halt::Edit], Created::default, Operation::CreateCodeSigningConfig);
}

/// The answer of a call was lost.
fn lost<A>(operation: Operation) -> [Result<A, CallError>; 1] {
    [Err(CallError::Failed(Error::new(operation, "", 0, "connection reset")))]
}

#[test]
fn a_creation_that_was_put_off_ends_no_earlier_doubt() {
    let mut run = layer();
    run.pass(&Scene::new(None, lost(Operation::PublishLayerVersion)));
    let doubt = run.object.status.clone().unwrap().record.publishing;
    assert!(run.creates(Answer::default()).is_empty(), "it is searched for");
    run.now += SignedDuration::from_secs(80);
    assert!(doubt.is_some() && run.put_off(Halt::Rate).takes_back);
    assert_eq!(run.object.status.clone().unwrap().record.publishing, doubt);
    assert_eq!(run.creates(Answer { number: Some(1) }), [Operation::PublishLayerVersion]);
    let mut run = signing();
    run.pass(&Scene::new(None, lost(Operation::CreateCodeSigningConfig)));
    let doubt = run.object.status.clone().unwrap().record.common.perhaps_created;
    assert!(run.creates(Created::default()).is_empty(), "it is searched for");
    run.now += SignedDuration::from_secs(30);
    assert!(doubt.is_some() && !run.put_off(Halt::Rate).takes_back);
    assert_eq!(run.object.status.clone().unwrap().record.common.perhaps_created, doubt);
}

#[test]
fn a_creation_is_reserved_with_its_read() {
    let reserved = |scene: &Scene<LambdaLayerVersion>| scene.reserved.lock().unwrap().clone();
    let (mut run, new) = (layer(), Scene::new(None, [Ok(Answer { number: Some(1) })]));
    run.pass(&new);
    assert_eq!(reserved(&new), [Operation::ListLayerVersions, Operation::PublishLayerVersion]);
    let old = Scene::new(None, []);
    run.pass(&old);
    assert!(reserved(&old).is_empty(), "it is published");
    let new = Scene::new(None, [Ok(Created::default())]);
    signing().pass(&new);
    let reserved = new.reserved.lock().unwrap().clone();
    assert_eq!(reserved, [Operation::ListCodeSigningConfigs, Operation::CreateCodeSigningConfig]);
}
