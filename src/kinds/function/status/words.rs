//! Messages that only LambdaFunction has: causes of `Stalled`, changes in progress, and values that AWS withholds.

use crate::api::shared::HAND_OVER_TO;
use crate::core::blocked::{Blocked, Recovery};
use crate::core::conclusion::Seen;
use crate::core::ownership::cluster_advice;
use crate::core::reason::Reason;
use crate::core::shown::Shown;
use crate::kinds::function::observed::Observed;

/// The message of a function that is in sync. It names the values that AWS withholds, because they cannot be compared.
pub(crate) fn settled(seen: &Seen<Observed>) -> String {
    let attributes = seen.ours().map(|observed| &observed.attributes);
    let environment = attributes.and_then(|one| one.environment_error.as_ref()).map(|error| ("the environment", error));
    let image = attributes.and_then(|one| one.image_config_error.as_ref()).map(|error| ("imageConfig", error));
    let withheld: Vec<_> = environment.into_iter().chain(image).collect();
    let Some((_, error)) = withheld.first() else {
        return "The function in AWS matches the spec.".into();
    };
    let what = withheld.iter().map(|(what, _)| *what).collect::<Vec<_>>().join(" and ");
    format!(
        "The function in AWS matches the spec, as far as AWS shows it. AWS does not show {what}, so drift there is not corrected ({error}): allow the operator's AWS identity kms:Decrypt for the function's key."
    )
}

/// Reason and message for the change that AWS is applying.
pub(crate) fn working(observed: Option<&Observed>) -> (Reason, String) {
    if observed.is_some_and(|observed| observed.version.is_some()) {
        let message = "AWS is preparing the published version. With SnapStart this takes minutes.";
        return (Reason::Publishing, message.into());
    }
    match observed.and_then(|observed| observed.attributes.state.as_deref()) {
        Some("Pending") => (Reason::Creating, "AWS is creating the function.".into()),
        Some(_) | None => (Reason::Updating, "AWS is applying an update.".into()),
    }
}

/// AWS's reasons for the function's state, and for the result of its last update.
fn because(seen: &Seen<Observed>) -> (String, String) {
    let attributes = seen.ours().map(|observed| observed.attributes.clone()).unwrap_or_default();
    let said = |code: Option<String>, reason: Option<Shown>| {
        let words: Vec<_> = [code, reason.map(String::from)].into_iter().flatten().collect();
        if words.is_empty() { "AWS gives no reason".to_owned() } else { words.join(": ") }
    };
    let state = said(attributes.state_reason_code, attributes.state_reason);
    (state, said(attributes.last_update_status_reason_code, attributes.last_update_status_reason))
}

/// Reason and message for a cause of `Stalled`: what happened, then what to do.
#[must_use]
pub fn explain(blocked: &Blocked, seen: &Seen<Observed>) -> (Reason, String) {
    let (state, update) = because(seen);
    match blocked {
        Blocked::NotOwned(Some(owner)) => (
            Reason::NotOwned,
            format!("The function exists in AWS and belongs to {owner}, so it is not touched: delete that owner's object first, or delete this object and create one with another functionName. To take the function over, set adoptFrom: {owner} and have that object agree by the annotation {HAND_OVER_TO}; an adoptFrom that was carried out before is spent."),
        ),
        Blocked::OtherCluster(owner) => (
            Reason::NotOwned,
            format!("The function exists in AWS and belongs to {owner}, the object of this name in another cluster, so it is not touched. {}", cluster_advice(owner)),
        ),
        Blocked::NotOwned(None) => (
            Reason::NotOwned,
            "The function exists in AWS and has no owner tag of this operator, so it is not touched: set adoptionPolicy: Adopt to take it over where the namespace allows adoption, delete it in AWS, or delete this object and create one with another functionName.".into(),
        ),
        Blocked::OwnershipUnknown => (
            Reason::OwnershipUnknown,
            "The function exists in AWS, but its tags cannot be read, so its owner is unknown and nothing is written: allow the operator's AWS identity lambda:ListTags.".into(),
        ),
        Blocked::Immutable(field) => (
            Reason::Immutable,
            format!("AWS cannot change {field} of an existing function: restore the old value, or delete this object and create another."),
        ),
        Blocked::UpdateFailed(half) => (
            Reason::UpdateFailed,
            format!("AWS took the last update back, and {} ({update}): remove the cause. The operator sends the update again every few minutes, and at once when the spec changes.", half.live()),
        ),
        Blocked::FunctionFailed(recovery) => (Reason::FunctionFailed, failed(*recovery, &state)),
        Blocked::FunctionInactive => (
            Reason::FunctionInactive,
            format!("AWS made the function inactive and could not restore its resources, so it cannot be invoked ({state}). Fix the cause; the operator checks the function every few minutes."),
        ),
        Blocked::DisabledByAws(sentence) => (Reason::MappingDisabled, sentence.clone()),
        Blocked::NotConverging(sentence) => (Reason::NotConverging, sentence.clone()),
        Blocked::VersionFailed(reason) => (
            Reason::VersionFailed,
            format!("The published version failed and will not become ready ({reason}). Fix the cause and change the function; the next change publishes another version."),
        ),
        // This occurs only with provisioned concurrency.
        Blocked::AllocationFailed(reason) => (Reason::AllocationFailed, reason.clone()),
        Blocked::CodeHashMismatch { said, is, may_change } => {
            (Reason::CodeHashMismatch, mismatch(said, is, *may_change))
        }
        Blocked::Rival(sentence) => (Reason::NotOwned, sentence.clone()),
        Blocked::InvalidReference(sentence) => (Reason::InvalidReference, sentence.clone()),
        Blocked::InvalidSpec(sentence) => (Reason::InvalidSpec, sentence.clone()),
        Blocked::NotAllowed(sentence) => (Reason::NotAllowed, sentence.clone()),
        Blocked::DeletionProtected(sentence) => (Reason::DeletionProtected, sentence.clone()),
        Blocked::TargetChanged(sentence) => (Reason::TargetChanged, sentence.clone()),
    }
}

/// The message of a failed function, by the recovery that the operator tries.
fn failed(recovery: Recovery, state: &str) -> String {
    let recovery = match recovery {
        Recovery::Recreate => {
            "It was never active, so the operator deletes it and creates it again every few minutes, and at once when the spec changes. Fix the cause."
        }
        Recovery::Redeploy => {
            "It was active before, so the operator deploys its code again every few minutes, and at once when the spec changes. Fix the cause."
        }
        Recovery::Manual => {
            "The operator does not repair it, because this object did not create it or does not manage its code. Fix the cause in AWS, or delete the function there."
        }
    };
    format!("AWS reports that the function has failed ({state}). {recovery}")
}

/// The message of code that does not have the hash `codeSha256`, by whether its source can change.
fn mismatch(said: &str, is: &str, may_change: bool) -> String {
    if may_change {
        format!(
            "The code that AWS deployed from the source has the hash {is}, but spec.codeSha256 is {said}. Correct codeSha256, or upload the right package or image. The operator checks the source again every 15 minutes, and at once on request (annotation lambda-operator.io/reconcile-requested-at)."
        )
    } else {
        format!(
            "The package that the spec names has the hash {is}, but spec.codeSha256 is {said}. Correct codeSha256, or the package."
        )
    }
}
