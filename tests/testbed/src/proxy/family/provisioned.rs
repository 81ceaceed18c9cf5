//! Provisioned concurrency of versions and aliases. An allocation takes time, and so does the move of an alias.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::asked::{Asked, not_found, page};
use super::resource::{Resource, is_number};
use super::{clock, texts};
use crate::http::Answer;
use crate::proxy::place::Place;
use crate::proxy::refusal::Refusal;
use crate::proxy::validate;

const MOST_IN_A_PAGE: usize = 50;
/// The part of an account's concurrency that AWS keeps unreserved.
const MIN_UNRESERVED: i64 = 100;

/// One configuration.
#[derive(Debug, Clone)]
struct Config {
    of: Resource,
    requested: i64,
    /// The former allocation, until the requested one is complete.
    allocated: i64,
    ready: Instant,
    modified: String,
    /// The former version of a moving alias, until the allocation is complete.
    leaving: Option<String>,
}

impl Config {
    fn show(&self, now: Instant) -> Value {
        let ready = now >= self.ready;
        let allocated = if ready { self.requested } else { self.allocated };
        json!({
            "RequestedProvisionedConcurrentExecutions": self.requested,
            "AllocatedProvisionedConcurrentExecutions": allocated,
            "AvailableProvisionedConcurrentExecutions": allocated,
            "Status": if ready { "READY" } else { "IN_PROGRESS" },
            "LastModified": self.modified,
        })
    }
}

/// All configurations, by the ARN of their version or alias.
#[derive(Debug)]
pub(crate) struct Provisioned {
    transition: Duration,
    all: Mutex<BTreeMap<String, Config>>,
}

impl Provisioned {
    pub(crate) fn new(transition: Duration) -> Provisioned {
        Provisioned { transition, all: Mutex::default() }
    }

    fn put(&self, of: &Resource, requested: i64, now: Instant) -> Value {
        let mut all = self.all();
        let before =
            all.get(&of.arn()).map_or(0, |held| if now >= held.ready { held.requested } else { held.allocated });
        let config = Config {
            of: of.clone(),
            requested,
            allocated: before.min(requested),
            ready: now + self.transition,
            modified: clock::to_the_second(),
            leaving: None,
        };
        let shown = config.show(now);
        all.insert(of.arn(), config);
        shown
    }

    fn get(&self, of: &Resource, now: Instant) -> Option<Value> {
        self.all().get(&of.arn()).map(|config| config.show(now))
    }

    fn remove(&self, of: &Resource) {
        self.all().remove(&of.arn());
    }

    fn list(&self, place: &Place, now: Instant) -> Vec<Value> {
        let all = self.all();
        let shown = all.values().filter(|config| config.of.place == *place).map(|config| {
            let mut shown = config.show(now);
            shown["FunctionArn"] = json!(config.of.arn());
            shown
        });
        shown.collect()
    }

    /// The sum that is requested in the account and region for everything else than this version or alias.
    fn requested_beside(&self, of: &Resource) -> i64 {
        let others = |config: &&Config| {
            config.of != *of && config.of.place.account == of.place.account && config.of.place.region == of.place.region
        };
        self.all().values().filter(others).map(|config| config.requested).sum()
    }

    pub(crate) fn has(&self, place: &Place, qualifier: Option<&str>) -> bool {
        self.all().contains_key(&place.qualified(qualifier))
    }

    /// Records that an alias has left this version: its provisioned concurrency is allocated again.
    pub(crate) fn alias_moved(&self, place: &Place, alias: &str, left: &str, now: Instant) {
        if let Some(config) = self.all().get_mut(&place.arn(alias)) {
            config.allocated = 0;
            config.ready = now + self.transition;
            config.leaving = Some(left.to_owned());
        }
    }

    /// Adds to a moving alias the weight of its former version, which AWS sets itself.
    pub(crate) fn show_moving(&self, place: &Place, alias: &mut Value) {
        let Some(name) = alias.get("Name").and_then(Value::as_str) else { return };
        let all = self.all();
        let config = all.get(&place.arn(name)).filter(|config| Instant::now() < config.ready);
        let leaving = config.and_then(|config| config.leaving.as_deref());
        if let Some(left) = leaving.filter(|left| alias["FunctionVersion"] != **left) {
            alias["RoutingConfig"] = json!({ "AdditionalVersionWeights": { left: 0.5 } });
        }
    }

