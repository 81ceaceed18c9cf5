//! Function URLs: one for the function and one for each alias, each with a unique address.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use hyper::Method;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};

use super::asked::{Asked, not_found, page};
use super::resource::{Resource, is_number};
use super::{clock, texts};
use crate::http::Answer;
use crate::proxy::place::Place;
use crate::proxy::recognise::Recognised;
use crate::proxy::refusal::Refusal;
use crate::proxy::upstream::Upstream;
use crate::proxy::validate;

const MOST_IN_A_PAGE: usize = 50;

/// A URL, as GetFunctionUrlConfig shows it.
type Url = Map<String, Value>;

/// All URLs, by the ARN of their function or alias. The order is that of a list, which shows the function's own URL first.
#[derive(Debug, Default)]
pub(crate) struct Urls {
    all: Mutex<BTreeMap<String, (Resource, Url)>>,
}

impl Urls {
    fn get(&self, of: &Resource) -> Option<Url> {
        self.all().get(&of.arn()).map(|(_, url)| url.clone())
    }

    fn insert(&self, of: &Resource, url: Url) {
        self.all().insert(of.arn(), (of.clone(), url));
    }

    fn remove(&self, of: &Resource) -> bool {
        self.all().remove(&of.arn()).is_some()
    }

    fn list(&self, place: &Place) -> Vec<Value> {
        let all = self.all();
        all.values().filter(|(of, _)| of.place == *place).map(|(_, url)| Value::Object(url.clone())).collect()
    }

    /// The function or alias of the URL with this id in its address, and the URL's AuthType.
    pub(crate) fn of_the_address(&self, id: &str) -> Option<(Resource, String)> {
        let all = self.all();
        let begins = format!("https://{id}.");
        let is_it = |url: &Url| {
            url.get("FunctionUrl").and_then(Value::as_str).is_some_and(|address| address.starts_with(&begins))
        };
        let (of, url) = all.values().find(|(_, url)| is_it(url))?;
        Some((of.clone(), url.get("AuthType").and_then(Value::as_str).unwrap_or_default().to_owned()))
    }

    /// Removes the URL of a deleted alias, or of a deleted function with all of its aliases; returns the ones that had a URL.
    pub(crate) fn forget(&self, place: &Place, qualifier: Option<&str>) -> Vec<Resource> {
        let mut gone = Vec::new();
        self.all().retain(|_, (of, _)| {
            let goes = of.goes_with(place, qualifier);
            gone.extend(goes.then(|| of.clone()));
            !goes
        });
        gone
    }

