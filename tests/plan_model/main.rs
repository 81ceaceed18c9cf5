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
mod starts;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use aws::{Account, Aws, DEFAULT_GROUP, Held, LATEST_PUBLISHED, Mishap};
use futures::executor::block_on;
use lambda_operator::api::condition;
use lambda_operator::api::function::code::CodePolicy;
use lambda_operator::api::function::status::LambdaFunctionStatus;
use lambda_operator::core::blocked::Blocked;
use lambda_operator::core::operation::Operation;
use lambda_operator::core::plan::Write;
use lambda_operator::kinds::function::desired::{Desired, Goal, Leaving, PreDelete, Replacement, query};
use lambda_operator::kinds::function::model::{Content, Function};
use lambda_operator::kinds::function::package_type::PackageType;
use lambda_operator::kinds::function::plan::step::Step;
use lambda_operator::kinds::function::side;
use lambda_operator::kinds::function::side::Probe;
use lambda_operator::kinds::function::status::history::History;
use operator::{Ended, Wish};
use starts::{Choice, OTHER_ROLE, Start, wish};

/// The value of our owner tag.
const OWNER: &str = "cluster/demo/hello";

/// That of another object of the cluster, in another namespace.
const GIVER: &str = "cluster/other/giver";

/// How a run ended.
struct End {
    ended: Ended,
    function: Option<Held>,
    done: Vec<Operation>,
    tried: usize,
    /// The function as it was when it was deleted.
    last: Option<Held>,
    wish: Wish,
}

/// Names the run in which an assertion failed.
struct Case<'a>(&'a Start, &'a Wish, Mishap);

impl Drop for Case<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            let Self(Start { name, .. }, Wish { object, secret, may_adopt, giver, clock: _ }, mishap) = self;
            let spec = serde_json::to_string(&object.spec).unwrap_or_default();
            eprintln!(
                "from `{name}` to {spec} with secret {secret}; adoption {may_adopt}, the giver {giver:?}; mishap {mishap:?}"
            );
        }
    }
}

#[test]
fn every_start_reaches_every_goal_whatever_goes_wrong() {
    walk_all(&starts::starts(&plain()), &starts::goals());
}

#[test]
fn slow_and_failed_versions_are_never_published_twice() {
    let snapshots = starts::snapshots();
    walk_all(&starts::starts(&[plain(), snapshots.clone()].concat()), &snapshots);
}

#[test]
fn code_of_another_pipeline_is_never_written() {
    walk_all(&starts::starts(&plain()), &starts::initial());
}

#[test]
fn a_regrant_always_restores_the_own_role() {
    walk_all(&starts::starts(&plain()), &starts::regrants());
}

#[test]
fn executions_and_interfaces_are_gone_before_the_function_is() {
    let starts = starts::starts(&[wish(1, Choice::BARE), starts::in_vpc(wish(1, Choice::FULL))]);
    walk_all(&starts::busy_and_bare(&starts), &starts::farewells());
}

#[test]
fn a_hidden_environment_is_written_once_when_new() {
    let goals = starts::environments();
    let starts = starts::environment_withheld(starts::starts(&goals[..1]));
    walk_all(&starts, &goals);
}

#[test]
fn side_groups_are_set_and_reset_whatever_goes_wrong() {
    let mut starts = starts::starts(&[wish(1, Choice::BARE), starts::beside(wish(1, Choice::FULL), [true; 2])]);
    starts.push(starts::set_by_another());
    walk_all(&starts, &starts::sides());
}

#[test]
fn a_second_owner_who_never_agreed_keeps_its_function() {
    let starts = starts::starts(&plain());
    let nobodys = starts.iter().filter(|start| start.name.starts_with("nobody's")).cloned();
    let all: Vec<_> = starts::of_the_giver(starts.clone()).into_iter().chain(nobodys).collect();
    walk_all(&all, &starts::takings());
}

fn plain() -> Vec<Wish> {
    vec![wish(1, Choice::BARE), wish(1, Choice::FULL)]
}

