//! Traces: one for each pass, with its AWS calls, its id in the log, and no secret.

use serde_json::json;
use testbed::{Action, Rule};

use crate::collector::{Collector, attribute, hex};
use support::world::{World, spec_with};

#[tokio::test]
async fn a_reconcile_is_one_trace_with_its_id_in_the_log() {
    let (collector, endpoint) = Collector::start().await;
    let world = World::with(&["--otlp-endpoint", &endpoint, "--log-format", "json"]).await;
    let refusal = Action::error(429, "TooManyRequestsException", "Rate exceeded");
    let throttled = Rule::new("throttled", refusal).account(&world.account).operation("CreateFunction").times(1);
    world.manners().add(&throttled).await.unwrap();
    let spec = spec_with(&json!({"environment": {"variables": {"TOKEN": "mArKeD"}}}));
    world.settle("hello", &spec).await;

    let created = |code: &str| {
        let spans = collector.spans();
        let named = |name: &'static str| spans.iter().filter(move |span| span.name == name);
        let call = named("CreateFunction").find(|call| attribute(call, "code").as_deref() == Some(code))?;
        let pass = named("pass").find(|pass| pass.span_id == call.parent_span_id)?;
        Some((pass.clone(), call.clone()))
    };
    let (pass, call) = world
        .until("the spans", async |_: &World| {
            created("ok")
                .ok_or_else(|| format!("{:?}", collector.spans().iter().map(|span| &span.name).collect::<Vec<_>>()))
        })
        .await;
    assert_eq!(call.trace_id, pass.trace_id);
    assert!(pass.parent_span_id.is_empty(), "the pass is the root: {pass:?}");
    let said: Vec<_> = ["namespace", "name", "generation"].map(|key| attribute(&pass, key).unwrap_or_default()).into();
    assert_eq!(said, [&world.namespace, "hello", "1"]);
    assert_eq!(attribute(&call, "rpc.method").as_deref(), Some("CreateFunction"));
    assert!(
        created("TooManyRequestsException").is_some_and(|(_, call)| call.status.is_some_and(|status| status.code == 2))
    );

    let id = hex(&pass.trace_id);
    let log = world.operator.log();
    let line = log.lines().find(|line| line.contains(&id)).unwrap_or_else(|| panic!("{id} is not in the log:\n{log}"));
    assert!(line.contains("\"trace_id\"") && line.contains("CreateFunction"), "{line}");
    assert!(!collector.text().contains("mArKeD"), "a secret is in a trace");
    assert!(collector.text().contains("hello"), "the text of the spans can be read at all");
}

#[tokio::test]
async fn without_an_endpoint_the_log_has_no_trace_id() {
    let world = World::new().await;
    world.settle("hello", &spec_with(&json!({}))).await;
    assert!(!world.operator.log().contains("trace_id"), "{}", world.operator.log());
}
