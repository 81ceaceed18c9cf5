//! Rules: faults that a test switches on and off while everything runs.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::Notify;

use crate::glob;
use crate::journal::Call;

/// What happens to which calls.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// Stands in the journal beside the calls that it touched.
    pub name: String,
    /// Which calls.
    #[serde(default, rename = "match")]
    pub matching: Match,
    /// How many matching calls pass untouched first.
    #[serde(default)]
    pub skip: u32,
    /// How many calls it acts on; `None`: all.
    #[serde(default)]
    pub times: Option<u32>,
    /// What it does.
    pub action: Action,
}

/// Which calls; absent matches all, texts are globs (`*`, `?`).
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Match {
    /// lambda, s3, sts, …
    pub service: Option<String>,
    /// CreateFunction, …
    pub operation: Option<String>,
    /// The account.
    pub account: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// The Lambda function's name.
    pub function: Option<String>,
    /// Version or alias; an empty text or `-` matches only calls that name none.
    pub qualifier: Option<String>,
    /// A member that the request's JSON body names.
    pub member: Option<String>,
    /// The program, see [`Call::agent`].
    pub agent: Option<String>,
}

/// In the text of an error: the account of the call.
pub(crate) const ACCOUNT: &str = "{account}";

/// What a rule does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Answers with this error; the emulator does not see the call.
    Error {
        /// HTTP status.
        status: u16,
        /// AWS's code, for instance `ServiceException`.
        code: String,
        /// AWS's text.
        message: String,
    },
    /// Waits before the call goes on.
    Delay {
        /// How long.
        ms: u64,
    },
    /// Refuses the call, and repeats what it says of the environment; the emulator does not see the call.
    Echo(Coding),
    /// Drops the connection; the emulator does not see the call.
    LoseRequest,
    /// Lets the emulator do the work, then drops the connection.
    LoseAnswer,
    /// Lets the emulator do the work, then answers with this error; where the emulator refuses, its own answer comes.
    ErrorAfter {
        /// HTTP status.
        status: u16,
        /// AWS's code, for instance `TooManyRequestsException`.
        code: String,
        /// AWS's text.
        message: String,
    },
    /// Keeps the connection open, and the emulator does not see the call, until the rule is removed. A client that goes
    /// away meanwhile has called nothing.
    HoldRequest,
    /// Lets the emulator do the work, then keeps the answer until the rule is removed or the client has gone.
    HoldAnswer,
    /// Merges this into the answer's JSON body (RFC 7396: null removes).
    PatchAnswer(Value),
    /// Answers with just this, as something on the way would; the emulator does not see the call.
    Answer {
        /// HTTP status.
        status: u16,
        /// Its content-type.
        form: String,
        /// All of the body.
        body: String,
    },
    /// The answer comes, headers and all, byte by byte.
    Dribble {
        /// How long before each byte.
        ms: u64,
    },
    /// Resets the connection; the emulator does not see the call.
    Reset,
    /// Each answer to GetFunction names another RevisionId.
    MoveRevision,
    /// Reads are behind: after a write `GetFunction` of `$LATEST` answers as it did before; after a write to an alias its
    /// `GetAlias`, `ListAliases` and `GetFunction` through it do, and after a put of runtime management or recursion its
    /// get does; after a change of a policy, a URL, a configuration or a mapping its looks and lists do. `skip` and `times` do not count here.
    Lag(Lag),
}

/// How something on the way repeats a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "named as everybody names them")]
pub enum Coding {
    Json,
    JsonString,
    AsciiJson,
    Url,
    Form,
    JsonInUrl,
    Xml,
    Base64,
    Base64Url,
    Hex,
}

impl Coding {
    /// Each of them.
    pub const ALL: [Self; 10] = [
        Self::Json,
        Self::JsonString,
        Self::AsciiJson,
        Self::Url,
        Self::Form,
        Self::JsonInUrl,
        Self::Xml,
        Self::Base64,
        Self::Base64Url,
        Self::Hex,
    ];
}

/// How far reads are behind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lag {
    /// After which operations, as a glob.
    pub after: String,
    /// For so long.
    pub ms: u64,
    /// And for no more than so many looks.
    pub looks: u32,
}

/// Names a rule that was added, to remove it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleId(pub u64);

impl Rule {
    /// A rule for all calls, for ever; narrow it with the methods below.
    pub fn new(name: &str, action: Action) -> Rule {
        Rule { name: name.to_owned(), matching: Match::default(), skip: 0, times: None, action }
    }

    /// Only this operation.
    pub fn operation(mut self, operation: &str) -> Rule {
        self.matching.operation = Some(operation.to_owned());
        self
    }

    /// Only this account.
    pub fn account(mut self, account: &str) -> Rule {
        self.matching.account = Some(account.to_owned());
        self
    }

    /// Only this region.
    pub fn region(mut self, region: &str) -> Rule {
        self.matching.region = Some(region.to_owned());
        self
    }

    /// Only this function.
    pub fn function(mut self, function: &str) -> Rule {
        self.matching.function = Some(function.to_owned());
        self
    }

