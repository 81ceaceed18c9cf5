//! Words for what only LambdaFunction has: why only a person can help, what AWS is busy with, how far equality can be told.

use crate::api::shared::HAND_OVER_TO;
use crate::core::blocked::Blocked;
use crate::core::conclusion::Seen;
use crate::core::ownership::cluster_advice;
use crate::core::reason::Reason;
use crate::core::shown::Shown;
use crate::kinds::function::observed::Observed;

/// What AWS withholds cannot be compared, and is said.
pub(crate) fn settled(seen: &Seen<Observed>) -> String {
    let attributes = seen.ours().map(|observed| &observed.attributes);
    let environment = attributes.and_then(|one| one.environment_error.as_ref()).map(|error| ("the environment", error));
    let image = attributes.and_then(|one| one.image_config_error.as_ref()).map(|error| ("imageConfig", error));
    let withheld: Vec<_> = environment.into_iter().chain(image).collect();
    let Some((_, error)) = withheld.first() else {
        return "The function in AWS is what the spec says.".into();
    };
    let what = withheld.iter().map(|(what, _)| *what).collect::<Vec<_>>().join(" and ");
    format!(
        "The function in AWS is what the spec says, as far as AWS shows it. It does not show {what}, whose drift is not repaired ({error}): allow the operator kms:Decrypt of the function's key."
    )
}

/// What AWS is busy with.
pub(crate) fn working(observed: Option<&Observed>) -> (Reason, String) {
    if observed.is_some_and(|observed| observed.version.is_some()) {
        let message = "AWS is preparing the published version; with SnapStart that takes minutes.";
        return (Reason::Publishing, message.into());
    }
    match observed.and_then(|observed| observed.attributes.state.as_deref()) {
        Some("Pending") => (Reason::Creating, "AWS is creating the function.".into()),
        Some(_) | None => (Reason::Updating, "AWS is applying an update.".into()),
    }
}

/// AWS's words about the function's state, and about its last update.
fn because(seen: &Seen<Observed>) -> (String, String) {
    let attributes = seen.ours().map(|observed| observed.attributes.clone()).unwrap_or_default();
    let said = |code: Option<String>, reason: Option<Shown>| {
        let words: Vec<_> = [code, reason.map(String::from)].into_iter().flatten().collect();
        if words.is_empty() { "AWS gives no reason".to_owned() } else { words.join(": ") }
    };
    let state = said(attributes.state_reason_code, attributes.state_reason);
    (state, said(attributes.last_update_status_reason_code, attributes.last_update_status_reason))
}

/// Reason and sentence for what only a person can mend.
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
            "The function exists, but its tags cannot be read, so whose it is cannot be told and nothing is written: allow the operator lambda:ListTags.".into(),
        ),
        Blocked::Immutable(field) => (
            Reason::Immutable,
            format!("{field} cannot be changed on a living function: put the old value back, or delete this object and create another."),
        ),
        Blocked::UpdateFailed(half) => (
            Reason::UpdateFailed,
            format!("AWS took the last update back, and {} ({update}): remove the cause. The operator sends the update again every few minutes, and at once when the spec changes.", half.live()),
        ),
        Blocked::FunctionFailed => (
            Reason::FunctionFailed,
            format!("AWS says that the function has failed ({state}): remove the cause. One that never worked is created again every few minutes, one that did gets its code again; both at once when the spec changes."),
        ),
        Blocked::FunctionInactive => (
            Reason::FunctionInactive,
            format!("AWS made the function inactive and could not make its resources again, so it cannot be invoked ({state}): remove the cause; it is looked at every few minutes."),
        ),
        Blocked::NotConverging(sentence) => (Reason::NotConverging, sentence.clone()),
        Blocked::VersionFailed(reason) => (
            Reason::VersionFailed,
            format!("The published version will not become ready ({reason}): mend the cause and change the function; the next change publishes another."),
        ),
        Blocked::CodeHashMismatch { said, is } => (
            Reason::CodeHashMismatch,
            format!("spec.codeSha256 says {said}, and the source's code has {is}: correct codeSha256, or the source."),
        ),
        Blocked::Rival(sentence) => (Reason::NotOwned, sentence.clone()),
        Blocked::InvalidReference(sentence) => (Reason::InvalidReference, sentence.clone()),
        Blocked::InvalidSpec(sentence) => (Reason::InvalidSpec, sentence.clone()),
        Blocked::NotAllowed(sentence) => (Reason::NotAllowed, sentence.clone()),
        Blocked::DeletionProtected(sentence) => (Reason::DeletionProtected, sentence.clone()),
        Blocked::TargetChanged(sentence) => (Reason::TargetChanged, sentence.clone()),
    }
}
