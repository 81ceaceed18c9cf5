//! AWS as far as one function goes: what it holds, how long it is busy, what it forgets, and what must never be asked of it.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use lambda_operator::api::function::spec::LambdaFunction;
use lambda_operator::core::error::{CallError, Error};
use lambda_operator::core::host::FunctionOwner;
use lambda_operator::core::kind;
use lambda_operator::core::operation::Operation;
use lambda_operator::core::plan::Write;
use lambda_operator::core::values::Knowable;
use lambda_operator::core::zip_source::Zip;
use lambda_operator::kinds::function::Answer;
use lambda_operator::kinds::function::desired::code::Source;
use lambda_operator::kinds::function::member::Member;
use lambda_operator::kinds::function::model::Publish;
use lambda_operator::kinds::function::model::{Configuration, Content, Function};
use lambda_operator::kinds::function::observed::query::Query;
use lambda_operator::kinds::function::observed::query::VersionQuery;
use lambda_operator::kinds::function::observed::{Attributes, Lifecycle, LogGroup, Observed, VersionState};
use lambda_operator::kinds::function::plan::step::{Creation, Deployment, Reconfiguration, Step, Tagging, Untagging};
use lambda_operator::kinds::function::side::Probe;

use super::operator::Wish;
use super::{GIVER, OWNER};

/// How many tags a function holds, the owner's included. AWS allows 50; with few the limit is felt.
const MOST_TAGS: usize = 3;

/// What `publishTo: LATEST_PUBLISHED` publishes to.
pub(super) const LATEST_PUBLISHED: &str = "$LATEST.PUBLISHED";

/// The VPC's group named `default`.
pub(super) const DEFAULT_GROUP: &str = "sg-default";

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
    /// A version that is published with SnapStart is never ready.
    SnapshotFails,
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
    /// The object may have a function without an owner, and one of the second owner.
    may_take: [bool; 2],
    /// The function as it was when it was deleted.
    pub(super) last: Option<Held>,
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
    /// AWS does not say how the side groups are set.
    pub(super) sides_withheld: bool,
    /// AWS cannot decrypt the environment.
    pub(super) environment_withheld: bool,
    /// `State` and `LastUpdateStatus` with its reason code, in AWS's words.
    pub(super) state: &'static str,
    pub(super) last_update: &'static str,
    pub(super) reason_code: Option<&'static str>,
    pub(super) under_way: Option<UnderWay>,
    /// It was invocable at some time.
    pub(super) worked: bool,
    /// The published versions; the first has number 1.
    pub(super) versions: Vec<Frozen>,
    /// What was published to `$LATEST.PUBLISHED` last.
    pub(super) latest_published: Option<Frozen>,
    /// How often it was modified: what `LastModified` tells.
    pub(super) modified: u32,
    /// What `UpdateFunctionConfiguration` was given, in its order.
    pub(super) sent: Vec<Configuration>,
    /// Its VPC has a group named `default`.
    pub(super) has_default_group: bool,
    /// Durable executions that are running.
    pub(super) executions: Vec<String>,
}

/// A published version.
#[derive(Clone, Debug)]
pub(super) struct Frozen {
    pub(super) function: Function,
    /// How often the function had been modified.
    pub(super) modified: u32,
    /// How many looks at it find it still being prepared.
    pub(super) looks: u8,
    /// It will never be ready.
    pub(super) fails: bool,
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
    pub(super) fn new(function: Option<Held>, wish: &Wish, mishap: Mishap) -> Self {
        let may_take = [None, Some(GIVER)].map(|owner| wish.may_take(owner));
        let may_go = wish.is_leaving();
        Self(Mutex::new(Account { function, done: Vec::new(), tried: 0, may_go, may_take, last: None, mishap }))
    }

    pub(super) fn into_account(self) -> Account {
        self.0.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn account(&self) -> MutexGuard<'_, Account> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl kind::Tagged for Aws {
    /// A function shows its owner itself.
    async fn function_owner(&self) -> Result<FunctionOwner, CallError> {
        panic!("the owner is asked for")
    }
}

impl kind::Aws<LambdaFunction> for Aws {
    async fn observe(&self, query: &Query) -> Result<Option<Observed>, CallError> {
        let mut account = self.account();
        account.time_passes();
        account.function.as_mut().map(|held| held.observed(query)).transpose()
    }