    /// Only this version or alias; `-`: only calls that name none.
    pub fn qualifier(mut self, qualifier: &str) -> Rule {
        self.matching.qualifier = Some(qualifier.to_owned());
        self
    }

    /// Only requests that name this member.
    pub fn member(mut self, member: &str) -> Rule {
        self.matching.member = Some(member.to_owned());
        self
    }

    /// Only this program; `*/*` is every one but the tests themselves.
    pub fn agent(mut self, agent: &str) -> Rule {
        self.matching.agent = Some(agent.to_owned());
        self
    }

    /// Only this service.
    pub fn service(mut self, service: &str) -> Rule {
        self.matching.service = Some(service.to_owned());
        self
    }

    /// The first `count` matching calls pass.
    pub fn skip(mut self, count: u32) -> Rule {
        self.skip = count;
        self
    }

    /// Acts on `count` calls, then no more.
    pub fn times(mut self, count: u32) -> Rule {
        self.times = Some(count);
        self
    }
}

impl Action {
    /// An error answer.
    pub fn error(status: u16, code: &str, message: &str) -> Action {
        Action::Error { status, code: code.to_owned(), message: message.to_owned() }
    }
}

impl Match {
    fn matches(&self, call: &Call) -> bool {
        glob::optional(self.service.as_deref(), Some(&call.service))
            && glob::optional(self.operation.as_deref(), Some(&call.operation))
            && glob::optional(self.account.as_deref(), Some(&call.account))
            && glob::optional(self.region.as_deref(), Some(&call.region))
            && glob::optional(self.function.as_deref(), call.function.as_deref())
            && match self.qualifier.as_deref() {
                Some("" | "-") => call.qualifier.is_none(),
                pattern => glob::optional(pattern, call.qualifier.as_deref()),
            }
            && self.member.as_ref().is_none_or(|member| call.members.contains(member))
            && glob::optional(self.agent.as_deref(), Some(&call.agent))
    }
}

/// A rule that was added, and how often it came into play.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ActiveRule {
    /// Its id.
    pub id: RuleId,
    /// The rule.
    pub rule: Rule,
    /// How many calls matched.
    pub matched: u32,
    /// On how many it acted.
    pub acted: u32,
}

/// What all rules together want done with one call.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Verdict {
    pub(crate) names: Vec<String>,
    pub(crate) delay_ms: u64,
    pub(crate) dribble_ms: u64,
    pub(crate) patches: Vec<Value>,
    pub(crate) moves_revision: bool,
    /// With the names of their rules, which are not among `names`: whether they come into play is told later.
    pub(crate) lags: Vec<(String, Lag)>,
    pub(crate) last: Option<Action>,
    /// The rule that `last` is of.
    pub(crate) by: Option<RuleId>,
}

/// The rules in force.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    state: Mutex<(u64, Vec<ActiveRule>)>,
    removed: Notify,
}

impl Rules {
    pub(crate) fn add(&self, rule: Rule) -> RuleId {
        let mut state = self.state();
        state.0 += 1;
        let id = RuleId(state.0);
        state.1.push(ActiveRule { id, rule, matched: 0, acted: 0 });
        id
    }

    /// False if there is none of that id.
    pub(crate) fn remove(&self, id: RuleId) -> bool {
        let mut state = self.state();
        let before = state.1.len();
        state.1.retain(|active| active.id != id);
        let found = state.1.len() < before;
        drop(state);
        self.removed.notify_waiters();
        found
    }

    /// Resolves when there is no rule of that id any more.
    pub(crate) async fn removed(&self, id: RuleId) {
        loop {
            // made before the look: a removal in between is not missed
            let removed = self.removed.notified();
            if !self.state().1.iter().any(|active| active.id == id) {
                return;
            }
            removed.await;
        }
    }

    pub(crate) fn list(&self) -> Vec<ActiveRule> {
        self.state().1.clone()
    }

    /// Asks the rules in the order in which they were added; the first that answers or drops ends the matter, and those
    /// behind it do not even count the call.
    pub(crate) fn judge(&self, call: &Call) -> Verdict {
        let mut verdict = Verdict::default();
        for active in &mut self.state().1 {
            if !active.rule.matching.matches(call) {
                continue;
            }
            active.matched += 1;
            if let Action::Lag(lag) = &active.rule.action {
                verdict.lags.push((active.rule.name.clone(), lag.clone()));
                continue;
            }
            if active.matched <= active.rule.skip || active.rule.times.is_some_and(|times| active.acted >= times) {
                continue;
            }
            active.acted += 1;
            verdict.names.push(active.rule.name.clone());
            match &active.rule.action {
                Action::Delay { ms } => verdict.delay_ms += ms,
                Action::PatchAnswer(patch) => verdict.patches.push(patch.clone()),
                Action::Dribble { ms } => verdict.dribble_ms += ms,
                Action::MoveRevision => verdict.moves_revision = true,
                last => {
                    verdict.last = Some(last.clone());
                    verdict.by = Some(active.id);
                    break;
                }
            }
        }
        verdict
    }

