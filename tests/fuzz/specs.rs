//! Specs that the CRD's schema lets through, against whatever AWS may hold: from the goal to the status.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use k8s_openapi::jiff::{SignedDuration, Timestamp};
use kube::CustomResourceExt;
use lambda_operator::api::function::spec::LambdaFunction;
use lambda_operator::api::function::status::{Deployed, LambdaFunctionStatus};
use lambda_operator::api::shared::REGRANT_ROLE;
use lambda_operator::core::change::Change;
use lambda_operator::core::conclusion::{Conclusion, Seen, StatusInput};
use lambda_operator::core::deletion::Deletion;
use lambda_operator::core::error::GoalError;
use lambda_operator::core::goal::Defaults;
use lambda_operator::core::kind::GoalInput;
use lambda_operator::core::kind::StatusInputOf;
use lambda_operator::core::outcome::{Outcome, Progress};
use lambda_operator::core::plan::Write;
use lambda_operator::core::references::{Contents, File, References};
use lambda_operator::core::shown::Shown;
use lambda_operator::core::status;
use lambda_operator::core::target::Target;
use lambda_operator::core::timeouts::{Phase, timeout};
use lambda_operator::core::values::Knowable;
use lambda_operator::core::withheld::Withheld;
use lambda_operator::kinds::function::desired::references::references;
use lambda_operator::kinds::function::desired::{Desired, Goal, goal, name, query};
use lambda_operator::kinds::function::model::Content;
use lambda_operator::kinds::function::observed::{Attributes, Lifecycle, LogGroup, Observed, VersionState};
use lambda_operator::kinds::function::plan::change;
use lambda_operator::kinds::function::plan::step::Step;
use lambda_operator::kinds::function::plan::{Plan, plan};
use lambda_operator::kinds::function::side::Side;
use lambda_operator::kinds::function::status::history::History;
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::sample::select;
use proptest::strategy::BoxedStrategy;
use serde_json::{Value, json};

use crate::{SECRET, assert_silent, check, schema, texts};

const OWNER: &str = "cluster/demo/hello";

/// An object, what it refers to, and another whose function is found in AWS.
#[derive(Clone)]
struct Case {
    spec: Value,
    status: Option<Value>,
    contents: Vec<Option<BTreeMap<String, Vec<u8>>>>,
    file: Option<bool>,
    deletion: bool,
    regrant: Option<String>,
    default_tags: BTreeMap<String, String>,
    other: Value,
    found: Found,
}

/// What of AWS's function is the other object's, and how it is.
#[derive(Clone, Debug)]
struct Found {
    differs: [bool; 5],
    owner: Knowable<Option<String>>,
    tags_withheld: bool,
    environment_withheld: bool,
    published: Option<String>,
    version: Option<Lifecycle>,
    attributes: [Option<String>; 6],
    executions: Vec<String>,
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { spec, status, contents, file, deletion, regrant, default_tags, other, found } = self;
        let all = json!({"spec": spec, "status": status, "contents": contents, "file": file, "leaving": deletion,
                         "regrant": regrant, "defaultTags": default_tags, "other": other});
        write!(f, "{all:#}\n{found:?}")
    }
}

fn root() -> Value {
    let crd = serde_json::to_value(LambdaFunction::crd()).unwrap();
    crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"].clone()
}

fn cases() -> impl Strategy<Value = Case> {
    let root = root();
    let spec = schema::values(&root["spec"], "").boxed();
    let bytes = prop_oneof![
        5 => texts::secret().prop_map(String::into_bytes),
        1 => texts::secret().prop_map(|text| [b"PK", text.as_bytes()].concat()),
        1 => Just([SECRET.as_bytes(), b"\xff\xfe"].concat()),
    ];
    let contents = btree_map(prop_oneof![texts::variable(), texts::text(40)], bytes, 0..4);
    let deletion = proptest::bool::weighted(0.25);
    let object = (spec.clone(), option::of(schema::values(&root["status"], ".status")), deletion);
    let around = (
        vec(option::weighted(0.9, contents), 1..4),
        option::of(any::<bool>()),
        option::of(texts::text(100)),
        btree_map(texts::text(100), texts::text(100), 0..3),
    );
    (object, around, spec, found()).prop_map(|((spec, status, deletion), around, other, found)| {
        let (contents, file, regrant, default_tags) = around;
        Case { spec, status, contents, file, deletion, regrant, default_tags, other, found }
    })
}

