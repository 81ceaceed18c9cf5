//! From every start the alias reaches every goal, whatever goes wrong on the way, and what is somebody else's is touched by nobody.
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

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use aws::{Account, Aws, Mishap};
use futures::executor::block_on;
use lambda_operator::api::condition;
use lambda_operator::api::shared::RecordedClaim;
use lambda_operator::core::attached::Model;
use lambda_operator::core::blocked::Blocked;
use lambda_operator::core::error::class::Class;
use lambda_operator::core::goal::Goal;
use lambda_operator::kinds::alias::model::{Alias, Member};
use operator::{Ended, Wish};
use starts::{Frame, Start, goals, shown, starts};

/// How a run ended.
struct End {
    ended: Ended,
    account: Account,
    wish: Wish,
}

/// Names the run in which an assertion failed.
struct Case<'a>(&'a Start, &'a Wish, Mishap);

impl Drop for Case<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            let Self(Start { name, account, wish: before, .. }, wish, mishap) = self;
            let [before, spec] =
                [before, wish].map(|wish| serde_json::to_string(&wish.object.spec).unwrap_or_default());
            let leaving = if wish.is_leaving() { ", leaving" } else { "" };
            eprintln!("from `{name}` ({:?})\nof {before}\nto {spec}{leaving}; mishap {mishap:?}", account.alias);
        }
    }
}

#[test]
fn every_alias_reaches_every_goal_whatever_goes_wrong() {
    for inside in [true, false] {
        walk_all(Frame { inside, reports: false });
    }
}

#[test]
fn what_somebody_else_changed_of_an_alias_is_left_under_report() {
    for inside in [true, false] {
        walk_all(Frame { inside, reports: true });
    }
}