    fn state(&self) -> MutexGuard<'_, (u64, Vec<ActiveRule>)> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// JSON merge patch, RFC 7396.
pub(crate) fn merge_patch(target: &mut Value, patch: &Value) {
    let Value::Object(changes) = patch else {
        *target = patch.clone();
        return;
    };
    if !target.is_object() {
        *target = Value::Object(serde_json::Map::new());
    }
    if let Value::Object(fields) = target {
        for (key, change) in changes {
            if change.is_null() {
                fields.remove(key);
            } else {
                merge_patch(fields.entry(key.clone()).or_insert(Value::Null), change);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Action, Rule, Rules, merge_patch};
    use crate::journal::Call;

    fn call(operation: &str, function: &str) -> Call {
        Call {
            number: 1,
            at_ms: 0,
            duration_ms: None,
            service: "lambda".to_owned(),
            operation: operation.to_owned(),
            account: "111111111111".to_owned(),
            region: "eu-west-1".to_owned(),
            function: Some(function.to_owned()),
            qualifier: None,
            members: Vec::new(),
            agent: String::new(),
            namespace: None,
            session: None,
            session_tags: Vec::new(),
            status: 0,
            error_code: None,
            rule: None,
        }
    }

    #[test]
    fn skips_then_acts_then_is_exhausted() {
        let rules = Rules::default();
        let rule = Rule::new("lost", Action::LoseAnswer).operation("Create*").function("hello").skip(1).times(1);
        let id = rules.add(rule);
        let acts = |operation, function| rules.judge(&call(operation, function)).last.is_some();
        assert!(!acts("GetFunction", "hello"));
        assert!(!acts("CreateFunction", "other"));
        assert!(!acts("CreateFunction", "hello"), "skipped");
        assert!(acts("CreateFunction", "hello"));
        assert!(!acts("CreateFunction", "hello"), "exhausted");
        assert_eq!((rules.list()[0].matched, rules.list()[0].acted), (3, 1));
        assert!(rules.remove(id));
        assert!(!rules.remove(id));
    }

    #[test]
    fn delays_and_patches_add_up_until_one_answers() {
        let rules = Rules::default();
        rules.add(Rule::new("slow", Action::Delay { ms: 10 }));
        rules.add(Rule::new("odd", Action::PatchAnswer(json!({"a": 1}))));
        rules.add(Rule::new("broken", Action::error(500, "ServiceException", "no")));
        rules.add(Rule::new("never", Action::LoseRequest));
        let verdict = rules.judge(&call("GetFunction", "x"));
        assert_eq!(verdict.names, ["slow", "odd", "broken"]);
        assert_eq!(verdict.delay_ms, 10);
        assert_eq!(verdict.last, Some(Action::error(500, "ServiceException", "no")));
    }

    #[test]
    fn qualified_and_unqualified_calls_are_distinguished() {
        let rules = Rules::default();
        rules.add(Rule::new("versions", Action::LoseAnswer).qualifier("?"));
        rules.add(Rule::new("unqualified", Action::LoseAnswer).qualifier("-"));
        let acting = |qualifier: Option<&str>| {
            let call = Call { qualifier: qualifier.map(str::to_owned), ..call("GetFunction", "hello") };
            rules.judge(&call).names
        };
        assert_eq!(acting(Some("1")), ["versions"]);
        assert_eq!(acting(None), ["unqualified"]);
        assert!(acting(Some("$LATEST")).is_empty());
    }

    #[test]
    fn rules_are_plain_json() {
        let text = r#"{"name": "r", "match": {"account": "1*"}, "action": {"error": {"status": 400, "code": "C", "message": "m"}}}"#;
        let rule: Rule = serde_json::from_str(text).unwrap();
        assert_eq!(rule, Rule::new("r", Action::error(400, "C", "m")).account("1*"));
        let rule: Rule = serde_json::from_str(r#"{"name": "r", "action": "lose-request", "times": 2}"#).unwrap();
        assert_eq!(rule, Rule::new("r", Action::LoseRequest).times(2));
        let rule: Rule = serde_json::from_str(r#"{"name": "r", "action": "hold-answer", "times": 1}"#).unwrap();
        assert_eq!(rule, Rule::new("r", Action::HoldAnswer).times(1));
    }

    #[test]
    fn a_program_can_be_left_out() {
        let rules = Rules::default();
        rules.add(Rule::new("others", Action::Reset).agent("*/*"));
        let acts = |agent: &str| rules.judge(&Call { agent: agent.to_owned(), ..call("GetFunction", "hello") }).last;
        assert_eq!(acts("aws-sdk-rust/1.3"), Some(Action::Reset));
        assert_eq!(acts("testbed"), None);
    }

    #[test]
    fn merge_patches() {
        let mut value = json!({"a": {"b": 1, "c": 2}, "d": [1]});
        merge_patch(&mut value, &json!({"a": {"b": null, "e": {"f": null, "g": 3}}, "d": "x"}));
        assert_eq!(value, json!({"a": {"c": 2, "e": {"g": 3}}, "d": "x"}));
    }
}
