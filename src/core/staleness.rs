//! Stale reads: AWS's reads are eventually consistent, and a read that predates our last write is not acted upon. Pure: the time is an argument.

use std::time::Duration;

use k8s_openapi::jiff::{SignedDuration, Timestamp};

use super::conclusion::{Conclusion, Seen};
use super::conditions::whole_seconds;
use super::error::class::Class;
use super::operation::Access;
use super::outcome::{Outcome, Progress};
use super::past::{Past, is_past};
use crate::api::shared::{Wait, WaitFor};

/// The time for which AWS's reads can lag behind a write. A read that is later than this is not stale.
pub const READ_LAG: Duration = Duration::from_secs(20);

/// The difference up to which AWS accepts a request whose signer has another time.
pub const CLOCK_SKEW: Duration = Duration::from_secs(300);

/// Parses a time as AWS Lambda writes it: `2026-01-31T12:00:00.123+0000`.
#[must_use]
pub fn aws_time(text: &str) -> Option<Timestamp> {
    Timestamp::strptime("%Y-%m-%dT%H:%M:%S%.f%z", text).ok()
}

/// Whether the write was so recent that reads may not show it. A time in the future is ignored, because the operator cannot have written it.
#[must_use]
pub fn is_recent(then: Option<Timestamp>, now: Timestamp) -> bool {
    is_within(then, now, READ_LAG)
}

/// Whether this time passed less than `lag` ago. A time in the future is ignored, because the operator cannot have written it.
#[must_use]
pub fn is_within(then: Option<Timestamp>, now: Timestamp, lag: Duration) -> bool {
    let lag = SignedDuration::try_from(lag).unwrap_or_default();
    then.is_some_and(|then| now.duration_since(then) < lag && is_past(then, now))
}

impl Past {
    /// Whether a wait for this began within the read lag.
    #[must_use]
    pub fn waits_for(&self, what: WaitFor, now: Timestamp) -> bool {
        self.wait.as_ref().is_some_and(|wait| wait.what == what && is_recent(Some(wait.since), now))
    }

    /// Whether AWS answered a write so recently that reads may not show it. By our own clock, because AWS's can differ.
    #[must_use]
    pub fn has_just_written(&self, now: Timestamp) -> bool {
        is_recent(self.last_write, now)
    }

    /// Whether a create call may have succeeded that no read shows yet. When the object is deleted, a single read without a result does not
    /// prove absence: the search must last longer than the read lag. It is a wait of this generation, so it began after the last create call.
    #[must_use]
    pub fn perhaps_created(&self, generation: i64, now: Timestamp) -> bool {
        let is_search = |wait: &&Wait| wait.what == WaitFor::Aws && wait.generation == generation;
        let search = self.wait.as_ref().filter(is_search).filter(|wait| is_past(wait.since, now));
        self.perhaps_created.is_some() && search.is_none_or(|wait| is_recent(Some(wait.since), now))
    }
}

/// The time at which AWS answered our last write, after this reconcile. A deletion does not count: a read without a result is then right.
pub(super) fn last_write<O, E>(
    before: Option<Timestamp>,
    conclusion: &Conclusion<O, E>,
    now: Timestamp,
) -> Option<Timestamp> {
    let gone = matches!(conclusion.seen, Seen::Absent);
    let before = before.filter(|_| !gone);
    match conclusion.sent.last().map(|operation| operation.access()) {
        Some(Access::Delete) if gone => None,
        // A part of the resource may have been deleted.
        Some(Access::Create | Access::Write | Access::Put | Access::Delete) => Some(whole_seconds(now)),
        Some(Access::Read) | None => before,
    }
}

/// The time since which a resource may exist that no read has shown, after this reconcile. A later deletion of the object must not take it for absent.
pub(super) fn perhaps_created<O, E>(
    before: Option<Timestamp>,
    conclusion: &Conclusion<O, E>,
    now: Timestamp,
) -> Option<Timestamp> {
    let created = conclusion.sent.iter().any(|operation| operation.access().may_create());
    if begins_or_may_have_created(&conclusion.outcome) && !conclusion.takes_back {
        before.or_else(|| Some(whole_seconds(now)))
    } else if created || matches!(conclusion.seen, Seen::Ours(_)) {
        None
    } else {
        before
    }
}

/// Whether a create call is about to be sent, or has an answer that does not prove that nothing was created.
fn begins_or_may_have_created(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Failed(error) => error.operation.access().may_create() && !proves_nothing_was_made(error.class),
        Outcome::InProgress(Progress::Creating) => true,
        Outcome::InProgress(
            Progress::Sent(_)
            | Progress::Waiting
            | Progress::Deleting
            | Progress::Behind(_)
            | Progress::Searching
            | Progress::Removing,
        )
        | Outcome::Settled
        | Outcome::Released
        | Outcome::Suspended
        | Outcome::Unselected(_)
        | Outcome::HandingOver(_)
        | Outcome::Drifted(_)
        | Outcome::Blocked(_)
        | Outcome::Missing(_)
        | Outcome::Refused(_)
        | Outcome::Waiting(_) => false,
    }
}

