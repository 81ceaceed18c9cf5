//! Tests of the plan for a code signing configuration.

use super::*;
use crate::core::ownership::Ownership;
use crate::core::past::Past;
use crate::core::tagged::Tags;
use crate::kinds::code_signing_config::desired::query;
use crate::kinds::code_signing_config::model::Search;
use crate::kinds::code_signing_config::status;

const ARN: &str = "arn:aws:lambda:eu-west-1:1:code-signing-config:csc-0";

fn config(untrusted: &str) -> Config {
    Config { publishers: ["arn:p".to_owned()].into(), untrusted: untrusted.into(), description: String::new() }
}

pub(in crate::kinds::code_signing_config) fn desired() -> Desired {
    Desired {
        named: None,
        config: config("Warn"),
        tags: [("team".to_owned(), "a".to_owned())].into(),
        ownership: Ownership { owner: "c/n/x".into(), ..Ownership::default() },
        reports_drift: false,
        ignored: Vec::new(),
        ignored_tags: Vec::new(),
        compares_tags: true,
    }
}

fn observed(owner: Option<&str>) -> Observed {
    Observed {
        arn: ARN.into(),
        id: "csc-0".into(),
        config: config("Warn"),
        modified: None,
        tags: Tags::Shown { owner: owner.map(str::to_owned), users: desired().tags },
        functions: Vec::new(),
    }
}

fn known() -> History {
    let past = Past { shown: true, ready: true, ..Past::default() };
    History { past, arn: Some(ARN.into()), applied: desired().applied(), ..History::default() }
}

fn planned(desired: Desired, history: &History, observed: Option<&Observed>) -> Plan {
    plan(&Goal::Present(Box::new(desired)), history, observed)
}

pub(in crate::kinds::code_signing_config) fn leaving() -> Leaving {
    Leaving { named: None, publishers: Some(config("Warn").publishers), owners: vec!["c/n/x".into(), "old/n/x".into()] }
}

#[test]
fn a_configuration_that_is_absent_is_created_with_its_owner_unless_the_spec_names_one() {
    let Plan::Steps(steps) = planned(desired(), &History::default(), None) else { panic!() };
    let [Step::Create(creation)] = &steps[..] else { panic!("{steps:?}") };
    assert_eq!((creation.owner.as_str(), &creation.tags), ("c/n/x", &desired().tags));
    let named = Desired { named: Some(ARN.into()), ..desired() };
    let Plan::Blocked(Blocked::InvalidReference(sentence)) = planned(named, &known(), None) else { panic!() };
    assert!(sentence.contains(ARN), "{sentence}");
}

#[test]
fn the_owner_tag_decides_whose_a_configuration_is() {
    let of = |owner: Option<&str>| planned(desired(), &known(), Some(&observed(owner)));
    assert_eq!(of(Some("c/n/x")), Plan::Done);
    assert_eq!(of(None), Plan::Blocked(Blocked::NotOwned(None)));
    assert_eq!(of(Some("c/m/y")), Plan::Blocked(Blocked::NotOwned(Some("c/m/y".into()))));
    let withheld = Observed { tags: Tags::Withheld, ..observed(None) };
    assert_eq!(planned(desired(), &known(), Some(&withheld)), Plan::Blocked(Blocked::OwnershipUnknown));
    let ownership = Ownership { adopt: true, ..desired().ownership };
    let adopted = planned(Desired { ownership, ..desired() }, &History::default(), Some(&observed(None)));
    assert_eq!(adopted, Plan::Steps(vec![Step::Tag(ARN.into(), Tagging::Owner("c/n/x".into()))]));
}

#[test]
fn members_and_tags_that_differ_are_written_and_those_left_to_others_are_not() {
    let other = Observed {
        config: Config { description: "theirs".into(), ..config("Enforce") },
        tags: Tags::Shown { owner: Some("c/n/x".into()), users: [("cost".to_owned(), "1".to_owned())].into() },
        ..observed(None)
    };
    let Plan::Steps(steps) = planned(desired(), &known(), Some(&other)) else { panic!() };
    let [Step::Untag(_, Untagging::Remove(keys)), Step::Tag(_, Tagging::Set(set)), Step::Update(_, _, members)] =
        &steps[..]
    else {
        panic!("{steps:?}")
    };
    assert_eq!((keys.as_slice(), set.get()), (&["cost".to_owned()][..], &desired().tags));
    assert_eq!(members, &[Member::Policies, Member::Description]);
    let ignored = Desired {
        ignored: vec![Member::Policies, Member::Description],
        ignored_tags: vec![crate::core::tag_pattern::TagPattern::any()],
        ..desired()
    };
    assert_eq!(planned(ignored, &known(), Some(&other)), Plan::Done);
}

#[test]
fn with_report_drift_is_left_and_an_edit_is_sent() {
    let reports = Desired { reports_drift: true, ..desired() };
    let other = Observed { config: config("Enforce"), ..observed(Some("c/n/x")) };
    assert!(matches!(planned(reports.clone(), &known(), Some(&other)), Plan::Drift(_)));
    let edited = Desired { config: Config { description: "new".into(), ..config("Warn") }, ..reports.clone() };
    let Plan::Steps(steps) = planned(edited, &known(), Some(&other)) else { panic!() };
    assert!(matches!(&steps[..], [Step::Update(_, _, members)] if members == &[Member::Description]), "{steps:?}");
    let past = Past { last_reconciled: Some(crate::api::shared::AppliedGeneration::default()), ..known().past };
    assert!(matches!(planned(reports, &History { past, ..known() }, None), Plan::Drift(_)), "somebody deleted it");
}

