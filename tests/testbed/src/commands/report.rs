//! Numbers out of the journal and the audit log, as lines of text.

use std::path::Path;

use serde_json::Value;
use testbed::{Call, Error, by_operation};

/// `Lambda calls of the operator: 12 (GetFunction 8, CreateFunction 1, …)`
pub(crate) fn operations(calls: &[Call]) -> String {
    let parts: Vec<String> =
        by_operation(calls).into_iter().map(|(operation, count)| format!("{operation} {count}")).collect();
    format!("{} ({})", calls.len(), parts.join(", "))
}

/// How many of the calls were refused with 429.
pub(crate) fn throttled(calls: &[Call]) -> usize {
    calls.iter().filter(|call| call.status == 429).count()
}

/// What the operator wrote to Kubernetes according to the audit log from byte `from` on: (resource, count), leases apart.
pub(crate) fn kubernetes_writes(audit_log: &Path, from: u64, user_prefix: &str) -> Result<Vec<(String, usize)>, Error> {
    let text = std::fs::read(audit_log)
        .map_err(|error| Error::unexpected("a readable audit log", format!("{}: {error}", audit_log.display())))?;
    let start = usize::try_from(from).unwrap_or(usize::MAX).min(text.len());
    let mut counts = std::collections::BTreeMap::new();
    for line in String::from_utf8_lossy(&text[start..]).lines() {
        let Ok(event) = serde_json::from_str::<Value>(line) else { continue };
        let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
        let write = ["create", "update", "patch", "delete"].contains(&text("/verb"));
        if write && text("/user/username").starts_with(user_prefix) && text("/stage") == "ResponseComplete" {
            *counts.entry(format!("{} {}", text("/verb"), text("/objectRef/resource"))).or_insert(0) += 1;
        }
    }
    Ok(counts.into_iter().collect())
}

/// The audit log's length now.
pub(crate) fn length(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |metadata| metadata.len())
}

#[cfg(test)]
mod tests {
    use super::kubernetes_writes;

    #[test]
    fn counts_writes_of_one_user_from_a_place_on() {
        let event = |user: &str, verb: &str, resource: &str| {
            format!(
                r#"{{"stage":"ResponseComplete","verb":"{verb}","user":{{"username":"{user}"}},"objectRef":{{"resource":"{resource}"}}}}"#
            ) + "\n"
        };
        let before = event("operator", "patch", "lambdafunctions");
        let log = [
            before.clone(),
            event("operator", "patch", "lambdafunctions"),
            event("operator", "get", "lambdafunctions"),
            event("somebody", "patch", "lambdafunctions"),
            event("operator", "update", "leases"),
        ];
        let path = std::env::temp_dir().join(format!("lambda-operator-report-{}", std::process::id()));
        std::fs::write(&path, log.concat()).unwrap();
        let writes = kubernetes_writes(&path, before.len() as u64, "operator").unwrap();
        std::fs::remove_file(&path).unwrap();
        assert_eq!(writes, [("patch lambdafunctions".to_owned(), 1), ("update leases".to_owned(), 1)]);
    }
}
