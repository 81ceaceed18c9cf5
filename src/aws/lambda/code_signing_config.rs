//! One code signing configuration in AWS, read and written through the SDK.

use aws_sdk_lambda::types::{AllowedPublishers, CodeSigningConfig, CodeSigningPolicies, CodeSigningPolicy};

use super::remote::{Remote, absent};
use crate::api::code_signing_config::LambdaCodeSigningConfig;
use crate::core::error::class::Class;
use crate::core::error::{CallError, Error};
use crate::core::kind::Aws;
use crate::core::operation::Operation;
use crate::core::ownership::OWNER_TAG;
use crate::core::plan::Write;
use crate::core::tagged::Tags;
use crate::kinds::code_signing_config::model::{Config, Creation, Member, Observed, Query, Search, Step, WARN};
use crate::kinds::code_signing_config::status::Answer;
use crate::kinds::function::plan::step::{Tagging, Untagging};

impl Aws<LambdaCodeSigningConfig> for Remote {
    fn reserve(&self, calls: &[Operation]) -> Result<(), CallError> {
        self.session.reserve(calls)
    }

    async fn observe(&self, query: &Query) -> Result<Option<Observed>, CallError> {
        let known = match &query.arn {
            Some(arn) => self.signing_config(arn).await?,
            None => None,
        };
        let observed = match (known, &query.search) {
            (Some(observed), _) if query.needs_tags(&observed) => self.with_tags(observed).await?,
            (Some(observed), _) => Some(observed),
            (None, Some(search)) => self.search(search).await?,
            (None, None) => None,
        };
        match observed {
            Some(observed) if query.leaving => self.with_functions(observed).await.map(Some),
            Some(observed) => Ok(Some(observed)),
            None => self.session.check_account(Operation::GetCodeSigningConfig).await.map(|()| None),
        }
    }

