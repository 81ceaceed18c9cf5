//! The root span of a reconcile's trace. It names the object and nothing of its contents.

use std::sync::Arc;

use kube::runtime::controller::Action;
use kube::{Resource, ResourceExt};
use tracing::{Instrument, info_span};

use super::guard;
use super::guard::Error;
use crate::controller::context::KindContext;
use crate::controller::managed::Managed;
use crate::controller::watch::cached::CachedObject;
use crate::process::telemetry::SPANS;

/// Runs the guarded reconcile in its span.
pub(in crate::controller) async fn reconcile<K: Managed>(
    object: Arc<CachedObject<K>>,
    context: Arc<KindContext<K>>,
) -> Result<Action, Arc<Error>> {
    let span = info_span!(
        target: SPANS,
        parent: None,
        "pass",
        kind = K::NAMES.controller,
        namespace = object.namespace(),
        name = object.name_any(),
        generation = object.meta().generation,
    );
    // Boxed, because the future is large and a span around it would move it.
    Box::pin(guard::reconcile(object, context)).instrument(span).await
}
