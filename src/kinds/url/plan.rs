//! The plan for a function URL: the plan of every resource without tags, and the statements that the authorization type requires. Pure.

use super::desired::Goal;
use super::history::History;
use super::model::{Member, Url};
use super::observed::Observed;
use super::statements::said;
use crate::core::attached;
use crate::core::attached::placed::{attached, host, place};
use crate::core::attached::plan::Wanted;
use crate::core::host::Right;
use crate::core::operation::Operation;
use crate::core::plan;
use crate::core::plan::Write;
use crate::kinds::permission::model::Permission;

/// The plan for a function URL.
pub type Plan = plan::Plan<Step>;

/// One AWS write.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// A call about the URL.
    Url {
        /// Contents of the call.
        step: Box<attached::plan::Step<Url>>,
        /// The alias.
        qualifier: Option<String>,
    },
    /// `AddPermission`.
    Add(Box<Statement>),
    /// `RemovePermission`.
    Remove(Box<Statement>),
}

/// A call about a statement.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// Its id.
    pub id: String,
    /// Its contents, if it is added.
    pub permission: Permission,
    /// The alias that has the policy.
    pub qualifier: Option<String>,
    /// The policy's revision; `None`: it is the first statement, or another call precedes this one.
    pub revision: Option<String>,
    /// The change of the URL that is complete with this call.
    pub completes: Option<Wanted<Url>>,
    /// The URL as it was read.
    pub before: Option<attached::Observed<Url>>,
}

impl Write for Step {
    fn operation(&self) -> Operation {
        match self {
            Self::Url { step, qualifier: _ } => step.operation(),
            Self::Add(_) => Operation::AddPermission,
            Self::Remove(_) => Operation::RemovePermission,
        }
    }

    fn ends_reconcile(&self) -> bool {
        match self {
            Self::Url { step, qualifier: _ } => step.ends_reconcile(),
            Self::Add(_) | Self::Remove(_) => false,
        }
    }

    fn settles_later(&self) -> bool {
        match self {
            Self::Url { step, qualifier: _ } => step.settles_later(),
            Self::Add(_) | Self::Remove(_) => false,
        }
    }

    fn ends_resource(&self) -> bool {
        match self {
            Self::Url { step, qualifier: _ } => step.ends_resource(),
            Self::Add(_) | Self::Remove(_) => false,
        }
    }
}

/// Plans the writes from the observed URL and statements to the goal.
#[must_use]
pub fn plan(goal: &Goal, history: &History, observed: Option<&Observed>) -> Plan {
    let change = Change { goal, history, observed };
    let held = change.held();
    // For the adoption of an existing URL only its own members have to equal the spec. Its statements can be added afterwards.
    let judged = held.clone().map(|held| match goal.desired().filter(|_| history.attached.claim.is_none()) {
        Some(desired) => {
            let public = desired.attached.model.public.clone();
            attached::Observed { model: Url { public, ..held.model }, ..held }
        }
        None => held,
    });
    let calls = |steps: Vec<attached::plan::Step<Url>>| steps.into_iter().flat_map(|step| change.calls(step)).collect();
    if let Some(removals) = change.leftovers() {
        return plan::Plan::Steps(removals);
    }
    match attached::plan::plan(&attached(goal), &history.attached, judged.as_ref()) {
        plan::Plan::Steps(steps) => plan::Plan::Steps(calls(steps)),
        plan::Plan::Drift(steps) => plan::Plan::Drift(calls(steps)),
        plan::Plan::Done => change.rest(),
        plan::Plan::Wait => plan::Plan::Wait,
        plan::Plan::Blocked(blocked) => plan::Plan::Blocked(blocked),
    }
}

/// Whether the plan depends on the owner of the function, which was not read yet.
#[must_use]
pub fn needs_owner(goal: &Goal, history: &History, observed: Option<&Observed>) -> bool {
    let held = Change { goal, history, observed }.held();
    let asks = attached::plan::needs_owner(&attached(goal), &history.attached, held.as_ref());
    let writes = || matches!(plan(goal, history, observed), Plan::Steps(_));
    asks || (!host(goal).is_read() && writes())
}

