//! Answers go through the SDK and the reading of them: what can be read is understood, what cannot is an error that says so.

use std::io;
use std::net::TcpListener;
use std::os::fd::{AsFd, OwnedFd};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use std::{env, thread};

use k8s_openapi::jiff::Timestamp;
use lambda_operator::api::function::spec::LambdaFunction;
use lambda_operator::aws::client::budget::{Holder, Rates};
use lambda_operator::aws::client::{Clients, Gate, Identity, Meter, Settings};
use lambda_operator::aws::lambda::remote::Remote;
use lambda_operator::core::conclusion::{Conclusion, Seen, StatusInput};
use lambda_operator::core::error::class::Class;
use lambda_operator::core::error::{CallError, Error};
use lambda_operator::core::kind::Aws;
use lambda_operator::core::kind::ConclusionOf;
use lambda_operator::core::operation::Operation;
use lambda_operator::core::outcome::Outcome;
use lambda_operator::core::status::status;
use lambda_operator::core::target::Target;
use lambda_operator::core::values::Knowable;
use lambda_operator::core::withheld::Withheld;
use lambda_operator::kinds::function::desired::{Goal, Leaving};
use lambda_operator::kinds::function::observed::query::{Query, VersionQuery};
use lambda_operator::kinds::function::observed::{Lifecycle, Observed};
use lambda_operator::kinds::function::plan::plan;
use lambda_operator::kinds::function::side::Probe;
use lambda_operator::kinds::function::side::Side;
use lambda_operator::kinds::function::status::history::History;
use serde_json::Value;

use crate::answers::{Play, plays};
use crate::server::{Scene, Stage, serve};
use crate::{assert_silent, check};

/// AWS's endpoint comes from the environment, which a process can only be started with: the test starts itself again, and
/// hands over the listening socket as standard input.
const ENDPOINT: &str = "AWS_ENDPOINT_URL";
const INSIDE: &str = "HOSTILE_ANSWERS_ARE_SERVED";
const NAME: &str = "observe::no_answer_of_aws_breaks_the_reading_of_it_or_shows_a_secret";

#[test]
fn no_answer_of_aws_breaks_the_reading_of_it_or_shows_a_secret() {
    if env::var_os(INSIDE).is_some() {
        return inside();
    }
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    let asked = ["HOSTILE_SEED", "HOSTILE_CASES"].into_iter().filter_map(|name| Some((name, env::var(name).ok()?)));
    let again = Command::new(env::current_exe().unwrap())
        .args(["--exact", NAME, "--nocapture"])
        .env_clear()
        .envs(asked)
        .envs([(INSIDE, "yes"), (ENDPOINT, &endpoint)])
        .envs([("AWS_REGION", "us-east-1"), ("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")])
        .stdin(Stdio::from(OwnedFd::from(listener)))
        .output()
        .unwrap();
    let said = [again.stdout, again.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).join("\n");
    assert!(again.status.success() && said.contains("1 passed"), "{said}");
    said.lines().filter(|line| line.contains("understood")).for_each(|line| println!("{line}"));
}

struct Silent;

impl Meter for Silent {
    fn called(&self, _: Operation, _: &str, _: Duration) {}
}

impl Gate for Silent {
    fn is_open(&self) -> bool {
        true
    }
}

/// How the cases ended.
#[derive(Default)]
struct Ends {
    understood: AtomicUsize,
    absent: AtomicUsize,
    failed: AtomicUsize,
}

fn inside() {
    const CASES: u32 = 600;
    let listener = TcpListener::from(io::stdin().as_fd().try_clone_to_owned().unwrap());
    let stage = Stage::default();
    let served = Arc::clone(&stage);
    thread::spawn(move || serve(&listener, &served));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let settings = Settings { rates: Rates { reads: 100.0, writes: 15.0 } };
    let clients = runtime.block_on(Clients::load(settings, Arc::new(Silent), Arc::new(Silent))).unwrap();
    let caller = runtime.block_on(clients.caller(&Identity::default()));
    let (regions, ends) = (AtomicUsize::new(0), Ends::default());
    check(&plays(), CASES, |play| {
        *stage.lock().unwrap() = play.scene.clone();
        // Each region has a budget of its own: no case waits for the one before it.
        let region = format!("hostile-{}", regions.fetch_add(1, Ordering::Relaxed));
        let target = Target { account: "123456789012".into(), region, name: "hello".into() };
        let holder = Holder { namespace: "test".into(), object: "test".into() };
        let remote = clients.remote(&caller, target.clone(), holder, Withheld::nothing());
        runtime.block_on(try_play(&remote, &target, &play, &ends));
    });
    let [understood, absent, failed] =
        [&ends.understood, &ends.absent, &ends.failed].map(|count| count.load(Ordering::Relaxed));
    println!("{understood} understood, {absent} absent, {failed} failed");
    assert!(understood > 100 && absent > 0 && failed > 50, "most cases end in one way, and prove little");
}

