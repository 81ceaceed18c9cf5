//! A pass as a trace: its root span, around the pass and not in it. The span names the object and nothing of what it says.

use std::sync::Arc;

use kube::runtime::controller::Action;
use kube::{Resource, ResourceExt};
use tracing::{Instrument, info_span};

use super::context::Context;
use super::guarded::{self, Error};
use super::kept::Kept;
use crate::process::telemetry::SPANS;

/// A guarded pass in its span.
pub(super) async fn reconcile(object: Arc<Kept>, context: Arc<Context>) -> Result<Action, Arc<Error>> {
    let span = info_span!(
        target: SPANS,
        parent: None,
        "pass",
        namespace = object.namespace(),
        name = object.name_any(),
        generation = object.meta().generation,
    );
    // On the heap: it is large, and a span around it would move it.
    Box::pin(guarded::reconcile(object, context)).instrument(span).await
}