    async fn execute(&self, step: &Step, _: Option<Vec<u8>>) -> Result<Answer, CallError> {
        let mut account = self.account();
        account.tried += 1;
        let (this, mishap) = (account.tried, account.mishap);
        if mishap == Mishap::DiesBefore(this) {
            return Err(death());
        }
        if mishap == Mishap::Denied(this) {
            return Err(denied(step.operation()));
        }
        if account.function.as_ref().is_some_and(|held| held.has_too_many_tags(step)) {
            return Err(too_many_tags());
        }
        account.done.push(step.operation());
        let answer = account.carry_out(step);
        if let Some(held) = &mut account.function {
            if mishap == Mishap::SnapshotFails {
                held.versions.iter_mut().chain(&mut held.latest_published).for_each(|one| one.fails |= one.looks > 0);
            }
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
const fn death() -> CallError {
    CallError::Postponed(Duration::ZERO)
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
            (Step::CreateFunction(creation), function) => {
                assert!(function.is_none(), "a second function is created");
                let held = Held::new(creation);
                let (code_sha256, version) = (held.code_sha256(), held.newest(creation));
                let answer = Answer { code_sha256, version, modified: Some(held.last_modified()) };
                self.function = Some(held);
                answer
            }
            (Step::DeleteFunction, Some(held)) => {
                held.accepts(step, self.may_take);
                assert!(self.may_go || !held.worked, "a function that once worked is made anew");
                self.last = self.function.take();
                Answer::default()
            }
            (step, Some(held)) => {
                held.accepts(step, self.may_take);
                held.write(step)
            }
            (step, None) => panic!("{step:?} of a function that is not there"),
        }
    }
}

impl Frozen {
    /// A snapshot takes time; everything else is ready at once.
    fn new(function: &Function, modified: u32) -> Self {
        let looks = if function.configuration.snap_start == "None" { 0 } else { 2 };
        Self { function: function.clone(), modified, looks, fails: false }
    }

    fn look_at(&mut self) -> VersionState {
        let lifecycle = match (self.looks, self.fails) {
            (0, false) => Lifecycle::Ready,
            (0, true) => Lifecycle::Failed { proven: false },
            (_, _) => Lifecycle::Busy,
        };
        self.looks = self.looks.saturating_sub(1);
        let reason = if lifecycle == Lifecycle::Ready { String::new() } else { "FunctionError: no snapshot".into() };
        VersionState { lifecycle, reason }
    }
}

impl Held {
    /// Just created: pending, and with its first version where one was asked for.
    fn new(creation: &Creation) -> Self {
        let mut shown = creation.function.clone();
        shown.code.content = Content::Sha256(sha256(&creation.source));
        shown.code.architecture.get_or_insert_with(|| "x86_64".into());
        // Not part of CreateFunction.
        shown.concurrency = None;
        shown.sides.iter_mut().filter(|(side, _)| !side.group().in_creation).for_each(|(_, setting)| *setting = None);
        let frozen = creation.publish.as_ref().map(|_| Frozen::new(&shown, 1));
        let (latest_published, version) = if creation.publish.as_ref().is_some_and(|publish| publish.to.is_some()) {
            (frozen, None)
        } else {
            (None, frozen)
        };
        Self {
            runs: shown.clone(),
            owner: Some(creation.owner.clone()),
            tags_withheld: false,
            sides_withheld: false,
            environment_withheld: false,
            state: "Pending",
            last_update: "InProgress",
            reason_code: None,
            under_way: Some(UnderWay::on(Operation::CreateFunction)),
            worked: false,
            versions: version.into_iter().collect(),
            latest_published,
            modified: 1,
            sent: Vec::new(),
            has_default_group: true,
            executions: Vec::new(),
            shown,
        }
    }

    /// What a creation published.
    fn newest(&self, creation: &Creation) -> Option<String> {
        let Publish { to } = creation.publish.as_ref()?;
        Some(to.as_ref().map_or_else(|| self.versions.len().to_string(), |_| LATEST_PUBLISHED.into()))
    }

