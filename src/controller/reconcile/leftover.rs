//! Reports a resource that stays in AWS after its object is gone: by our own release, or because somebody else removed the finalizer.

use kube::{Resource, ResourceExt};
use tracing::warn;

use super::Reconcile;
use super::events::{About, publish};
use crate::controller::context::KindContext;
use crate::controller::managed::Managed;
use crate::controller::watch::cached::CachedObject;
use crate::core::conclusion::Seen;
use crate::core::hand_over::HandOver;
use crate::core::kind::ConclusionOf;
use crate::core::leftover::{End, Leftover, leftover};
use crate::core::past::Reported;
use crate::core::target::Target;

impl<K: Managed> Reconcile<'_, K> {
    /// The resource that stays in AWS after this release.
    pub(super) fn leftover(&self, conclusion: &ConclusionOf<K>) -> Option<Leftover> {
        let kept = self.object.common().skip_destroy.unwrap_or_default();
        let handed_over = HandOver::of(self.object.meta().annotations.as_ref()).is_some();
        let end = match (&conclusion.seen, kept, &conclusion.target) {
            (Seen::Absent, _, _) => End::Absent,
            _ if handed_over => End::HandedOver,
            (Seen::Ours(_) | Seen::Nothing, true, _) => End::Kept,
            (Seen::Ours(_) | Seen::Nothing, false, Some(_)) => End::NotOwned,
            (Seen::Ours(_) | Seen::Nothing, false, None) => End::Unknown,
        };
        let recorded = self.known.as_ref().and_then(|status| status.common().arn.as_deref());
        let place = conclusion.target.as_ref().map(Target::text);
        leftover(end, K::NAMES.noun, recorded, place.as_deref())
    }
}

/// Publishes the Event. If the namespace is being deleted, the Event is about the namespace instead of the object.
pub(super) async fn tell<K: Managed>(
    context: &KindContext<K>,
    object: &impl Resource<DynamicType = ()>,
    leftover: &Leftover,
) {
    let Leftover { reason, sentence } = leftover;
    context.metrics.left(*reason);
    publish(&context.shared, object, About::ObjectOrNamespace, reason.name(), sentence).await;
}

/// Handles an object that the watch shows as gone.
pub(in crate::controller) async fn gone<K: Managed>(context: &KindContext<K>, object: &CachedObject<K>) {
    let uid = object.uid().unwrap_or_default();
    context.outlasting.forget(&uid);
    let expected = context.released.forget(&uid);
    // Only the leader reports it.
    if expected || !context.shared.aws.may_call() {
        return;
    }
    let Some(leftover) = leftover(End::FinalizerRemoved, K::NAMES.noun, object.arn(), object.creating()) else {
        return;
    };
    let (namespace, name) = (object.meta().namespace.clone().unwrap_or_default(), object.name_any());
    warn!(kind = K::NAMES.controller, namespace, name, "{}", leftover.sentence);
    tell(context, object, &leftover).await;
}
