//! From every start the plan reaches every goal, whatever goes wrong on the way, and touches nothing that is not ours.
//!
//! The pure core (goal, plan, status) runs against a model of AWS. What it remembers goes through the object's status alone.
#![allow(
    clippy::expect_used,
    clippy::panic,
    reason = "a test; clippy's exemption covers only the bodies of #[test] functions"
)]

mod aws;
mod operator;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use aws::{Aws, Held, Mishap, UnderWay};
use futures::executor::block_on;
use lambda_operator::api::blocks::AdoptionPolicy;
use lambda_operator::api::code::{Architecture, CodeFrom};
use lambda_operator::api::{LambdaFunction, LambdaFunctionSpec, LambdaFunctionStatus, condition};
use lambda_operator::function::{Blocked, Content, Desired, Function, Goal, Operation};
use operator::{Ended, Wish};

/// The value of our owner tag.
const OWNER: &str = "cluster/demo/hello";

const SIGNING: &str = "arn:aws:lambda:eu-west-1:123456789012:code-signing-config:csc-0";

/// Where a run begins: what AWS holds, and what the object's status says.
#[derive(Clone, Debug)]
struct Start {
    name: &'static str,
    function: Option<Held>,
    status: Option<LambdaFunctionStatus>,
}

/// How a run ended.
struct End {
    ended: Ended,
    function: Option<Held>,
    done: Vec<Operation>,
    tried: usize,
    wish: Wish,
}

/// Names the run in which an assertion failed.
struct Case<'a>(&'a Start, &'a Wish, Mishap);

impl Drop for Case<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            let Self(Start { name, .. }, Wish { object, secret }, mishap) = self;
            let spec = serde_json::to_string(&object.spec).unwrap_or_default();
            eprintln!("from `{name}` to {spec} with secret {secret}; mishap {mishap:?}");
        }
    }
}

#[test]
fn every_start_reaches_every_goal_whatever_goes_wrong() {
    let (starts, goals) = (starts(), goals());
    let (runs, next) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(goal) = goals.get(next.fetch_add(1, Ordering::Relaxed)) {
                    for start in &starts {
                        runs.fetch_add(walk(start, goal), Ordering::Relaxed);
                    }
                }
            });
        }
    });
    println!("{} runs: {} starts, {} goals", runs.into_inner(), starts.len(), goals.len());
}

/// Once undisturbed, and once with each mishap at each write.
fn walk(start: &Start, goal: &Wish) -> usize {
    let undisturbed = run(start, goal, Mishap::Nothing);
    {
        let _case = Case(start, goal, Mishap::Nothing);
        assert_frugal(start, &undisturbed);
    }
    let mut mishaps = vec![Mishap::Outrun];
    for write in 1..=undisturbed.tried {
        let kinds = [Mishap::DiesBefore, Mishap::DiesAfter, Mishap::StatusLostAfter, Mishap::Denied, Mishap::TakenBack];
        mishaps.extend(kinds.map(|kind| kind(write)));
    }
    // One failure at a time: a function that failed after it worked is trouble enough.
    if start.function.as_ref().is_some_and(|held| held.state == "Failed" && held.worked) {
        mishaps.retain(|mishap| !matches!(mishap, Mishap::TakenBack(_)));
    }
    for mishap in &mishaps {
        let disturbed = run(start, goal, *mishap);
        let _case = Case(start, goal, *mishap);
        if *mishap != Mishap::Outrun {
            assert_eq!(versions(&disturbed), versions(&undisturbed), "a version is lost or doubled");
        }
    }
    1 + mishaps.len()
}

fn run(start: &Start, goal: &Wish, mishap: Mishap) -> End {
    let case = Case(start, goal, mishap);
    let mut wish = goal.clone();
    wish.object.status.clone_from(&start.status);
    let aws = Aws::new(start.function.clone(), wish.is_leaving(), mishap);
    let ended = block_on(wish.drive(&aws, mishap));
    let account = aws.account();
    let end = End { ended, function: account.function.clone(), done: account.done.clone(), tried: account.tried, wish };
    assert_end(start, &end, &case);
    end
}