    /// What no write may ever break.
    fn accepts(&self, step: &Step, [nobodys, givers]: [bool; 2]) {
        let adoption = matches!(step, Step::TagResource(Tagging::Owner(_)));
        let ours = self.owner.as_deref() == Some(OWNER);
        let may_take = match self.owner.as_deref() {
            None => nobodys,
            Some(owner) => owner == GIVER && givers,
        };
        assert!(ours || (adoption && may_take), "{step:?} of a function that is not ours, without its owner's consent");
        assert!(!self.tags_withheld, "{step:?} of a function whose owner cannot be read");
        let always = matches!(
            step,
            Step::TagResource(_) | Step::UntagResource(_) | Step::StopDurableExecution(_) | Step::DeleteFunction
        );
        assert!(always || self.under_way.is_none(), "{step:?} while AWS is busy");
        assert!(always || self.state != "Failed" || self.worked, "{step:?} of a function that failed at its creation");
        assert!(self.state != "Deleting", "{step:?} while the function is being deleted");
    }

    /// AWS refuses what would be more tags than a function holds.
    fn has_too_many_tags(&self, step: &Step) -> bool {
        let Step::TagResource(Tagging::Set(set)) = step else { return false };
        let mut keys: BTreeSet<_> = self.shown.tags.known().into_iter().flatten().map(|(key, _)| key).collect();
        keys.extend(set.get().keys());
        keys.len() >= MOST_TAGS
    }