fn walk_all(frame: Frame) {
    let (starts, goals) = (starts(frame), goals(frame));
    let (runs, next) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some(start) = starts.get(next.fetch_add(1, Ordering::Relaxed)) {
                    for goal in goals.iter().chain([&start.wish]).filter(|goal| start.meets(goal)) {
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
        let mut sent = undisturbed.account.done.clone();
        sent.dedup();
        assert_eq!(sent, undisturbed.account.done, "sent twice");
        assert!(sent.len() <= 1, "more than one write: {sent:?}");
        assert!(
            start.moves || undisturbed.account.looks <= 4,
            "waited for nothing: {} looks",
            undisturbed.account.looks
        );
    }
    let mut mishaps = Vec::from_iter(start.account.alias.as_ref().map(|_| Mishap::Hidden));
    if undisturbed.account.tried > 0 {
        let kinds = [
            Mishap::DiesBefore,
            Mishap::DiesAfter,
            Mishap::AnswerLost,
            Mishap::StatusLostAfter,
            Mishap::Denied,
            Mishap::Outrun,
            Mishap::OutrunByAnother,
        ];
        mishaps.extend(kinds.map(|kind| kind(1)));
    }
    for mishap in &mishaps {
        run(start, goal, *mishap);
    }
    1 + mishaps.len()
}

fn run(start: &Start, goal: &Wish, mishap: Mishap) -> End {
    let case = Case(start, goal, mishap);
    let mut wish = goal.clone();
    (wish.object.status, wish.clock) = (start.status.clone(), start.wish.clock);
    let may_adopt =
        !wish.is_leaving() && (wish.adopts() || start.account.is_within() && start.account.alias == wanted(&wish));
    let aws = Aws::new(start.account.clone().with(mishap, may_adopt));
    let ended = block_on(wish.drive(&aws, mishap));
    aws.account().calm();
    if ended == Ended::Done && !wish.is_leaving() {
        assert_still(&mut wish, &aws);
    }
    let end = End { ended, account: aws.into_account(), wish };
    assert_end(start, &end, &case);
    if !end.wish.is_leaving() {
        assert_farewell(start, &end);
    }
    end
}

fn wanted(wish: &Wish) -> Option<Alias> {
    wish.goal().desired().map(|desired| desired.model.clone())
}

/// Whoever has arrived stays: another pass asks AWS once, writes nothing, and has nothing new to say.
fn assert_still(wish: &mut Wish, aws: &Aws) {
    let (Account { tried, looks, .. }, status) = (aws.account().clone(), wish.object.status.clone());
    assert_eq!(block_on(wish.pass(aws)), Ended::Done);
    assert_eq!(aws.account().tried, tried, "written without a difference");
    assert_eq!(aws.account().looks, looks + 1);
    assert_eq!(aws.account().asked, 0, "asked for the owner without a difference");
    assert_eq!(wish.object.status, status, "told without news");
}

fn assert_end(start: &Start, end: &End, Case(_, _, mishap): &Case<'_>) {
    let (before, after) = (&start.account.alias, &end.account.alias);
    let lost = matches!(mishap, Mishap::StatusLostAfter(_));
    let outrun = matches!(mishap, Mishap::Outrun(_) | Mishap::OutrunByAnother(_));
    let untouched = || {
        assert_eq!(end.account.done, []);
        assert!(outrun || start.account.shifts.is_some() || before == after, "changed by the way");
    };
    match &end.ended {
        Ended::Blocked(Blocked::NotOwned(Some(owner))) => {
            assert!(start.account.owner == Some(owner) && start.account.is_elsewhere());
            untouched();
        }
        Ended::Blocked(Blocked::NotOwned(None)) => {
            assert!(lost || outrun || before.is_some() && !start.account.ours, "given up");
            let may_adopt = end.wish.adopts() || start.account.is_within() && *after == wanted(&end.wish);
            assert!(!may_adopt, "not taken over");
            if !lost {
                untouched();
            }
        }
        Ended::Failed(_, Class::NotFound) => {
            assert_eq!(end.wish.object.spec.function_version.as_deref(), Some("9"));
            untouched();
        }
        Ended::Done => match end.wish.goal() {
            Goal::Present(_) if *mishap == Mishap::Outrun(1) && !start.account.ours && before.is_none() => {
                assert!(end.wish.adopts() || start.account.is_within(), "taken for ours, and somebody else made it");
            }
            Goal::Present(desired) => assert_present(start, end, &desired.model, *mishap),
            Goal::Absent(_) if start.account.ours && !start.account.is_elsewhere() => {
                assert_eq!(*after, None, "left behind");
            }
            Goal::Absent(_) | Goal::Released(_) => untouched(),
        },
        other => panic!("ended {other:?}"),
    }
}

fn assert_present(start: &Start, end: &End, desired: &Alias, mishap: Mishap) {
    let status = end.wish.status();
    let ready = status.common.conditions.iter().any(|c| c.type_ == condition::READY && c.status == "True");
    let Some(held) = &end.account.alias else {
        // Whichever generation says so: nothing else is desired than what somebody deleted.
        assert!(end.wish.reports() && start.accepted.as_ref() == Some(desired), "not there");
        assert!(!ready, "an alias that is gone is ready");
        assert_eq!(end.account.done, []);
        return;
    };
    assert_eq!(status.record.claim.claim, Some(RecordedClaim::Owned), "taken over, and not recorded");
    assert!(ready, "{:?}", status.common.conditions);
    assert_eq!(status.function_version.as_ref(), Some(&held.version));
    assert_eq!(status.additional_version_weights, shown(held));
    // What cannot be known for want of a status cannot be told from a change.
    let unknown = !matches!(mishap, Mishap::Nothing | Mishap::DiesBefore(_) | Mishap::Denied(_));
    for member in Member::ALL.into_iter().filter(|_| !(end.wish.reports() && unknown)) {
        let text = match &start.account.alias {
            Some(before) if is_left(start, end, before, desired, member) => before.text(member),
            _ => desired.text(member),
        };
        assert_eq!(held.text(member), text, "{member:?}");
    }
}

/// Whether this member is as somebody else made it, and stays so.
fn is_left(start: &Start, end: &End, before: &Alias, desired: &Alias, member: Member) -> bool {
    let wanted = desired.text(member);
    let of_aws = member == Member::Routing && start.account.shifts.is_some();
    let known = start.accepted.as_ref().map_or(wanted.is_empty(), |accepted| accepted.text(member) == wanted);
    end.wish.reports() && known && !of_aws && before.text(member) != wanted
}

/// A deletion leaves nothing behind that is the object's, and everything else.
fn assert_farewell(start: &Start, end: &End) {
    let mut wish = end.wish.clone().deletion();
    let mut account = end.account.clone();
    let (record, before) = (wish.status().record, account.alias.clone());
    // Created by us and not yet seen.
    let as_sent = before.as_ref().is_some_and(|alias| alias.applied(&Member::ALL) == record.claim.applied);
    let owned = match record.claim.claim {
        Some(RecordedClaim::Owned) => true,
        Some(RecordedClaim::Creating) => start.account.ours && as_sent,
        None => false,
    };
    account.ours = owned;
    let owned = owned && !account.is_elsewhere();
    let aws = Aws::new(account);
    assert_eq!(block_on(wish.drive(&aws, Mishap::Nothing)), Ended::Done);
    let after = aws.into_account().alias;
    assert_eq!(after, before.filter(|_| !owned), "after its deletion");
}
