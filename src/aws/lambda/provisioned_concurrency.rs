//! Provisioned concurrency of one version or alias in AWS, read and written through the SDK.

use aws_sdk_lambda::types::ProvisionedConcurrencyStatusEnum;

use super::remote::{Remote, absent};
use crate::api::provisioned_concurrency::LambdaProvisionedConcurrencyConfig;
use crate::core::attached::plan::Wanted;
use crate::core::attached::status::Answer;
use crate::core::attached::{Observed, Query};
use crate::core::error::CallError;
use crate::core::kind::Aws;
use crate::core::operation::Operation;
use crate::core::plan::Write;
use crate::kinds::provisioned_concurrency::Step;
use crate::kinds::provisioned_concurrency::model::{Allocation, ProvisionedConcurrency, State};

impl Aws<LambdaProvisionedConcurrencyConfig> for Remote {
    async fn observe(&self, query: &Query) -> Result<Option<Observed<ProvisionedConcurrency>>, CallError> {
        let Query { name } = query;
        // If the object never recorded a qualifier, it created nothing in AWS.
        if name.is_empty() {
            return Ok(None);
        }
        let config = self.provisioned_concurrency(name).await?;
        if config.is_none() {
            self.session.check_account(Operation::GetProvisionedConcurrencyConfig).await?;
        }
        Ok(config)
    }

    async fn execute(&self, step: &Step, _package: Option<Vec<u8>>) -> Result<Answer, CallError> {
        let operation = step.operation();
        match step {
            Step::Create(wanted) => {
                self.session.check_account(operation).await?;
                self.put_provisioned_concurrency(wanted).await
            }
            Step::Update(wanted) => self.put_provisioned_concurrency(wanted).await,
            Step::Delete(qualifier) => {
                let request = self.session.client.delete_provisioned_concurrency_config();
                let request = request.function_name(self.target.function()).qualifier(qualifier);
                match self.session.call(operation, request.send()).await {
                    Ok(_) => Ok(Answer::default()),
                    // The version, the alias or the function is gone, and its provisioned concurrency with it.
                    Err(error) => {
                        absent::<()>(error)?;
                        self.session.check_account(operation).await.map(|()| Answer::default())
                    }
                }
            }
        }
    }
}

impl Remote {
    async fn provisioned_concurrency(
        &self,
        qualifier: &str,
    ) -> Result<Option<Observed<ProvisionedConcurrency>>, CallError> {
        let request = self.session.client.get_provisioned_concurrency_config();
        let request = request.function_name(self.target.function()).qualifier(qualifier);
        let answer = match self.session.call(Operation::GetProvisionedConcurrencyConfig, request.send()).await {
            Ok(answer) => answer,
            Err(error) => return absent(error),
        };
        let state = match answer.status {
            Some(ProvisionedConcurrencyStatusEnum::InProgress) => State::InProgress,
            Some(ProvisionedConcurrencyStatusEnum::Failed) => State::Failed,
            // The operator does not wait for the end of an unknown state.
            Some(_) | None => State::Ready,
        };
        let allocation = Allocation {
            allocated: answer.allocated_provisioned_concurrent_executions.unwrap_or_default(),
            available: answer.available_provisioned_concurrent_executions.unwrap_or_default(),
            state,
            reason: answer.status_reason.filter(|reason| !reason.is_empty()),
        };
        let model = ProvisionedConcurrency {
            requested: answer.requested_provisioned_concurrent_executions.unwrap_or_default(),
            allocation: Some(allocation),
            is_shared: false,
        };
        // The answer has no ARN.
        let arn = format!("{}:{qualifier}", self.target.arn());
        Ok(Some(Observed { model, arn, revision: answer.last_modified }))
    }

    async fn put_provisioned_concurrency(&self, wanted: &Wanted<ProvisionedConcurrency>) -> Result<Answer, CallError> {
        let Wanted { name, model, members: _ } = wanted;
        let ProvisionedConcurrency { requested, allocation: _, is_shared: _ } = model;
        let request = self
            .session
            .client
            .put_provisioned_concurrency_config()
            .function_name(self.target.function())
            .qualifier(name)
            .provisioned_concurrent_executions(*requested);
        let answer = self.session.call(Operation::PutProvisionedConcurrencyConfig, request.send()).await?;
        Ok(Answer { revision: answer.last_modified })
    }
}