    fn all(&self) -> MutexGuard<'_, BTreeMap<String, (Resource, Url)>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The answer to a call about URLs.
pub(crate) async fn answer(asked: &Asked<'_>, urls: &Urls) -> Result<Result<Answer, Refusal>, String> {
    let operation = asked.operation();
    if let Some(refusal) = constraint(operation, &asked.request, asked.qualifier()) {
        return Ok(Err(refusal));
    }
    let reads_one = matches!(operation, "GetFunctionUrlConfig" | "DeleteFunctionUrlConfig");
    if !asked.exists(asked.qualifier()).await? {
        return Ok(Err(not_found(if reads_one { texts::NOT_THERE } else { texts::URL_WITHOUT_FUNCTION })));
    }
    let of = asked.resource();
    if operation == "ListFunctionUrlConfigs" {
        let body = page(asked, "FunctionUrlConfigs", MOST_IN_A_PAGE, urls.list(asked.place));
        return Ok(Ok(Answer::json(200, &body)));
    }
    let held = urls.get(&of);
    match (operation, held) {
        ("CreateFunctionUrlConfig", Some(_)) => Ok(Err(Refusal::conflict(texts::url_exists(&of.arn())))),
        ("CreateFunctionUrlConfig", None) => create(asked, urls, &of).await,
        (_, None) => Ok(Err(not_found(texts::NOT_THERE))),
        ("UpdateFunctionUrlConfig", Some(held)) => update(asked, urls, &of, held).await,
        ("DeleteFunctionUrlConfig", Some(_)) => {
            urls.remove(&of);
            delete_at_the_emulator(asked.call, &of, asked.upstream).await?;
            Ok(Ok(Answer::no_content()))
        }
        (_, Some(held)) => Ok(Ok(Answer::json(200, &Value::Object(held)))),
    }
}

fn constraint(operation: &str, request: &Value, qualifier: Option<&str>) -> Option<Refusal> {
    let creates = operation == "CreateFunctionUrlConfig";
    let writes = creates || operation == "UpdateFunctionUrlConfig";
    let word = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    let none = |qualifier: &&str| is_number(qualifier) || !qualifier.bytes().all(word);
    let of_the_qualifier = qualifier.filter(none).map(|qualifier| {
        let pattern = r"Member must satisfy regular expression pattern: ((?!^\d+$)^[0-9a-zA-Z-_]+$)";
        Refusal::constraint(qualifier, "qualifier", pattern)
    });
    let of_the_body = || {
        let required = creates.then(|| validate::required(request, "AuthType", "authType")).flatten();
        required
            .or_else(|| validate::one_of(request, "/AuthType", "authType", &["NONE", "AWS_IAM"]))
            .or_else(|| validate::one_of(request, "/InvokeMode", "invokeMode", &["RESPONSE_STREAM", "BUFFERED"]))
            .or_else(|| validate::range(request.pointer("/Cors/MaxAge"), "cors.maxAge", 0, 86_400))
    };
    of_the_qualifier.or_else(|| if writes { of_the_body() } else { None })
}

async fn create(asked: &Asked<'_>, urls: &Urls, of: &Resource) -> Result<Result<Answer, Refusal>, String> {
    // the emulator serves the address
    let made = asked.tell(Method::POST, &path(of), &asked.request).await?;
    let made = match made {
        Some(made) => Some(made),
        None => asked.tell(Method::GET, &path(of), &Value::Null).await?,
    };
    let made = made.ok_or("no URL could be made")?;
    let now = clock::to_the_microsecond();
    let mut url = Url::new();
    url.insert("FunctionArn".to_owned(), json!(of.arn()));
    url.insert("FunctionUrl".to_owned(), made.get("FunctionUrl").cloned().unwrap_or_default());
    url.insert("CreationTime".to_owned(), json!(now));
    url.insert("LastModifiedTime".to_owned(), json!(now));
    url.insert("InvokeMode".to_owned(), json!("BUFFERED"));
    set(&mut url, &asked.request);
    urls.insert(of, url.clone());
    url.remove("LastModifiedTime");
    Ok(Ok(Answer::json(201, &echoed(url, &asked.request))))
}

async fn update(asked: &Asked<'_>, urls: &Urls, of: &Resource, held: Url) -> Result<Result<Answer, Refusal>, String> {
    let mut url = held;
    set(&mut url, &asked.request);
    url.insert("LastModifiedTime".to_owned(), json!(clock::to_the_microsecond()));
    asked.tell(Method::PUT, &path(of), &asked.request).await?;
    urls.insert(of, url.clone());
    Ok(Ok(Answer::json(200, &echoed(url, &asked.request))))
}

/// Applies the members of a request; the others keep their values.
fn set(url: &mut Url, request: &Value) {
    for member in ["AuthType", "InvokeMode", "Cors"] {
        if let Some(value) = request.get(member).filter(|value| !value.is_null()) {
            url.insert(member.to_owned(), value.clone());
        }
    }
    for headers in ["AllowHeaders", "ExposeHeaders"] {
        let list = url.get_mut("Cors").and_then(|cors| cors.get_mut(headers)).and_then(Value::as_array_mut);
        for header in list.into_iter().flatten() {
            *header = header.as_str().map(|name| json!(name.to_lowercase())).unwrap_or_default();
        }
    }
    if url.get("Cors").and_then(Value::as_object).is_some_and(Map::is_empty) {
        url.remove("Cors");
    }
}

/// The answer to a write contains InvokeMode only if the request does.
fn echoed(mut url: Url, request: &Value) -> Value {
    if request.get("InvokeMode").is_none_or(Value::is_null) {
        url.remove("InvokeMode");
    }
    Value::Object(url)
}

fn path(of: &Resource) -> String {
    let qualifier = of.qualifier.as_ref().map(|alias| utf8_percent_encode(alias, NON_ALPHANUMERIC));
    let query = qualifier.map(|alias| format!("?Qualifier={alias}")).unwrap_or_default();
    format!("/2021-10-31/functions/{}/url{query}", of.place.function)
}

/// Deletes a URL in the emulator, which keeps the URLs of deleted functions and aliases.
pub(crate) async fn delete_at_the_emulator(
    call: &Recognised,
    of: &Resource,
    upstream: &Upstream,
) -> Result<(), String> {
    upstream.ask(call, "lambda", Method::DELETE, &path(of), "").await.map(drop)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Resource, Url, Urls, constraint, echoed, path, set};
    use crate::proxy::place::Place;

