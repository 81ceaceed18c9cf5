//! The calls of one reconcile: each takes a token, is sent once, measured and classified.

use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_sdk_lambda::Client;
use aws_sdk_lambda::config::http::HttpResponse;
use aws_sdk_lambda::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_lambda::types::EventSourceMappingConfiguration;
use serde_json::Value;

use super::account::Account;
use super::budget::{Budget, CallCount};
use super::call::{check_breaker, measured, recorded};
use super::recent::{Answer, Recent, Sharing};
use super::sweep::{Shared, Sweeps};
use super::{Gate, Identity, Meter};
use crate::aws::ec2::Ec2;
use crate::aws::logs::Logs;
use crate::core::error::class::Class;
use crate::core::error::{CallError, Error};
use crate::core::operation::{Access, Operation};
use crate::core::target::Target;
use crate::core::withheld::Withheld;

/// The delay of a reconcile at a closed gate. The process is about to end.
const CLOSED: Duration = Duration::from_secs(1);

/// The state that the calls of one reconcile share.
pub struct Session {
    pub(super) identity: Identity,
    pub(super) recent: Arc<Recent>,
    pub(super) mappings: Arc<Sweeps<EventSourceMappingConfiguration>>,
    /// Whether this reconcile may use what another one has read.
    pub(super) sharing: Sharing,
    pub(in crate::aws) client: Client,
    pub(super) account: Arc<Account>,
    /// The target of the calls.
    pub(super) target: Target,
    pub(super) ec2: Arc<Ec2>,
    pub(super) logs: Arc<Logs>,
    pub(super) budget: Arc<Budget>,
    pub(super) meter: Arc<dyn Meter>,
    pub(super) gate: Arc<dyn Gate>,
    pub(super) count: CallCount,
    /// The secret values that are removed from AWS's texts.
    pub(in crate::aws) withheld: Withheld,
}

impl Session {
    /// Reserves calls of which the last one is a write. A reconcile that will need a call with a scarce quota reserves it before it spends a cheap one.
    ///
    /// # Errors
    /// The time until the reservation is due.
    pub fn reserve(&self, calls: &[Operation]) -> Result<(), CallError> {
        self.budget.reserve(calls, &self.count, Instant::now()).map_err(CallError::Postponed)
    }

    /// Checks the circuit breaker, takes a token, and checks the gate.
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
        // Before and after, because another read can begin while the write is under way.
        self.written(operation);
        let result = measured(self.meter.as_ref(), &self.budget.breaker, operation, &self.withheld, request).await;
        self.written(operation);
        if result.as_ref().err().is_none_or(|error| !error.code.is_empty()) {
            self.budget.answered();
        }
        if result.as_ref().is_err_and(|error| error.class == Class::Throttled) {
            self.budget.throttled(operation, Instant::now());
        }
        result.map_err(|error| CallError::Failed(error.seen_from(&self.target)))
    }

    /// After a write, nothing that was read before it is used.
    fn written(&self, operation: Operation) {
        if operation.access() != Access::Read {
            self.recent.written(&self.target, Instant::now());
        }
    }

    /// The answer to a read that several objects of the function need; `part` names it. Objects of one function take turns, so no two read at once.
    pub(in crate::aws) async fn shared(
        &self,
        part: &str,
        read: impl Future<Output = Result<Answer, CallError>>,
    ) -> Result<Answer, CallError> {
        let (key, began) = ((self.identity.clone(), self.target.clone(), part.to_owned()), Instant::now());
        if let Some(answer) = self.recent.get(&key, began).filter(|_| self.sharing.may()) {
            self.sharing.uses();
            return Ok(answer);
        }
        let answer = read.await?;
        self.recent.keep(key, began, answer.clone());
        Ok(answer)
    }

    /// The list of event source mappings that stands for reads of single ones, if this reconcile may use it, and the age up to which it may.
    pub(in crate::aws) fn mappings(&self) -> Option<(Shared<EventSourceMappingConfiguration>, Duration)> {
        self.sharing.may().then(|| (self.mappings.of(&self.identity, &self.target), self.sharing.lists()))
    }

    /// This mapping is read by a call of its own, which is newer than what a list has shown of it. `false` while a list is being made: the read has to
    /// come after it.
    pub(in crate::aws) fn reads_mapping(&self, uuid: &str) -> bool {
        let sweep = self.mappings.of(&self.identity, &self.target);
        sweep.try_lock().is_ok_and(|mut sweep| {
            sweep.forget(uuid);
            true
        })
    }

    /// Uses what a list that began then has shown, if it saw the last write to the function.
    pub(in crate::aws) fn uses(&self, began: Instant) -> bool {
        let current = self.recent.is_current(&self.target, began);
        if current {
            self.sharing.uses();
        }
        current
    }

    /// Whether a read of another reconcile was used. From now on, each read is this reconcile's own.
    pub(in crate::aws) fn refresh(&self) -> bool {
        self.sharing.end()
    }

    /// Checks that the credentials still belong to the target's account: before a creation, and before the answer "not found" counts.
    ///
    /// # Errors
    /// If they belong to another account, or STS fails.
    pub(in crate::aws) async fn check_account(&self, operation: Operation) -> Result<(), CallError> {
        // Commands that only read may not know the account.
        if self.target.account.is_empty() {
            return Ok(());
        }
        let principal = self.account.principal(self.meter.as_ref()).await.map_err(CallError::Failed)?;
        if principal.account == self.target.account {
            return Ok(());
        }
        Err(CallError::Failed(Error::elsewhere(
            operation,
            &format!("the credentials belong to account {}", principal.account),
        )))
    }

    /// Checks that an answer is about the target, by the account and region of its ARN.
    ///
    /// # Errors
    /// If it is about another account or region.
    pub(in crate::aws) fn check_arn(&self, operation: Operation, arn: Option<&str>) -> Result<(), CallError> {
        match arn.and_then(|arn| self.target.differs_from(arn)) {
            Some(place) => Err(CallError::Failed(Error::elsewhere(operation, &format!("the answer is about {place}")))),
            None => Ok(()),
        }
    }

    /// The security group named `default` in a VPC.
    pub(in crate::aws) async fn default_group(&self, region: &str, vpc: &str) -> Result<Option<String>, CallError> {
        let operation = Operation::DescribeSecurityGroups;
        check_breaker(self.ec2.breaker(), operation).map_err(CallError::Failed)?;
        self.take(operation)?;
        let question = self.ec2.default_group(region, vpc);
        recorded(self.meter.as_ref(), self.ec2.breaker(), operation, question).await.map_err(CallError::Failed)
    }

    /// A call of CloudWatch Logs, which has a token bucket and a circuit breaker of its own.
    pub(in crate::aws) async fn logs(&self, operation: Operation, request: &Value) -> Result<Value, CallError> {
        check_breaker(self.logs.breaker(), operation).map_err(CallError::Failed)?;
        self.take(operation)?;
        let call = self.logs.call(operation, &self.target.region, request);
        let result = recorded(self.meter.as_ref(), self.logs.breaker(), operation, call).await;
        if result.as_ref().is_err_and(|error| error.class == Class::Throttled) {
            self.budget.throttled(operation, Instant::now());
        }
        result.map_err(|error| CallError::Failed(error.seen_from(&self.target)))
    }
}
