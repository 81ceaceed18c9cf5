//! CreateEventSourceMapping, GetEventSourceMapping, UpdateEventSourceMapping, DeleteEventSourceMapping and the list.

use std::time::Instant;

use serde_json::{Map, Value, json};

use super::asked::{Asked, not_found, page};
use super::mapping::Mapping;
use super::mappings::Mappings;
use super::sources::Source;
use super::{clock, mapping_rules, texts};
use crate::http::Answer;
use crate::proxy::place::Place;
use crate::proxy::recognise;
use crate::proxy::refusal::Refusal;

const MOST_IN_A_PAGE: usize = 100;

/// The answer to a call about mappings.
pub(crate) async fn answer(asked: &Asked<'_>, mappings: &Mappings) -> Result<Result<Answer, Refusal>, String> {
    let now = Instant::now();
    let uuid = asked.path.get(1).map(String::as_str).unwrap_or_default();
    match asked.operation() {
        "CreateEventSourceMapping" => create(asked, mappings).await,
        "ListEventSourceMappings" => Ok(Ok(list(asked, mappings, now))),
        operation => {
            let Some(mapping) = mappings.find(asked.place, uuid, now) else {
                return Ok(Err(not_found(texts::NOT_THERE)));
            };
            match operation {
                "UpdateEventSourceMapping" => update(asked, mappings, mapping).await,
                "DeleteEventSourceMapping" => delete(asked, mappings, &mapping).await,
                _ => Ok(Ok(Answer::json(200, &mapping.show(now, false)))),
            }
        }
    }
}

async fn create(asked: &Asked<'_>, mappings: &Mappings) -> Result<Result<Answer, Refusal>, String> {
    let request = &asked.request;
    if let Some(refusal) = mapping_rules::constraint(request) {
        return Ok(Err(refusal));
    }
    let Some(source) = Source::of(request) else { return Ok(Err(Refusal::invalid(texts::UNRECOGNIZED_SOURCE))) };
    let timeout = match timeout(asked).await? {
        Ok(timeout) => timeout,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if let Some(refusal) = mapping_rules::of_a_new_one(source, request) {
        return Ok(Err(refusal));
    }
    if let Some(refusal) = mapping_rules::of_its_source(asked, source, timeout).await? {
        return Ok(Err(refusal));
    }
    let mut mapping = Mapping {
        uuid: clock::uuid(),
        function: asked.place.clone(),
        qualifier: asked.call.qualifier.clone(),
        source,
        settings: Map::new(),
        tags: request.get("Tags").and_then(Value::as_object).cloned().unwrap_or_default(),
        enabled: request.get("Enabled") != Some(&Value::Bool(false)),
        change: None,
        modified: clock::now(),
        mirror: None,
    };
    mapping.set(request, true);
    let mapping = match mappings.insert(mapping, Instant::now()) {
        Ok(mapping) => mapping,
        Err(refusal) => return Ok(Err(refusal)),
    };
    poll_for(asked, mappings, &mapping).await?;
    Ok(Ok(Answer::json(202, &mapping.show(Instant::now(), false))))
}

/// The function's timeout, or the refusal if the function does not exist.
async fn timeout(asked: &Asked<'_>) -> Result<Result<i64, Refusal>, String> {
    let configuration =
        if asked.place.function.is_empty() { None } else { asked.configuration(asked.qualifier()).await? };
    let Some(configuration) = configuration else {
        return Ok(Err(Refusal::invalid(texts::MAPPING_WITHOUT_FUNCTION)));
    };
    Ok(Ok(configuration.get("Timeout").and_then(Value::as_i64).unwrap_or(3)))
}

async fn update(asked: &Asked<'_>, mappings: &Mappings, held: Mapping) -> Result<Result<Answer, Refusal>, String> {
    let request = &asked.request;
    let mut changed = held.clone();
    if asked.text("FunctionName").is_some() {
        if let Err(refusal) = timeout(asked).await? {
            return Ok(Err(refusal));
        }
        changed.function = asked.place.clone();
        changed.qualifier = asked.call.qualifier.clone();
    }
    let settings = Value::Object(held.settings.clone());
    let refusal = mapping_rules::constraint(request).or_else(|| mapping_rules::of_any(held.source, request, &settings));
    if let Some(refusal) = refusal {
        return Ok(Err(refusal));
    }
    changed.set(request, false);
    changed.enabled = request.get("Enabled").and_then(Value::as_bool).unwrap_or(held.enabled);
    let changed = match mappings.replace(changed, Instant::now()) {
        Ok(changed) => changed,
        Err(refusal) => return Ok(Err(refusal)),
    };
    poll_for(asked, mappings, &changed).await?;
    Ok(Ok(Answer::json(202, &changed.show(Instant::now(), false))))
}

async fn delete(asked: &Asked<'_>, mappings: &Mappings, held: &Mapping) -> Result<Result<Answer, Refusal>, String> {
    let deleted = match mappings.delete(&held.uuid, Instant::now()) {
        Ok(Some(deleted)) => deleted,
        Ok(None) => return Ok(Err(not_found(texts::NOT_THERE))),
        Err(refusal) => return Ok(Err(refusal)),
    };
    if let Some(mirror) = &held.mirror {
        let (method, path) = mapping_rules::at_the_emulator(Some(mirror), true);
        asked.tell(method, &path, &Value::Null).await?;
    }
    Ok(Ok(Answer::json(202, &deleted.show(Instant::now(), false))))
}

fn list(asked: &Asked<'_>, mappings: &Mappings, now: Instant) -> Answer {
    let (function, source) = (asked.parameter("FunctionName"), asked.parameter("EventSourceArn"));
    let function = function.map(|name| {
        let (function, qualifier) = recognise::split_name(&name);
        Place { function, ..asked.place.clone() }.qualified(qualifier.as_deref())
    });
    let matches = |mapping: &Mapping| {
        function.as_ref().is_none_or(|arn| mapping.function_arn() == *arn)
            && source.as_ref().is_none_or(|arn| mapping.settings.get("EventSourceArn") == Some(&json!(arn)))
    };
    let mappings = mappings.list(asked.place, now);
    let shown = mappings.iter().filter(|mapping| matches(mapping)).map(|mapping| mapping.show(now, true)).collect();
    Answer::json(200, &page(asked, "EventSourceMappings", MOST_IN_A_PAGE, shown))
}

/// Creates a mapping in the emulator, which polls the sources that exist there.
async fn poll_for(asked: &Asked<'_>, mappings: &Mappings, mapping: &Mapping) -> Result<(), String> {
    let mut body = Value::Object(mapping.settings.clone());
    body["FunctionName"] = json!(mapping.function_arn());
    body["Enabled"] = json!(mapping.enabled);
    let (method, path) = mapping_rules::at_the_emulator(mapping.mirror.as_deref(), false);
    let told = asked.tell(method, &path, &body).await?;
    if mapping.mirror.is_none() {
        let mirror = told.as_ref().and_then(|told| told.get("UUID")).and_then(Value::as_str);
        mappings.mirrored(&mapping.uuid, mirror.map(str::to_owned));
    }
    Ok(())
}
