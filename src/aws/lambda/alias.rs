//! One alias in AWS, read and written through the SDK.

use std::collections::HashMap;

use aws_sdk_lambda::types::AliasRoutingConfiguration;

use super::remote::{Remote, absent};
use crate::api::alias::LambdaAlias;
use crate::core::attached::plan::Wanted;
use crate::core::attached::status::Answer;
use crate::core::attached::{Observed, Query};
use crate::core::error::CallError;
use crate::core::kind::Aws;
use crate::core::operation::Operation;
use crate::core::plan::Write;
use crate::kinds::alias::model::{Alias, Member, Weights};
use crate::kinds::alias::plan::Step;

impl Aws<LambdaAlias> for Remote {
    fn reserve(&self, calls: &[Operation]) -> Result<(), CallError> {
        self.session.reserve(calls)
    }

    async fn observe(&self, query: &Query) -> Result<Option<Observed<Alias>>, CallError> {
        let Query { name } = query;
        let alias = self.alias(name).await?;
        if alias.is_none() {
            self.session.check_account(Operation::GetAlias).await?;
        }
        Ok(alias)
    }

    async fn execute(&self, step: &Step, _package: Option<Vec<u8>>) -> Result<Answer, CallError> {
        let (client, operation) = (&self.session.client, step.operation());
        match step {
            Step::Create(Wanted { name, model: Alias { version, description, weights }, members: _ }) => {
                self.session.check_account(operation).await?;
                let request = client
                    .create_alias()
                    .function_name(self.target.function())
                    .name(name)
                    .function_version(version)
                    .set_description(Some(description.clone()).filter(|text| !text.is_empty()))
                    .set_routing_config(Some(routing(weights)).filter(|_| !weights.is_empty()));
                let answer = self.session.call(operation, request.send()).await?;
                self.session.check_arn(operation, answer.alias_arn.as_deref())?;
                Ok(Answer { revision: answer.revision_id })
            }
            Step::Update(Wanted { name, model: Alias { version, description, weights }, members }) => {
                let sent = |member| members.contains(&member);
                let request = client
                    .update_alias()
                    .function_name(self.target.function())
                    .name(name)
                    .set_function_version(sent(Member::Version).then(|| version.clone()))
                    .set_description(sent(Member::Description).then(|| description.clone()))
                    // An empty configuration clears the weights.
                    .set_routing_config(sent(Member::Routing).then(|| routing(weights)));
                let answer = self.session.call(operation, request.send()).await?;
                self.session.check_arn(operation, answer.alias_arn.as_deref())?;
                Ok(Answer { revision: answer.revision_id })
            }
            Step::Delete(name) => {
                let request = client.delete_alias().function_name(self.target.function()).name(name);
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
    async fn alias(&self, name: &str) -> Result<Option<Observed<Alias>>, CallError> {
        let request = self.session.client.get_alias().function_name(self.target.function()).name(name);
        let answer = match self.session.call(Operation::GetAlias, request.send()).await {
            Ok(answer) => answer,
            Err(error) => return absent(error),
        };
        self.session.check_arn(Operation::GetAlias, answer.alias_arn.as_deref())?;
        let weights = answer.routing_config.and_then(|routing| routing.additional_version_weights).unwrap_or_default();
        let model = Alias {
            version: answer.function_version.unwrap_or_default(),
            description: answer.description.unwrap_or_default(),
            weights: Weights::of(weights),
        };
        Ok(Some(Observed { model, arn: answer.alias_arn.unwrap_or_default(), revision: answer.revision_id }))
    }
}

fn routing(weights: &Weights) -> AliasRoutingConfiguration {
    let all: HashMap<_, _> =
        weights.iter().filter_map(|(version, weight)| Some((version.clone(), weight.parse().ok()?))).collect();
    AliasRoutingConfiguration::builder().set_additional_version_weights(Some(all)).build()
}
