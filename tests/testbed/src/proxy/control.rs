//! The control API under `/_testbed/`: journal, rules, faults, settings and executions, for tests and for curl.

use hyper::Method;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::http::request::Parts;
use serde::Serialize;
use serde_json::{Value, json};

use super::executions::Start;
use super::pipeline::Pipeline;
use super::recognise::parameter;
use crate::faults::Fault;
use crate::http::Answer;
use crate::journal::Filter;
use crate::manners::SettingsChange;
use crate::rules::{Match, Rule, RuleId};

const PATHS: &str = "GET calls/last, GET calls?account=&function=&operation=&service=&agent=&since=, GET|POST rules, DELETE rules/ID, \
                     GET|PUT settings, POST executions, \
                     GET faults, POST|DELETE faults/NAME?account=&region=&function=&operation=&agent=";

/// Answers a call to `/_testbed/{path}`.
pub(crate) fn answer(pipeline: &Pipeline, path: &str, parts: &Parts, body: &[u8]) -> Answer {
    match (&parts.method, path) {
        (&Method::GET, "calls") => ok(&pipeline.journal.select(&filter(parts))),
        (&Method::GET, "calls/last") => ok(&pipeline.journal.last()),
        (&Method::GET, "rules") => ok(&pipeline.rules.list()),
        (&Method::POST, "rules") => match serde_json::from_slice::<Rule>(body) {
            Ok(rule) => ok(&json!({"id": pipeline.rules.add(rule)})),
            Err(error) => wrong(400, &format!("this is no rule: {error}")),
        },
        (&Method::GET, "settings") => ok(&*pipeline.settings()),
        (&Method::PUT, "settings") => match serde_json::from_slice::<SettingsChange>(body) {
            Ok(change) => {
                let mut settings = pipeline.settings();
                settings.apply(&change);
                ok(&*settings)
            }
            Err(error) => wrong(400, &format!("these are no settings: {error}")),
        },
        (&Method::POST, "executions") => match serde_json::from_slice::<Start>(body) {
            Ok(start) => ok(&json!({"arns": pipeline.lambda.executions.start(start)})),
            Err(error) => wrong(400, &format!("these are no executions: {error}")),
        },
        (&Method::GET, "faults") => ok(&faults(pipeline)),
        (&Method::POST, path) if path.starts_with("faults/") => switch_on(pipeline, path, parts),
        (&Method::DELETE, path) if path.starts_with("faults/") => switch_off(pipeline, path),
        (&Method::DELETE, path) if path.starts_with("rules/") => remove_rule(pipeline, path),
        _ => wrong(404, &format!("no such thing; there are: {PATHS}")),
    }
}

fn remove_rule(pipeline: &Pipeline, path: &str) -> Answer {
    let id = path.trim_start_matches("rules/").parse().map(RuleId);
    match id {
        Ok(id) if pipeline.rules.remove(id) => ok(&json!({})),
        _ => wrong(404, "there is no rule with that id"),
    }
}

/// The description of each fault, and whether it is on.
fn faults(pipeline: &Pipeline) -> Vec<Value> {
    let active = pipeline.rules.list();
    let on = |name: &str| active.iter().any(|active| active.rule.name == name);
    let shown = |fault: &Fault| json!({"name": fault.name, "description": fault.description, "on": on(&fault.name)});
    Fault::all().iter().map(shown).collect()
}

fn switch_on(pipeline: &Pipeline, path: &str, parts: &Parts) -> Answer {
    let Some(fault) = Fault::named(path.trim_start_matches("faults/")) else {
        return wrong(404, "there is no fault of that name; GET faults shows them");
    };
    let Filter { account, function, operation, service, agent, since: _ } = filter(parts);
    let region = parameter(parts.uri.query().unwrap_or_default(), "region");
    let scope = Match { service, operation, account, region, function, qualifier: None, member: None, agent };
    let ids: Vec<RuleId> = fault.rules_for(&scope).into_iter().map(|rule| pipeline.rules.add(rule)).collect();
    ok(&json!({ "rules": ids }))
}

fn switch_off(pipeline: &Pipeline, path: &str) -> Answer {
    let name = path.trim_start_matches("faults/");
    let of_it = pipeline.rules.list().into_iter().filter(|active| active.rule.name == name);
    let ids: Vec<RuleId> = of_it.map(|active| active.id).filter(|id| pipeline.rules.remove(*id)).collect();
    if ids.is_empty() { wrong(404, "that fault is not on") } else { ok(&json!({ "rules": ids })) }
}

fn filter(parts: &Parts) -> Filter {
    let query = parts.uri.query().unwrap_or_default();
    let text = |name: &str| parameter(query, name).filter(|value| !value.is_empty());
    Filter {
        account: text("account"),
        function: text("function"),
        operation: text("operation"),
        service: text("service"),
        agent: text("agent"),
        since: text("since").and_then(|since| since.parse().ok()),
    }
}

fn ok(value: &impl Serialize) -> Answer {
    respond(200, &serde_json::to_string(value).unwrap_or_default())
}

fn wrong(status: u16, message: &str) -> Answer {
    respond(status, &json!({"error": message}).to_string())
}

fn respond(status: u16, body: &str) -> Answer {
    let mut headers = hyper::HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Answer { status, headers, body: format!("{body}\n").into() }
}
