//! What the operator asked the API server for, by the API server's own audit log.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use serde_json::Value;

/// One request of the operator.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) verb: String,
    pub(crate) resource: String,
}

impl Request {
    pub(crate) fn is_write(&self) -> bool {
        !["get", "list", "watch"].contains(&self.verb.as_str())
    }
}

/// Where the log ends now.
pub(crate) fn end(log: &Path) -> u64 {
    std::fs::metadata(log).unwrap().len()
}

/// The operator's requests since then.
pub(crate) fn requests(log: &Path, since: u64) -> Vec<Request> {
    let mut file = File::open(log).unwrap();
    file.seek(SeekFrom::Start(since)).unwrap();
    let mut text = String::new();
    file.read_to_string(&mut text).unwrap();
    let events = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let ours = events.filter(|event| {
        event["stage"] == "ResponseComplete"
            && event["user"]["username"].as_str().is_some_and(|user| user.starts_with("system:serviceaccount:"))
    });
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    ours.map(|event| Request { verb: text(&event["verb"]), resource: text(&event["objectRef"]["resource"]) }).collect()
}
