//! The tags of event source mappings and code signing configurations.

use serde_json::{Map, Value, json};

use super::asked::{Asked, not_found};
use super::mappings::Mappings;
use super::signing_configs::SigningConfigs;
use super::texts;
use crate::http::Answer;
use crate::proxy::recognise::parameter;
use crate::proxy::refusal::Refusal;

/// The answer to TagResource, UntagResource and ListTags.
pub(crate) fn answer(asked: &Asked<'_>, mappings: &Mappings, signing: &SigningConfigs) -> Result<Answer, Refusal> {
    let arn = asked.path.get(1).map(String::as_str).unwrap_or_default();
    let change = |tags: &mut Map<String, Value>| change(asked, tags);
    let ours = format!(":{}:{}:", asked.place.region, asked.place.account);
    if arn.contains(":event-source-mapping:") && arn.contains(&ours) {
        return mappings.tags(arn, change).unwrap_or_else(|| Err(not_found(texts::no_mapping(arn))));
    }
    signing.tags(arn, change).unwrap_or_else(|| Err(not_found(texts::no_signing_config(arn))))
}

fn change(asked: &Asked<'_>, tags: &mut Map<String, Value>) -> Result<Answer, Refusal> {
    match asked.operation() {
        "TagResource" => {
            let more = asked.request.get("Tags").and_then(Value::as_object).cloned().unwrap_or_default();
            let mut all = tags.clone();
            all.extend(more);
            if all.len() > 50 {
                return Err(Refusal::invalid("Number of tags exceeds resource tag limit."));
            }
            *tags = all;
            Ok(Answer::no_content())
        }
        "UntagResource" => {
            let keys: Vec<String> = asked.query.split('&').filter_map(|pair| parameter(pair, "tagKeys")).collect();
            if keys.is_empty() {
                return Err(Refusal::null("tagKeys"));
            }
            tags.retain(|key, _| !keys.contains(key));
            Ok(Answer::no_content())
        }
        _ => Ok(Answer::json(200, &json!({ "Tags": tags }))),
    }
}