/// The facts from which the calls of a change follow.
struct Change<'a> {
    goal: &'a Goal,
    history: &'a History,
    observed: Option<&'a Observed>,
}

impl Change<'_> {
    fn held(&self) -> Option<attached::Observed<Url>> {
        self.observed.and_then(|observed| observed.attached(&place(self.goal).statements))
    }

    /// The URL is written first. Its statements follow in a later reconcile, after AWS has been read again.
    fn calls(&self, step: attached::plan::Step<Url>) -> Vec<Step> {
        match step {
            attached::plan::Step::Create(Wanted { name, model, members }) => {
                // After a crash, the operator recognises a new URL by the members that this one call creates. They do not include the statements, so those
                // of an earlier URL are removed first, unless that URL was the object's and they are still desired.
                let stay = self.leaves_statements() || self.history.owns() && !model.public.is_empty();
                let mut all = if stay { Vec::new() } else { self.removals() };
                let model = Url { public: [].into(), ..model };
                all.push(self.url(attached::plan::Step::Create(Wanted { name, model, members })));
                all
            }
            attached::plan::Step::Update(wanted) => {
                let own: Vec<_> = wanted.members.iter().copied().filter(|member| *member != Member::Public).collect();
                if own.is_empty() {
                    return self.statements(wanted);
                }
                vec![self.url(attached::plan::Step::Update(Wanted { members: own, ..wanted }))]
            }
            attached::plan::Step::Delete(name) => {
                let mut all = self.removals();
                all.push(self.url(attached::plan::Step::Delete(name)));
                all
            }
        }
    }

    fn leaves_statements(&self) -> bool {
        self.goal.desired().is_some_and(|desired| desired.attached.leaves(Member::Public))
    }

    /// The plan for the statements of a URL that otherwise matches the spec.
    fn rest(&self) -> Plan {
        let (Some(desired), Some(held)) = (self.goal.desired(), self.held()) else { return Plan::Done };
        let desired = &desired.attached;
        if self.leaves_statements() || desired.model.public == held.model.public && !self.has_strays() {
            return Plan::Done;
        }
        let (name, model) = (desired.name.clone(), desired.model.clone());
        Plan::Steps(self.statements(Wanted { name, model, members: vec![Member::Public] }))
    }

    /// The removal of statements that remain after their URL is deleted.
    fn leftovers(&self) -> Option<Vec<Step>> {
        let may = match host(self.goal).right() {
            Some(Right::Owned | Right::Unowned) | None => true,
            Some(Right::Refused(_)) => false,
        };
        let leaves = matches!(self.goal, Goal::Absent(_)) && self.held().is_none();
        Some(self.removals()).filter(|all| may && leaves && !all.is_empty())
    }

    fn has_strays(&self) -> bool {
        self.observed.is_some_and(|observed| observed.has_strays(&place(self.goal).statements))
    }

    fn held_ids(&self) -> Vec<String> {
        let policy = self.observed.and_then(|observed| observed.policy.as_ref());
        policy.into_iter().flat_map(|policy| &policy.held).map(|held| held.id.clone()).collect()
    }

    /// Removes what is not desired, and adds what is missing.
    fn statements(&self, wanted: Wanted<Url>) -> Vec<Step> {
        let ids = &place(self.goal).statements;
        let there = self.observed.map(|observed| observed.public(ids)).unwrap_or_default();
        let stays =
            |id: &String| ids.public(id).is_some_and(|one| there.contains(&one) && wanted.model.public.contains(&one));
        let removed = self.held_ids().into_iter().filter(|id| !stays(id));
        let added = wanted.model.public.difference(&there).map(|public| (ids.id(*public), said(*public)));
        let removals = removed.map(|id| Step::Remove(self.statement(id, Permission::default())));
        let mut all: Vec<_> =
            removals.chain(added.map(|(id, permission)| Step::Add(self.statement(id, permission)))).collect();
        self.in_order(&mut all);
        if let Some(Step::Add(last) | Step::Remove(last)) = all.last_mut() {
            last.completes = Some(wanted);
        }
        all
    }

    fn removals(&self) -> Vec<Step> {
        let remove = |id| Step::Remove(self.statement(id, Permission::default()));
        let mut all: Vec<_> = self.held_ids().into_iter().map(remove).collect();
        self.in_order(&mut all);
        all
    }

    /// Only the first call carries the revision, because that call changes it.
    fn in_order(&self, steps: &mut [Step]) {
        if let Some(Step::Add(first) | Step::Remove(first)) = steps.first_mut() {
            let policy = self.observed.and_then(|observed| observed.policy.as_ref());
            first.revision = policy.and_then(|policy| policy.revision.clone());
        }
    }

    fn statement(&self, id: String, permission: Permission) -> Box<Statement> {
        let qualifier = place(self.goal).qualifier.clone();
        Box::new(Statement { id, permission, qualifier, revision: None, completes: None, before: self.held() })
    }

    fn url(&self, step: attached::plan::Step<Url>) -> Step {
        Step::Url { step: Box::new(step), qualifier: place(self.goal).qualifier.clone() }
    }
}

