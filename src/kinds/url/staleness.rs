//! Stale reads of a function URL and of its statements: reads that predate our last write. Pure: the time is an argument.

use super::desired::Goal;
use super::model::{Member, Url};
use super::observed::Observed;
use crate::api::function_url::LambdaFunctionUrl;
use crate::api::shared::WaitFor;
use crate::core::applied::Applied;
use crate::core::attached;
use crate::core::attached::placed::{attached, place};
use crate::core::goal;
use crate::core::kind::Situation;
use crate::core::operation::Operation;
use crate::core::outcome::Progress;

/// The progress to report if the read is stale, that is, predates our last write; `None` if it is current.
#[must_use]
pub fn stale_read(situation: &Situation<'_, LambdaFunctionUrl>, observed: Option<&Observed>) -> Option<Progress> {
    let Situation { goal, target: _, history, recorded: _, repeated: _, generation, now } = situation;
    let past = &history.attached.past;
    let held = observed.and_then(|observed| observed.attached(&place(goal).statements));
    let searched = if held.is_none() { as_created(goal) } else { attached(goal) };
    let stale = attached::staleness::stale_read(&searched, &history.attached, held.as_ref(), *generation, *now);
    let (Some(held), None, Some(desired)) = (&held, &stale, goal.desired()) else { return stale };
    let recorded = history.statements(&Applied::default());
    let wanted = &desired.attached.model;
    let waits = past.waits_for(WaitFor::Aws, *now);
    let (is_current, can_be_late) = match wanted.public == held.model.public {
        true => (
            desired.attached.leaves(Member::Public) || !recorded.contradicts(!wanted.public.is_empty()),
            // A call without an answer ends the wait, and the write before it can be as recent.
            waits || past.has_just_written(*now),
        ),
        false => (!history.has_accepted(wanted), waits),
    };
    if is_current {
        return None;
    }
    if past.waits_for(WaitFor::Removal, *now) {
        return Some(Progress::Sent(vec![Operation::RemovePermission]));
    }
    can_be_late.then_some(Progress::Waiting)
}

/// The goal as the creation records it, without the statements, which other calls create.
fn as_created(goal: &Goal) -> attached::Goal<Url> {
    match attached(goal) {
        goal::Goal::Present(mut desired) => {
            desired.model.public.clear();
            goal::Goal::Present(desired)
        }
        leaving @ (goal::Goal::Absent(_) | goal::Goal::Released(_)) => leaving,
    }
}

#[cfg(test)]
mod tests {
    use k8s_openapi::jiff::Timestamp;

    use super::*;
    use crate::api::shared::{CommonSpec, RecordedClaim, Wait};
    use crate::core::attached::Model;
    use crate::core::attached::placed::placed;
    use crate::core::brake::Repeated;
    use crate::core::hand_over::ObjectName;
    use crate::core::host::Host;
    use crate::core::staleness::READ_LAG;
    use crate::core::target::Target;
    use crate::kinds::permission::statement::{self, Policy};
    use crate::kinds::url::desired::{Leaving, Place};
    use crate::kinds::url::history::{History, Unfinished};
    use crate::kinds::url::model::{NONE, Public};
    use crate::kinds::url::observed::Shown;
    use crate::kinds::url::statements::{Statements, said};

    fn public() -> Url {
        Url { auth_type: NONE.into(), public: Public::ALL.into(), ..Url::default() }
    }

    fn place() -> Place {
        Place { qualifier: None, statements: Statements::new("c/n/web", &[]) }
    }

    fn host() -> Host {
        Host::new("c/n/web", &[], false, ObjectName { namespace: "n".into(), name: "web".into() })
    }

    /// The goal of a URL.
    fn wants(model: Url) -> Goal {
        let attached = attached::present(String::new(), model, &CommonSpec::default(), Vec::new(), host(), None);
        placed(attached, place())
    }

    /// A public URL with these statements.
    fn shows(public: &[Public]) -> Observed {
        let (model, statements) = (Url { auth_type: NONE.into(), ..Url::default() }, place().statements);
        let held = public.iter().map(|one| statement::Statement {
            id: statements.id(*one),
            permission: said(*one),
            text: String::new(),
        });
        let policy = Policy { revision: None, size: 0, held: held.collect() };
        Observed { url: Some(Shown { model, ..Shown::default() }), policy: Some(policy) }
    }