    fn of(qualifier: Option<&str>) -> Resource {
        let place = Place { account: "111111111111".into(), region: "eu-west-1".into(), function: "f".into() };
        Resource::new(&place, qualifier)
    }

    #[test]
    fn a_url_is_of_a_function_or_an_alias() {
        let refused = |qualifier: &str| constraint("GetFunctionUrlConfig", &Value::Null, Some(qualifier));
        let text = r"1 validation error detected: Value '$LATEST' at 'qualifier' failed to satisfy constraint: Member must satisfy regular expression pattern: ((?!^\d+$)^[0-9a-zA-Z-_]+$)";
        assert_eq!(refused("$LATEST").unwrap().message, text);
        assert!(refused("1").is_some() && refused("live").is_none());
        let wrong = constraint("CreateFunctionUrlConfig", &json!({"AuthType": "OPEN"}), None).unwrap();
        assert!(wrong.message.ends_with("Member must satisfy enum value set: [NONE, AWS_IAM]"));
        assert!(constraint("CreateFunctionUrlConfig", &json!({}), None).is_some());
        assert!(constraint("UpdateFunctionUrlConfig", &json!({}), None).is_none());
    }

    #[test]
    fn what_a_change_leaves_out_stays_and_an_empty_block_clears() {
        let mut url = Url::new();
        let cors = json!({"AllowHeaders": ["X-One"], "ExposeHeaders": ["X-Two"], "AllowMethods": ["GET"]});
        set(&mut url, &json!({"AuthType": "NONE", "InvokeMode": "BUFFERED", "Cors": cors}));
        let lower = json!({"AllowHeaders": ["x-one"], "ExposeHeaders": ["x-two"], "AllowMethods": ["GET"]});
        assert_eq!(url["Cors"], lower);
        set(&mut url, &json!({"AuthType": "AWS_IAM"}));
        assert_eq!((&url["AuthType"], &url["Cors"]), (&json!("AWS_IAM"), &lower));
        let shown = echoed(url.clone(), &json!({"AuthType": "AWS_IAM"}));
        assert_eq!(shown.get("InvokeMode"), None, "the answer to a write does not say it unasked");
        set(&mut url, &json!({"Cors": {}}));
        assert_eq!(url.get("Cors"), None);
    }

    #[test]
    fn a_url_goes_with_its_alias_and_with_its_function() {
        let urls = Urls::default();
        for qualifier in [None, Some("live"), Some("edge")] {
            urls.insert(&of(qualifier), Url::new());
        }
        assert_eq!(path(&of(Some("live"))), "/2021-10-31/functions/f/url?Qualifier=live");
        assert_eq!(urls.forget(&of(None).place, Some("live")), [of(Some("live"))]);
        assert_eq!(urls.list(&of(None).place).len(), 2);
        assert_eq!(urls.forget(&of(None).place, None).len(), 2);
        assert!(!urls.remove(&of(None)));
    }
}
