//! Code signing configurations, and the functions that are linked to them.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value, json};

use super::asked::{Asked, not_found, page};
use super::{clock, texts};
use crate::http::Answer;
use crate::proxy::place::Place;
use crate::proxy::recognise::Recognised;
use crate::proxy::refusal::Refusal;
use crate::proxy::validate;

const MOST_IN_A_PAGE: usize = 10_000;

/// One configuration.
#[derive(Debug)]
struct Config {
    shown: Map<String, Value>,
    tags: Map<String, Value>,
}

/// All configurations, by their ARNs, and all links.
#[derive(Debug, Default)]
pub(crate) struct SigningConfigs {
    all: Mutex<BTreeMap<String, Config>>,
    links: Mutex<HashMap<Place, String>>,
}

impl SigningConfigs {
    /// The answer to a call about them.
    pub(crate) fn answer(&self, asked: &Asked<'_>) -> Result<Answer, Refusal> {
        let arn = asked.path.get(1).map(String::as_str).unwrap_or_default();
        match asked.operation() {
            "CreateCodeSigningConfig" => self.create(asked.place, &asked.request),
            "ListCodeSigningConfigs" => {
                let shown = self.list(asked.place);
                Ok(Answer::json(200, &page(asked, "CodeSigningConfigs", MOST_IN_A_PAGE, shown)))
            }
            "ListFunctionsByCodeSigningConfig" => {
                self.get(arn)?;
                let functions = self.linked(arn).into_iter().map(Value::String).collect();
                Ok(Answer::json(200, &page(asked, "FunctionArns", MOST_IN_A_PAGE, functions)))
            }
            "UpdateCodeSigningConfig" => self.update(arn, &asked.request),
            "DeleteCodeSigningConfig" => self.delete(arn),
            _ => self.get(arn).map(|shown| answer(200, &shown)),
        }
    }

    fn create(&self, side: &Place, request: &Value) -> Result<Answer, Refusal> {
        let missing = validate::required(request, "AllowedPublishers", "allowedPublishers");
        missing.or_else(|| constraint(request)).map_or(Ok(()), Err)?;
        let Place { account, region, function: _ } = side;
        let id = format!("csc-{:017x}", clock::number());
        let arn = format!("arn:aws:lambda:{region}:{account}:code-signing-config:{id}");
        let mut shown = Map::new();
        shown.insert("CodeSigningConfigId".to_owned(), json!(id));
        shown.insert("CodeSigningConfigArn".to_owned(), json!(arn));
        shown.insert("Description".to_owned(), json!(""));
        shown.insert("CodeSigningPolicies".to_owned(), json!({"UntrustedArtifactOnDeployment": "Warn"}));
        set(&mut shown, request);
        let tags = request.get("Tags").and_then(Value::as_object).cloned().unwrap_or_default();
        self.all().insert(arn, Config { shown: shown.clone(), tags });
        Ok(answer(201, &shown))
    }

    fn update(&self, arn: &str, request: &Value) -> Result<Answer, Refusal> {
        constraint(request).map_or(Ok(()), Err)?;
        let mut all = self.all();
        let config = all.get_mut(arn).ok_or_else(|| not_found(texts::no_signing_config(arn)))?;
        set(&mut config.shown, request);
        Ok(answer(200, &config.shown))
    }

    fn delete(&self, arn: &str) -> Result<Answer, Refusal> {
        self.get(arn)?;
        if !self.linked(arn).is_empty() {
            // AWS documents the refusal; its message is not known
            return Err(Refusal::conflict(format!("The code signing configuration {arn} is in use by functions.")));
        }
        self.all().remove(arn);
        Ok(Answer::no_content())
    }

    fn get(&self, arn: &str) -> Result<Map<String, Value>, Refusal> {
        let all = self.all();
        let shown = all.get(arn).map(|config| config.shown.clone());
        shown.ok_or_else(|| not_found(texts::no_signing_config(arn)))
    }

    fn list(&self, side: &Place) -> Vec<Value> {
        let of_this_side = format!("arn:aws:lambda:{}:{}:", side.region, side.account);
        let all = self.all();
        let ours = all.iter().filter(|(arn, _)| arn.starts_with(&of_this_side));
        ours.map(|(_, config)| Value::Object(config.shown.clone())).collect()
    }

    /// Changes the tags of the configuration of this ARN; `None` if there is none.
    pub(crate) fn tags<T>(&self, arn: &str, change: impl FnOnce(&mut Map<String, Value>) -> T) -> Option<T> {
        self.all().get_mut(arn).map(|config| change(&mut config.tags))
    }

    /// Records the link of a function that a successful call has set.
    pub(crate) fn link(&self, call: &Recognised, place: &Place, request: &Value) {
        let arn = request.get("CodeSigningConfigArn").and_then(Value::as_str).filter(|arn| !arn.is_empty());
        match (call.operation.as_str(), arn) {
            ("CreateFunction" | "PutFunctionCodeSigningConfig", Some(arn)) => {
                self.links().insert(place.clone(), arn.to_owned());
            }
            ("DeleteFunctionCodeSigningConfig", _) => self.unlink(place),
            _ => {}
        }
    }

    /// Removes the link of a function.
    pub(crate) fn unlink(&self, place: &Place) {
        self.links().remove(place);
    }

