//! The calls of one reconcile: each takes a token, is sent once, and is measured and classified.

use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_sdk_lambda::Client;
use aws_sdk_lambda::config::http::HttpResponse;
use aws_sdk_lambda::error::{ProvideErrorMetadata, SdkError};

use super::budget::{Budget, CallCount};
use super::call::{check_breaker, measured, recorded};
use super::{Gate, Meter};
use crate::aws::ec2::Ec2;
use crate::core::error::CallError;
use crate::core::error::class::Class;
use crate::core::operation::Operation;

/// How long a pass stays away from a closed gate; the process is about to end.
const CLOSED: Duration = Duration::from_secs(1);

/// What the calls of one reconcile share.
pub struct Session {
    pub(in crate::aws) client: Client,
    pub(super) ec2: Arc<Ec2>,
    pub(super) budget: Arc<Budget>,
    pub(super) meter: Arc<dyn Meter>,
    pub(super) gate: Arc<dyn Gate>,
    pub(super) count: CallCount,
}

impl Session {
    /// Keeps a place for a call: a pass that will need a scarce call asks before it spends a plentiful one.
    ///
    /// # Errors
    /// How long until the place is due.
    pub fn reserve(&self, operation: Operation) -> Result<(), CallError> {
        self.budget.reserve(operation, &self.count, Instant::now()).map_err(CallError::Postponed)
    }

    /// A way that is not silent, a token, and one look at whether we may call at all.
    fn take(&self, operation: Operation) -> Result<(), CallError> {
        check_breaker(&self.budget.breaker, operation).map_err(CallError::Failed)?;
        self.budget.take(operation, &self.count, Instant::now()).map_err(CallError::Postponed)?;
        if self.gate.is_open() { Ok(()) } else { Err(CallError::Postponed(CLOSED)) }
    }

    pub(in crate::aws) async fn call<O, E: ProvideErrorMetadata + std::error::Error + 'static>(
        &self,
        operation: Operation,
        request: impl Future<Output = Result<O, SdkError<E, HttpResponse>>>,
    ) -> Result<O, CallError> {
        self.take(operation)?;
        let result = measured(self.meter.as_ref(), &self.budget.breaker, operation, request).await;
        if result.as_ref().is_err_and(|error| error.class == Class::Throttled) {
            self.budget.throttled(operation, Instant::now());
        }
        result.map_err(CallError::Failed)
    }

    /// The group named `default` in a VPC.
    pub(in crate::aws) async fn default_group(&self, region: &str, vpc: &str) -> Result<Option<String>, CallError> {
        let operation = Operation::DescribeSecurityGroups;
        check_breaker(&self.ec2.breaker, operation).map_err(CallError::Failed)?;
        self.take(operation)?;
        let question = self.ec2.default_group(region, vpc);
        recorded(self.meter.as_ref(), &self.ec2.breaker, operation, question).await.map_err(CallError::Failed)
    }
}
