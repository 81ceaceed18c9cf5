//! Each side group is read, planned, recorded and imported by its description alone.

use serde_json::{Value, json};

use super::*;
use crate::core::plan::Write;
use crate::kinds::function::member::Member;
use crate::kinds::function::model::Configuration;
use crate::kinds::function::plan::step::Step;
use crate::kinds::function::status::effects::Effects;
use crate::kinds::function::status::history::History;

fn spec(fields: &Value) -> LambdaFunctionSpec {
    let mut spec = json!({"role": "arn:r"});
    for (name, value) in fields.as_object().into_iter().flatten() {
        spec[name] = value.clone();
    }
    serde_json::from_value(spec).expect("a spec")
}

/// Fields of a spec that are not AWS's default, for each group.
fn particular_fields() -> Vec<(Side, Value)> {
    vec![
        (Side::CodeSigning, json!({"codeSigningConfigArn": "csc"})),
        (
            Side::RuntimeManagement,
            json!({"runtimeManagementConfig": {"updateRuntimeOn": "Manual", "runtimeVersionArn": "arn:v"}}),
        ),
        (Side::RuntimeManagement, json!({"runtimeManagementConfig": {"updateRuntimeOn": "FunctionUpdate"}})),
        (Side::Recursion, json!({"recursiveLoop": "Allow"})),
        (Side::LogRetention, json!({"logRetentionInDays": 7})),
    ]
}

fn settings() -> Vec<(Side, Setting)> {
    let wanted = |side: Side, fields: &Value| (side.group().wanted)(&spec(fields)).expect("a setting");
    particular_fields().iter().map(|(side, fields)| (*side, wanted(*side, fields))).collect()
}

fn known(side: Side, setting: Option<&Setting>) -> Sides {
    [(side, setting.cloned())].into()
}

fn planned(wanted: &Sides, now: &Sides) -> Vec<Step> {
    [Turn::First, Turn::AfterCode]
        .into_iter()
        .flat_map(|turn| differences(wanted, now, turn))
        .map(Step::of_side)
        .collect()
}

#[test]
fn every_side_group_is_named_once_and_in_the_table() {
    let listed: Vec<_> = settings().into_iter().map(|(side, _)| side).collect();
    assert!(Side::ALL.iter().all(|side| listed.contains(side)), "a group without a row in this test");
    for (side, setting) in settings() {
        assert_eq!(setting.side(), side);
        let names = |fields: &Fields| fields.iter().map(|(name, _)| *name).collect::<Vec<_>>();
        assert_eq!(names(&setting.fields()), names(&side.defaults()), "the same fields in the same order");
        assert!(!setting.is_default());
    }
}

#[test]
fn a_side_group_is_put_where_it_differs_and_removed_where_it_is_unset() {
    for (side, setting) in settings() {
        let (set, unset) = (known(side, Some(&setting)), known(side, None));
        assert_eq!(planned(&set, &unset), [Step::PutSide(setting.clone())]);
        assert_eq!(planned(&unset, &set), [Step::RemoveSide(side)]);
        assert_eq!(planned(&set, &set), []);
        assert_eq!(planned(&unset, &unset), []);
        assert_eq!(planned(&set, &Sides::new()), [], "what is not known does not differ");
        assert_eq!(Step::PutSide(setting).operation(), side.group().put);
        assert_eq!(Step::RemoveSide(side).operation(), side.group().remove);
    }
}

#[test]
fn a_named_default_is_watched_and_an_empty_value_is_unset() {
    let history = History { familiar: true, ..History::default() };
    let asked = |fields: Value| probes(&wanted(&spec(&fields), PackageType::Zip), &history.sides, history.familiar);
    for (side, fields) in [
        (Side::RuntimeManagement, json!({"runtimeManagementConfig": {"updateRuntimeOn": "Auto"}})),
        (Side::Recursion, json!({"recursiveLoop": "Terminate"})),
        (Side::LogRetention, json!({"logRetentionInDays": 0})),
    ] {
        assert_eq!(asked(fields.clone()), [(side, Probe::Required)].into());
        let named = wanted(&spec(&fields), PackageType::Zip);
        assert_eq!(planned(&named, &known(side, None)), [], "{fields} is AWS's default");
        let other = settings().into_iter().find(|(of, _)| *of == side).expect("a setting").1;
        assert_eq!(planned(&named, &known(side, Some(&other))), [Step::RemoveSide(side)]);
    }
    for empty in [
        json!({}),
        json!({"runtimeManagementConfig": {}}),
        json!({"runtimeManagementConfig": {"updateRuntimeOn": "", "runtimeVersionArn": ""}}),
        json!({"recursiveLoop": "", "codeSigningConfigArn": ""}),
    ] {
        assert_eq!(asked(empty), BTreeMap::new());
    }
}