/// Converts a step to the form that all resources without tags share. A change of the statements counts as a change of the URL.
#[must_use]
pub fn as_attached(step: &Step) -> Option<attached::plan::Step<Url>> {
    match step {
        Step::Url { step, qualifier: _ } => Some((**step).clone()),
        Step::Add(statement) | Step::Remove(statement) => {
            let wanted = statement.completes.clone()?;
            Some(attached::plan::Step::Update(Wanted { members: vec![Member::Public], ..wanted }))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::function_url::LambdaFunctionUrl;
    use crate::api::shared::RecordedClaim;
    use crate::core::applied::Applied;
    use crate::core::attached::Model;
    use crate::core::attached::status::Answer;
    use crate::core::hand_over::ObjectName;
    use crate::core::host::Host;
    use crate::core::kind::Kind;
    use crate::core::target::Target;
    use crate::core::values::Knowable;
    use crate::kinds::permission::statement::{self, Policy};
    use crate::kinds::url::desired::{Desired, Leaving, Place};
    use crate::kinds::url::history::Recorded;
    use crate::kinds::url::model::{NONE, Public};
    use crate::kinds::url::observed::Shown;
    use crate::kinds::url::statements::Statements;
    use crate::kinds::url::status;
    use crate::kinds::url::status::Effects;

    fn url(auth_type: &str) -> Url {
        let public = if auth_type == NONE { Public::ALL.into() } else { [].into() };
        Url { auth_type: auth_type.into(), invoke_mode: "BUFFERED".into(), public, ..Url::default() }
    }

    fn place() -> Place {
        Place { qualifier: None, statements: Statements::new("c/n/web", &["old/n/web".into()]) }
    }

    fn host(owner: &str) -> Host {
        let object = ObjectName { namespace: "n".into(), name: "web".into() };
        Host::new("c/n/web", &[], true, object).with_owner(Knowable::Known(Some(owner.into())))
    }

    fn present(model: Url) -> Goal {
        let attached = attached::Desired {
            name: String::new(),
            model,
            adopt: false,
            reports_drift: false,
            host: host("c/n/f"),
            rival: None,
            ignored: Vec::new(),
        };
        Goal::Present(Box::new(Desired { attached, place: place() }))
    }

    fn absent(owner: &str) -> Goal {
        let attached = attached::Leaving { name: String::new(), host: host(owner), rival: None };
        Goal::Absent(Leaving { attached, place: place() })
    }

    fn shows(url: Option<Url>, held: &[(String, Permission)]) -> Observed {
        let held = held.iter().map(|(id, permission)| statement::Statement {
            id: id.clone(),
            permission: permission.clone(),
            text: String::new(),
        });
        let policy = Policy { revision: Some("r".into()), size: 0, held: held.collect() };
        Observed { url: url.map(|model| Shown { model, ..Shown::default() }), policy: Some(policy) }
    }

    fn owned(accepted: &Url) -> History {
        let mut history = History::default();
        history.attached.claim = Some(RecordedClaim::Owned);
        history.attached.applied = accepted.applied(&Member::ALL);
        history
    }

    fn both() -> Vec<(String, Permission)> {
        Public::ALL.map(|public| (place().statements.id(public), said(public))).to_vec()
    }

    /// Each call and whether it carries the policy's revision.
    fn calls(plan: &Plan) -> Vec<(Operation, bool)> {
        let Plan::Steps(steps) = plan else { panic!("{plan:?}") };
        let call = |step: &Step| match step {
            Step::Url { .. } => (step.operation(), false),
            Step::Add(statement) | Step::Remove(statement) => (step.operation(), statement.revision.is_some()),
        };
        steps.iter().map(call).collect()
    }

    const ADD: Operation = Operation::AddPermission;
    const REMOVE: Operation = Operation::RemovePermission;

    #[test]
    fn the_statements_follow_the_url() {
        let (public, signed) = (url(NONE), url("AWS_IAM"));
        let created = plan(&present(public.clone()), &History::default(), None);
        assert_eq!(calls(&created), [(Operation::CreateFunctionUrlConfig, false)]);
        let added = plan(&present(public.clone()), &owned(&signed), Some(&shows(Some(public.clone()), &[])));
        assert_eq!(calls(&added), [(ADD, true), (ADD, false)]);
        assert_eq!(
            plan(&present(public.clone()), &owned(&public), Some(&shows(Some(public.clone()), &both()))),
            Plan::Done
        );
        let changed = plan(&present(signed.clone()), &owned(&public), Some(&shows(Some(public.clone()), &both())));
        assert_eq!(calls(&changed), [(Operation::UpdateFunctionUrlConfig, false)]);
        let removed = plan(&present(signed.clone()), &owned(&public), Some(&shows(Some(signed), &both())));
        assert_eq!(calls(&removed), [(REMOVE, true), (REMOVE, false)]);
    }

    #[test]
    fn a_statement_with_other_contents_or_under_a_former_name_is_replaced() {
        let public = url(NONE);
        let mut narrow = both();
        narrow[1].1.principal = "123456789012".into();
        let replaced = plan(&present(public.clone()), &owned(&public), Some(&shows(Some(public.clone()), &narrow)));
        assert_eq!(calls(&replaced), [(REMOVE, true), (ADD, false)]);
        let mut former = both();
        former.push((place().statements.ids()[2].clone(), said(Public::Call)));
        let cleaned = plan(&present(public.clone()), &owned(&public), Some(&shows(Some(public), &former)));
        assert_eq!(calls(&cleaned), [(REMOVE, true)]);
    }

    #[test]
    fn statements_go_before_their_url_and_none_outlive_it() {
        let public = url(NONE);
        let observed = shows(Some(public.clone()), &both());
        let ends = plan(&absent("c/n/f"), &owned(&public), Some(&observed));
        let delete = (Operation::DeleteFunctionUrlConfig, false);
        assert_eq!(calls(&ends), [(REMOVE, true), (REMOVE, false), delete]);
        let Plan::Steps(steps) = ends else { panic!() };
        let interrupted = after(&absent("c/n/f"), &owned(&public), &steps, 1);
        assert_eq!(
            interrupted.statements(&Applied::default()),
            Recorded::None,
            "the rest of it has nothing to wait for"
        );
        let left = plan(&absent("c/n/f"), &owned(&public), Some(&shows(None, &both())));
        assert_eq!(calls(&left), [(REMOVE, true), (REMOVE, false)]);
        assert_eq!(plan(&absent("c/m/f"), &owned(&public), Some(&observed)), Plan::Done, "of another namespace");
        assert_eq!(plan(&absent("c/m/f"), &owned(&public), Some(&shows(None, &both()))), Plan::Done);
    }

    #[test]
    fn statements_whose_addition_stopped_half_way_are_looked_for_under_another_type() {
        let accepted = |desired: &Url, held: Option<&Observed>| {
            let goal = present(desired.clone());
            let Plan::Steps(steps) = plan(&goal, &History::default(), held) else { panic!("{desired:?}") };
            let mut effects = Effects::default();
            status::accepted(&mut effects, &steps[0], Answer::default(), &goal);
            status::completed(&mut effects, &goal, &History::default(), &steps);
            let mut history = History::default();
            (history.attached.claim, history.attached.applied) = (effects.attached.claim, effects.attached.applied);
            history
        };
        let created = accepted(&url(NONE), None);
        assert!(created.may_have_statements(), "the type can change before the second of them is added");
        let signed = url("AWS_IAM");
        let first = shows(Some(signed.clone()), &both()[..1]);
        assert_eq!(calls(&plan(&present(signed.clone()), &created, Some(&first))), [(REMOVE, true)]);
        assert!(!accepted(&signed, None).may_have_statements(), "a URL that is not public costs no read of the policy");
    }

    /// The history after a reconcile in which AWS accepted the first steps and refused the next.
    fn after(goal: &Goal, history: &History, steps: &[Step], accepted: usize) -> History {
        let (mut effects, mut history) = (Effects::default(), history.clone());
        steps[..accepted].iter().for_each(|step| status::accepted(&mut effects, step, Answer::default(), goal));
        status::completed(&mut effects, goal, &history, steps);
        history.attached.claim = effects.attached.claim.or(history.attached.claim);
        history.attached.applied.extend(effects.attached.applied);
        history.qualifier = effects.qualifier.or(history.qualifier);
        history
    }

    /// Without its alias, the deletion of the object would delete the URL of the function.
    #[test]
    fn a_url_of_an_alias_that_was_found_stays_that_of_the_alias_if_its_statements_are_refused() {
        let mut goal = present(url(NONE));
        if let Goal::Present(desired) = &mut goal {
            desired.place.qualifier = Some("live".into());
        }
        let bare = shows(Some(Url { public: [].into(), ..url(NONE) }), &[]);
        let Plan::Steps(steps) = plan(&goal, &History::default(), Some(&bare)) else { panic!() };
        let found = after(&goal, &History::default(), &steps, 0);
        assert_eq!((found.owns(), found.qualifier.as_deref()), (true, Some("live")));
    }

    #[test]
    fn what_is_not_complete_is_recorded_as_added_or_removed() {
        let (public, signed, none) = (url(NONE), url("AWS_IAM"), History::default());
        let recorded = |goal: &Goal, history: &History, observed: &Observed| {
            let Plan::Steps(steps) = plan(goal, history, Some(observed)) else { panic!() };
            after(goal, history, &steps, steps.len()).statements(&Applied::default())
        };
        let (publish, sign) = (present(public.clone()), present(signed.clone()));
        let (is_public, is_signed) = (shows(Some(public.clone()), &both()), shows(Some(signed.clone()), &[]));
        assert_eq!(recorded(&publish, &owned(&public), &shows(None, &both())), Recorded::Some, "created again");
        assert_eq!(recorded(&publish, &none, &shows(None, &both())), Recorded::Removed, "of an earlier URL");
        assert_eq!(recorded(&sign, &owned(&public), &is_public), Recorded::Removed, "the type changes first");
        assert_eq!(recorded(&publish, &owned(&signed), &is_signed), Recorded::Removed, "the type changes back");
    }

    #[test]
    fn a_url_whose_first_statements_are_refused_stays_the_objects() {
        let public = url(NONE);
        let (goal, bare) = (present(public.clone()), Url { public: [].into(), ..public });
        let mut created = owned(&bare);
        created.attached.claim = Some(RecordedClaim::Creating);
        // The answer to the creation was lost, or the URL was there before the object.
        for found in [created, History::default()] {
            let Plan::Steps(steps) = plan(&goal, &found, Some(&shows(Some(bare.clone()), &[]))) else { panic!() };
            assert_eq!(steps.len(), 2, "both statements are missing");
            for accepted in [0, 1] {
                let (held, history) =
                    (shows(Some(bare.clone()), &both()[..accepted]), after(&goal, &found, &steps, accepted));
                let next = plan(&goal, &history, Some(&held));
                assert_eq!(calls(&next), [(ADD, true), (ADD, false)][..2 - accepted], "{accepted} were accepted");
                let end = calls(&plan(&absent("c/n/f"), &history, Some(&held)));
                assert_eq!(end.last(), Some(&(Operation::DeleteFunctionUrlConfig, false)), "{accepted} were accepted");
            }
        }
    }

    #[test]
    fn statements_whose_removal_stopped_half_way_are_added_again_if_the_type_goes_back() {
        let (public, signed) = (url(NONE), url("AWS_IAM"));
        let (goal, recorded) = (present(signed.clone()), owned(&Url { public: Public::ALL.into(), ..signed.clone() }));
        let Plan::Steps(steps) = plan(&goal, &recorded, Some(&shows(Some(signed), &both()))) else { panic!() };
        assert_eq!(calls(&Plan::Steps(steps.clone())), [(REMOVE, true), (REMOVE, false)]);
        // The type was changed back, and others' changes are only reported.
        let mut back = present(public.clone());
        if let Goal::Present(desired) = &mut back {
            desired.attached.reports_drift = true;
        }
        let add_again = |mut history: History| {
            history.attached.applied.extend(public.applied(&[Member::AuthType]));
            let next = plan(&back, &history, Some(&shows(Some(public.clone()), &both()[1..])));
            assert_eq!(calls(&next), [(ADD, true)]);
        };
        add_again(after(&goal, &recorded, &steps, 1));
        let shown = shows(Some(public.clone()), &both());
        let Plan::Steps(update) = plan(&goal, &owned(&public), Some(&shown)) else { panic!() };
        // The operator was killed after the first removal, so only the change of the type is recorded.
        add_again(after(&goal, &owned(&public), &update, 1));
        assert!(!after(&goal, &recorded, &steps, 2).may_have_statements(), "all were removed");
    }

    #[test]
    fn a_public_url_that_is_taken_over_as_signed_loses_its_statements() {
        let (public, signed) = (url(NONE), url("AWS_IAM"));
        let mut goal = present(signed.clone());
        if let Goal::Present(desired) = &mut goal {
            (desired.attached.adopt, desired.attached.reports_drift) = (true, true);
        }
        let shown = shows(Some(public), &both());
        let Plan::Steps(steps) = plan(&goal, &History::default(), Some(&shown)) else { panic!() };
        assert_eq!(calls(&Plan::Steps(steps.clone())), [(Operation::UpdateFunctionUrlConfig, false)]);
        let mut history = after(&goal, &History::default(), &steps, 1);
        assert!(history.may_have_statements(), "nothing is recorded of them");
        assert_eq!(
            calls(&plan(&goal, &history, Some(&shows(Some(signed), &both())))),
            [(REMOVE, true), (REMOVE, false)]
        );
        history.attached.applied.remove(Url::name(Member::Public));
        assert!(history.may_have_statements(), "the record is lost");
    }

    #[test]
    fn statements_of_a_url_that_is_gone_are_removed_before_another_is_created() {
        let (gone, mut goal) = (shows(None, &both()), present(url("AWS_IAM")));
        let create = (Operation::CreateFunctionUrlConfig, false);
        let (fresh, known, public) = (History::default(), owned(&url(NONE)), present(url(NONE)));
        for (goal, history) in [(&goal, &fresh), (&goal, &known), (&public, &fresh)] {
            assert_eq!(calls(&plan(goal, history, Some(&gone))), [(REMOVE, true), (REMOVE, false), create]);
        }
        assert_eq!(calls(&plan(&public, &known, Some(&gone))), [create], "they are those of the new one");
        if let Goal::Present(desired) = &mut goal {
            desired.attached.ignored = vec![Member::Public];
        }
        let left = plan(&goal, &History::default(), Some(&gone));
        assert_eq!(calls(&left), [create]);
        let Plan::Steps(steps) = left else { panic!() };
        let history = after(&goal, &History::default(), &steps, 1);
        assert!(history.may_have_statements(), "they can become the object's later");
    }

    #[test]
    fn a_statement_that_stays_while_drift_is_reported_is_not_recorded_as_absent() {
        let Goal::Present(desired) = present(url("AWS_IAM")) else { panic!() };
        let mut other = both();
        other[0].1.principal = "123456789012".into();
        let recorded = |held: &[(String, Permission)]| {
            let drifted = Url { invoke_mode: "RESPONSE_STREAM".into(), ..url("AWS_IAM") };
            let effects = LambdaFunctionUrl::left(&desired, &History::default(), Some(&shows(Some(drifted), held)));
            History::default().statements(&effects.attached.applied)
        };
        assert_eq!((recorded(&[]), recorded(&other[..1])), (Recorded::None, Recorded::Unknown));
    }

    #[test]
    fn statements_are_expected_before_the_first_is_added() {
        let target = Target { name: "f".into(), account: "123456789012".into(), region: "eu-west-1".into() };
        let (public, signed) = (url(NONE), url("AWS_IAM"));
        let bare = Url { public: [].into(), ..public.clone() };
        let mut creating = owned(&bare);
        creating.attached.claim = Some(RecordedClaim::Creating);
        for mut history in [creating, owned(&signed), History::default()] {
            let Plan::Steps(steps) = plan(&present(public.clone()), &history, Some(&shows(Some(bare.clone()), &[])))
            else {
                panic!()
            };
            let ahead = |history: &History| status::write_ahead(&target, history, None, &steps);
            let written = ahead(&history);
            assert_eq!(written.len(), 1, "one write of the status");
            let (_, Effects { attached, .. }) = &written[0];
            history.attached.claim = attached.claim.or(history.attached.claim);
            history.attached.applied.extend(attached.applied.clone());
            assert_eq!((history.attached.claim, ahead(&history)), (Some(RecordedClaim::Owned), Vec::new()));
            // The operator was killed after the first addition, and the type was changed back.
            assert!(history.may_have_statements());
        }
    }

    #[test]
    fn statements_that_somebody_removed_stay_reported_after_an_edit_of_another_member() {
        let (before, after) = (url(NONE), Url { invoke_mode: "RESPONSE_STREAM".into(), ..url(NONE) });
        let mut goal = present(after.clone());
        if let Goal::Present(desired) = &mut goal {
            desired.attached.reports_drift = true;
        }
        let mut history = owned(&before);
        let held = shows(Some(Url { public: [].into(), ..before }), &[]);
        let Plan::Steps(steps) = plan(&goal, &history, Some(&held)) else { panic!("an edit") };
        assert_eq!(calls(&Plan::Steps(steps.clone())), [(Operation::UpdateFunctionUrlConfig, false)]);
        let mut effects = Effects::default();
        status::accepted(&mut effects, &steps[0], Answer::default(), &goal);
        status::completed(&mut effects, &goal, &history, &steps);
        history.attached.applied.extend(effects.attached.applied);
        let held = shows(Some(Url { public: [].into(), ..after }), &[]);
        assert!(matches!(plan(&goal, &history, Some(&held)), Plan::Drift(_)), "nobody makes the URL public again");
    }

    #[test]
    fn an_equal_url_is_taken_over_without_its_statements() {
        let public = url(NONE);
        let bare = shows(Some(public.clone()), &[]);
        assert_eq!(
            calls(&plan(&present(public.clone()), &History::default(), Some(&bare))),
            [(ADD, true), (ADD, false)]
        );
        let other = shows(Some(url("AWS_IAM")), &[]);
        let refused = plan(&present(public), &History::default(), Some(&other));
        assert_eq!(refused, plan::Plan::Blocked(crate::core::blocked::Blocked::NotOwned(None)));
    }
}
