//! AddPermission, RemovePermission and GetPolicy.

use serde_json::{Value, json};

use super::asked::{Asked, not_found};
use super::policies::Policies;
use super::{statement, texts};
use crate::http::Answer;
use crate::proxy::refusal::Refusal;

/// The answer to a call about permissions.
pub(crate) async fn answer(asked: &Asked<'_>, policies: &Policies) -> Result<Result<Answer, Refusal>, String> {
    match asked.operation() {
        "AddPermission" => add(asked, policies).await,
        "RemovePermission" => remove(asked, policies).await,
        _ => get(asked, policies).await,
    }
}

async fn add(asked: &Asked<'_>, policies: &Policies) -> Result<Result<Answer, Refusal>, String> {
    let request = &asked.request;
    if let Some(refusal) = statement::constraint(request, asked.qualifier()) {
        return Ok(Err(refusal));
    }
    if asked.qualifier() == Some("$LATEST") {
        return Ok(Err(Refusal::invalid(texts::LATEST_HAS_NO_POLICY)));
    }
    if let Some(refusal) = asked.missing().await? {
        return Ok(Err(refusal));
    }
    if let Some(refusal) = statement::refusal(request) {
        return Ok(Err(refusal));
    }
    // an alias without a policy: its own revision takes the place of the policy's revision
    let alias = match asked.qualifier() {
        Some(alias) => asked.alias(alias).await?,
        None => None,
    };
    let first = alias.as_ref().and_then(|alias| alias.get("RevisionId")).and_then(Value::as_str);
    let resource = asked.resource();
    let statement = statement::made(request, &resource.arn());
    let text = statement.text.clone();
    let added = policies.add(&resource, statement, asked.text("RevisionId"), first);
    Ok(added.map(|()| Answer::json(201, &json!({ "Statement": text }))))
}

async fn remove(asked: &Asked<'_>, policies: &Policies) -> Result<Result<Answer, Refusal>, String> {
    if !asked.function_exists().await? {
        let arn = asked.place.qualified(asked.qualifier());
        return Ok(Err(not_found(texts::no_policy_of(&arn))));
    }
    if let Some(refusal) = asked.missing().await? {
        return Ok(Err(refusal));
    }
    let sid = asked.path.last().map(String::as_str).unwrap_or_default();
    let removed = policies.remove(&asked.resource(), sid, asked.parameter("RevisionId").as_deref());
    Ok(removed.map(|()| Answer::no_content()))
}

async fn get(asked: &Asked<'_>, policies: &Policies) -> Result<Result<Answer, Refusal>, String> {
    // the policy is removed with its function, but the deletion of the function can be in progress
    let shown = if asked.exists(asked.qualifier()).await? { policies.show(&asked.resource()) } else { None };
    Ok(shown.map(|shown| Answer::json(200, &shown)).ok_or_else(|| not_found(texts::NOT_THERE)))
}
