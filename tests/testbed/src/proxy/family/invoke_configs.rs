//! Event invoke configurations: how a function, a version or an alias is invoked asynchronously.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use hyper::Method;
use serde_json::{Map, Value, json};

use super::asked::{Asked, not_found, page};
use super::resource::Resource;
use super::{clock, texts};
use crate::http::Answer;
use crate::proxy::place::Place;
use crate::proxy::refusal::Refusal;
use crate::proxy::validate;

const MOST_IN_A_PAGE: usize = 50;
const LATEST: &str = "$LATEST";

/// The configuration as it was put: numbers and destinations.
type Config = Map<String, Value>;

/// All configurations, by the ARN of their function, version or alias.
#[derive(Debug, Default)]
pub(crate) struct InvokeConfigs {
    all: Mutex<BTreeMap<String, (Resource, Config)>>,
}

impl InvokeConfigs {
    fn get(&self, of: &Resource) -> Option<Config> {
        self.all().get(&of.arn()).map(|(_, config)| config.clone())
    }

    fn insert(&self, of: &Resource, config: Config) {
        self.all().insert(of.arn(), (of.clone(), config));
    }

    fn remove(&self, of: &Resource) -> bool {
        self.all().remove(&of.arn()).is_some()
    }

    fn list(&self, place: &Place) -> Vec<Value> {
        let all = self.all();
        let of_the_function = all.values().filter(|(of, _)| of.place == *place);
        of_the_function.map(|(_, config)| Value::Object(config.clone())).collect()
    }

