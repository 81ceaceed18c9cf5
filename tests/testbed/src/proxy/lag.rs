//! Stale reads: the answers from before a write, which are given again for a while.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::place::Place;
use crate::glob;
use crate::http::Answer;
use crate::journal::Call;
use crate::rules::Lag;

/// The calls that read, and can be stale.
const LOOKS: [&str; 13] = [
    "GetFunction",
    "GetAlias",
    "ListAliases",
    "GetRuntimeManagementConfig",
    "GetFunctionRecursionConfig",
    "GetPolicy",
    "GetFunctionUrlConfig",
    "ListFunctionUrlConfigs",
    "GetFunctionEventInvokeConfig",
    "ListFunctionEventInvokeConfigs",
    "GetProvisionedConcurrencyConfig",
    "ListProvisionedConcurrencyConfigs",
    "ListEventSourceMappings",
];

/// One read of a function, or of a resource that belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Look {
    pub(crate) place: Place,
    /// GetFunction, …
    pub(crate) operation: String,
    /// Version or alias; none for `$LATEST`.
    pub(crate) qualifier: Option<String>,
}

/// The old answers that are still given to reads.
#[derive(Debug, Default)]
pub(crate) struct Lags {
    before: Mutex<HashMap<Look, Before>>,
}

#[derive(Debug)]
struct Before {
    answer: Answer,
    rule: String,
    lag: Lag,
    since: Instant,
    looks: u32,
}

impl Look {
    /// The read that a call makes, if it is a read.
    pub(crate) fn of(call: &Call) -> Look {
        let qualifier = call.qualifier.clone().filter(|qualifier| qualifier != "$LATEST");
        Look { place: Place::of(call), operation: call.operation.clone(), qualifier }
    }

    /// The reads with another answer after a write.
    pub(crate) fn changed_by(write: &Call) -> Vec<Look> {
        let look = |operation: &str, qualifier: Option<&String>| Look {
            place: Place::of(write),
            operation: operation.to_owned(),
            qualifier: qualifier.cloned(),
        };
        match write.operation.as_str() {
            "CreateAlias" | "UpdateAlias" | "DeleteAlias" => {
                let alias = write.qualifier.as_ref();
                vec![look("GetAlias", alias), look("ListAliases", None), look("GetFunction", alias)]
            }
            "PutRuntimeManagementConfig" => {
                let version = write.qualifier.as_ref().filter(|version| *version != "$LATEST");
                vec![look("GetRuntimeManagementConfig", version), look("GetFunction", version)]
            }
            "PutFunctionRecursionConfig" => vec![look("GetFunctionRecursionConfig", None)],
            "AddPermission" | "RemovePermission" => vec![look("GetPolicy", write.qualifier.as_ref())],
            operation if operation.ends_with("EventSourceMapping") => {
                let of_all = Place { function: String::new(), ..Place::of(write) };
                let qualifier = write.qualifier.clone();
                let of_all = Look { place: of_all, operation: "ListEventSourceMappings".to_owned(), qualifier: None };
                vec![of_all.clone(), Look { place: Place::of(write), qualifier, ..of_all }]
            }
            operation => one_and_list(operation)
                .map(|[one, list]| vec![look(&one, write.qualifier.as_ref()), look(&list, None)])
                .unwrap_or_else(|| vec![look("GetFunction", None)]),
        }
    }

    /// The path of the call.
    pub(crate) fn path(&self) -> String {
        let function = format!("functions/{}", self.place.function);
        let query = self.qualifier.as_ref().map(|qualifier| format!("?Qualifier={qualifier}")).unwrap_or_default();
        match self.operation.as_str() {
            "GetAlias" => {
                format!("/2015-03-31/{function}/aliases/{}", self.qualifier.as_deref().unwrap_or_default())
            }
            "ListAliases" => format!("/2015-03-31/{function}/aliases"),
            "GetRuntimeManagementConfig" => format!("/2021-07-20/{function}/runtime-management-config{query}"),
            "GetFunctionRecursionConfig" => format!("/2024-08-31/{function}/recursion-config"),
            "GetPolicy" => format!("/2015-03-31/{function}/policy{query}"),
            "GetFunctionUrlConfig" => format!("/2021-10-31/{function}/url{query}"),
            "ListFunctionUrlConfigs" => format!("/2021-10-31/{function}/urls"),
            "GetFunctionEventInvokeConfig" => format!("/2019-09-25/{function}/event-invoke-config{query}"),
            "ListFunctionEventInvokeConfigs" => format!("/2019-09-25/{function}/event-invoke-config/list"),
            "GetProvisionedConcurrencyConfig" => format!("/2019-09-30/{function}/provisioned-concurrency{query}"),
            "ListProvisionedConcurrencyConfigs" => format!("/2019-09-30/{function}/provisioned-concurrency?List=ALL"),
            "ListEventSourceMappings" => self.list_of_mappings(),
            _ => format!("/2015-03-31/{function}{query}"),
        }
    }

    /// The list of mappings; of all functions if the place names none.
    fn list_of_mappings(&self) -> String {
        let list = "/2015-03-31/event-source-mappings".to_owned();
        let function = &self.place.function;
        match &self.qualifier {
            _ if function.is_empty() => list,
            None => format!("{list}?FunctionName={function}"),
            Some(qualifier) => format!("{list}?FunctionName={function}%3A{qualifier}"),
        }
    }
}

/// The reads of a resource that exists once for each qualifier: of one, and of the list.
fn one_and_list(write: &str) -> Option<[String; 2]> {
    let noun = ["Create", "Update", "Put", "Delete"].iter().find_map(|verb| write.strip_prefix(verb))?;
    let nouns = ["FunctionUrlConfig", "FunctionEventInvokeConfig", "ProvisionedConcurrencyConfig"];
    nouns.contains(&noun).then(|| [format!("Get{noun}"), format!("List{noun}s")])
}

