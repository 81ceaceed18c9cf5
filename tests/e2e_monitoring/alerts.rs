//! The alerts: tested by promtool, complete, each with its page of what to do.

use lambda_operator::core::error::class::Class;
use lambda_operator::core::error::codes::CODES;
use lambda_operator::core::reason::{Reason, Standing};
use serde::Deserialize;
use testbed::promtool;

use crate::{document, monitoring};

/// An alert as rules.yaml writes it.
#[derive(Deserialize)]
pub(crate) struct Alert {
    pub(crate) alert: String,
    pub(crate) expr: String,
    labels: std::collections::BTreeMap<String, String>,
    annotations: std::collections::BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Group {
    rules: Vec<Alert>,
}

#[derive(Deserialize)]
struct Rules {
    groups: Vec<Group>,
}

pub(crate) fn alerts() -> Vec<Alert> {
    let text = std::fs::read_to_string(monitoring().join("rules.yaml")).unwrap();
    let rules: Rules = serde_saphyr::from_str(&text).unwrap();
    rules.groups.into_iter().flat_map(|group| group.rules).collect()
}

/// What stands between the quotes after `label=~`.
fn alternatives<'a>(expr: &'a str, label: &str) -> Vec<&'a str> {
    let (_, rest) = expr.split_once(&format!("{label}=~\"")).unwrap();
    rest.split_once('"').unwrap().0.split('|').collect()
}

fn expr(name: &str) -> String {
    alerts().into_iter().find(|alert| alert.alert == name).unwrap_or_else(|| panic!("no alert {name}")).expr
}

#[tokio::test]
async fn each_alert_fires_when_it_should_and_not_before() {
    for arguments in [["check", "rules", "rules.yaml"], ["test", "rules", "rules_test.yaml"]] {
        let output = promtool(&monitoring(), &arguments, None).await.unwrap();
        assert!(output.status.success(), "promtool {arguments:?}: {}{}", output.stdout, output.stderr);
    }
    let tests = std::fs::read_to_string(monitoring().join("rules_test.yaml")).unwrap();
    for alert in alerts() {
        let untested = format!("{} has no test in rules_test.yaml", alert.alert);
        assert!(tests.contains(&format!("alertname: {}\n", alert.alert)), "{untested}");
    }
}

#[test]
fn each_alert_has_severity_summary_and_runbook() {
    let runbooks = document("docs/runbooks.md");
    for alert in alerts() {
        let Alert { alert, expr: _, labels, annotations } = alert;
        let severity = labels.get("severity").map(String::as_str);
        assert!(matches!(severity, Some("critical" | "warning")), "{alert}: {severity:?}");
        for annotation in ["summary", "description"] {
            assert!(annotations.get(annotation).is_some_and(|text| text.ends_with('.')), "{alert} has no {annotation}");
        }
        let page = format!("docs/runbooks.md#{}", alert.to_lowercase());
        assert_eq!(annotations.get("runbook_url"), Some(&page), "{alert}");
        assert!(runbooks.contains(&format!("\n## {alert}\n")), "docs/runbooks.md has no section {alert}");
    }
}

#[test]
fn the_stalled_alert_covers_exactly_the_stalling_reasons() {
    let stalls = Reason::ALL.into_iter().filter(|reason| reason.standing() == Standing::Stalled).map(Reason::name);
    assert_eq!(alternatives(&expr("LambdaFunctionsStalled"), "reason"), stalls.collect::<Vec<_>>());
}

#[test]
fn aws_alerts_use_the_error_codes_of_the_operator() {
    let of = |classes: &[Class]| -> Vec<&str> {
        CODES.iter().filter(|(_, class)| classes.contains(class)).map(|(code, _)| *code).collect()
    };
    assert_eq!(alternatives(&expr("LambdaOperatorAWSThrottled"), "code"), of(&[Class::Throttled, Class::Saturated]));
    assert_eq!(alternatives(&expr("LambdaOperatorAWSDenied"), "code"), of(&[Class::Denied, Class::Expired]));
    // Where no answer comes there is no code.
    let silent = [vec!["error"], of(&[Class::Unavailable])].concat();
    assert_eq!(alternatives(&expr("LambdaOperatorAWSUnreachable"), "code"), silent);
}