fn walk_all(starts: &[Start], goals: &[Wish]) {
    let (runs, next) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(goal) = goals.get(next.fetch_add(1, Ordering::Relaxed)) {
                    for start in starts {
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
    mishaps.extend(goal.object.spec.snap_start.as_ref().map(|_| Mishap::SnapshotFails));
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
        // Another pipeline's update that is taken back is not ours to mend.
        if *mishap != Mishap::Outrun && !matches!(disturbed.ended, Ended::Blocked(Blocked::UpdateFailed(_))) {
            let (left, expected) = (versions(&disturbed), versions(&undisturbed));
            // Where the record is lost the newest version is read, and may be seen to hold the function: that spares one.
            let spared = matches!(mishap, Mishap::StatusLostAfter(_)) && left < expected;
            // Code that nobody can vouch for is deployed once more, and a version of it published.
            let redeployed = disturbed.done.contains(&Operation::UpdateFunctionCode)
                && goal.object.spec.code_policy == Some(CodePolicy::Initial)
                && left == expected + 1;
            assert!(
                left == expected || spared || redeployed,
                "a version is lost or doubled: {left} and not {expected}"
            );
        }
    }
    1 + mishaps.len()
}

fn run(start: &Start, goal: &Wish, mishap: Mishap) -> End {
    let case = Case(start, goal, mishap);
    let mut wish = goal.clone();
    wish.object.status.clone_from(&start.status);
    let aws = Aws::new(start.function.clone(), &wish, mishap);
    let ended = block_on(wish.drive(&aws, mishap));
    if ended == Ended::Done && !wish.is_leaving() {
        assert_still(&mut wish, &aws);
    }
    let Account { function, done, tried, last, .. } = aws.into_account();
    let end = End { ended, function, done, tried, last, wish };
    assert_end(start, &end, &case);
    end
}

/// Whoever has arrived stays: another pass asks for no more than it must, writes nothing, and has nothing new to say.
fn assert_still(wish: &mut Wish, aws: &Aws) {
    let (tried, status) = (aws.account().tried, wish.object.status.clone());
    let asked = query(&wish.goal(), &History::of(status.as_ref()));
    let named = side::wanted(&wish.object.spec, PackageType::Zip).into_iter().filter(|(_, wanted)| wanted.is_some());
    let needed =
        if wish.is_leaving() { BTreeMap::new() } else { named.map(|(side, _)| (side, Probe::Required)).collect() };
    assert_eq!(asked.sides, needed, "asked about more than is wanted");
    assert!(asked.versions.is_none_or(|held| held.known.is_some() && !held.state), "asked about a version again");
    assert_eq!(block_on(wish.pass(aws)), Ended::Done);
    assert_eq!(aws.account().tried, tried, "written without a difference");
    assert_eq!(wish.object.status, status, "told without news");
}

fn versions(end: &End) -> usize {
    end.function.as_ref().map_or(0, |held| held.versions.len())
}

fn assert_end(start: &Start, end: &End, Case(_, _, mishap): &Case<'_>) {
    let before = start.function.as_ref();
    let spec = &end.wish.object.spec;
    let initial = spec.code_policy == Some(CodePolicy::Initial) && !end.wish.is_leaving();
    let trusted = is_trusted(start, end, *mishap);
    let written = end.done.iter().filter(|operation| **operation == Operation::UpdateFunctionCode).count();
    // Once, and once more where the first is forgotten.
    let forgets = matches!(mishap, Mishap::StatusLostAfter(_) | Mishap::DiesAfter(_));
    let most = if trusted { 0 } else { 1 + usize::from(forgets) };
    assert!(!initial || written <= most, "another pipeline's code is written over");
    let owner = before.and_then(|held| held.owner.as_deref());
    let withheld = before.is_some_and(|held| held.tags_withheld);
    let taken = before.is_some() && end.wish.may_take(owner);
    let outrun = *mishap == Mishap::Outrun && taken;
    let not_ours = before.is_some() && owner != Some(OWNER) && !taken;
    let asks = if owner.is_none() { end.wish.adopts() } else { owner == Some(GIVER) && end.wish.asks_the_giver() };
    match &end.ended {
        Ended::Blocked(Blocked::NotOwned(Some(_))) if outrun => assert_eq!(end.done, [Operation::TagResource]),
        Ended::Blocked(Blocked::NotAllowed(_)) if not_ours && asks => assert_eq!(end.done, []),
        Ended::Blocked(Blocked::OwnershipUnknown) if withheld => assert_eq!(end.done, []),
        Ended::Blocked(Blocked::NotOwned(other)) if not_ours && !asks => {
            assert_eq!(other.as_deref(), owner);
            assert_eq!(end.done, []);
        }
        Ended::Done if not_ours && end.wish.is_leaving() => assert_eq!(end.done, []),
        Ended::Refused => {
            assert!(before.is_some_and(|held| held.sides_withheld), "nothing was withheld");
            assert_eq!(end.done, [], "written though it is not known what is there");
        }
        Ended::Blocked(Blocked::VersionFailed(_)) => {
            assert_eq!(*mishap, Mishap::SnapshotFails);
            let held = end.function.as_ref().expect("a function");
            let mut versions = held.versions.iter().chain(&held.latest_published);
            assert!(versions.any(|version| version.fails), "no version failed");
        }
        Ended::Blocked(Blocked::UpdateFailed(_)) if initial => {
            let theirs = |held: &Held| held.under_way.is_some_and(|work| work.what == Operation::UpdateFunctionCode);
            let taken_back = |held: &Held| held.reason_code == Some("InvalidImage") || theirs(held);
            // Or the code that was deployed once, because nobody vouched for that which was there.
            let ours = !trusted && matches!(mishap, Mishap::TakenBack(_));
            assert!(ours || before.is_some_and(taken_back), "no code was taken back");
        }
        Ended::Blocked(Blocked::InvalidSpec(_)) if initial => {
            let unknown = end.function.is_none() || !trusted;
            assert!(unknown && spec.s3_bucket.is_none(), "there is enough to go on");
            assert!(end.function.is_some() || end.done.is_empty(), "nothing can be made, so nothing may go");
        }
        Ended::Blocked(Blocked::InvalidSpec(_)) => {
            let held = end.function.as_ref().expect("a function");
            assert!(!held.has_default_group && spec.replacement_security_group_ids.is_none());
            assert!(held.executions.is_empty() && held.sent.is_empty());
        }
        Ended::Blocked(Blocked::FunctionFailed(_)) => {
            let failed = |held: &Held| held.state == "Failed";
            let cannot_be_made = initial && spec.s3_bucket.is_none() && end.function.as_ref().is_some_and(failed);
            let mended =
                before.is_none_or(|held| !failed(held) || !(held.worked || held.owner.as_deref() != Some(OWNER)));
            assert!(cannot_be_made || !mended, "gave up on what can be mended");
        }
        Ended::Done => match end.wish.goal() {
            Goal::Present(desired) => {
                assert_present(before, end, &desired, *mishap);
                assert_sent(start, end, &desired, *mishap);
            }
            Goal::Absent(Leaving { owner: _, former: _, pre_delete }) => {
                assert!(end.function.is_none(), "left behind");
                assert_farewell(end.last.as_ref(), &pre_delete);
            }
            Goal::Released(_) => assert_released(before, end.function.as_ref(), *mishap),
        },
        other => panic!("ended {other:?}"),
    }
}

/// Whether the object can know that it made the function, or is asked to take it over. What it forgets, it does not know.
fn is_trusted(start: &Start, end: &End, mishap: Mishap) -> bool {
    let history = History::of(start.status.as_ref());
    let forgets = matches!(mishap, Mishap::StatusLostAfter(_) | Mishap::DiesAfter(_));
    let made = start.function.is_none() || history.deployed.is_some();
    end.wish.adopts() || end.wish.asks_the_giver() || !forgets && (made || history.adopted)
}

fn assert_present(before: Option<&Held>, end: &End, desired: &Desired, mishap: Mishap) {
    let held = end.function.as_ref().expect("a function");
    let created = end.done.contains(&Operation::CreateFunction);
    let kept = before.filter(|_| !created).and_then(|held| held.shown.code.architecture.clone());
    let mut wanted: Function = desired.function.clone();
    if let Some(source) = &desired.source {
        wanted.code.content = Content::Sha256(aws::sha256(source));
    }
    wanted.code.architecture = wanted.code.architecture.or(kept).or_else(|| Some("x86_64".into()));
    if let Some(before) = before.filter(|_| !created) {
        if desired.initial_code && !end.done.contains(&Operation::UpdateFunctionCode) {
            wanted.code = before.runs.code.clone();
        }
        if before.sides_withheld {
            wanted.sides = before.runs.sides.clone();
        }
    }
    // Which update failed is remembered by status alone: AWS forgets it with the next update that goes well, and shows what it took back.
    let failed = before.is_some_and(|before| before.last_update == "Failed");
    let forgotten = failed && matches!(mishap, Mishap::StatusLostAfter(_)) && !desired.initial_code;
    let runs = if forgotten { &held.shown } else { &held.runs };
    assert_eq!(*runs, wanted, "what runs is not what was asked for");
    let mut shown = held.shown.clone();
    if desired.initial_code {
        // Code of another pipeline that AWS took back is that pipeline's to send again.
        shown.code = runs.code.clone();
    }
    assert_eq!(shown, *runs, "AWS shows what does not run");
    assert_eq!(held.owner.as_deref(), Some(OWNER));
    assert_eq!((held.state, held.last_update), ("Active", "Successful"));

    let status = end.wish.object.status.as_ref().expect("a status");
    assert!(
        status.common.conditions.iter().any(|c| c.type_ == condition::READY && c.status == "True"),
        "{:?}",
        status.common.conditions
    );
    if let Some(publish) = &desired.publish {
        let number = &status.record.published.as_ref().expect("a published version").version;
        let version = held.version(number).expect("the version that status names");
        assert_eq!((version.looks, version.fails), (0, false), "the published version is not ready");
        let latest = if desired.initial_code { &held.shown } else { runs };
        assert!(version.function.holds_same(latest), "the published version is not $LATEST");
        let newest = publish.to.as_ref().map_or_else(|| held.versions.len().to_string(), |_| LATEST_PUBLISHED.into());
        assert_eq!(*number, newest, "not the newest version");
        let is_new =
            publish.to.is_none() && before.is_none_or(|before| created || before.versions.len() < held.versions.len());
        let kept = |function: &Function| {
            let kept = function.sides.iter().filter(|(side, _)| side.group().in_versions);
            kept.map(|(side, setting)| (*side, setting.clone())).collect::<Vec<_>>()
        };
        assert!(
            !is_new || kept(&version.function) == kept(&held.runs),
            "published before a group that the version keeps"
        );
    }
}

/// The role that is given for a moment, and what AWS does not show: both once, or once more where the first is forgotten.
fn assert_sent(start: &Start, end: &End, desired: &Desired, mishap: Mishap) {
    let held = end.function.as_ref().expect("a function");
    let most = if mishap == Mishap::Nothing { 1 } else { 2 };
    let given = held.sent.iter().filter(|sent| sent.role == OTHER_ROLE).count();
    match end.wish.regrants() {
        true => assert!((1..=most).contains(&given), "given {given} times: {:?}", end.done),
        false => assert_eq!(given, 0),
    }
    if let Some(before) = start.function.as_ref().filter(|_| held.environment_withheld) {
        let accepted = |status: Option<&LambdaFunctionStatus>| {
            status.and_then(|status| status.record.applied.get("Environment").cloned())
        };
        let known = accepted(start.status.as_ref()) == accepted(end.wish.object.status.as_ref());
        let equal = before.shown.configuration == desired.function.configuration;
        let equal = equal && (before.last_update, before.reason_code) != ("Failed", Some("InvalidSubnet"));
        let needed = usize::from(!(known && equal));
        let most = needed + if mishap == Mishap::Nothing { 0 } else { 1 };
        assert!((needed..=most).contains(&held.sent.len()), "{} writes of what is not shown", held.sent.len());
    }
}

fn assert_farewell(last: Option<&Held>, pre_delete: &PreDelete) {
    let Some(last) = last else { return };
    assert_eq!(last.executions, [""; 0], "deleted under a running execution");
    let groups = match &pre_delete.security_groups {
        Some(Replacement::Groups(groups)) => groups.clone(),
        Some(Replacement::Default) => [DEFAULT_GROUP.to_owned()].into(),
        None => return,
    };
    let takes_updates = last.state != "Failed" || last.last_update == "Successful";
    if let Some(vpc) = last.shown.configuration.vpc.as_ref().filter(|_| takes_updates) {
        assert_eq!(vpc.security_groups, groups, "deleted before its interfaces were moved");
    }
}

fn assert_released(before: Option<&Held>, after: Option<&Held>, mishap: Mishap) {
    match (before, after) {
        (None, None) => {}
        (Some(before), None) => assert_eq!(before.state, "Deleting", "deleted instead of released"),
        (Some(before), Some(after)) => {
            // A tag that AWS does not let us remove does not hold the object: its function stays anyway.
            let denied = matches!(mishap, Mishap::Denied(_)) && after.owner == before.owner;
            assert!(denied || after.owner.is_none(), "not released");
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
    use Operation::{CreateFunction, PutFunctionConcurrency, StopDurableExecution, UpdateFunctionConfiguration};
    let adopted = start.function.as_ref().is_some_and(|held| end.wish.may_take(held.owner.as_deref()));
    let mut operations: Vec<_> = end.done.iter().skip(usize::from(adopted)).collect();
    operations.retain(|operation| **operation != StopDurableExecution);
    if end.wish.regrants() {
        operations.retain(|operation| **operation != UpdateFunctionConfiguration);
    }
    let sent = operations.len();
    operations.sort_unstable();
    operations.dedup();
    assert_eq!(operations.len(), sent, "sent twice: {:?}", end.done);
    if start.function.is_none() && !end.wish.regrants() {
        let beside = side::wanted(&end.wish.object.spec, PackageType::Zip);
        let beside: Vec<_> =
            side::after_creation(&beside).into_iter().map(Step::of_side).map(|step| step.operation()).collect();
        // A creation whose first version would lack what it keeps publishes afterwards.
        let publishes = beside.contains(&Operation::PutRuntimeManagementConfig);
        let needed = |operation: &Operation| match operation {
            CreateFunction | PutFunctionConcurrency => true,
            Operation::PublishVersion => publishes,
            other => beside.contains(other),
        };
        assert!(end.done.iter().all(needed), "more than a creation: {:?}", end.done);
    }
}