#[test]
fn a_cluster_with_a_new_name_corrects_no_drift() {
    let former = Ownership { former: vec!["old/n/x".into()], ..desired().ownership };
    let renamed = Desired { ownership: former, ..desired() };
    let of_old = observed(Some("old/n/x"));
    let Plan::Steps(steps) = planned(renamed.clone(), &known(), Some(&of_old)) else { panic!() };
    assert_eq!(reverts(&steps[0], &renamed, &known(), Some(&of_old)), Reverted::Nothing);
    assert_eq!(reverts(&steps[0], &renamed, &known(), Some(&observed(None))), Reverted::owner_tag());
}

#[test]
fn only_its_own_configuration_is_deleted_and_not_while_functions_use_it() {
    let of = |observed: &Observed| plan(&Goal::Absent(leaving()), &known(), Some(observed));
    let delete = Plan::Steps(vec![Step::Delete(ARN.into())]);
    assert_eq!(of(&observed(Some("c/n/x"))), delete);
    assert_eq!(of(&observed(Some("old/n/x"))), delete);
    assert_eq!(of(&observed(Some("c/m/y"))), Plan::Done);
    assert_eq!(of(&observed(None)), Plan::Done);
    assert_eq!(of(&Observed { functions: vec!["arn:f".into()], ..observed(Some("c/n/x")) }), Plan::Wait);
    assert_eq!(of(&Observed { tags: Tags::Withheld, ..observed(None) }), Plan::Blocked(Blocked::OwnershipUnknown));
    assert_eq!(plan(&Goal::Absent(leaving()), &known(), None), Plan::Wait, "a second read confirms it");
    let released = plan(&Goal::Released(leaving()), &known(), Some(&observed(Some("c/n/x"))));
    assert_eq!(released, Plan::Steps(vec![Step::Untag(ARN.into(), Untagging::Owner)]));
}

#[test]
fn tags_are_read_only_where_something_depends_on_them() {
    let of = |desired: Desired, history: &History| query(&Goal::Present(Box::new(desired)), history);
    let idle = of(Desired { compares_tags: false, ..desired() }, &known());
    assert!(!idle.needs_tags(&observed(None)));
    assert!(idle.needs_tags(&Observed { config: config("Enforce"), ..observed(None) }));
    let left = Desired { compares_tags: false, ignored: vec![Member::Policies], ..desired() };
    assert!(!of(left, &known()).needs_tags(&Observed { config: config("Enforce"), ..observed(None) }));
    assert!(of(desired(), &known()).needs_tags(&observed(None)));
    let unknown = of(Desired { compares_tags: false, ..desired() }, &History::default());
    assert!(unknown.needs_tags(&observed(None)), "its ARN is not recorded");
}

#[test]
fn a_configuration_without_an_answer_is_searched_among_those_that_the_object_can_have_created() {
    let at = |second| k8s_openapi::jiff::Timestamp::from_second(second).ok();
    let search = Search { owners: Vec::new(), publishers: Some(["arn:old".to_owned()].into()), since: at(10_000) };
    let modified = |second| Observed { modified: at(second), ..observed(None) };
    assert!(search.considers(&modified(10_001)), "the spec can have changed since");
    assert!(!search.considers(&modified(9_000)));
    assert!(Search { publishers: Some(config("").publishers), ..search }.considers(&modified(9_000)));
}

#[test]
fn a_configuration_whose_publishers_others_may_change_is_searched_by_its_owner_tag_alone() {
    let theirs = Config { publishers: ["arn:theirs".to_owned()].into(), ..config("Warn") };
    let theirs = Observed { config: theirs, ..observed(Some("c/n/x")) };
    let considers = |desired: Desired| {
        let search = query(&Goal::Present(Box::new(desired)), &History::default()).search;
        search.is_some_and(|search| search.considers(&theirs))
    };
    assert!(!considers(desired()), "one call for each of the account's configurations is too much");
    assert!(considers(Desired { ignored: vec![Member::AllowedPublishers], ..desired() }));
    assert!(considers(Desired { reports_drift: true, ..desired() }));
    let leaves = Leaving { publishers: None, ..leaving() };
    let search = query(&Goal::Absent(leaves), &History::default()).search;
    assert!(search.is_some_and(|search| search.considers(&theirs)));
}

#[test]
fn a_report_records_what_aws_shows_as_the_spec_says_and_nothing_that_drifts() {
    let edited = Config { description: "new".into(), ..config("Warn") };
    let reports = Desired { config: edited.clone(), reports_drift: true, ..desired() };
    let drifted = Observed { config: Config { untrusted: "Enforce".into(), ..edited }, ..observed(Some("c/n/x")) };
    let left = |observed: &Observed| status::left(&reports, &known(), Some(observed)).applied;
    let recorded = left(&drifted);
    assert_eq!(recorded.get("Description"), reports.applied().get("Description"), "a later change of it is drift");
    assert_eq!(recorded.get("CodeSigningPolicies"), None);
    assert!(recorded.contains_key("Tags.team"));
    assert!(!left(&Observed { tags: Tags::NotRead, ..drifted.clone() }).contains_key("Tags.team"));
    let theirs = Tags::Shown { owner: Some("c/n/x".into()), users: [("team".to_owned(), "b".to_owned())].into() };
    assert!(!left(&Observed { tags: theirs, ..drifted }).contains_key("Tags.team"));
}
