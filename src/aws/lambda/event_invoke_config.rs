//! One event invoke configuration in AWS, read and written through the SDK.

use aws_sdk_lambda::primitives::DateTime;
use aws_sdk_lambda::types::{DestinationConfig, OnFailure, OnSuccess};

use super::remote::{Remote, absent};
use crate::api::event_invoke_config::LambdaFunctionEventInvokeConfig;
use crate::core::attached::plan::Wanted;
use crate::core::attached::status::Answer;
use crate::core::attached::{Observed, Query};
use crate::core::error::CallError;
use crate::core::kind::Aws;
use crate::core::operation::Operation;
use crate::core::plan::Write;
use crate::kinds::event_invoke_config::Step;
use crate::kinds::event_invoke_config::model::EventInvokeConfig;

impl Aws<LambdaFunctionEventInvokeConfig> for Remote {
    async fn observe(&self, query: &Query) -> Result<Option<Observed<EventInvokeConfig>>, CallError> {
        let Query { name } = query;
        // If the object never recorded a qualifier, it created nothing in AWS.
        if name.is_empty() {
            return Ok(None);
        }
        let config = self.event_invoke_config(name).await?;
        if config.is_none() {
            self.session.check_account(Operation::GetFunctionEventInvokeConfig).await?;
        }
        Ok(config)
    }

    async fn execute(&self, step: &Step, _package: Option<Vec<u8>>) -> Result<Answer, CallError> {
        let operation = step.operation();
        match step {
            Step::Create(wanted) => {
                self.session.check_account(operation).await?;
                self.put_event_invoke_config(wanted).await
            }
            Step::Update(wanted) => self.put_event_invoke_config(wanted).await,
            Step::Delete(qualifier) => {
                let request = self.session.client.delete_function_event_invoke_config();
                let request = request.function_name(self.target.function()).qualifier(qualifier);
                match self.session.call(operation, request.send()).await {
                    Ok(_) => Ok(Answer::default()),
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
    async fn event_invoke_config(&self, qualifier: &str) -> Result<Option<Observed<EventInvokeConfig>>, CallError> {
        let operation = Operation::GetFunctionEventInvokeConfig;
        let request = self.session.client.get_function_event_invoke_config();
        let request = request.function_name(self.target.function()).qualifier(qualifier);
        let answer = match self.session.call(operation, request.send()).await {
            Ok(answer) => answer,
            Err(error) => return absent(error),
        };
        self.session.check_arn(operation, answer.function_arn.as_deref())?;
        // AWS shows a destination that is not set as an empty block.
        let (success, failure) =
            answer.destination_config.map_or((None, None), |config| (config.on_success, config.on_failure));
        let model = EventInvokeConfig {
            age: answer.maximum_event_age_in_seconds,
            retries: answer.maximum_retry_attempts,
            on_success: success.and_then(|block| block.destination).filter(|arn| !arn.is_empty()),
            on_failure: failure.and_then(|block| block.destination).filter(|arn| !arn.is_empty()),
        };
        let revision = answer.last_modified.as_ref().map(revision);
        Ok(Some(Observed { model, arn: answer.function_arn.unwrap_or_default(), revision }))
    }

    /// A Put call replaces every setting. A destination that is not desired is left out of the call, and AWS removes it.
    async fn put_event_invoke_config(&self, wanted: &Wanted<EventInvokeConfig>) -> Result<Answer, CallError> {
        let Wanted { name, model, members: _ } = wanted;
        let EventInvokeConfig { age, retries: _, on_success, on_failure } = model;
        let operation = Operation::PutFunctionEventInvokeConfig;
        let success = on_success.clone().map(|arn| OnSuccess::builder().destination(arn).build());
        let failure = on_failure.clone().map(|arn| OnFailure::builder().destination(arn).build());
        let destinations = (success.is_some() || failure.is_some())
            .then(|| DestinationConfig::builder().set_on_success(success).set_on_failure(failure).build());
        let request = self
            .session
            .client
            .put_function_event_invoke_config()
            .function_name(self.target.function())
            .qualifier(name)
            .set_maximum_event_age_in_seconds(*age)
            .set_maximum_retry_attempts(model.sent_retries())
            .set_destination_config(destinations);
        let answer = self.session.call(operation, request.send()).await?;
        self.session.check_arn(operation, answer.function_arn.as_deref())?;
        Ok(Answer { revision: answer.last_modified.as_ref().map(revision) })
    }
}

/// The time of the last change. It serves as the revision, because AWS has no revision for this resource.
fn revision(modified: &DateTime) -> String {
    format!("{}.{:09}", modified.secs(), modified.subsec_nanos())
}
