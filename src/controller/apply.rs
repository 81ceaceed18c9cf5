//! Carries a plan out, step by step, up to the first after which AWS must be looked at again. Decides nothing.

use std::collections::BTreeMap;

use kube::{Api, ResourceExt};

use super::context::Context;
use super::finalizer;
use crate::api::{Deployed, LambdaFunction};
use crate::aws::Remote;
use crate::function::{Function, Halt, Knowable, Lambda, Observed, Operation, Source, Step, Version, package};

/// What became of a plan.
#[derive(Debug, Default)]
pub(super) struct Applied {
    /// The writes that AWS accepted.
    pub(super) sent: Vec<Operation>,
    /// AWS works on after the last of them.
    pub(super) settling: bool,
    /// What is live now, if code was sent.
    pub(super) deployed: Option<Deployed>,
    /// The version that was published, if one was.
    pub(super) published: Option<Version>,
    /// Why it ended early.
    pub(super) halt: Option<Halt>,
    /// The object changed meanwhile, so that the plan no longer holds.
    pub(super) outdated: bool,
}

/// Does the steps in their order.
pub(super) async fn apply(
    context: &Context,
    remote: &Remote,
    object: &LambdaFunction,
    observed: Option<&Observed>,
    steps: &[Step],
) -> kube::Result<Applied> {
    let mut applied = Applied::default();
    for step in steps {
        if step.is_decisive() && !still_holds(context, object, step).await? {
            applied.outdated = true;
            break;
        }
        match remote.execute(step, package_for(step, object)).await {
            Ok(answer) => {
                applied.sent.push(step.operation());
                applied.settling = step.settles_later();
                if let (Some(source), Some(code_sha256)) = (step.deploys(), answer.code_sha256) {
                    applied.deployed = Some(Deployed { source: source.identity(), code_sha256 });
                }
                applied.published =
                    answer.version.map(|number| Version { number, fingerprint: fingerprint(step, observed, &applied) });
            }
            Err(halt) => {
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

/// The bytes that a step carries; made only now, for they need not lie in memory while a plan waits.
fn package_for(step: &Step, object: &LambdaFunction) -> Option<Vec<u8>> {
    match step.deploys()? {
        Source::S3 { .. } => None,
        Source::Inline { .. } => {
            let files = object.spec.code_from.as_ref().and_then(|from| from.inline.as_ref());
            // That they can be packed was found out when the goal was made.
            package::pack(files.unwrap_or(&BTreeMap::new())).ok()
        }
    }
}

/// Hash of what a version published by this step holds.
fn fingerprint(step: &Step, observed: Option<&Observed>, applied: &Applied) -> String {
    match step {
        Step::CreateFunction(desired) => {
            let code = &mut desired.function.code.clone();
            if let Some(deployed) = &applied.deployed {
                code.content = crate::function::Content::Sha256(deployed.code_sha256.clone());
            }
            code.architecture.get_or_insert_with(|| "x86_64".into());
            Function { code: code.clone(), code_signing: Knowable::Unknown, ..desired.function.clone() }.fingerprint()
        }
        _ => observed.map(|observed| observed.function.fingerprint()).unwrap_or_default(),
    }
}