#[test]
fn a_recorded_side_group_is_read_and_an_image_has_no_managed_runtime() {
    for (side, setting) in settings() {
        let history = History { familiar: true, sides: [(side, setting)].into(), ..History::default() };
        assert_eq!(
            probes(&wanted(&spec(&json!({})), PackageType::Zip), &history.sides, history.familiar),
            [(side, Probe::Required)].into()
        );
    }
    let of_images: Vec<_> = wanted(&spec(&json!({})), PackageType::Image).into_keys().collect();
    assert_eq!(of_images, [Side::Recursion, Side::LogRetention]);
}

#[test]
fn a_retention_that_nobody_asked_for_is_not_read_and_stays() {
    let wanted = wanted(&spec(&json!({})), PackageType::Zip);
    let asked: Vec<_> = probes(&wanted, &BTreeMap::new(), false).into_keys().collect();
    assert_eq!(asked, [Side::CodeSigning, Side::RuntimeManagement, Side::Recursion], "of a new function");
    assert!(all_probes().contains_key(&Side::LogRetention), "an import shows it");
}

#[test]
fn a_side_group_goes_through_status_and_import_unchanged() {
    for ((side, fields), (_, setting)) in particular_fields().into_iter().zip(settings()) {
        let mut status = LambdaFunctionStatus::default();
        side.record(&mut status, Some(&setting));
        let text = serde_json::to_string(&status).expect("JSON");
        let status_again: LambdaFunctionStatus = serde_json::from_str(&text).expect("a status");
        assert_eq!(recorded(&status_again), [(side, setting.clone())].into());
        side.record(&mut status, None);
        assert_eq!(status, LambdaFunctionStatus::default(), "AWS's default leaves no trace");
        let mut imported = spec(&json!({}));
        import(&known(side, Some(&setting)), &mut imported);
        assert_eq!(imported, spec(&fields));
    }
}

#[test]
fn a_change_of_a_side_group_is_shown_from_and_to_aws_defaults() {
    let shown = |side: Side, from: Option<&Setting>, to: Option<&Setting>| {
        let changes = side.changes(Some(&from.cloned()), to);
        changes.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let [signing, manual, updates, loops, logs] = &settings()[..] else { panic!("another table") };
    assert_eq!(shown(signing.0, None, Some(&signing.1)), ["codeSigningConfigArn: none → csc"]);
    assert_eq!(shown(loops.0, Some(&loops.1), None), ["recursiveLoop: Allow → Terminate"]);
    assert_eq!(shown(logs.0, None, Some(&logs.1)), ["logRetentionInDays: 0 → 7"]);
    assert_eq!(
        shown(manual.0, Some(&manual.1), Some(&updates.1)),
        [
            "runtimeManagementConfig.updateRuntimeOn: Manual → FunctionUpdate",
            "runtimeManagementConfig.runtimeVersionArn: arn:v → none"
        ]
    );
}

#[test]
fn a_side_group_is_recorded_ahead_once() {
    for (side, setting) in settings() {
        let put = Step::PutSide(setting.clone());
        let ahead =
            |steps: &[Step], recorded: &History| Effects::intended(steps, recorded).map(|effects| effects.sides);
        let all = known(side, Some(&setting));
        assert_eq!(ahead(std::slice::from_ref(&put), &History::default()), Some(all));
        let recorded = History { sides: [(side, setting.clone())].into(), ..History::default() };
        assert_eq!(ahead(std::slice::from_ref(&put), &recorded), None, "it is recorded");
        let refused = Step::reconfigure(Configuration::aws_defaults("f"), [Member::Role]);
        let all = known(side, Some(&setting));
        assert_eq!(ahead(&[refused, put.clone()], &History::default()), Some(all), "sent if the other is refused");
        assert_eq!(ahead(&[Step::RemoveSide(side)], &History::default()), None, "nothing is left behind");
    }
}

#[test]
fn a_creation_carries_signing_and_publishes_after_runtime_management() {
    for (side, setting) in settings() {
        let wanted = known(side, Some(&setting));
        let carries = side == Side::CodeSigning;
        assert_eq!(!carried(&wanted).is_empty(), carries);
        assert_eq!(after_creation(&wanted).is_empty(), carries);
        assert_eq!(delay_publishing(&wanted), side == Side::RuntimeManagement);
        assert!(!delay_publishing(&known(side, None)));
    }
}