fn found() -> impl Strategy<Value = Found> {
    let owner = select(vec![
        Knowable::Known(Some(OWNER.to_owned())),
        Knowable::Known(None),
        Knowable::Known(Some("cluster/demo/other".to_owned())),
        Knowable::Unknown,
    ]);
    let state = select(vec!["Active", "Pending", "Inactive", "Failed", "Deleting", "ActiveNonInvocable", "Asleep", ""]);
    let updated = select(vec!["Successful", "InProgress", "Failed", "Postponed"]);
    let code = select(vec!["InvalidImage", "InvalidSubnet", "NeverHeardOf"]);
    let words = |some: BoxedStrategy<&'static str>| option::of(some.prop_map(str::to_owned));
    let attributes = [
        words(state.boxed()),
        words(updated.boxed()),
        words(code.clone().boxed()),
        words(code.boxed()),
        words(Just("why").boxed()),
        words(Just("vpc-1").boxed()),
    ];
    let lifecycles = vec![Lifecycle::Ready, Lifecycle::Busy, Lifecycle::Deleting, Lifecycle::Failed { proven: true }];
    (
        any::<[bool; 5]>(),
        prop_oneof![2 => Just(Knowable::Known(Some(OWNER.to_owned()))), 1 => owner],
        (option::weighted(0.1, Just(())), option::weighted(0.1, Just(()))),
        (option::of(select(vec!["1".to_owned(), "$LATEST.PUBLISHED".to_owned()])), option::of(select(lifecycles))),
        attributes,
        vec(texts::text(40), 0..2),
    )
        .prop_map(|(differs, owner, (tags, environment), (published, version), attributes, executions)| Found {
            differs,
            owner,
            tags_withheld: tags.is_some(),
            environment_withheld: environment.is_some(),
            published,
            version,
            attributes,
            executions,
        })
}

/// How far cases come, so that nobody has to believe that they come far.
#[derive(Default)]
struct Reached {
    goals: AtomicUsize,
    steps: AtomicUsize,
    still: AtomicUsize,
}

#[test]
fn no_valid_spec_causes_a_panic_or_shows_a_secret() {
    const CASES: u32 = 600;
    let reached = Reached::default();
    check(&cases(), CASES, |case| try_case(&case, &reached));
    let Reached { goals, steps, still } = &reached;
    let [goals, steps, still] = [goals, steps, still].map(|count| count.load(Ordering::Relaxed));
    println!("{goals} goals, {steps} plans with steps, {still} fixpoints");
    assert!(goals > 200 && steps > 100 && still > 100, "most cases end early, and prove little");
}

impl Case {
    fn object(&self, spec: &Value) -> LambdaFunction {
        let typed =
            serde_json::from_value(spec.clone()).unwrap_or_else(|error| panic!("serde cannot read it: {error}"));
        let mut object = LambdaFunction::new("hello", typed);
        assert_eq!(serde_json::to_value(&object.spec).unwrap(), *spec, "what is read is not what was written");
        object.metadata.generation = Some(2);
        object.metadata.deletion_timestamp = self.deletion.then_some(Time(Timestamp::UNIX_EPOCH));
        object.metadata.annotations = self.regrant.clone().map(|role| [(REGRANT_ROLE.to_owned(), role)].into());
        object.status = self.status.clone().map(|status| serde_json::from_value(status).unwrap());
        object
    }

    /// What the object refers to, as far as it is there.
    fn references(&self, object: &LambdaFunction) -> References {
        let contents = self.contents.iter().cycle();
        let objects = references(&object.spec).into_iter().zip(contents);
        let objects = objects.filter_map(|(reference, values)| {
            Some((reference, Contents { uid: "u".into(), version: "1".into(), values: values.clone()? }))
        });
        let file = self.file.map(|good| File { sha256: "sha".into(), fault: (!good).then(|| "it is empty".into()) });
        References { objects: objects.collect(), file, ..References::default() }
    }

    fn goal(&self, object: &LambdaFunction, history: &History) -> Result<Goal, GoalError> {
        goal(&GoalInput {
            object,
            target: &target(object),
            now: k8s_openapi::jiff::Timestamp::UNIX_EPOCH,
            rival: None,
            may_adopt: true,
            owner: OWNER.into(),
            former_owners: vec!["older/demo/hello".into()],
            defaults: &Defaults { tags: self.default_tags.clone(), ..Defaults::default() },
            history,
            references: &self.references(object),
        })
    }

