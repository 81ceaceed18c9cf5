//! One operator with a life (it has created, updated, mended, been throttled, refused and cut off) is looked at by Prometheus.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use testbed::{Action, Operator, Prometheus, Rule, poll, promtool};

use crate::alerts::alerts;
use crate::{document, monitoring};
use support::world::{World, installed, options, spec, spec_with};

const LEADING: [&str; 3] = ["--leader-elect=true", "--lease-namespace", testbed::NAMESPACE];

/// Shows the operator everything that can be counted.
async fn live(world: &World) {
    let rules = [
        Rule::new("throttled", Action::error(429, "TooManyRequestsException", "Rate exceeded"))
            .operation("UpdateFunctionConfiguration")
            .times(1),
        Rule::new("cut off", Action::LoseAnswer).operation("GetFunction").times(1),
        Rule::new("denied", Action::error(403, "AccessDeniedException", "no"))
            .operation("CreateFunction")
            .function("no"),
    ];
    for rule in rules {
        world.manners().add(&rule.account(&world.account)).await.unwrap();
    }
    world.apply("no", &spec()).await;
    world.settle("hello", &spec()).await;
    world.settle("hello", &spec_with(&json!({"memorySize": 256}))).await;
    world.aws.change_configuration("hello", &json!({"MemorySize": 512})).await.unwrap();
    world.look_now("hello").await;
    world.function_until("hello", |function| function["Configuration"]["MemorySize"] == 256).await;
    world.ready("hello").await;
    world.stalled("no", "AccessDenied").await;
}

/// A replica without rights to its lease: it never leads, and the API server refuses it.
async fn refused(world: &World) -> Operator {
    let arguments = ["--leader-elect=true", "--lease-namespace", "default", "--watch-namespace", &world.namespace];
    let options = options(installed(&world.bed).await, &world.account, &arguments);
    Operator::start(&world.bed, options).await.unwrap()
}

#[tokio::test]
async fn every_dashboard_and_alert_query_finds_data() {
    let world = World::with(&LEADING).await;
    let refused = refused(&world).await;
    let targets = [&world.operator, &refused].map(|operator| operator.url().trim_start_matches("http://"));
    let prometheus = Prometheus::start(&targets, &monitoring().join("rules.yaml")).await.unwrap();
    live(&world).await;

    let metrics = world.operator.metrics().await.unwrap();
    promtool_is_content(&metrics).await;
    every_family_is_documented(&metrics);
    for (panel, query) in dashboard_queries() {
        has_data(&prometheus, &panel, &query).await;
    }
    for alert in alerts() {
        has_data(&prometheus, &alert.alert, &without_threshold(&alert.expr)).await;
    }
    let rules = prometheus.get("rules").await.unwrap();
    for rule in rules["data"]["groups"].as_array().unwrap().iter().flat_map(|group| group["rules"].as_array().unwrap())
    {
        assert_eq!(rule["health"], "ok", "{rule}");
    }
}

async fn promtool_is_content(metrics: &str) {
    let output = promtool(Path::new("."), &["check", "metrics"], Some(metrics)).await.unwrap();
    let said = format!("{}{}", output.stdout, output.stderr);
    assert!(output.status.success() && said.trim().is_empty(), "{said}\n{metrics}");
}

/// Name to kind, meaning and labels, as /metrics shows them.
fn shown(metrics: &str) -> BTreeMap<&str, (&str, &str, Vec<&str>)> {
    let mut families = BTreeMap::new();
    let (mut name, mut help) = ("", "");
    for line in metrics.lines() {
        if let Some(described) = line.strip_prefix("# HELP ") {
            (name, help) = described.split_once(' ').unwrap();
        } else if let Some(typed) = line.strip_prefix("# TYPE ") {
            families.insert(name, (typed.split_once(' ').unwrap().1, help, Vec::new()));
        } else {
            let labels = line.split_once('{').map_or("", |(_, rest)| rest.split_once('}').unwrap().0);
            let names = labels.split("\",").filter_map(|label| label.split_once('=')).map(|(label, _)| label);
            families.get_mut(name).unwrap().2 = names.filter(|label| *label != "le").collect();
        }
    }
    families
}

fn every_family_is_documented(metrics: &str) {
    let table = document("docs/metrics.md");
    let rows = table.lines().filter(|line| line.starts_with("| `"));
    let documented: BTreeMap<_, _> = rows
        .map(|row| {
            let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
            let labels = cells[2].split(", ").map(|label| label.trim_matches('`')).filter(|label| !label.is_empty());
            (cells[0].trim_matches('`'), (cells[1], cells[3], labels.collect::<Vec<_>>()))
        })
        .collect();
    assert_eq!(shown(metrics), documented, "docs/metrics.md says something else than /metrics");
}

/// Each panel's title with each of its queries, as Grafana would send them.
fn dashboard_queries() -> Vec<(String, String)> {
    let dashboard: Value = serde_json::from_str(&document("charts/lambda-operator/monitoring/dashboard.json")).unwrap();
    let filled = |text: &str| text.replace("$job", ".*").replace("$__rate_interval", "1m");
    let queries: Vec<_> = dashboard["panels"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|panel| {
            let title = panel["title"].as_str().unwrap();
            let targets = panel["targets"].as_array().into_iter().flatten();
            targets.map(move |target| (title.to_owned(), filled(target["expr"].as_str().unwrap())))
        })
        .collect();
    assert!(queries.len() > 20, "the dashboard was not read: {queries:?}");
    queries
}

/// What an alert looks at, whatever its value. Of an operator that is gone nothing can be seen: there it is what is missed.
fn without_threshold(expr: &str) -> String {
    let value = |part: &str| {
        let value = [" > ", " == "].iter().filter_map(|sign| part.rfind(sign)).max().map_or(part, |at| &part[..at]);
        let missed = value.strip_prefix("absent(").and_then(|rest| rest.strip_suffix(')'));
        missed.unwrap_or(value).to_owned()
    };
    expr.split(" or ").map(value).collect::<Vec<_>>().join(" or ")
}

async fn has_data(prometheus: &Prometheus, what: &str, query: &str) {
    let waited = poll(what, Duration::from_secs(30), async || {
        let values = prometheus.query(query).await?;
        let any = values.iter().any(|value| value.parse().is_ok_and(f64::is_finite));
        Ok(if any { Ok(()) } else { Err(format!("`{query}` gives {values:?}")) })
    });
    waited.await.unwrap();
}