/// The rule that makes reads stale after this write.
pub(crate) fn after<'a>(lags: &'a [(String, Lag)], operation: &str) -> Option<&'a (String, Lag)> {
    lags.iter().find(|(_, lag)| !LOOKS.contains(&operation) && glob::optional(Some(&lag.after), Some(operation)))
}

impl Lags {
    /// Records the answer that a read gave before a write.
    pub(crate) fn begin(&self, look: Look, (rule, lag): &(String, Lag), answer: Answer) {
        let (rule, lag) = (rule.clone(), lag.clone());
        self.before().insert(look, Before { answer, rule, lag, since: Instant::now(), looks: 0 });
    }

    /// The old answer and the name of its rule, if both are still valid.
    pub(crate) fn old(&self, look: &Look, lags: &[(String, Lag)]) -> Option<(String, Answer)> {
        let mut all = self.before();
        let before = all.get_mut(look)?;
        let Before { answer, rule, lag, since, looks } = before;
        let over = since.elapsed() >= Duration::from_millis(lag.ms) || *looks >= lag.looks;
        if over || !lags.iter().any(|(name, _)| name == rule) {
            all.remove(look);
            return None;
        }
        *looks += 1;
        Some((rule.clone(), answer.clone()))
    }

    fn before(&self) -> MutexGuard<'_, HashMap<Look, Before>> {
        self.before.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::{Lags, Look, after};
    use crate::http::Answer;
    use crate::journal::Call;
    use crate::proxy::place::Place;
    use crate::rules::Lag;

    fn lag(ms: u64, looks: u32) -> (String, Lag) {
        ("stale".to_owned(), Lag { after: "Update*".to_owned(), ms, looks })
    }

    fn look(operation: &str, qualifier: Option<&str>) -> Look {
        let place = Place { account: "1".to_owned(), region: "r".to_owned(), function: "f".to_owned() };
        Look { place, operation: operation.to_owned(), qualifier: qualifier.map(str::to_owned) }
    }

    fn function() -> Look {
        look("GetFunction", None)
    }

    fn begun(lag: &(String, Lag)) -> Lags {
        let lags = Lags::default();
        lags.begin(function(), lag, Answer::no_content());
        lags
    }

    #[test]
    fn a_stale_read_ends_by_count_time_or_rule() {
        let two = lag(60_000, 2);
        let lags = begun(&two);
        let seen: Vec<bool> = (0..3).map(|_| lags.old(&function(), std::slice::from_ref(&two)).is_some()).collect();
        assert_eq!(seen, [true, true, false]);
        assert!(begun(&lag(0, 9)).old(&function(), &[lag(0, 9)]).is_none());
        assert!(begun(&two).old(&function(), &[]).is_none(), "the rule is gone");
        assert!(begun(&two).old(&look("GetAlias", None), &[lag(60_000, 2)]).is_none(), "another look");
        assert!(Lags::default().old(&function(), &[two]).is_none(), "nothing was written");
    }

    #[test]
    fn it_begins_with_the_writes_that_the_rule_names() {
        let lags = [lag(1, 1)];
        assert!(after(&lags, "UpdateFunctionCode").is_some());
        assert!(after(&lags, "CreateFunction").is_none());
        let all = [("all".to_owned(), Lag { after: "*".to_owned(), ms: 1, looks: 1 })];
        assert!(after(&all, "GetFunction").is_none(), "a read");
        assert!(after(&all, "GetAlias").is_none(), "a read");
    }

    #[test]
    fn each_look_has_its_path() {
        assert_eq!(function().path(), "/2015-03-31/functions/f");
        assert_eq!(look("GetFunction", Some("live")).path(), "/2015-03-31/functions/f?Qualifier=live");
        assert_eq!(look("GetAlias", Some("live")).path(), "/2015-03-31/functions/f/aliases/live");
        assert_eq!(look("ListAliases", None).path(), "/2015-03-31/functions/f/aliases");
        assert_eq!(look("GetPolicy", Some("live")).path(), "/2015-03-31/functions/f/policy?Qualifier=live");
        let list = look("ListEventSourceMappings", Some("live")).path();
        assert_eq!(list, "/2015-03-31/event-source-mappings?FunctionName=f%3Alive");
    }

    #[test]
    fn each_write_of_the_family_has_its_looks() {
        let looks = |operation: &str| {
            let write = Call {
                number: 1,
                at_ms: 0,
                duration_ms: None,
                service: "lambda".to_owned(),
                operation: operation.to_owned(),
                account: "1".to_owned(),
                region: "r".to_owned(),
                function: Some("f".to_owned()),
                qualifier: Some("live".to_owned()),
                members: Vec::new(),
                agent: String::new(),
                namespace: None,
                session: None,
                session_tags: Vec::new(),
                status: 0,
                error_code: None,
                rule: None,
            };
            Look::changed_by(&write).iter().map(Look::path).collect::<Vec<_>>()
        };
        let mappings = "/2015-03-31/event-source-mappings";
        assert_eq!(looks("RemovePermission"), ["/2015-03-31/functions/f/policy?Qualifier=live"]);
        assert_eq!(looks("DeleteEventSourceMapping"), [mappings, &format!("{mappings}?FunctionName=f%3Alive")]);
        assert_eq!(
            looks("CreateFunctionUrlConfig"),
            ["/2021-10-31/functions/f/url?Qualifier=live", "/2021-10-31/functions/f/urls"]
        );
        assert_eq!(looks("PutProvisionedConcurrencyConfig").len(), 2);
        assert_eq!(looks("UpdateFunctionCode"), ["/2015-03-31/functions/f"]);
    }
}