    fn desired(&self, spec: &Value, history: &History) -> Option<Desired> {
        let mut object = self.object(spec);
        object.metadata.deletion_timestamp = None;
        object.metadata.annotations = None;
        match self.goal(&object, history) {
            Ok(Goal::Present(desired)) => Some(*desired),
            _ => None,
        }
    }
}

fn try_case(case: &Case, reached: &Reached) {
    let object = case.object(&case.spec);
    let history = History::of(object.status.as_ref());
    assert_silent("the object", &format!("{object:?}{history:?}"));
    assert!(timeout(&object.spec.common, Phase::Update) > Duration::ZERO, "a wait without an end or a beginning");
    match case.goal(&object, &history) {
        Err(unready) => {
            assert!(!case.deletion, "a deletion needs nothing but itself");
            assert_silent("what is not ready", &format!("{unready:?}"));
            let outcome = match unready {
                GoalError::Blocked(blocked) => Outcome::Blocked(blocked),
                GoalError::Missing(sentence) | GoalError::Waiting(sentence) => Outcome::Missing(sentence),
            };
            report(&object, Seen::Nothing, outcome);
        }
        Ok(goal) => {
            reached.goals.fetch_add(1, Ordering::Relaxed);
            let asked = query(&goal, &history);
            assert_silent("the goal", &format!("{goal:?}{asked:?}"));
            decide(&object, &history, &goal, None, reached);
            if let Some(observed) = observed(case, &history) {
                decide(&object, &history, &goal, Some(&observed), reached);
            }
        }
    }
    assert_still(case, &history, reached);
}

fn decide(object: &LambdaFunction, history: &History, goal: &Goal, observed: Option<&Observed>, reached: &Reached) {
    let planned = plan(goal, history, observed);
    assert_silent("the plan", &format!("{observed:?}{planned:?}"));
    let seen = match observed {
        None => Seen::Absent,
        Some(observed) if observed.owner == Knowable::Known(Some(OWNER.into())) => {
            Seen::Ours(Box::new(observed.clone()))
        }
        Some(_) => Seen::Nothing,
    };
    let outcome = match planned {
        Plan::Done => Outcome::Settled,
        Plan::Wait => Outcome::InProgress(Progress::Waiting),
        Plan::Blocked(blocked) => Outcome::Blocked(blocked),
        Plan::Drift(steps) => {
            let Goal::Present(desired) = goal else { panic!("an object that goes has no drift") };
            let all: Vec<Change> =
                steps.iter().flat_map(|step| change::changes(step, "hello", desired, observed)).collect();
            assert_silent("the drift", &format!("{all:?}"));
            Outcome::Drifted(all)
        }
        Plan::Steps(steps) => {
            reached.steps.fetch_add(1, Ordering::Relaxed);
            assert!(!steps.is_empty(), "a plan without steps is done");
            assert_silent("the role for a moment", &format!("{:?}", goal.regranted(history, &steps)));
            Outcome::InProgress(Progress::Sent(steps.iter().map(Step::operation).collect()))
        }
    };
    report(object, seen, outcome);
}

fn target(object: &LambdaFunction) -> Target {
    Target { account: "123456789012".into(), region: "eu-west-1".into(), name: name(object).to_owned() }
}

fn status(
    before: Option<&LambdaFunctionStatus>,
    input: &StatusInputOf<'_, LambdaFunction>,
    now: Timestamp,
) -> LambdaFunctionStatus {
    status::status::<LambdaFunction>(before, input, now)
}

/// The status says nothing secret, and nothing new where there is no news.
fn report(object: &LambdaFunction, seen: Seen<Observed>, outcome: Outcome) {
    let target = target(object);
    let object_name = name(object);
    let conclusion = Conclusion::new(outcome).at(&target).saw(seen);
    let pass = StatusInput {
        conclusion: &conclusion,
        generation: 2,
        identity: None,
        references: "none".into(),
        timeout: Duration::from_secs(600),
        requested: None,
        shown: None,
        deletion: object.metadata.deletion_timestamp.as_ref().map(|_| Deletion {
            namespace: "demo",
            name: object_name,
            skip_destroy: object.spec.common.skip_destroy.unwrap_or_default(),
        }),
    };
    // Between two seconds: what waits as long as it may does not outlast it just now.
    let now = Timestamp::from_second(2_000_000_000).unwrap() + SignedDuration::from_millis(500);
    let after: LambdaFunctionStatus = status(object.status.as_ref(), &pass, now);
    let json = serde_json::to_string(&after).unwrap();
    assert_silent("the status", &format!("{json}{after:?}"));
    assert_eq!(
        serde_json::from_str::<LambdaFunctionStatus>(&json).unwrap(),
        after,
        "Kubernetes gives it back otherwise"
    );
    assert_eq!(status(Some(&after), &pass, now + SignedDuration::from_millis(1)), after, "told without news");
}