/// Whether an answer of this class to a create call proves that AWS created nothing. AWS can answer 429 to a call that it carries out.
#[must_use]
pub const fn proves_nothing_was_made(class: Class) -> bool {
    match class {
        Class::Throttled
        | Class::Saturated
        | Class::Unavailable
        | Class::Busy
        | Class::AlreadyExists
        | Class::Elsewhere => false,
        Class::Propagating
        | Class::ImageNotFound
        | Class::Denied
        | Class::Rejected
        | Class::NotFound
        | Class::Expired
        | Class::Replicated
        | Class::Quota => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::error::Error;
    use crate::core::operation::Operation;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn ended(outcome: Outcome) -> Conclusion<(), ()> {
        Conclusion::new(outcome)
    }

    fn refused(operation: Operation, code: &str, status: u16, text: &'static str) -> Conclusion<(), ()> {
        ended(Outcome::Failed(Error::new(operation, code, status, text)))
    }

    #[test]
    fn only_an_answer_that_proves_that_nothing_was_made_ends_the_doubt() {
        let doubt = |code: &str, status, text: &'static str| {
            perhaps_created(None, &refused(Operation::CreateFunction, code, status, text), at(9)).is_some()
        };
        assert!(doubt("", 0, "connection reset"));
        assert!(doubt("", 0, "no answer within 60 s"));
        assert!(doubt("", 200, "unreadable"));
        assert!(doubt("ServiceException", 500, ""));
        assert!(doubt("TooManyRequestsException", 429, "Rate exceeded"));
        assert!(doubt("ThrottlingException", 400, "Rate exceeded"));
        assert!(doubt("ResourceConflictException", 409, "Function already exist: f"));
        assert!(doubt("ResourceConflictException", 409, "The operation cannot be performed at this time."));
        assert!(!doubt("ValidationException", 400, "no"));
        assert!(!doubt("AccessDeniedException", 403, "no"));
        assert!(!doubt("CodeStorageExceededException", 400, "full"));
        let read = refused(Operation::GetFunction, "", 0, "connection reset");
        assert_eq!(perhaps_created(None, &read, at(9)), None);
        assert_eq!(perhaps_created(Some(at(1)), &read, at(9)), Some(at(1)), "a read without an answer proves nothing");
        let denied = refused(Operation::CreateFunction, "AccessDeniedException", 403, "no");
        assert_eq!(
            perhaps_created(Some(at(1)), &denied, at(9)),
            Some(at(1)),
            "an earlier one may have been carried out"
        );
        let shown = ended(Outcome::Settled).saw(Seen::Ours(Box::new(())));
        assert_eq!(perhaps_created(Some(at(1)), &shown, at(9)), None);
        let again = refused(Operation::CreateFunction, "TooManyRequestsException", 429, "Rate exceeded");
        assert_eq!(perhaps_created(Some(at(1)), &again, at(9)), Some(at(1)), "no news");
        let about_to = ended(Outcome::InProgress(Progress::Creating));
        assert_eq!(perhaps_created(None, &about_to, at(9)), Some(at(9)));
    }

    #[test]
    fn a_search_proves_absence_after_the_lag_of_reads() {
        let wait = |since, generation| Some(Wait { what: WaitFor::Aws, since: at(since), generation });
        let past = |created: i64, wait| Past { perhaps_created: Some(at(created)), wait, ..Past::default() };
        assert!(past(0, None).perhaps_created(2, at(1000)), "the search has not begun");
        assert!(past(0, wait(0, 1)).perhaps_created(2, at(1000)), "that was another generation's wait");
        assert!(past(0, wait(1000, 2)).perhaps_created(2, at(1019)));
        assert!(!past(0, wait(1000, 2)).perhaps_created(2, at(1020)));
        assert!(!Past { wait: wait(1000, 2), ..Past::default() }.perhaps_created(2, at(1001)));
    }

    #[test]
    fn a_time_in_the_future_counts_for_nothing() {
        let (now, next_year) = (at(1000), at(1000 + 365 * 86_400));
        let wait = |what, since| Some(Wait { what, since, generation: 2 });
        let written = |then| Past { last_write: Some(then), ..Past::default() }.has_just_written(now);
        assert!(written(at(1000)) && written(at(981)) && written(at(1002)), "clocks of replicas differ by seconds");
        assert!(!written(at(980)) && !written(at(1006)) && !written(next_year));
        let removal = |since| Past { wait: wait(WaitFor::Removal, since), ..Past::default() };
        assert!(removal(at(999)).waits_for(WaitFor::Removal, now));
        assert!(!removal(next_year).waits_for(WaitFor::Removal, now));
        let search = Past { perhaps_created: Some(at(1)), wait: wait(WaitFor::Aws, next_year), ..Past::default() };
        assert!(search.perhaps_created(2, now), "and proves no absence");
    }

    #[test]
    fn a_write_is_recorded_when_its_answer_comes_and_a_deletion_ends_it() {
        let sent = |operations: &[Operation]| Conclusion {
            sent: operations.to_vec(),
            ..ended(Outcome::InProgress(Progress::Sent(operations.to_vec())))
        };
        assert_eq!(last_write(None, &sent(&[Operation::CreateFunction]), at(9)), Some(at(9)));
        assert_eq!(last_write(Some(at(1)), &sent(&[Operation::TagResource]), at(9)), Some(at(9)));
        let gone = sent(&[Operation::DeleteFunction]).saw(Seen::Absent);
        assert_eq!(last_write(Some(at(1)), &gone, at(9)), None);
        let part = sent(&[Operation::RemovePermission]).saw(Seen::Ours(Box::new(())));
        assert_eq!(last_write(Some(at(1)), &part, at(9)), Some(at(9)), "the resource stays");
        assert_eq!(last_write(Some(at(1)), &ended(Outcome::Settled), at(9)), Some(at(1)));
        assert_eq!(last_write(Some(at(1)), &ended(Outcome::Settled).saw(Seen::Absent), at(9)), None);
    }
}