    fn write(&mut self, step: &Step) -> Answer {
        match step {
            Step::UpdateFunctionConfiguration(change) => return self.configure(change),
            Step::UpdateFunctionCode(deployment) => return self.deploy(deployment),
            Step::PublishVersion { code_sha256, revision: _, to } => return self.publish(code_sha256, to.as_deref()),
            Step::CreateLogGroup | Step::DescribeLogGroups => panic!("{step:?} where no log group was missed"),
            Step::PutSide(setting) => {
                let side = setting.side();
                assert!(side.is_of(self.shown.package), "{step:?} of a function that cannot have it");
                assert!(self.shown.sides.get(&side) != Some(&Some(setting.clone())), "{step:?} without a difference");
                self.both(|f| drop(f.sides.insert(side, Some(setting.clone()))));
            }
            Step::RemoveSide(side) => {
                assert!(self.shown.sides.get(side).is_some_and(Option::is_some), "{step:?} without a difference");
                self.both(|f| drop(f.sides.insert(*side, None)));
            }
            Step::PutFunctionConcurrency(reserved) => self.both(|f| f.concurrency = Some(*reserved)),
            Step::DeleteFunctionConcurrency => self.both(|f| f.concurrency = None),
            Step::TagResource(Tagging::Owner(owner)) => self.owner = Some(owner.clone()),
            Step::UntagResource(Untagging::Owner) => self.owner = None,
            Step::TagResource(Tagging::Set(set)) => {
                let mut tags = self.shown.tags.known().cloned().unwrap_or_default();
                tags.extend(set.get().clone());
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
            Step::StopDurableExecution(arn) => self.executions.retain(|running| running != arn),
            Step::CreateFunction(_) | Step::DeleteFunction => unreachable!("carried out by the account"),
        }
        Answer::default()
    }

    fn configure(&mut self, change: &Reconfiguration) -> Answer {
        let configuration = merged(&self.shown.configuration, change);
        let needless = self.last_update == "Successful"
            && self.shown.configuration == configuration
            && self.runs.configuration == configuration;
        assert!(!needless || self.environment_withheld, "an update without a difference");
        self.sent.push(configuration.clone());
        self.shown.configuration = configuration;
        self.begin(Operation::UpdateFunctionConfiguration);
        Answer { modified: Some(self.last_modified()), ..Answer::default() }
    }

    fn deploy(&mut self, deployment: &Deployment) -> Answer {
        let Deployment { source, identity: _, kms_key_arn, architecture, storage_mode: _ } = deployment;
        let code = &mut self.shown.code;
        code.content = Content::Sha256(sha256(source));
        code.image_uri = match source {
            Source::Image { uri } => Some(uri.clone()),
            Source::Zip(_) => None,
        };
        // AWS does not keep what is left out.
        code.architecture = Some(architecture.clone().unwrap_or_else(|| "x86_64".into()));
        code.kms_key_arn = code.kms_key_arn.is_some().then(|| kms_key_arn.clone());
        self.begin(Operation::UpdateFunctionCode);
        Answer { code_sha256: Some(sha256(source)), version: None, modified: Some(self.last_modified()) }
    }

    fn publish(&mut self, code_sha256: &str, to: Option<&str>) -> Answer {
        assert_eq!(self.last_update, "Successful", "published over a failed update");
        assert_eq!(
            self.shown.code.content,
            Content::Sha256(code_sha256.into()),
            "published another code than was meant"
        );
        let frozen = Frozen::new(&self.shown, self.modified);
        // Where nothing was written since, AWS answers the version that is there; the same values again count as a change.
        let same = |one: Option<&Frozen>| one.is_some_and(|one| one.modified == self.modified);
        if to.is_some() {
            if !same(self.latest_published.as_ref()) {
                self.latest_published = Some(frozen);
                self.is_publishing();
            }
            return Answer { version: Some(LATEST_PUBLISHED.into()), ..Answer::default() };
        }
        if !same(self.versions.last()) {
            self.versions.push(frozen);
            self.is_publishing();
        }
        Answer { version: Some(self.versions.len().to_string()), ..Answer::default() }
    }

    fn last_modified(&self) -> String {
        format!("modification {}", self.modified)
    }

    fn is_publishing(&mut self) {
        self.last_update = "InProgress";
        self.under_way = Some(UnderWay::on(Operation::PublishVersion));
    }

    fn begin(&mut self, what: Operation) {
        self.modified += 1;
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

    fn observed(&mut self, query: &Query) -> Result<Observed, CallError> {
        let Query { sides, versions, default_group, executions } = query;
        let mut function = self.readable(&self.shown);
        if let (true, Some((side, _))) = (self.sides_withheld, sides.iter().find(|asked| *asked.1 == Probe::Required)) {
            return Err(denied(side.group().read));
        }
        function.sides.retain(|side, _| sides.contains_key(side) && !self.sides_withheld);
        let mut owner = Knowable::Known(self.owner.clone());
        if self.tags_withheld {
            (function.tags, owner) = (Knowable::Unknown, Knowable::Unknown);
        }
        let attributes = Attributes {
            arn: "arn:aws:lambda:eu-west-1:123456789012:function:hello".into(),
            last_modified: Some(self.last_modified()),
            code_sha256: self.code_sha256(),
            state: Some(self.state.into()),
            last_update_status: Some(self.last_update.into()),
            last_update_status_reason_code: self.reason_code.map(Into::into),
            image_config_error: None,
            environment_error: self.environment_withheld.then(|| "AccessDeniedException".into()),
            ..Attributes::default()
        };
        let lifecycle = Lifecycle::of(&attributes);
        let in_vpc = function.configuration.vpc.is_some();
        let default_group = (*default_group && in_vpc && self.has_default_group).then(|| DEFAULT_GROUP.into());
        let executions = if *executions { self.executions.clone() } else { Vec::new() };
        let (published, version) = (None, None);
        let mut observed = Observed {
            function,
            owner,
            lifecycle,
            published,
            version,
            default_group,
            executions,
            log_group: LogGroup::NotRead,
            attributes,
        };
        if let Some(versions) = versions.as_ref().filter(|_| lifecycle == Lifecycle::Ready) {
            (observed.published, observed.version) = self.versions(&observed, versions);
        }
        Ok(observed)
    }

    fn readable(&self, function: &Function) -> Function {
        let mut function = function.clone();
        if self.environment_withheld {
            function.configuration.environment = Knowable::Unknown;
        }
        function
    }

    /// How the known version is; or whether the newest holds what `$LATEST` holds.
    fn versions(&mut self, latest: &Observed, asked: &VersionQuery) -> (Option<String>, Option<VersionState>) {
        let VersionQuery { known, to_latest, state } = asked;
        let number = match known {
            Some(known) if *state => known.version.clone(),
            Some(_) => return (None, None),
            None if *to_latest => LATEST_PUBLISHED.to_owned(),
            None => self.versions.len().to_string(),
        };
        let holds = known.is_some()
            || self.version(&number).is_some_and(|one| self.readable(&one.function).holds_same(&latest.function));
        let how = self.version_mut(&number).filter(|_| holds).map(Frozen::look_at);
        (Some(number).filter(|_| holds && known.is_none()), how)
    }

    pub(super) fn version(&self, number: &str) -> Option<&Frozen> {
        if number == LATEST_PUBLISHED {
            return self.latest_published.as_ref();
        }
        self.versions.get(number.parse::<usize>().ok()?.checked_sub(1)?)
    }

    fn version_mut(&mut self, number: &str) -> Option<&mut Frozen> {
        if number == LATEST_PUBLISHED {
            return self.latest_published.as_mut();
        }
        self.versions.get_mut(number.parse::<usize>().ok()?.checked_sub(1)?)
    }

    fn code_sha256(&self) -> Option<String> {
        match &self.shown.code.content {
            Content::Sha256(sha256) => Some(sha256.clone()),
            Content::Undeployed | Content::Any => None,
        }
    }
}

fn denied(operation: Operation) -> CallError {
    CallError::Failed(Error::new(operation, "AccessDeniedException", 403, "not authorized"))
}

fn too_many_tags() -> CallError {
    let text = "Too many tags";
    CallError::Failed(Error::new(Operation::TagResource, "InvalidParameterValueException", 400, text))
}

/// What AWS calls the code of a source.
pub(super) fn sha256(source: &Source) -> String {
    match source {
        Source::Zip(Zip::Package { sha256, .. }) => sha256.clone(),
        Source::Zip(Zip::S3 { bucket, key, version }) => format!("sha256 of {bucket}/{key} {version:?}"),
        Source::Image { uri } => format!("sha256 of {uri}"),
    }
}

/// A configuration after an update of some of its members.
fn merged(have: &Configuration, change: &Reconfiguration) -> Configuration {
    let Reconfiguration { configuration: want, members } = change;
    let sends = |member| members.contains(&member);
    // Destructured without `..`: a new field does not compile until it is merged.
    let Configuration {
        role,
        runtime,
        handler,
        description,
        memory_size,
        timeout,
        environment,
        layers,
        vpc,
        dead_letter_target,
        kms_key_arn,
        tracing_mode,
        file_systems,
        image,
        ephemeral_storage,
        snap_start,
        logging,
        durable,
        capacity_provider,
    } = have.clone();
    let want = want.clone();
    Configuration {
        role: if sends(Member::Role) { want.role } else { role },
        runtime: if sends(Member::Runtime) { want.runtime } else { runtime },
        handler: if sends(Member::Handler) { want.handler } else { handler },
        description: if sends(Member::Description) { want.description } else { description },
        memory_size: if sends(Member::MemorySize) { want.memory_size } else { memory_size },
        timeout: if sends(Member::Timeout) { want.timeout } else { timeout },
        environment: if sends(Member::Environment) && want.environment != Knowable::Unknown {
            want.environment
        } else {
            environment
        },
        layers: if sends(Member::Layers) { want.layers } else { layers },
        vpc: if sends(Member::VpcConfig) { want.vpc } else { vpc },
        dead_letter_target: if sends(Member::DeadLetterConfig) { want.dead_letter_target } else { dead_letter_target },
        kms_key_arn: if sends(Member::KmsKeyArn) { want.kms_key_arn } else { kms_key_arn },
        tracing_mode: if sends(Member::TracingConfig) { want.tracing_mode } else { tracing_mode },
        file_systems: if sends(Member::FileSystemConfigs) { want.file_systems } else { file_systems },
        image: if sends(Member::ImageConfig) { want.image } else { image },
        ephemeral_storage: if sends(Member::EphemeralStorage) { want.ephemeral_storage } else { ephemeral_storage },
        snap_start: if sends(Member::SnapStart) { want.snap_start } else { snap_start },
        logging: if sends(Member::LoggingConfig) { want.logging } else { logging },
        durable: if sends(Member::DurableConfig) { want.durable } else { durable },
        capacity_provider: if sends(Member::CapacityProviderConfig) {
            want.capacity_provider
        } else {
            capacity_provider
        },
    }
}