async fn try_play(remote: &Remote, target: &Target, play: &Play, ends: &Ends) {
    let everything = Query {
        sides: [(Side::CodeSigning, Probe::Required)].into(),
        versions: Some(VersionQuery { known: None, to_latest: false, state: true }),
        default_group: false,
        executions: true,
    };
    for query in [Query::default(), everything] {
        match Aws::<LambdaFunction>::observe(remote, &query).await {
            Ok(Some(observed)) => {
                ends.understood.fetch_add(1, Ordering::Relaxed);
                assert_understood(&observed, target, play);
            }
            Ok(None) => {
                ends.absent.fetch_add(1, Ordering::Relaxed);
                assert!(!play.plain, "a function that is there is not seen");
            }
            Err(CallError::Failed(error)) => {
                ends.failed.fetch_add(1, Ordering::Relaxed);
                assert_failed(&error, play);
            }
            // The look before was throttled.
            Err(CallError::Postponed(_)) => assert!(!play.plain, "there is room for a look"),
        }
    }
    let groups = Query { default_group: true, ..Query::default() };
    if let Err(CallError::Failed(error)) = Aws::<LambdaFunction>::observe(remote, &groups).await {
        assert_silent("the error", &format!("{error} {error:?}"));
    }
}

fn assert_understood(observed: &Observed, target: &Target, play: &Play) {
    assert_silent("what was observed", &format!("{observed:?}"));
    if play.plain {
        assert_withheld(observed, &play.scene.latest.body);
    }
    let owner = observed.owner.known().cloned().flatten().unwrap_or_else(|| "cluster/demo/hello".into());
    let leaving = Leaving { owner, ..Leaving::default() };
    let goals = [Goal::Released(leaving.clone()), Goal::Absent(leaving)];
    for goal in &goals {
        assert_silent("the plan", &format!("{:?}", plan(goal, &History::default(), Some(observed))));
    }
    let seen = Seen::Ours(Box::new(observed.clone()));
    let conclusion: ConclusionOf<LambdaFunction> = Conclusion::new(Outcome::Settled).at(target).saw(seen);
    let pass = StatusInput {
        conclusion: &conclusion,
        generation: 1,
        identity: None,
        references: String::new(),
        timeout: Duration::from_secs(600),
        requested: None,
        shown: None,
        deletion: None,
    };
    let after = status::<LambdaFunction>(None, &pass, Timestamp::UNIX_EPOCH);
    assert_silent("the status", &serde_json::to_string(&after).unwrap());
}

/// What AWS withholds is unknown, never "none"; a state that nobody knows is waited for.
fn assert_withheld(observed: &Observed, body: &str) {
    let answer: Value = serde_json::from_str(body).unwrap();
    let (tags, environment) = (&answer["TagsError"], &answer["Configuration"]["Environment"]["Error"]);
    assert_eq!(observed.owner == Knowable::Unknown, !tags.is_null(), "whose it is");
    assert_eq!(observed.function.tags == Knowable::Unknown, !tags.is_null(), "tags");
    assert_eq!(observed.function.configuration.environment == Knowable::Unknown, !environment.is_null(), "environment");
    if answer["Configuration"]["State"] == "Dreaming" {
        assert_eq!(observed.lifecycle, Lifecycle::Busy);
    }
}

/// The class is one that tries again by itself where AWS did not say what is wrong, and the words say more than a number.
fn assert_failed(error: &Error, play: &Play) {
    assert_silent("the error", &format!("{error} {error:?}"));
    assert!(!error.message.is_empty() || !error.code.is_empty(), "nothing is said: {error:?}");
    let answers =
        [&play.scene.latest, &play.scene.version, &play.scene.versions, &play.scene.signing, &play.scene.executions];
    if answers.iter().all(|answer| answer.status < 300) {
        // An ARN that names another place is an answer about another function.
        let elsewhere = error.message.starts_with("the answer is about");
        let expected = if elsewhere { Class::Elsewhere } else { Class::Unavailable };
        assert_eq!(error.class, expected, "{error:?}");
        assert_ne!(error.message.as_str(), "HTTP status 200", "an answer that cannot be read is no error of AWS's");
        let tags = error.message.contains("cannot read the function's tags") && lacks_tags(&play.scene);
        assert!(!play.plain || tags || elsewhere, "a good answer is not understood: {error:?}");
    }
}

/// Whether AWS could not read the tags, and not because we may not.
fn lacks_tags(scene: &Scene) -> bool {
    [&scene.latest, &scene.version].into_iter().any(|answer| {
        let body: Value = serde_json::from_str(&answer.body).unwrap_or_default();
        !body["TagsError"].is_null() && body["TagsError"]["ErrorCode"] != "AccessDeniedException"
    })
}
