//! Executions of durable functions: tests start them, List shows them, Stop stops them.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{SystemTime, UNIX_EPOCH};

use percent_encoding::percent_decode_str;
use serde::Deserialize;
use serde_json::{Value, json};

use super::place::Place;
use super::recognise::parameter;
use super::refusal::Refusal;
use crate::http::Answer;

/// A request to the control API to start executions.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Start {
    account: String,
    region: String,
    function: String,
    count: u32,
    /// Default: `RUNNING`.
    #[serde(default)]
    status: Option<String>,
}

#[derive(Debug)]
struct Execution {
    place: Place,
    name: String,
    arn: String,
    started: f64,
    stopped: Option<f64>,
    /// `RUNNING`, `PAUSING` or `PAUSED`, until it is stopped.
    status: String,
}

/// All executions, in the order in which they were started.
#[derive(Debug, Default)]
pub(crate) struct Executions {
    all: Mutex<Vec<Execution>>,
}

static NAMES: AtomicU64 = AtomicU64::new(1);

impl Executions {
    /// Starts executions, which run until they are stopped; returns their ARNs.
    pub(crate) fn start(&self, start: Start) -> Vec<String> {
        let place = Place { account: start.account, region: start.region, function: start.function };
        let status = start.status.unwrap_or_else(|| "RUNNING".to_owned());
        let new = (0..start.count).map(|_| {
            let number = NAMES.fetch_add(1, Ordering::Relaxed);
            let name = format!("execution-{number}");
            let arn = format!("{}/durable-execution/{name}/7e57bed0-{number}", place.arn("$LATEST"));
            Execution { place: place.clone(), name, arn, started: now(), stopped: None, status: status.clone() }
        });
        let new: Vec<Execution> = new.collect();
        let arns = new.iter().map(|execution| execution.arn.clone()).collect();
        self.all().extend(new);
        arns
    }

    /// ListDurableExecutionsByFunction.
    pub(crate) fn list(&self, place: &Place, query: &str) -> Answer {
        let statuses: Vec<String> = query.split('&').filter_map(|pair| parameter(pair, "Statuses")).collect();
        let name = parameter(query, "DurableExecutionName");
        let number = |name: &str| parameter(query, name).and_then(|text| text.parse::<usize>().ok());
        let (from, count) =
            (number("Marker").unwrap_or(0), number("MaxItems").filter(|count| *count > 0).unwrap_or(100));
        let all = self.all();
        let matching: Vec<Value> = all
            .iter()
            .filter(|execution| execution.place == *place)
            .filter(|execution| statuses.is_empty() || statuses.iter().any(|status| status == execution.status()))
            .filter(|execution| name.as_ref().is_none_or(|name| *name == execution.name))
            .map(Execution::show)
            .collect();
        let mut body = json!({"DurableExecutions": matching.iter().skip(from).take(count).collect::<Vec<_>>()});
        if from + count < matching.len() {
            body["NextMarker"] = (from + count).to_string().into();
        }
        Answer::json(200, &body)
    }

    /// GetDurableExecution, by the path of the call.
    pub(crate) fn get(&self, path: &str) -> Answer {
        let arn = arn(path);
        match self.all().iter().find(|execution| execution.arn == arn) {
            Some(execution) => Answer::json(200, &execution.show()),
            None => unknown(&arn),
        }
    }

    /// StopDurableExecution, by the path of the call. One that has stopped already stays as it is.
    pub(crate) fn stop(&self, path: &str) -> Answer {
        let arn = arn(path);
        match self.all().iter_mut().find(|execution| execution.arn == arn) {
            Some(execution) => {
                let stopped = *execution.stopped.get_or_insert_with(now);
                Answer::json(200, &json!({"StopTimestamp": stopped}))
            }
            None => unknown(&arn),
        }
    }

    /// Removes the executions of a deleted function.
    pub(crate) fn forget(&self, place: &Place) {
        self.all().retain(|execution| execution.place != *place);
    }

    fn all(&self) -> MutexGuard<'_, Vec<Execution>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Execution {
    fn status(&self) -> &str {
        if self.stopped.is_some() { "STOPPED" } else { &self.status }
    }

    fn show(&self) -> Value {
        let mut shown = json!({
            "DurableExecutionArn": self.arn, "DurableExecutionName": self.name,
            "FunctionArn": self.place.arn("$LATEST"), "StartTimestamp": self.started, "Status": self.status(),
        });
        if let Some(stopped) = self.stopped {
            shown["EndTimestamp"] = stopped.into();
        }
        shown
    }
}

/// The ARN in `/DATE/durable-executions/ARN` and `/DATE/durable-executions/ARN/stop`.
fn arn(path: &str) -> String {
    let (_, rest) = path.split_once("/durable-executions/").unwrap_or_default();
    let rest = rest.strip_suffix("/stop").unwrap_or(rest);
    percent_decode_str(rest).decode_utf8_lossy().into_owned()
}

fn unknown(arn: &str) -> Answer {
    Refusal::new(404, "ResourceNotFoundException", format!("Durable execution not found: {arn}")).answer("lambda")
}

fn now() -> f64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    // AWS gives milliseconds
    (now.as_secs_f64() * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Executions, Start};
    use crate::http::Answer;
    use crate::proxy::place::Place;

    fn body(answer: &Answer) -> Value {
        serde_json::from_slice(&answer.body).unwrap()
    }

    #[test]
    fn they_run_until_they_are_stopped() {
        let executions = Executions::default();
        let start = json!({"account": "111111111111", "region": "eu-west-1", "function": "f", "count": 3});
        let arns = executions.start(serde_json::from_value::<Start>(start).unwrap());
        let place = Place { account: "111111111111".into(), region: "eu-west-1".into(), function: "f".into() };
        let running =
            || body(&executions.list(&place, "Statuses=RUNNING"))["DurableExecutions"].as_array().unwrap().len();
        assert_eq!(running(), 3);
        let path = |arn: &str| format!("/2025-12-01/durable-executions/{}/stop", arn.replace('/', "%2F"));
        assert_eq!(executions.stop(&path(&arns[0])).status, 200);
        assert_eq!(executions.stop(&path("arn:none")).status, 404);
        assert_eq!(running(), 2);
        assert_eq!(body(&executions.get(&path(&arns[0])))["Status"], "STOPPED");
        let page = body(&executions.list(&place, "MaxItems=2"));
        assert_eq!(page["NextMarker"], "2");
        let rest = body(&executions.list(&place, "MaxItems=2&Marker=2"));
        assert_eq!((rest["DurableExecutions"].as_array().unwrap().len(), rest.get("NextMarker")), (1, None));
        executions.forget(&place);
        assert_eq!(running(), 0);
        let paused =
            json!({"account": "111111111111", "region": "eu-west-1", "function": "f", "count": 1, "status": "PAUSED"});
        let arns = executions.start(serde_json::from_value::<Start>(paused).unwrap());
        let paused = || {
            let list = body(&executions.list(&place, "Statuses=RUNNING&Statuses=PAUSED"));
            list["DurableExecutions"].as_array().unwrap().len()
        };
        assert_eq!((running(), paused()), (0, 1));
        executions.stop(&path(&arns[0]));
        assert_eq!(paused(), 0);
    }
}