    /// Removes the configuration of a deleted version or alias, or of a deleted function with all of them.
    pub(crate) fn forget(&self, place: &Place, qualifier: Option<&str>) {
        self.all().retain(|_, (of, _)| !of.goes_with(place, qualifier));
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<String, (Resource, Config)>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The answer to a call about event invoke configurations.
pub(crate) async fn answer(asked: &Asked<'_>, configs: &InvokeConfigs) -> Result<Result<Answer, Refusal>, String> {
    let operation = asked.operation();
    // a function without a qualifier is its $LATEST
    let of = Resource::new(asked.place, Some(asked.qualifier().unwrap_or(LATEST)));
    let exists = asked.exists(asked.qualifier()).await?;
    let held = if exists { configs.get(&of) } else { None };
    match (operation, held) {
        ("ListFunctionEventInvokeConfigs" | "PutFunctionEventInvokeConfig", _) if !exists => {
            Ok(Err(not_found(texts::INVOKE_CONFIG_WITHOUT_FUNCTION)))
        }
        ("ListFunctionEventInvokeConfigs", _) => {
            let body = page(asked, "FunctionEventInvokeConfigs", MOST_IN_A_PAGE, configs.list(asked.place));
            Ok(Ok(Answer::json(200, &body)))
        }
        ("PutFunctionEventInvokeConfig", _) => put(asked, configs, &of, Config::new()).await,
        (_, None) => Ok(Err(not_found(texts::no_invoke_config(&of.arn())))),
        ("UpdateFunctionEventInvokeConfig", Some(held)) => put(asked, configs, &of, held).await,
        ("DeleteFunctionEventInvokeConfig", Some(_)) => {
            configs.remove(&of);
            asked.tell(Method::DELETE, &path(&of), &Value::Null).await?;
            Ok(Ok(Answer::no_content()))
        }
        (_, Some(held)) => Ok(Ok(Answer::json(200, &Value::Object(held)))),
    }
}

/// Merges the request into the existing configuration; a Put starts from an empty one.
async fn put(
    asked: &Asked<'_>,
    configs: &InvokeConfigs,
    of: &Resource,
    held: Config,
) -> Result<Result<Answer, Refusal>, String> {
    let refusal = match refusal(&asked.request, of) {
        None => of_a_destination_that_is_not_there(asked).await?,
        refusal => refusal,
    };
    if let Some(refusal) = refusal {
        return Ok(Err(refusal));
    }
    let config = merged(held, &asked.request, of);
    configs.insert(of, config.clone());
    // the emulator sends the records to the destinations
    asked.tell(Method::PUT, &path(of), &Value::Object(config.clone())).await?;
    Ok(Ok(Answer::json(200, &Value::Object(config))))
}

fn refusal(request: &Value, of: &Resource) -> Option<Refusal> {
    let said = |member: &str| request.get(member).is_some_and(|value| !value.is_null());
    let constraint = validate::range(request.get("MaximumRetryAttempts"), "maximumRetryAttempts", 0, 2)
        .or_else(|| validate::range(request.get("MaximumEventAgeInSeconds"), "maximumEventAgeInSeconds", 60, 21_600));
    if constraint.is_some() {
        return constraint;
    }
    if !["MaximumRetryAttempts", "MaximumEventAgeInSeconds", "DestinationConfig"].iter().any(|member| said(member)) {
        return Some(Refusal::invalid(texts::NOTHING_SET));
    }
    let [success, failure] = destinations(request);
    let takes = |arn: &str, services: &[&str]| arn.split(':').nth(2).is_some_and(|service| services.contains(&service));
    let wrong = success.is_some_and(|arn| !takes(arn, &["lambda", "sqs", "sns", "events"]))
        || failure.is_some_and(|arn| !takes(arn, &["lambda", "sqs", "sns", "events", "s3"]));
    if wrong {
        return Some(Refusal::invalid(texts::foreign_destination(success, failure)));
    }
    let own = of.place.qualified(None);
    let itself = |arn: &str| arn == own || arn.strip_prefix(&own).is_some_and(|rest| rest.starts_with(':'));
    let recursive = [success, failure].into_iter().flatten().any(itself);
    recursive.then(|| Refusal::invalid(texts::OWN_DESTINATION))
}

fn destinations(request: &Value) -> [Option<&str>; 2] {
    ["/DestinationConfig/OnSuccess/Destination", "/DestinationConfig/OnFailure/Destination"]
        .map(|pointer| request.pointer(pointer).and_then(Value::as_str).filter(|arn| !arn.is_empty()))
}

/// The refusal of a destination that does not exist. Only functions and queues of the same account and region can be checked.
async fn of_a_destination_that_is_not_there(asked: &Asked<'_>) -> Result<Option<Refusal>, String> {
    for arn in destinations(&asked.request).into_iter().flatten() {
        let parts: Vec<&str> = arn.splitn(6, ':').collect();
        let ["arn", _, service, region, account, name] = parts.as_slice() else { continue };
        if *account != asked.place.account || *region != asked.place.region {
            continue;
        }
        let there = match *service {
            "lambda" => {
                let function = name.trim_start_matches("function:").split(':').next().unwrap_or_default();
                let path = format!("/2015-03-31/functions/{function}/configuration");
                asked.upstream.lambda(asked.call, &path).await?.is_some()
            }
            "sqs" => {
                let question = json!({ "QueueName": name });
                let answer = asked.upstream.ask_target(asked.call, "sqs", "AmazonSQS.GetQueueUrl", &question).await?;
                answer.status < 300
            }
            _ => true,
        };
        if !there {
            return Ok(Some(Refusal::invalid(texts::invalid_destination(arn))));
        }
    }
    Ok(None)
}

/// The configuration as AWS shows it: always with both blocks, and with a number only if it was set.
fn merged(mut held: Config, request: &Value, of: &Resource) -> Config {
    for member in ["MaximumRetryAttempts", "MaximumEventAgeInSeconds"] {
        if let Some(value) = request.get(member).filter(|value| !value.is_null()) {
            held.insert(member.to_owned(), value.clone());
        }
    }
    let mut destinations =
        held.remove("DestinationConfig").unwrap_or_else(|| json!({"OnSuccess": {}, "OnFailure": {}}));
    for block in ["OnSuccess", "OnFailure"] {
        let said =
            request.get("DestinationConfig").and_then(|config| config.get(block)).filter(|block| block.is_object());
        if let Some(said) = said {
            let nowhere = said.get("Destination").is_none_or(|arn| arn == "" || arn.is_null());
            destinations[block] = if nowhere { json!({}) } else { said.clone() };
        }
    }
    held.insert("DestinationConfig".to_owned(), destinations);
    held.insert("FunctionArn".to_owned(), json!(of.arn()));
    held.insert("LastModified".to_owned(), json!(clock::now()));
    held
}

fn path(of: &Resource) -> String {
    let qualifier = of.qualifier.as_deref().unwrap_or(LATEST).replace('$', "%24");
    format!("/2019-09-25/functions/{}/event-invoke-config?Qualifier={qualifier}", of.place.function)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Config, InvokeConfigs, Resource, merged, refusal};
    use crate::proxy::place::Place;

    const RECORDED: &str = include_str!("../../../../data/aws-recorded-errors.txt");

    fn of(qualifier: &str) -> Resource {
        let place = Place { account: "111111111111".into(), region: "eu-west-1".into(), function: "f".into() };
        Resource::new(&place, Some(qualifier))
    }

    fn shown(mut config: Config) -> Value {
        assert!(config.remove("LastModified").is_some_and(|time| time.is_f64()));
        Value::Object(config)
    }

    #[test]
    fn a_put_forgets_what_it_leaves_out_and_an_update_keeps_it() {
        let arn = "arn:aws:lambda:eu-west-1:111111111111:function:f:$LATEST";
        let config = merged(Config::new(), &json!({"MaximumRetryAttempts": 1}), &of("$LATEST"));
        let recorded = json!({"DestinationConfig": {"OnFailure": {}, "OnSuccess": {}}, "FunctionArn": arn,
                              "MaximumRetryAttempts": 1});
        assert_eq!(shown(config.clone()), recorded);
        let queue = json!({"Destination": "arn:aws:sqs:eu-west-1:111111111111:q"});
        let updated = merged(config, &json!({"DestinationConfig": {"OnFailure": queue}}), &of("$LATEST"));
        assert_eq!(updated["DestinationConfig"], json!({"OnFailure": queue, "OnSuccess": {}}));
        assert_eq!(updated["MaximumRetryAttempts"], 1);
        let put = merged(Config::new(), &json!({"DestinationConfig": {"OnSuccess": {}}}), &of("live"));
        let nothing = json!({"DestinationConfig": {"OnFailure": {}, "OnSuccess": {}},
                             "FunctionArn": "arn:aws:lambda:eu-west-1:111111111111:function:f:live"});
        assert_eq!(shown(put), nothing, "as recorded");
    }

    #[test]
    fn what_aws_refuses_to_put() {
        let refused = |request: Value| refusal(&request, &of("$LATEST")).map(|refusal| refusal.message);
        let failure = |arn: &str| json!({"DestinationConfig": {"OnFailure": {"Destination": arn}}});
        let own = "arn:aws:lambda:eu-west-1:111111111111:function:f";
        for request in [json!({}), failure(own), failure(&format!("{own}:live"))] {
            let text = refused(request).unwrap();
            assert!(RECORDED.contains(&format!("| {text} |")), "AWS never said: {text}");
        }
        assert!(refused(failure("arn:aws:iam::111111111111:role/x")).unwrap().starts_with("The provided destination"));
        assert_eq!(refused(failure("arn:aws:s3:::bucket")), None, "failures only");
        assert_eq!(refused(failure("arn:aws:lambda:eu-west-1:111111111111:function:fine")), None);
        let success = json!({"DestinationConfig": {"OnSuccess": {"Destination": "arn:aws:s3:::bucket"}}});
        assert!(refused(success).is_some());
        assert!(refused(json!({"MaximumRetryAttempts": 3})).is_some());
        assert!(refused(json!({"MaximumEventAgeInSeconds": 59})).is_some());
        assert_eq!(refused(json!({"DestinationConfig": {}})), None, "as recorded");
    }

    #[test]
    fn configurations_go_with_what_they_are_of() {
        let configs = InvokeConfigs::default();
        for qualifier in ["$LATEST", "live", "1"] {
            configs.insert(&of(qualifier), Config::new());
        }
        configs.forget(&of("1").place, Some("live"));
        assert_eq!(configs.list(&of("1").place).len(), 2);
        configs.forget(&of("1").place, None);
        assert!(configs.get(&of("$LATEST")).is_none());
    }
}
