//! AWS's reads can lag behind its writes: a stale read is recognised during the read lag, and not after it.

use k8s_openapi::jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::api::function::spec::LambdaFunction;
use crate::api::shared::{Wait, WaitFor};
use crate::core::goal::Defaults;
use crate::core::kind::GoalInput;
use crate::core::operation::Operation;
use crate::core::outcome::Progress;
use crate::core::past::Past;
use crate::core::references::References;
use crate::core::staleness::READ_LAG;
use crate::core::target::Target;
use crate::core::values::Knowable;
use crate::kinds::function::desired::{Goal, Leaving, goal};
use crate::kinds::function::model::Function;
use crate::kinds::function::observed::{Attributes, Lifecycle, LogGroup, Observed};
use crate::kinds::function::staleness::stale_read;
use crate::kinds::function::status::history::History;

const OWNER: &str = "cluster/demo/hello";
const WRITTEN: &str = "2026-01-31T12:00:00.500+0000";
const BEFORE: &str = "2026-01-31T12:00:00.499+0000";
const GENERATION: i64 = 2;

fn now(after_writing: SignedDuration) -> Timestamp {
    "2026-01-31T12:00:00.5Z".parse::<Timestamp>().unwrap() + after_writing
}

fn lag() -> SignedDuration {
    SignedDuration::try_from(READ_LAG).unwrap()
}

fn present() -> Goal {
    let spec =
        json!({"role": "arn:r", "runtime": "python3.13", "handler": "a.b", "codeFrom": {"inline": {"a.py": "x"}}});
    let object = LambdaFunction::new("hello", serde_json::from_value(spec).unwrap());
    let given = GoalInput {
        object: &object,
        target: &Target { account: "1".into(), region: "eu-west-1".into(), name: "hello".into() },
        now: k8s_openapi::jiff::Timestamp::UNIX_EPOCH,
        rival: None,
        may_adopt: true,
        owner: OWNER.into(),
        former_owners: Vec::new(),
        defaults: &Defaults::default(),
        history: &History::default(),
        references: &References::default(),
    };
    goal(&given).unwrap_or_else(|unready| panic!("{unready:?}"))
}

fn leaving() -> [Goal; 2] {
    let leaving = || Leaving { owner: OWNER.into(), ..Leaving::default() };
    [Goal::Absent(leaving()), Goal::Released(leaving())]
}

fn observed(last_modified: &str, owner: &str) -> Observed {
    let Goal::Present(desired) = present() else { panic!("no goal") };
    let function: Function = desired.function;
    Observed {
        function,
        owner: Knowable::Known(Some(owner.into())),
        lifecycle: Lifecycle::Ready,
        published: None,
        version: None,
        default_group: None,
        executions: Vec::new(),
        log_group: LogGroup::NotRead,
        attributes: Attributes { last_modified: Some(last_modified.into()), ..Attributes::default() },
    }
}

/// AWS answered a write.
fn written(shown: bool) -> History {
    History {
        past: Past { shown, last_write: Some(now(SignedDuration::ZERO)), ..Past::default() },
        created: true,
        modified: Some(WRITTEN.into()),
        ..History::default()
    }
}

fn waiting(what: WaitFor, generation: i64) -> History {
    let since = now(SignedDuration::ZERO);
    History { past: Past { wait: Some(Wait { what, since, generation }), ..Past::default() }, ..History::default() }
}

/// At the last moment at which a stale read is recognised, and just after it.
fn around_the_end(goal: &Goal, observed: Option<&Observed>, history: &History) -> [Option<Progress>; 2] {
    let millisecond = SignedDuration::from_millis(1);
    [lag() - millisecond, lag()].map(|after| stale_read(goal, observed, history, GENERATION, now(after)))
}

#[test]
fn a_created_function_is_not_believed_absent_at_once() {
    let made = written(false);
    let creating = Some(Progress::Sent(vec![Operation::CreateFunction]));
    assert_eq!(around_the_end(&present(), None, &made), [creating, None]);
    for goal in leaving() {
        assert_eq!(around_the_end(&goal, None, &made), [Some(Progress::Searching), None]);
    }
}