    /// The ARNs of the functions that are linked.
    fn linked(&self, arn: &str) -> Vec<String> {
        let links = self.links();
        let mut functions: Vec<String> =
            links.iter().filter(|(_, linked)| *linked == arn).map(|(place, _)| place.qualified(None)).collect();
        functions.sort();
        functions
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<String, Config>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn links(&self) -> MutexGuard<'_, HashMap<Place, String>> {
        self.links.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn constraint(request: &Value) -> Option<Refusal> {
    let member = "codeSigningPolicies.untrustedArtifactOnDeployment";
    let pointer = "/CodeSigningPolicies/UntrustedArtifactOnDeployment";
    let publishers = request.pointer("/AllowedPublishers/SigningProfileVersionArns").and_then(Value::as_array);
    let none = publishers.is_some_and(Vec::is_empty).then(|| {
        let least = "Member must have length greater than or equal to 1";
        Refusal::constraint("[]", "allowedPublishers.signingProfileVersionArns", least)
    });
    none.or_else(|| validate::one_of(request, pointer, member, &["Warn", "Enforce"]))
        .or_else(|| validate::description(request))
}

/// Applies the members of a request; the others keep their values.
fn set(shown: &mut Map<String, Value>, request: &Value) {
    for member in ["AllowedPublishers", "CodeSigningPolicies", "Description"] {
        if let Some(value) = request.get(member).filter(|value| !value.is_null()) {
            shown.insert(member.to_owned(), value.clone());
        }
    }
    shown.insert("LastModified".to_owned(), json!(clock::to_the_microsecond()));
}

fn answer(status: u16, shown: &Map<String, Value>) -> Answer {
    Answer::json(status, &json!({ "CodeSigningConfig": shown }))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Place, SigningConfigs};
    use crate::http::Answer;
    use crate::proxy::recognise::Recognised;

    fn place() -> Place {
        Place { account: "111111111111".into(), region: "eu-west-1".into(), function: "f".into() }
    }

    fn call(operation: &str) -> Recognised {
        Recognised {
            service: "lambda".into(),
            operation: operation.into(),
            access_key: "111111111111".into(),
            region: "eu-west-1".into(),
            function: Some("f".into()),
            qualifier: None,
            place: None,
        }
    }

    fn body(answer: &Answer) -> Value {
        let mut body: Value = serde_json::from_slice(&answer.body).unwrap();
        let config = body["CodeSigningConfig"].as_object_mut().unwrap();
        assert!(config.remove("LastModified").is_some());
        body["CodeSigningConfig"].take()
    }

    #[test]
    fn a_signing_configuration_is_as_recorded() {
        let configs = SigningConfigs::default();
        let publishers =
            json!({"SigningProfileVersionArns": ["arn:aws:signer:eu-west-1:111111111111:/signing-profiles/test"]});
        let request = json!({"AllowedPublishers": publishers, "Description": "Testing CodeSigning Config",
                             "CodeSigningPolicies": {"UntrustedArtifactOnDeployment": "Enforce"}});
        let made = body(&configs.create(&place(), &request).unwrap());
        let (id, arn) =
            (made["CodeSigningConfigId"].clone(), made["CodeSigningConfigArn"].as_str().unwrap().to_owned());
        let recorded = json!({"AllowedPublishers": publishers, "CodeSigningConfigArn": arn, "CodeSigningConfigId": id,
            "CodeSigningPolicies": {"UntrustedArtifactOnDeployment": "Enforce"},
            "Description": "Testing CodeSigning Config"});
        assert_eq!(made, recorded);
        assert!(arn.ends_with(&format!(":code-signing-config:{}", id.as_str().unwrap())));
        let updated = configs.update(&arn, &json!({"Description": ""})).unwrap();
        assert_eq!(
            body(&updated)["CodeSigningPolicies"],
            json!({"UntrustedArtifactOnDeployment": "Enforce"}),
            "it stays"
        );
        assert_eq!(configs.list(&place()).len(), 1);
        let plain = body(&configs.create(&place(), &json!({"AllowedPublishers": publishers})).unwrap());
        assert_eq!(plain["CodeSigningPolicies"], json!({"UntrustedArtifactOnDeployment": "Warn"}));
    }

    #[test]
    fn a_signing_configuration_in_use_stays() {
        let configs = SigningConfigs::default();
        let publishers = json!({"AllowedPublishers": {"SigningProfileVersionArns": ["arn:aws:signer:x"]}});
        let made = body(&configs.create(&place(), &publishers).unwrap());
        let arn = made["CodeSigningConfigArn"].as_str().unwrap().to_owned();
        configs.link(&call("CreateFunction"), &place(), &json!({ "CodeSigningConfigArn": arn }));
        assert_eq!(configs.linked(&arn), ["arn:aws:lambda:eu-west-1:111111111111:function:f"]);
        assert_eq!(configs.delete(&arn).unwrap_err().status, 409);
        configs.link(&call("DeleteFunctionCodeSigningConfig"), &place(), &Value::Null);
        configs.delete(&arn).unwrap();
        let gone = configs.delete(&arn).unwrap_err();
        assert_eq!(gone.message, format!("The Lambda code signing configuration {arn} can not be found."));
    }
}