    /// A public URL of the object, with both statements.
    fn owned() -> History {
        let mut history = History::default();
        history.attached.claim = Some(RecordedClaim::Owned);
        history.attached.applied = public().applied(&Member::ALL);
        history
    }

    fn judged(goal: &Goal, history: &History, observed: Option<&Observed>) -> Option<Progress> {
        let target = Target { account: "1".into(), region: "r".into(), name: "f".into() };
        let (recorded, repeated, generation) = (history, &Repeated::new(), 1);
        let now = Timestamp::from_second(5).unwrap();
        stale_read(&Situation { goal, target: &target, history, recorded, repeated, generation, now }, observed)
    }

    /// A refused creation is sent again at once; one that was edited since may have been carried out.
    #[test]
    fn a_creation_of_a_public_url_that_was_refused_is_sent_again() {
        let mut history = History::default();
        let since = Timestamp::UNIX_EPOCH;
        history.attached.claim = Some(RecordedClaim::Creating);
        history.attached.applied = Url { public: [].into(), ..public() }.applied(&Member::ALL);
        history.attached.past.perhaps_created = Some(since);
        history.attached.past.wait = Some(Wait { what: WaitFor::Aws, since, generation: 1 });
        assert_eq!(judged(&wants(public()), &history, None), None);
        let edited = Url { invoke_mode: "RESPONSE_STREAM".into(), ..public() };
        assert!(judged(&wants(edited), &history, None).is_some());
    }

    #[test]
    fn that_no_statement_is_left_is_read_later_than_the_last_write() {
        let signed = Url { auth_type: "AWS_IAM".into(), ..Url::default() };
        let shown = Observed { url: Some(Shown { model: signed.clone(), ..Shown::default() }), policy: None };
        let mut history = owned();
        assert_eq!(judged(&wants(signed.clone()), &history, Some(&shown)), None, "no write precedes it");
        let since = Timestamp::UNIX_EPOCH;
        history.attached.past.wait = Some(Wait { what: WaitFor::Aws, since, generation: 1 });
        assert_eq!(judged(&wants(signed.clone()), &history, Some(&shown)), Some(Progress::Waiting));
        history.attached.past.wait = None;
        history.attached.past.last_write = Some(since);
        assert_eq!(judged(&wants(signed.clone()), &history, Some(&shown)), Some(Progress::Waiting), "no answer came");
        history.attached.applied = signed.applied(&Member::ALL);
        assert_eq!(judged(&wants(signed), &history, Some(&shown)), None, "none was there before");
    }

    #[test]
    fn that_removed_statements_are_there_is_read_later_than_the_last_write() {
        let shown = shows(&Public::ALL);
        let mut history = owned();
        let since = Timestamp::UNIX_EPOCH;
        history.attached.past.wait = Some(Wait { what: WaitFor::Aws, since, generation: 1 });
        assert_eq!(judged(&wants(public()), &history, Some(&shown)), None, "both were accepted");
        Unfinished::Addition.record(&mut history.attached.applied);
        assert_eq!(judged(&wants(public()), &history, Some(&shown)), None, "some were added, and none was removed");
        Unfinished::Removal.record(&mut history.attached.applied);
        assert_eq!(judged(&wants(public()), &history, Some(&shown)), Some(Progress::Waiting), "some were removed");
        history.attached.applied.clear();
        assert_eq!(judged(&wants(public()), &history, Some(&shown)), None, "nothing is recorded of them");
    }

    #[test]
    fn a_url_that_was_just_deleted_is_not_taken_for_that_of_somebody_else() {
        let leaving = attached::Leaving { name: String::new(), host: host(), rival: None };
        let absent = Goal::Absent(Leaving { attached: leaving, place: place() });
        let mut history = owned();
        let since = Timestamp::UNIX_EPOCH;
        history.attached.past.wait = Some(Wait { what: WaitFor::Removal, since, generation: 1 });
        assert_eq!(judged(&absent, &history, Some(&shows(&[]))), None, "only its statements were removed");
        (history.attached.claim, history.attached.applied) = (None, Applied::default());
        assert_eq!(judged(&absent, &history, Some(&shows(&Public::ALL))), Some(Progress::Removing));
        history.attached.past.wait = Some(Wait { what: WaitFor::Removal, since: since - READ_LAG, generation: 1 });
        assert_eq!(judged(&absent, &history, Some(&shows(&[]))), None, "somebody created another one");
    }
}
