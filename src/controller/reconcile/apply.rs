//! Carries a plan out, step by step, up to the first after which AWS must be looked at again. Decides nothing.

use std::collections::BTreeMap;

use kube::{Api, ResourceExt};

use super::finalizer;
use super::packages::Loaded;
use crate::api::function::spec::LambdaFunction;
use crate::aws::lambda::function::Remote;
use crate::controller::context::Context;
use crate::core::error::CallError;
use crate::core::operation::Operation;
use crate::core::references::References;
use crate::kinds::function::Lambda;
use crate::kinds::function::desired::code::{Origin, Source};
use crate::kinds::function::desired::package;
use crate::kinds::function::observed::Observed;
use crate::kinds::function::plan::step::Step;
use crate::kinds::function::status::effects::Effects;

/// What became of a plan.
#[derive(Debug, Default)]
pub(in crate::controller) struct Applied {
    /// The writes that AWS accepted.
    pub(in crate::controller) sent: Vec<Operation>,
    /// AWS works on after the last of them.
    pub(in crate::controller) settling: bool,
    /// What later passes must know of it.
    pub(in crate::controller) effects: Effects,
    /// Why it ended early.
    pub(in crate::controller) halt: Option<CallError>,
    /// The package could not be read any more.
    pub(in crate::controller) unreadable: Option<String>,
    /// The object changed meanwhile, so that the plan no longer holds.
    pub(in crate::controller) outdated: bool,
}

/// Does the steps in their order.
pub(in crate::controller) async fn apply(
    context: &Context,
    remote: &Remote,
    object: &LambdaFunction,
    references: &References,
    observed: Option<&Observed>,
    steps: &[Step],
) -> kube::Result<Applied> {
    let mut applied = Applied::default();
    for step in steps {
        if step.is_decisive() && !still_holds(context, object, step).await? {
            applied.outdated = true;
            break;
        }
        let loaded = match load(context, step, object, references).await {
            Ok(loaded) => loaded,
            Err(error) => {
                applied.unreadable = Some(error.to_string());
                break;
            }
        };
        let (bytes, _permit) = loaded.map_or((None, None), |(bytes, target)| (Some(bytes), target));
        match remote.execute(step, bytes).await {
            Ok(answer) => {
                applied.sent.push(step.operation());
                applied.settling = step.settles_later();
                applied.effects.record(step, answer, observed);
            }
            Err(halt) => {
                applied.effects.record_uncertain(step, &halt);
                applied.halt = Some(halt);
                break;
            }
        }
        if step.ends_pass() {
            break;
        }
    }
    Ok(applied)
}

/// Asks the API server itself, not the cache, before a function is made or destroyed: the same object, still wanted (or
/// still unwanted), and held by our finalizer.
async fn still_holds(context: &Context, object: &LambdaFunction, step: &Step) -> kube::Result<bool> {
    let objects: Api<LambdaFunction> =
        Api::namespaced(context.kubernetes.clone(), &object.namespace().unwrap_or_default());
    let Some(current) = objects.get_opt(&object.name_any()).await? else { return Ok(false) };
    let unwanted = |object: &LambdaFunction| object.metadata.deletion_timestamp.is_some();
    let creates = step.operation() == Operation::CreateFunction;
    Ok(current.uid() == object.uid()
        && finalizer::is_on(&current)
        && unwanted(&current) == unwanted(object)
        && current.spec.skip_destroy == object.spec.skip_destroy
        && (!creates || current.metadata.generation == object.metadata.generation))
}

/// The bytes that a step carries, and their place in memory; made only now, for they need not lie there while a plan waits.
async fn load<'a>(
    context: &'a Context,
    step: &Step,
    object: &LambdaFunction,
    references: &References,
) -> std::io::Result<Option<(Vec<u8>, Option<Loaded<'a>>)>> {
    let Some((Source::Package { origin, .. }, _)) = step.deploys() else { return Ok(None) };
    let packed = |files: &BTreeMap<&str, &[u8]>| package::pack(files).map_err(std::io::Error::other);
    let bytes = match origin {
        Origin::Inline => {
            let files = object.spec.code_from.iter().flat_map(|from| from.inline.iter().flatten());
            packed(&files.map(|(path, text)| (path.as_str(), text.as_bytes())).collect())?
        }
        Origin::Object(reference, key) => {
            let Some(contents) = references.objects.get(reference) else {
                return Err(std::io::ErrorKind::NotFound.into());
            };
            match key {
                Some(key) => contents.values.get(key).cloned().unwrap_or_default(),
                None => packed(&contents.values.iter().map(|(key, bytes)| (key.as_str(), bytes.as_slice())).collect())?,
            }
        }
        Origin::File(path) => {
            let mut loaded = context.packages.load(path).await?;
            let bytes = std::mem::take(&mut loaded.bytes);
            return Ok(Some((bytes, Some(loaded))));
        }
    };
    Ok(Some((bytes, None)))
}