    async fn execute(&self, step: &Step, _package: Option<Vec<u8>>) -> Result<Answer, CallError> {
        let (client, operation) = (&self.session.client, step.operation());
        match step {
            Step::Create(creation) => self.create_signing_config(creation).await,
            Step::Update(arn, config, members) => {
                let Config { publishers: _, untrusted: _, description } = config;
                let sent = |member| members.contains(&member);
                let mut request = client.update_code_signing_config().code_signing_config_arn(arn);
                if sent(Member::AllowedPublishers) {
                    request = request.allowed_publishers(publishers(operation, config)?);
                }
                let request = request
                    .set_code_signing_policies(sent(Member::Policies).then(|| policies(config)))
                    .set_description(sent(Member::Description).then(|| description.clone()));
                let answer = self.session.call(operation, request.send()).await?;
                self.answered(operation, answer.code_signing_config)
            }
            Step::Tag(arn, tagging) => {
                let tags = match tagging {
                    Tagging::Set(tags) => tags.get().clone().into_iter().collect(),
                    Tagging::Owner(owner) => [(OWNER_TAG.to_owned(), owner.clone())].into(),
                };
                let request = client.tag_resource().resource(arn).set_tags(Some(tags));
                self.session.call(operation, request.send()).await.map(|_| Answer::default())
            }
            Step::Untag(arn, untagging) => {
                let keys = match untagging {
                    Untagging::Remove(keys) => keys.clone(),
                    Untagging::Owner => vec![OWNER_TAG.to_owned()],
                };
                let request = client.untag_resource().resource(arn).set_tag_keys(Some(keys));
                self.session.call(operation, request.send()).await.map(|_| Answer::default())
            }
            Step::Delete(arn) => {
                let request = client.delete_code_signing_config().code_signing_config_arn(arn);
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
    /// The code signing configuration with this ARN, without its tags.
    ///
    /// # Errors
    /// AWS's error.
    pub async fn signing_config(&self, arn: &str) -> Result<Option<Observed>, CallError> {
        let operation = Operation::GetCodeSigningConfig;
        let request = self.session.client.get_code_signing_config().code_signing_config_arn(arn);
        match self.session.call(operation, request.send()).await {
            Ok(answer) => {
                let Some(config) = answer.code_signing_config else { return Ok(None) };
                self.session.check_arn(operation, Some(&config.code_signing_config_arn))?;
                Ok(Some(observed(config)))
            }
            Err(error) => absent(error),
        }
    }

    /// Reads its tags; `None` if it was deleted meanwhile.
    ///
    /// # Errors
    /// AWS's error.
    pub async fn with_tags(&self, observed: Observed) -> Result<Option<Observed>, CallError> {
        let request = self.session.client.list_tags().resource(&observed.arn);
        let tags = match self.session.call(Operation::ListTags, request.send()).await {
            Ok(answer) => Tags::shown(answer.tags),
            Err(CallError::Failed(error)) if error.class == Class::Denied => Tags::Withheld,
            Err(error) => return absent(error),
        };
        Ok(Some(Observed { tags, ..observed }))
    }

    /// Reads the functions that use it. If the permission to list them is missing, the list is empty: the operator tries the deletion, and AWS's
    /// answer decides.
    async fn with_functions(&self, observed: Observed) -> Result<Observed, CallError> {
        let (operation, mut functions, mut marker) = (Operation::ListFunctionsByCodeSigningConfig, Vec::new(), None);
        loop {
            let request = self.session.client.list_functions_by_code_signing_config();
            let request = request.code_signing_config_arn(&observed.arn).set_marker(marker);
            let page = match self.session.call(operation, request.send()).await {
                Ok(page) => page,
                Err(CallError::Failed(error)) if matches!(error.class, Class::Denied | Class::NotFound) => {
                    return Ok(observed);
                }
                Err(error) => return Err(error),
            };
            functions.extend(page.function_arns.unwrap_or_default());
            marker = page.next_marker.filter(|marker| !marker.is_empty());
            if marker.is_none() {
                return Ok(Observed { functions, ..observed });
            }
        }
    }

    /// Searches for the object's code signing configuration by its owner tag, among those that the object can have created.
    async fn search(&self, search: &Search) -> Result<Option<Observed>, CallError> {
        let (operation, mut found, mut marker) = (Operation::ListCodeSigningConfigs, Vec::new(), None);
        loop {
            let request = self.session.client.list_code_signing_configs().set_marker(marker);
            let page = self.session.call(operation, request.send()).await?;
            let all = page.code_signing_configs.unwrap_or_default().into_iter().map(observed);
            found.extend(all.filter(|one| search.considers(one)));
            marker = page.next_marker.filter(|marker| !marker.is_empty());
            if marker.is_none() {
                break;
            }
        }
        for one in found {
            let Some(one) = self.with_tags(one).await? else { continue };
            let is_own = one.tags.owner_name().is_some_and(|owner| search.owners.iter().any(|own| own == owner));
            // If its tags are withheld, it can be the object's. It counts as found, so that the operator does not create a second one.
            if is_own || one.tags == Tags::Withheld {
                return Ok(Some(one));
            }
        }
        Ok(None)
    }

    async fn create_signing_config(&self, creation: &Creation) -> Result<Answer, CallError> {
        let (operation, Creation { config, tags, owner }) = (Operation::CreateCodeSigningConfig, creation);
        self.session.check_account(operation).await?;
        let request = self
            .session
            .client
            .create_code_signing_config()
            .allowed_publishers(publishers(operation, config)?)
            .set_code_signing_policies((config.untrusted != WARN).then(|| policies(config)))
            .set_description(Some(config.description.clone()).filter(|text| !text.is_empty()))
            .set_tags(Some(tags.clone().into_iter().collect()))
            .tags(OWNER_TAG, owner);
        let answer = self.session.call(operation, request.send()).await?;
        self.answered(operation, answer.code_signing_config)
    }

    fn answered(&self, operation: Operation, config: Option<CodeSigningConfig>) -> Result<Answer, CallError> {
        let Some(config) = config else { return Ok(Answer::default()) };
        self.session.check_arn(operation, Some(&config.code_signing_config_arn))?;
        let Observed { arn, modified, .. } = observed(config);
        Ok(Answer { arn: Some(arn), modified })
    }
}

fn observed(config: CodeSigningConfig) -> Observed {
    let untrusted = config.code_signing_policies.and_then(|policies| policies.untrusted_artifact_on_deployment);
    let publishers = config.allowed_publishers.map(|allowed| allowed.signing_profile_version_arns);
    Observed {
        arn: config.code_signing_config_arn,
        id: config.code_signing_config_id,
        config: Config {
            publishers: publishers.unwrap_or_default().into_iter().collect(),
            untrusted: untrusted.map_or_else(|| WARN.to_owned(), |policy| policy.as_str().to_owned()),
            description: config.description.unwrap_or_default(),
        },
        modified: config.last_modified.parse().ok(),
        tags: Tags::NotRead,
        functions: Vec::new(),
    }
}

fn publishers(operation: Operation, config: &Config) -> Result<AllowedPublishers, CallError> {
    let arns = config.publishers.iter().cloned().collect();
    let built = AllowedPublishers::builder().set_signing_profile_version_arns(Some(arns)).build();
    // The schema requires at least one.
    built.map_err(|_| CallError::Failed(Error::new(operation, "ValidationException", 400, "no allowed publishers")))
}

fn policies(config: &Config) -> CodeSigningPolicies {
    let policy = CodeSigningPolicy::from(config.untrusted.as_str());
    CodeSigningPolicies::builder().untrusted_artifact_on_deployment(policy).build()
}
