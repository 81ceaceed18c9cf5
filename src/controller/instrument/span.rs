//! The root span of a reconcile's trace. It names the object and nothing of its contents.

use std::sync::Arc;
use std::time::Instant;

use kube::runtime::controller::Action;
use kube::{Resource, ResourceExt};
use tracing::{Instrument, info_span};

use super::guard;
use super::guard::Error;
use super::queue::Key;
use crate::controller::context::KindContext;
use crate::controller::managed::Managed;
use crate::controller::watch::cached::CachedObject;
use crate::controller::workers::Workers;
use crate::process::telemetry::SPANS;

/// Runs a reconcile with its guard and its span, if a worker is free. Otherwise the object is woken as soon as a worker is free.
pub(in crate::controller) async fn reconcile<K: Managed>(
    object: Arc<CachedObject<K>>,
    context: Arc<KindContext<K>>,
) -> Result<Action, Arc<Error>> {
    let Some(_worker) = context.workers.enter(&Key::of(object.as_ref()), Instant::now()) else {
        return Ok(Action::requeue(Workers::AGAIN));
    };
    let span = info_span!(
        target: SPANS,
        parent: None,
        "pass",
        kind = K::NAMES.controller,
        namespace = object.namespace(),
        name = object.name_any(),
        generation = object.meta().generation,
    );
    // On the heap: it is large, and a span around it would move it.
    Box::pin(guard::reconcile(object, Arc::clone(&context))).instrument(span).await
}
