//! One function URL in AWS and the statements that belong to it, read and written through the SDK.

use std::collections::BTreeSet;

use aws_sdk_lambda::types::{Cors as SdkCors, FunctionUrlAuthType, InvokeMode};

use super::remote::{Remote, absent};
use crate::api::function_url::LambdaFunctionUrl;
use crate::core::attached::plan::{Step as UrlStep, Wanted};
use crate::core::attached::status::Answer;
use crate::core::error::CallError;
use crate::core::kind::Aws;
use crate::core::operation::Operation;
use crate::core::plan::Write;
use crate::kinds::url::model::{BUFFERED, Cors, Member, Url};
use crate::kinds::url::observed::{Observed, Query, Shown};
use crate::kinds::url::plan::{Statement, Step};

impl Aws<LambdaFunctionUrl> for Remote {
    fn reserve(&self, calls: &[Operation]) -> Result<(), CallError> {
        self.session.reserve(calls)
    }

    async fn observe(&self, query: &Query) -> Result<Option<Observed>, CallError> {
        let Query { qualifier, ids } = query;
        let url = self.url(qualifier.as_ref()).await?;
        if url.is_none() {
            self.session.check_account(Operation::GetFunctionUrlConfig).await?;
        }
        let policy = match ids {
            Some(ids) => self.policy(qualifier.as_ref(), ids).await?,
            None => None,
        };
        let is_something = url.is_some() || policy.is_some();
        Ok(is_something.then_some(Observed { url, policy }))
    }

    async fn execute(&self, step: &Step, _package: Option<Vec<u8>>) -> Result<Answer, CallError> {
        match step {
            Step::Url { step, qualifier } => self.write_url(step, qualifier.as_ref()).await,
            Step::Add(statement) => {
                let Statement { id, permission, qualifier, revision, is_last: _, completes: _, before } = &**statement;
                self.add_statement(id, permission, qualifier.as_ref(), revision.as_ref()).await?;
                Ok(Answer { revision: before.as_ref().and_then(|before| before.revision.clone()) })
            }
            Step::Remove(statement) => {
                let Statement { id, permission: _, qualifier, revision, is_last: _, completes: _, before } =
                    &**statement;
                self.remove_statement(id, qualifier.as_ref(), revision.as_ref()).await?;
                Ok(Answer { revision: before.as_ref().and_then(|before| before.revision.clone()) })
            }
        }
    }
}

impl Remote {
    async fn url(&self, qualifier: Option<&String>) -> Result<Option<Shown>, CallError> {
        let request = self.session.client.get_function_url_config().function_name(self.target.function());
        let request = request.set_qualifier(qualifier.cloned());
        let operation = Operation::GetFunctionUrlConfig;
        let answer = match self.session.call(operation, request.send()).await {
            Ok(answer) => answer,
            Err(error) => return absent(error),
        };
        self.session.check_arn(operation, Some(&answer.function_arn))?;
        let model = Url {
            auth_type: answer.auth_type.as_str().to_owned(),
            cors: answer.cors.map(read).unwrap_or_default(),
            invoke_mode: answer.invoke_mode.map_or(BUFFERED.to_owned(), |mode| mode.as_str().to_owned()),
            public: BTreeSet::new(),
        };
        Ok(Some(Shown {
            model,
            arn: answer.function_arn,
            address: answer.function_url,
            created: answer.creation_time,
            modified: Some(answer.last_modified_time),
        }))
    }

    async fn write_url(&self, step: &UrlStep<Url>, qualifier: Option<&String>) -> Result<Answer, CallError> {
        let (client, operation) = (&self.session.client, step.operation());
        match step {
            UrlStep::Create(Wanted { name: _, model: Url { auth_type, cors, invoke_mode, public: _ }, members: _ }) => {
                self.session.check_account(operation).await?;
                let request = client
                    .create_function_url_config()
                    .function_name(self.target.function())
                    .set_qualifier(qualifier.cloned())
                    .auth_type(FunctionUrlAuthType::from(auth_type.as_str()))
                    .set_cors((*cors != Cors::default()).then(|| written(cors)))
                    .set_invoke_mode((invoke_mode != BUFFERED).then(|| InvokeMode::from(invoke_mode.as_str())));
                let answer = self.session.call(operation, request.send()).await?;
                self.session.check_arn(operation, Some(&answer.function_arn))?;
                // The answer does not contain the time of the last change.
                Ok(Answer::default())
            }
            UrlStep::Update(Wanted { name: _, model: Url { auth_type, cors, invoke_mode, public: _ }, members }) => {
                let sent = |member| members.contains(&member);
                let request = client
                    .update_function_url_config()
                    .function_name(self.target.function())
                    .set_qualifier(qualifier.cloned())
                    .set_auth_type(sent(Member::AuthType).then(|| FunctionUrlAuthType::from(auth_type.as_str())))
                    // An empty block clears the setting.
                    .set_cors(sent(Member::Cors).then(|| written(cors)))
                    .set_invoke_mode(sent(Member::InvokeMode).then(|| InvokeMode::from(invoke_mode.as_str())));
                let answer = self.session.call(operation, request.send()).await?;
                self.session.check_arn(operation, Some(&answer.function_arn))?;
                Ok(Answer { revision: Some(answer.last_modified_time) })
            }
            UrlStep::Delete(_) => {
                let request = client.delete_function_url_config().function_name(self.target.function());
                match self.session.call(operation, request.set_qualifier(qualifier.cloned()).send()).await {
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

fn read(cors: SdkCors) -> Cors {
    let all = |values: Option<Vec<String>>| values.into_iter().flatten();
    Cors {
        credentials: cors.allow_credentials.unwrap_or_default(),
        headers: Cors::headers(all(cors.allow_headers)),
        methods: all(cors.allow_methods).collect(),
        origins: all(cors.allow_origins).collect(),
        exposed: Cors::headers(all(cors.expose_headers)),
        max_age: cors.max_age,
    }
}

fn written(cors: &Cors) -> SdkCors {
    let Cors { credentials, headers, methods, origins, exposed, max_age } = cors;
    let list = |values: &BTreeSet<String>| (!values.is_empty()).then(|| values.iter().cloned().collect::<Vec<_>>());
    SdkCors::builder()
        .set_allow_credentials(credentials.then_some(true))
        .set_allow_headers(list(headers))
        .set_allow_methods(list(methods))
        .set_allow_origins(list(origins))
        .set_expose_headers(list(exposed))
        .set_max_age(*max_age)
        .build()
}