#[test]
fn a_function_that_was_shown_and_is_not_there_any_more_is_gone() {
    assert_eq!(around_the_end(&present(), None, &written(true)), [None, None]);
    for goal in [leaving().as_slice(), &[present()]].concat() {
        assert_eq!(around_the_end(&goal, None, &History::default()), [None, None], "there never was one");
    }
}

#[test]
fn reads_that_go_back_and_forth_orphan_no_function() {
    for goal in leaving() {
        assert_eq!(around_the_end(&goal, None, &written(true)), [Some(Progress::Searching), None]);
    }
}

#[test]
fn an_unanswered_create_delays_the_end_of_deletion() {
    let begun = |what, generation| {
        let mut begun = waiting(what, generation);
        begun.past.perhaps_created = Some(now(SignedDuration::ZERO));
        begun
    };
    let searched = begun(WaitFor::Aws, GENERATION);
    assert_eq!(around_the_end(&present(), None, &searched), [None, None], "only another creation tells");
    for goal in leaving() {
        assert_eq!(around_the_end(&goal, None, &searched), [Some(Progress::Searching), None]);
        for other in [begun(WaitFor::Aws, GENERATION - 1), begun(WaitFor::Iam, GENERATION)] {
            let first = stale_read(&goal, None, &other, GENERATION, now(lag() * 100));
            assert_eq!(first, Some(Progress::Searching), "its clock starts with the deletion");
        }
        let refused = waiting(WaitFor::Aws, GENERATION);
        assert_eq!(around_the_end(&goal, None, &refused), [None, None], "AWS said that it made none");
    }
}

/// AWS's LastModified is minutes away from our clock, in either direction.
#[test]
fn the_lag_of_reads_is_counted_by_our_own_clock() {
    for skew in [SignedDuration::from_mins(5), -SignedDuration::from_mins(5)] {
        let mut written = written(true);
        written.past.last_write = Some(now(skew));
        let old = observed(BEFORE, OWNER);
        let judged =
            |after: SignedDuration| stale_read(&present(), Some(&old), &written, GENERATION, now(skew + after));
        assert_eq!(judged(SignedDuration::from_secs(1)), Some(Progress::Waiting), "{skew}");
        assert_eq!(judged(lag()), None, "{skew}");
    }
}

#[test]
fn reads_older_than_the_last_write_are_ignored() {
    let old = observed(BEFORE, OWNER);
    assert_eq!(around_the_end(&present(), Some(&old), &written(true)), [Some(Progress::Waiting), None]);
    for goal in leaving() {
        assert_eq!(around_the_end(&goal, Some(&old), &written(true)), [Some(Progress::Deleting), None]);
    }
    let fresh = observed(WRITTEN, OWNER);
    assert_eq!(around_the_end(&present(), Some(&fresh), &written(true)), [None, None]);
    for unreadable in ["", "yesterday", "2026-01-31"] {
        let odd = History { modified: Some(unreadable.into()), ..written(true) };
        assert_eq!(around_the_end(&present(), Some(&old), &odd), [None, None], "believed as ever");
    }
}

#[test]
fn the_final_call_is_not_repeated_after_a_stale_read() {
    let sent = waiting(WaitFor::Removal, GENERATION);
    for goal in leaving() {
        let ours = observed(WRITTEN, OWNER);
        assert_eq!(around_the_end(&goal, Some(&ours), &sent), [Some(Progress::Removing), None]);
        let another = observed(WRITTEN, "another");
        assert_eq!(around_the_end(&goal, Some(&another), &sent), [None, None], "the name is another's already");
        assert_eq!(around_the_end(&goal, None, &sent), [None, None], "it is gone");
    }
    let made_anew = Some(Progress::Sent(vec![Operation::DeleteFunction]));
    assert_eq!(around_the_end(&present(), Some(&observed(WRITTEN, OWNER)), &sent), [made_anew, None]);
}