fn versions(end: &End) -> usize {
    end.function.as_ref().map_or(0, |held| held.versions.len())
}

fn assert_end(start: &Start, end: &End, Case(_, _, mishap): &Case<'_>) {
    let before = start.function.as_ref();
    let owner = before.and_then(|held| held.owner.as_deref());
    let withheld = before.is_some_and(|held| held.tags_withheld);
    let outrun = *mishap == Mishap::Outrun && owner.is_none() && end.wish.adopts();
    let not_ours =
        before.is_some() && owner != Some(OWNER) && !(owner.is_none() && end.wish.adopts() && !end.wish.is_leaving());
    match &end.ended {
        Ended::Blocked(Blocked::NotOurs(Some(_))) if outrun => assert_eq!(end.done, [Operation::TagResource]),
        Ended::Blocked(Blocked::TagsWithheld) if withheld => assert_eq!(end.done, []),
        Ended::Blocked(Blocked::NotOurs(other)) if not_ours => {
            assert_eq!(other.as_deref(), owner);
            assert_eq!(end.done, []);
        }
        Ended::Done if not_ours && end.wish.is_leaving() => assert_eq!(end.done, []),
        Ended::Blocked(Blocked::FunctionFailed) => {
            assert!(before.is_some_and(|held| held.state == "Failed" && held.worked), "gave up on what can be mended");
        }
        Ended::Done => match end.wish.goal() {
            Goal::Present(desired) => assert_present(before, end, &desired),
            Goal::Absent { .. } => assert!(end.function.is_none(), "left behind"),
            Goal::Released { .. } => assert_released(before, end.function.as_ref()),
        },
        other => panic!("ended {other:?}"),
    }
}

fn assert_present(before: Option<&Held>, end: &End, desired: &Desired) {
    let held = end.function.as_ref().expect("a function");
    let created = end.done.contains(&Operation::CreateFunction);
    let kept = before.filter(|_| !created).and_then(|held| held.shown.code.architecture.clone());
    let mut wanted: Function = desired.function.clone();
    wanted.code.content = Content::Sha256(aws::sha256(desired.source.as_ref().expect("a source")));
    wanted.code.architecture = wanted.code.architecture.or(kept).or_else(|| Some("x86_64".into()));
    assert_eq!(held.runs, wanted, "what runs is not what was asked for");
    assert_eq!(held.shown, held.runs, "AWS shows what does not run");
    assert_eq!(held.owner.as_deref(), Some(OWNER));
    assert_eq!((held.state, held.last_update), ("Active", "Successful"));

    let status = end.wish.object.status.as_ref().expect("a status");
    assert!(
        status.conditions.iter().any(|c| c.type_ == condition::READY && c.status == "True"),
        "{:?}",
        status.conditions
    );
    if desired.publish {
        let number = &status.published.as_ref().expect("a published version").version;
        let version = held.version(number).expect("the version that status names");
        assert_eq!(version.function.fingerprint(), held.runs.fingerprint(), "the published version is not $LATEST");
        assert_eq!(*number, held.versions.len().to_string(), "not the newest version");
    }
}

fn assert_released(before: Option<&Held>, after: Option<&Held>) {
    match (before, after) {
        (None, None) => {}
        (Some(before), None) => assert_eq!(before.state, "Deleting", "deleted instead of released"),
        (Some(before), Some(after)) => {
            assert_eq!(after.owner, None, "not released");
            assert_eq!(
                (&after.shown, after.versions.len()),
                (&before.shown, before.versions.len()),
                "changed by the way"
            );
        }
        (None, Some(after)) => panic!("made by a release: {after:?}"),
    }
}

/// Undisturbed, no write is sent twice, and creation is one call: what it cannot carry follows, nothing else.
fn assert_frugal(start: &Start, end: &End) {
    let adopted = start.function.as_ref().is_some_and(|held| held.owner.is_none());
    let mut operations: Vec<_> = end.done.iter().skip(usize::from(adopted)).collect();
    let sent = operations.len();
    operations.sort_unstable();
    operations.dedup();
    assert_eq!(operations.len(), sent, "sent twice: {:?}", end.done);
    if start.function.is_none() {
        let needed =
            |operation: &Operation| matches!(operation, Operation::CreateFunction | Operation::PutFunctionConcurrency);
        assert!(end.done.iter().all(needed), "more than a creation: {:?}", end.done);
    }
}