    /// Removes the configuration of a deleted version or alias, or of a deleted function with all of them.
    pub(crate) fn forget(&self, place: &Place, qualifier: Option<&str>) {
        self.all().retain(|_, config| !config.of.goes_with(place, qualifier));
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<String, Config>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The answer to a call about provisioned concurrency.
pub(crate) async fn answer(asked: &Asked<'_>, provisioned: &Provisioned) -> Result<Result<Answer, Refusal>, String> {
    let operation = asked.operation();
    let now = Instant::now();
    if operation == "ListProvisionedConcurrencyConfigs" {
        if !asked.function_exists().await? {
            return Ok(Err(not_found(texts::no_function(&asked.place.qualified(None)))));
        }
        let shown = provisioned.list(asked.place, now);
        return Ok(Ok(Answer::json(200, &page(asked, "ProvisionedConcurrencyConfigs", MOST_IN_A_PAGE, shown))));
    }
    let puts = operation == "PutProvisionedConcurrencyConfig";
    if let Some(refusal) = constraint(puts, &asked.request, asked.qualifier()) {
        return Ok(Err(refusal));
    }
    if let Some(refusal) = asked.missing().await? {
        return Ok(Err(refusal));
    }
    let of = asked.resource();
    match operation {
        "PutProvisionedConcurrencyConfig" => put(asked, provisioned, &of).await,
        "DeleteProvisionedConcurrencyConfig" => {
            provisioned.remove(&of);
            Ok(Ok(Answer::no_content()))
        }
        _ => Ok(match provisioned.get(&of, now) {
            Some(shown) => Ok(Answer::json(200, &shown)),
            None => Err(Refusal::new(404, "ProvisionedConcurrencyConfigNotFoundException", texts::NOT_PROVISIONED)),
        }),
    }
}

fn constraint(puts: bool, request: &Value, qualifier: Option<&str>) -> Option<Refusal> {
    let member = "provisionedConcurrentExecutions";
    let amount = request.get("ProvisionedConcurrentExecutions");
    let of_the_amount = || {
        let missing = validate::required(request, "ProvisionedConcurrentExecutions", member);
        missing.or_else(|| validate::range(amount, member, 1, i64::MAX))
    };
    let of_the_qualifier = match qualifier {
        None => Some(Refusal::null("qualifier")),
        Some(version) if version.starts_with('$') => {
            Some(Refusal::invalid(if puts { texts::UNPUBLISHED } else { texts::NEITHER_ALIAS_NOR_VERSION }))
        }
        Some(_) => None,
    };
    let of_the_amount = if puts { of_the_amount() } else { None };
    of_the_amount.or(of_the_qualifier)
}

async fn put(asked: &Asked<'_>, provisioned: &Provisioned, of: &Resource) -> Result<Result<Answer, Refusal>, String> {
    let qualifier = asked.qualifier().unwrap_or_default();
    let amount = asked.request["ProvisionedConcurrentExecutions"].as_i64().unwrap_or_default();
    let refusal = if is_number(qualifier) {
        of_a_version(asked, provisioned, qualifier).await?
    } else {
        of_an_alias(asked, provisioned, qualifier).await?
    };
    let refusal = match refusal {
        None => of_the_account(asked, provisioned, of, amount).await?,
        refusal => refusal,
    };
    if let Some(refusal) = refusal {
        return Ok(Err(refusal));
    }
    Ok(Ok(Answer::json(202, &provisioned.put(of, amount, Instant::now()))))
}

/// The refusal if an alias that points to the version has provisioned concurrency already.
async fn of_a_version(asked: &Asked<'_>, provisioned: &Provisioned, version: &str) -> Result<Option<Refusal>, String> {
    let path = format!("/2015-03-31/functions/{}/aliases?MaxItems=10000", asked.place.function);
    let list = asked.upstream.lambda(asked.call, &path).await?.unwrap_or_default();
    let aliases = list.get("Aliases").and_then(Value::as_array).into_iter().flatten();
    let has = |alias: &Value| provisioned.has(asked.place, alias["Name"].as_str());
    let pointed = aliases.filter(|alias| alias["FunctionVersion"] == version).any(has);
    Ok(pointed.then(|| Refusal::conflict(texts::ALIAS_IS_PROVISIONED)))
}

async fn of_an_alias(asked: &Asked<'_>, provisioned: &Provisioned, name: &str) -> Result<Option<Refusal>, String> {
    let mut alias = asked.alias(name).await?.unwrap_or_default();
    provisioned.show_moving(asked.place, &mut alias);
    let version = alias["FunctionVersion"].as_str().unwrap_or_default();
    if version.starts_with('$') {
        return Ok(Some(Refusal::invalid(texts::UNPUBLISHED)));
    }
    let weights = alias.pointer("/RoutingConfig/AdditionalVersionWeights").and_then(Value::as_object);
    if weights.is_some_and(|weights| !weights.is_empty()) {
        return Ok(Some(Refusal::invalid(texts::WEIGHTED_ALIAS)));
    }
    let has = provisioned.has(asked.place, Some(version));
    Ok(has.then(|| Refusal::conflict(texts::VERSION_IS_PROVISIONED)))
}

/// The refusal if the account does not have that much concurrency beside the unreserved part.
async fn of_the_account(
    asked: &Asked<'_>,
    provisioned: &Provisioned,
    of: &Resource,
    amount: i64,
) -> Result<Option<Refusal>, String> {
    let settings = asked.upstream.lambda(asked.call, "/2016-08-19/account-settings/").await?.unwrap_or_default();
    let unreserved = settings.pointer("/AccountLimit/UnreservedConcurrentExecutions").and_then(Value::as_i64);
    let unreserved = unreserved.unwrap_or(i64::MAX).saturating_sub(provisioned.requested_beside(of));
    let text = if amount > unreserved {
        texts::more_than_unreserved(unreserved)
    } else if unreserved.saturating_sub(amount) < MIN_UNRESERVED {
        texts::below_the_floor(MIN_UNRESERVED)
    } else {
        return Ok(None);
    };
    Ok(Some(Refusal::invalid(text)))
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use serde_json::{Value, json};

    use super::{Provisioned, Resource, constraint};
    use crate::proxy::place::Place;

    const TRANSITION: Duration = Duration::from_secs(60);

    fn of(qualifier: &str) -> Resource {
        let place = Place { account: "111111111111".into(), region: "eu-west-1".into(), function: "f".into() };
        Resource::new(&place, Some(qualifier))
    }

    fn numbers(mut shown: Value) -> Value {
        assert!(shown.as_object_mut().unwrap().remove("LastModified").is_some_and(|time| time.is_string()));
        shown
    }

    fn config(requested: i64, allocated: i64, status: &str) -> Value {
        json!({"RequestedProvisionedConcurrentExecutions": requested,
               "AllocatedProvisionedConcurrentExecutions": allocated,
               "AvailableProvisionedConcurrentExecutions": allocated, "Status": status})
    }

    #[test]
    fn what_is_requested_is_allocated_in_time() {
        let provisioned = Provisioned::new(TRANSITION);
        let now = Instant::now();
        assert_eq!(numbers(provisioned.put(&of("live"), 1, now)), config(1, 0, "IN_PROGRESS"), "as recorded");
        assert_eq!(numbers(provisioned.get(&of("live"), now + TRANSITION).unwrap()), config(1, 1, "READY"));
        let more = provisioned.put(&of("live"), 5, now + TRANSITION);
        assert_eq!(numbers(more), config(5, 1, "IN_PROGRESS"));
        assert_eq!(provisioned.requested_beside(&of("2")), 5);
        assert_eq!(provisioned.requested_beside(&of("live")), 0);
        let listed = provisioned.list(&of("live").place, now);
        assert_eq!(listed[0]["FunctionArn"], "arn:aws:lambda:eu-west-1:111111111111:function:f:live");
        provisioned.forget(&of("live").place, Some("live"));
        assert!(provisioned.get(&of("live"), now).is_none());
    }

    #[test]
    fn an_alias_that_moves_has_weights_that_nobody_set() {
        let provisioned = Provisioned::new(TRANSITION);
        let now = Instant::now();
        let place = of("live").place;
        let alias = json!({"Name": "live", "FunctionVersion": "2"});
        let shown = |provisioned: &Provisioned| {
            let mut alias = alias.clone();
            provisioned.show_moving(&place, &mut alias);
            alias.get("RoutingConfig").cloned()
        };
        provisioned.alias_moved(&place, "live", "1", now);
        assert_eq!(shown(&provisioned), None, "nothing is provisioned");
        provisioned.put(&of("live"), 3, now - TRANSITION);
        provisioned.alias_moved(&place, "live", "1", now);
        assert_eq!(shown(&provisioned), Some(json!({"AdditionalVersionWeights": {"1": 0.5}})));
        assert_eq!(numbers(provisioned.get(&of("live"), now).unwrap()), config(3, 0, "IN_PROGRESS"));
        provisioned.alias_moved(&place, "live", "1", now - TRANSITION);
        assert_eq!(shown(&provisioned), None, "it has arrived");
    }

    #[test]
    fn only_aliases_and_versions_have_it() {
        let amount = |amount: i64| json!({ "ProvisionedConcurrentExecutions": amount });
        let refused =
            |puts, request: Value, qualifier| constraint(puts, &request, qualifier).map(|refusal| refusal.message);
        let recorded = [
            refused(true, amount(1), Some("$LATEST")),
            refused(false, json!({}), Some("$LATEST")),
            refused(true, amount(0), Some("1")),
        ];
        let said = include_str!("../../../../data/aws-recorded-errors.txt");
        for text in recorded {
            let text = text.unwrap();
            assert!(said.contains(&format!("| {text} |")), "AWS never said: {text}");
        }
        assert_eq!(refused(true, amount(1), Some("live")), None);
        assert!(refused(true, amount(1), None).is_some());
    }
}