/// A function of which each group is as it should be or another's.
fn observed(case: &Case, history: &History) -> Option<Observed> {
    let other = case.desired(&case.other, history)?.function;
    let mut function = case.desired(&case.spec, history).map_or_else(|| other.clone(), |desired| desired.function);
    let Found { differs, owner, tags_withheld, environment_withheld, published, version, attributes, executions } =
        &case.found;
    let [configuration, code, signing, concurrency, tags] = differs;
    if *configuration {
        function.package = other.package;
        function.tenancy = other.tenancy;
        function.configuration = other.configuration;
    }
    if *environment_withheld {
        function.configuration.environment = Knowable::Unknown;
    }
    if *code {
        function.code = other.code;
    }
    if !matches!(function.code.content, Content::Sha256(_)) {
        function.code.content = Content::Sha256("held".into());
    }
    if *signing {
        function.sides = other.sides;
    }
    if *concurrency {
        function.concurrency = other.concurrency;
    }
    if *tags {
        function.tags = other.tags;
    }
    if *tags_withheld {
        function.tags = Knowable::Unknown;
    }
    let [state, last_update_status, state_reason_code, last_update_status_reason_code, reason, vpc_id] =
        attributes.clone();
    let reason = reason.map(|text: String| Shown::new(&text, &Withheld::nothing()));
    let attributes = Attributes {
        state,
        last_update_status,
        state_reason_code,
        last_update_status_reason_code,
        state_reason: reason.clone(),
        last_update_status_reason: reason,
        vpc_id,
        ..Attributes::default()
    };
    let log_group = match function.sides.get(&Side::LogRetention) {
        Some(Some(_)) => LogGroup::Exists,
        Some(None) => LogGroup::Missing,
        None => LogGroup::ReadFailed,
    };
    let published = published.clone();
    Some(Observed {
        function,
        owner: owner.clone(),
        lifecycle: Lifecycle::of(&attributes),
        published,
        version: version.map(|lifecycle| VersionState { lifecycle, reason: "why".into() }),
        default_group: None,
        executions: executions.clone(),
        log_group,
        attributes,
    })
}

/// Where AWS holds what is wanted, nothing is left to do.
fn assert_still(case: &Case, history: &History, reached: &Reached) {
    // Code of a function that the object neither made nor took over is not trusted, and replaced first.
    let mut history = History { adopted: true, ..history.clone() };
    // A recorded failure is a reason of its own to send an update again.
    history.updates.failed.clear();
    let history = &history;
    let Some(mut desired) = case.desired(&case.spec, history) else { return };
    if desired.function.code.content == Content::Undeployed {
        let deployed = Deployed { source: desired.identity.clone(), code_sha256: "deployed".into() };
        let history = History { deployed: Some(deployed), ..history.clone() };
        let Some(known) = case.desired(&case.spec, &history) else {
            panic!("what was deployed is not wanted any more")
        };
        desired = known;
    }
    let mut function = desired.function.clone();
    if function.code.content == Content::Any {
        function.code.content = Content::Sha256("held".into());
    }
    function.code.architecture.get_or_insert_with(|| "x86_64".into());
    if let Some(provider) = &mut function.configuration.capacity_provider {
        provider.memory_gib_per_vcpu.get_or_insert(2.0);
        provider.max_concurrency.get_or_insert(16);
    }
    let observed = Observed {
        owner: Knowable::Known(Some(OWNER.into())),
        lifecycle: Lifecycle::Ready,
        published: desired.publish.as_ref().map(|_| "1".into()),
        version: None,
        default_group: None,
        executions: Vec::new(),
        log_group: LogGroup::Exists,
        attributes: Attributes::default(),
        function,
    };
    reached.still.fetch_add(1, Ordering::Relaxed);
    let planned = plan(&Goal::Present(Box::new(desired)), history, Some(&observed));
    assert_eq!(planned, Plan::Done, "a difference without one");
}