/// Settled functions, bare and full, and everything that can have become of them.
fn starts() -> Vec<Start> {
    let mut all = vec![Start { name: "absent", function: None, status: None }];
    for wish in [wish(1, Choice::BARE), wish(1, Choice::FULL)] {
        let (published, status) = settled(&wish, true);
        let (unpublished, unpublished_status) = settled(&wish, false);
        let mut newer = status.clone();
        newer.published.iter_mut().for_each(|published| published.version = "7".into());
        all.push(Start { name: "ours, but gone from AWS", function: None, status: Some(newer) });
        all.push(Start {
            name: "ours, never published",
            function: Some(unpublished),
            status: Some(unpublished_status),
        });
        all.extend(SITUATIONS.map(|(name, remembered, change)| {
            let mut held = published.clone();
            change(&mut held);
            Start { name, function: Some(held), status: remembered.then(|| status.clone()) }
        }));
        let born = born(&wish);
        let mut only_aws_knows = published.clone();
        only_aws_knows.state = "Failed";
        all.push(Start {
            name: "ours, failed, only AWS knows that it worked",
            function: Some(only_aws_knows),
            status: born.status.clone(),
        });
        let mut never_worked = born;
        if let Some(held) = &mut never_worked.function {
            (held.state, held.last_update, held.under_way) = ("Failed", "Failed", None);
        }
        all.push(Start { name: "ours, failed while it was created", ..never_worked });
    }
    all
}

