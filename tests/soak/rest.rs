//! At rest: every function is compared with a fresh one, versions are counted, and nothing is left over.

use std::collections::BTreeSet;
use std::time::Duration;

use futures::future::join_all;
use kube::ResourceExt;
use kube::api::ListParams;
use lambda_operator::api::function::spec::LambdaFunction;
use serde_json::Value;
use testbed::poll;

use crate::subject::Subject;
use support::picture;
use support::target::Place;
use support::world::World;

/// Whoever had failed for long tries again only after a minute, and then AWS needs time.
const PATIENCE: Duration = Duration::from_secs(90);

/// Several drift checks.
const SOON: Duration = Duration::from_secs(20);
const BETWEEN_LOOKS: Duration = Duration::from_millis(500);

/// What is the same in all versions of one content is compared; these are each version's own.
const OWN: [&str; 5] = ["Version", "FunctionArn", "RevisionId", "LastModified", "MasterArn"];

/// All that is not as it should be.
pub(crate) async fn violations(world: &World, place: &Place, subjects: &[Subject]) -> Vec<String> {
    let subjects: Vec<_> =
        subjects.iter().map(|subject| (subject.name.clone(), subject.spec(place).unwrap())).collect();
    let fresh: Vec<_> = subjects.iter().map(|(name, spec)| (name.replace("soak", "fresh"), spec.clone())).collect();
    join_all(fresh.iter().map(|(name, spec)| world.apply(name, spec))).await;
    let mut violations = all_settled(world, subjects.len() + fresh.len()).await;
    if violations.is_empty() {
        // One after the other: these questions count as calls of the account, and the operator needs some too.
        for ((name, _), (fresh, _)) in subjects.iter().zip(&fresh) {
            violations.extend(equals(world, name, fresh).await.err());
        }
    }
    for (name, _) in &subjects {
        violations.extend(doubled(world, name).await);
    }
    violations.extend(left_over(world, &fresh, &subjects, &[]).await.err());
    violations.extend(left_over(world, &subjects, &[], &fresh).await.err());
    violations
}

/// Waits until all are ready; says which are not.
async fn all_settled(world: &World, count: usize) -> Vec<String> {
    let mut unsettled = Vec::new();
    let waited = poll("every object to be ready", PATIENCE, async || {
        let objects = world.objects().list(&ListParams::default()).await.unwrap().items;
        let describe = |object: &LambdaFunction| {
            let conditions = object.status.as_ref().map(|status| &status.common.conditions);
            format!("{} is not ready: {conditions:?}", object.name_any())
        };
        unsettled = objects.iter().filter(|object| !is_settled(object)).map(describe).collect();
        Ok(if objects.len() == count && unsettled.is_empty() { Ok(()) } else { Err(String::new()) })
    });
    match waited.await {
        Ok(()) => Vec::new(),
        Err(_) if !unsettled.is_empty() => unsettled,
        Err(_) => vec![format!("there are not {count} objects")],
    }
}

/// Waits until it is what the fresh one is: what somebody changed last is soon found.
async fn equals(world: &World, name: &str, fresh: &str) -> Result<(), String> {
    let should_be = picture(world, fresh).await?;
    let compared = poll("what a fresh object gives", SOON, async || {
        let differences = picture(world, name).await.map(|is| picture::differences(&is, &should_be));
        Ok(match differences {
            Ok(differences) if differences.is_empty() => Ok(()),
            differences => {
                tokio::time::sleep(BETWEEN_LOOKS).await;
                Err(format!("{differences:?}"))
            }
        })
    });
    compared.await.map_err(|error| format!("{name}: {error}"))
}

async fn picture(world: &World, name: &str) -> Result<Value, String> {
    let object = world.objects().get(name).await.map_err(|error| error.to_string())?;
    picture::picture(world, name, &object).await
}

/// Ready, and nothing that contradicts it.
fn is_settled(object: &LambdaFunction) -> bool {
    let Some(status) = &object.status else { return false };
    let is = |type_| status.common.conditions.iter().any(|c| c.type_ == type_ && c.status == "True");
    let generations = status.common.conditions.iter().map(|condition| condition.observed_generation);
    let newest = generations.chain([status.common.observed_generation]).all(|one| one == object.metadata.generation);
    is("Ready") && !is("Stalled") && !is("Reconciling") && newest
}

/// Neighbours among the published versions that hold the same.
async fn doubled(world: &World, name: &str) -> Vec<String> {
    let Ok(versions) = world.aws.list_versions(name).await else {
        return vec![format!("{name}: its versions cannot be listed")];
    };
    let content = |version: &Value| {
        let mut version = version.clone();
        version.as_object_mut().into_iter().for_each(|fields| fields.retain(|field, _| !OWN.contains(&field.as_str())));
        version
    };
    let published: Vec<_> = versions.iter().filter(|version| version["Version"] != "$LATEST").collect();
    let neighbours = published.windows(2).filter(|pair| content(pair[0]) == content(pair[1]));
    neighbours
        .map(|pair| format!("{name}: versions {} and {} are the same", pair[0]["Version"], pair[1]["Version"]))
        .collect()
}

/// Deletes objects; then AWS has the functions of those that stay, and what was to be left: `skipDestroy`.
async fn left_over(world: &World, deleted: &[Named], staying: &[Named], before: &[Named]) -> Result<(), String> {
    join_all(deleted.iter().map(|(name, _)| world.delete(name))).await;
    let kept = deleted.iter().chain(before).filter(|(_, spec)| spec["skipDestroy"] == true);
    let wanted: BTreeSet<_> = staying.iter().chain(kept).map(|(name, _)| name.clone()).collect();
    let waited = poll("no function but those that are wanted", PATIENCE, async || {
        let (code, answer) = world.aws.lambda("GET", "/2015-03-31/functions", None).await?;
        if code != 200 {
            tokio::time::sleep(BETWEEN_LOOKS).await;
            return Ok(Err(format!("{code}: {answer}")));
        }
        let functions = answer["Functions"].as_array().into_iter().flatten();
        let there: BTreeSet<_> =
            functions.filter_map(|function| function["FunctionName"].as_str()).map(str::to_owned).collect();
        let gone = join_all(deleted.iter().map(|(name, _)| async { world.objects().get_opt(name).await })).await;
        let hanging = gone.iter().filter(|object| !matches!(object, Ok(None))).count();
        Ok(match there == wanted && hanging == 0 {
            true => Ok(()),
            false => {
                tokio::time::sleep(BETWEEN_LOOKS).await;
                Err(format!("{there:?} and not {wanted:?}, {hanging} objects hang"))
            }
        })
    });
    waited.await.map_err(|error| error.to_string())
}

/// An object's name and spec.
type Named = (String, Value);