type Situation = (&'static str, bool, fn(&mut Held));

/// What can have become of a settled function; and whether the object's status remembers it.
const SITUATIONS: [Situation; 19] = [
    ("ours", true, |_| {}),
    ("ours, status lost", false, |_| {}),
    ("ours, changed since the last version", true, |held| {
        held.both_memory(512);
        held.updated = true;
    }),
    ("ours, written to as it was since the last version", true, |held| held.updated = true),
    ("ours, being updated", true, |held| under_way(held, Operation::UpdateFunctionConfiguration)),
    ("ours, being created, status lost", false, |held| {
        under_way(held, Operation::CreateFunction);
        (held.state, held.worked) = ("Pending", false);
    }),
    ("ours, configuration taken back", true, |held| {
        held.runs.configuration.memory_size = 512;
        (held.last_update, held.reason_code) = ("Failed", Some("InvalidSubnet"));
    }),
    ("ours, code taken back", true, |held| {
        held.runs.code.content = Content::Sha256("old".into());
        (held.last_update, held.reason_code) = ("Failed", Some("InvalidImage"));
    }),
    ("ours, code taken back, status lost", false, |held| {
        held.runs.code.content = Content::Sha256("old".into());
        (held.last_update, held.reason_code) = ("Failed", Some("InvalidImage"));
    }),
    ("ours, failed, AWS knows that it worked, status lost", false, |held| held.state = "Failed"),
    ("ours, failed, status knows that it worked", true, |held| (held.state, held.last_update) = ("Failed", "Failed")),
    ("ours, failed, nobody knows that it worked", false, |held| (held.state, held.last_update) = ("Failed", "Failed")),
    ("ours, tags withheld", true, |held| held.tags_withheld = true),
    ("ours, being deleted", true, |held| {
        under_way(held, Operation::DeleteFunction);
        held.state = "Deleting";
    }),
    ("nobody's", false, |held| held.owner = None),
    ("nobody's, being updated", false, |held| {
        under_way(held, Operation::UpdateFunctionCode);
        held.owner = None;
    }),
    ("another's", false, |held| held.owner = Some("another".into())),
    ("another's, once ours", true, |held| held.owner = Some("another".into())),
    ("another's, never worked", false, |held| {
        (held.state, held.last_update, held.worked) = ("Failed", "Failed", false);
        held.owner = Some("another".into());
    }),
];

fn under_way(held: &mut Held, what: Operation) {
    (held.last_update, held.under_way) = ("InProgress", Some(UnderWay::on(what)));
}

impl Held {
    fn both_memory(&mut self, memory_size: i32) {
        self.shown.configuration.memory_size = memory_size;
        self.runs.configuration.memory_size = memory_size;
    }
}

/// What AWS and status hold once the wish has been fulfilled.
fn settled(wish: &Wish, publish: bool) -> (Held, LambdaFunctionStatus) {
    let mut wish = wish.clone();
    wish.object.spec.publish = Some(publish);
    let absent = Start { name: "absent", function: None, status: None };
    let end = run(&absent, &wish, Mishap::Nothing);
    (end.function.expect("a function"), end.wish.object.status.expect("a status"))
}

/// What AWS and status hold right after the creation.
fn born(wish: &Wish) -> Start {
    let mut wish = wish.clone();
    let aws = Aws::new(None, false, Mishap::Nothing);
    block_on(wish.pass(&aws));
    let function = aws.account().function.clone();
    Start { name: "ours, just created", function, status: wish.object.status }
}

/// One choice for each group; where two functions choose otherwise, that group differs.
#[derive(Clone, Copy)]
struct Choice {
    configuration: bool,
    code: Code,
    signing: bool,
    concurrency: bool,
    tags: bool,
}

#[derive(Clone, Copy)]
enum Code {
    Inline,
    InlineForArm,
    S3ForArm,
}

impl Choice {
    const BARE: Self =
        Self { configuration: false, code: Code::Inline, signing: false, concurrency: false, tags: false };
    const FULL: Self = Self { configuration: true, code: Code::S3ForArm, signing: true, concurrency: true, tags: true };
}

fn goals() -> Vec<Wish> {
    let mut all = vec![wish(2, Choice::BARE).leaving()];
    let mut released = wish(2, Choice::BARE).leaving();
    released.object.spec.skip_destroy = Some(true);
    all.push(released);
    for code in [Code::Inline, Code::InlineForArm, Code::S3ForArm] {
        for bits in 0..64_u8 {
            let [configuration, signing, concurrency, tags, publish, adopt] =
                [0, 1, 2, 3, 4, 5].map(|bit| bits & (1 << bit) != 0);
            let mut wish = wish(2, Choice { configuration, code, signing, concurrency, tags });
            wish.object.spec.publish = Some(publish);
            wish.object.spec.adoption_policy = adopt.then_some(AdoptionPolicy::Adopt);
            all.push(wish);
        }
    }
    all
}

fn wish(generation: i64, choice: Choice) -> Wish {
    let inline = || {
        let files = [("main.py".into(), "def handler(e, c): ...".into())].into();
        Some(CodeFrom { inline: Some(files), ..CodeFrom::default() })
    };
    let arm = Some(vec![Architecture::Arm64]);
    let tags = |all: [(&str, &str); 2]| all.map(|(key, value)| (key.to_owned(), value.to_owned())).into();
    let mut spec = LambdaFunctionSpec {
        role: "arn:aws:iam::123456789012:role/hello".into(),
        runtime: Some("python3.13".into()),
        handler: Some("main.handler".into()),
        memory_size: choice.configuration.then_some(256),
        code_signing_config_arn: choice.signing.then(|| SIGNING.into()),
        reserved_concurrent_executions: choice.concurrency.then_some(0),
        // One key stays with another value, one goes, one comes.
        tags: Some(if choice.tags { tags([("team", "a"), ("old", "1")]) } else { tags([("team", "b"), ("new", "1")]) }),
        ..LambdaFunctionSpec::default()
    };
    match choice.code {
        Code::Inline => spec.code_from = inline(),
        Code::InlineForArm => (spec.code_from, spec.architectures) = (inline(), arm),
        Code::S3ForArm => {
            (spec.s3_bucket, spec.s3_key) = (Some("packages".into()), Some("hello.zip".into()));
            spec.architectures = arm;
        }
    }
    let mut object = LambdaFunction::new("hello", spec);
    object.metadata.generation = Some(generation);
    Wish { object, secret: "1" }
}
