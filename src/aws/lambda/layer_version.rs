//! The versions of one layer in AWS, read and written through the SDK.

use std::collections::BTreeSet;

use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{
    Architecture, LayerVersionContentInput, LayerVersionContentOutput as Content, LayerVersionsListItem, Runtime,
};

use super::remote::{Remote, absent};
use crate::api::layer_version::LambdaLayerVersion;
use crate::core::error::CallError;
use crate::core::kind::Aws;
use crate::core::operation::Operation;
use crate::core::plan::Write;
use crate::core::zip_source::Zip;
use crate::kinds::layer_version::model::{
    Addition, Deletion, Given, Layer, Listed, Observed, Publication, Query, Removal, Search, Step, Version,
};
use crate::kinds::layer_version::status::Answer;
use crate::kinds::permission::model::Permission;
use crate::kinds::permission::statement;
use crate::kinds::permission::statement::Policy;

impl Aws<LambdaLayerVersion> for Remote {
    fn reserve(&self, calls: &[Operation]) -> Result<(), CallError> {
        self.session.reserve(calls)
    }

    async fn observe(&self, query: &Query) -> Result<Option<Observed>, CallError> {
        let layer = &query.layer;
        let current = match query.current {
            Some(number) => self.layer_version(layer, number).await?,
            None => None,
        };
        if current.is_some() && !query.needs_list(current.as_ref()) {
            return self.shared(query, Observed { current, ..Observed::default() }).await.map(Some);
        }
        if !query.needs_list(None) {
            return Ok(None);
        }
        let listed = self.layer_versions(query).await?;
        let newest = listed.first().map(|version| version.number);
        let found = match &query.search {
            Some(search) => self.unanswered(layer, search, &listed).await?,
            None => None,
        };
        let adoptable = match newest.filter(|_| query.adopts && found.is_none()) {
            Some(number) => self.layer_version(layer, number).await?,
            None => None,
        };
        let numbers: BTreeSet<_> = listed.iter().map(|version| version.number).collect();
        let remaining = query.own.intersection(&numbers).copied().collect();
        let observed = Observed { current, found, adoptable, newest, remaining, policy: None };
        let observed = self.shared(query, observed).await?;
        Ok(Some(observed).filter(|observed| *observed != Observed::default()))
    }

    async fn execute(&self, step: &Step, package: Option<Vec<u8>>) -> Result<Answer, CallError> {
        let operation = step.operation();
        // These calls name no ARN, so AWS would not refuse one that reaches another account.
        self.session.check_account(operation).await?;
        match step {
            Step::Publish(publication) => self.publish_layer_version(publication, package).await,
            Step::Delete(Deletion { name, number, is_last: _ }) => {
                let request = self.session.client.delete_layer_version().layer_name(name).version_number(*number);
                match self.session.call(operation, request.send()).await {
                    Ok(_) => Ok(Answer::default()),
                    Err(error) => absent::<()>(error).map(|_| Answer::default()),
                }
            }
            Step::AddPermission(addition) => self.share_layer_version(addition).await,
            Step::RemovePermission(Removal { name, number, id, revision }) => {
                let request = self.session.client.remove_layer_version_permission().layer_name(name);
                let request = request.version_number(*number).statement_id(id).set_revision_id(revision.clone());
                match self.session.call(operation, request.send()).await {
                    Ok(_) => Ok(Answer::default()),
                    Err(error) => absent::<()>(error).map(|_| Answer::default()),
                }
            }
        }
    }
}

impl Remote {
    /// One version of a layer; `None` if it does not exist.
    ///
    /// # Errors
    /// AWS's error.
    pub async fn layer_version(&self, layer: &str, number: i64) -> Result<Option<Version>, CallError> {
        let operation = Operation::GetLayerVersion;
        let request = self.session.client.get_layer_version().layer_name(layer).version_number(number);
        let answer = match self.session.call(operation, request.send()).await {
            Ok(answer) => answer,
            Err(error) => {
                absent::<()>(error)?;
                return self.session.check_account(operation).await.map(|()| None);
            }
        };
        self.session.check_arn(operation, answer.layer_version_arn.as_deref())?;
        let members = (answer.compatible_runtimes, answer.compatible_architectures);
        let content = answer.content;
        let of_content = |part: fn(&_) -> Option<&String>| content.as_ref().and_then(part).cloned();
        Ok(Some(Version {
            number: answer.version,
            arn: answer.layer_version_arn.unwrap_or_default(),
            layer_arn: answer.layer_arn.unwrap_or_default(),
            layer: members_of(members, answer.description, answer.license_info),
            code_sha256: of_content(|content: &Content| content.code_sha256.as_ref()).unwrap_or_default(),
            code_size: content.as_ref().map(|content| content.code_size).unwrap_or_default(),
            created: answer.created_date.unwrap_or_default(),
            signing_job: of_content(|content| content.signing_job_arn.as_ref()),
            signing_profile: of_content(|content| content.signing_profile_version_arn.as_ref()),
        }))
    }

    /// The observation with the policy of the object's newest version, if the query needs it.
    async fn shared(&self, query: &Query, observed: Observed) -> Result<Observed, CallError> {
        let Some(number) = observed.held().map(|held| held.number).filter(|_| query.shares) else {
            return Ok(observed);
        };
        let operation = Operation::GetLayerVersionPolicy;
        let request = self.session.client.get_layer_version_policy().layer_name(&query.layer).version_number(number);
        let policy = match self.session.call(operation, request.send()).await {
            Ok(answer) => {
                let text = answer.policy.unwrap_or_default();
                let size = text.chars().count();
                Policy { revision: answer.revision_id, size, held: statement::statements(&text) }
            }
            // Without a statement there is no policy.
            Err(error) => absent::<Policy>(error)?.unwrap_or_default(),
        };
        Ok(Observed { policy: Some(policy), ..observed })
    }

    async fn share_layer_version(&self, addition: &Addition) -> Result<Answer, CallError> {
        let Addition { name, given: Given { number, id, hash: _ }, permission } = addition;
        let Permission {
            action,
            principal,
            source_arn: _,
            source_account: _,
            principal_org_id,
            event_source_token: _,
            function_url_auth_type: _,
            via_url: _,
            other: _,
        } = permission;
        let organization = Some(principal_org_id).filter(|id| !id.is_empty());
        let request = self.session.client.add_layer_version_permission().layer_name(name).version_number(*number);
        let request = request.statement_id(id).action(action).principal(principal);
        let request = request.set_organization_id(organization.cloned());
        self.session.call(Operation::AddLayerVersionPermission, request.send()).await.map(|_| Answer::default())
    }

    /// The versions of the layer, newest first, as far down as the query needs them.
    async fn layer_versions(&self, query: &Query) -> Result<Vec<Listed>, CallError> {
        let (operation, mut all, mut marker) = (Operation::ListLayerVersions, Vec::new(), None);
        loop {
            let request = self.session.client.list_layer_versions().layer_name(&query.layer).set_marker(marker);
            let page = self.session.call(operation, request.send()).await?;
            for version in page.layer_versions.unwrap_or_default() {
                self.session.check_arn(operation, version.layer_version_arn.as_deref())?;
                all.push(listed(version));
            }
            marker = page.next_marker.filter(|marker| !marker.is_empty());
            let goes_on = all.last().is_some_and(|last: &Listed| query.goes_below(last.number));
            if marker.is_none() || !goes_on {
                break;
            }
        }
        if all.is_empty() {
            self.session.check_account(operation).await?;
        }
        Ok(all)
    }

    /// The version of a publication that was not answered: the first after it that equals it.
    async fn unanswered(&self, layer: &str, search: &Search, listed: &[Listed]) -> Result<Option<Version>, CallError> {
        for listed in listed.iter().rev().filter(|listed| search.considers(listed)) {
            let version = self.layer_version(layer, listed.number).await?;
            if let Some(version) = version.filter(|version| search.finds(version)) {
                return Ok(Some(version));
            }
        }
        Ok(None)
    }

    async fn publish_layer_version(
        &self,
        publication: &Publication,
        package: Option<Vec<u8>>,
    ) -> Result<Answer, CallError> {
        let (operation, Publication { name, layer, source, publishing: _, gone: _ }) =
            (Operation::PublishLayerVersion, publication);
        let Layer { runtimes, architectures, description, license } = layer;
        let content = LayerVersionContentInput::builder();
        let content = match source {
            Zip::Package { .. } => content.set_zip_file(package.map(Blob::new)),
            Zip::S3 { bucket, key, version } => {
                content.s3_bucket(bucket).s3_key(key).set_s3_object_version(version.clone())
            }
        };
        let full = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        let runtimes: Vec<_> = runtimes.iter().map(|name| Runtime::from(name.as_str())).collect();
        let architectures: Vec<_> = architectures.iter().map(|name| Architecture::from(name.as_str())).collect();
        let request = self
            .session
            .client
            .publish_layer_version()
            .layer_name(name)
            .content(content.build())
            .set_compatible_runtimes(Some(runtimes).filter(|all| !all.is_empty()))
            .set_compatible_architectures(Some(architectures).filter(|all| !all.is_empty()))
            .set_description(full(description))
            .set_license_info(full(license));
        let answer = self.session.call(operation, request.send()).await?;
        self.session.check_arn(operation, answer.layer_version_arn.as_deref())?;
        Ok(Answer { number: Some(answer.version).filter(|number| *number > 0) })
    }
}

fn listed(version: LayerVersionsListItem) -> Listed {
    let members = (version.compatible_runtimes, version.compatible_architectures);
    Listed { number: version.version, layer: members_of(members, version.description, version.license_info) }
}

type Members = (Option<Vec<Runtime>>, Option<Vec<Architecture>>);

fn members_of((runtimes, architectures): Members, description: Option<String>, license: Option<String>) -> Layer {
    Layer {
        runtimes: runtimes.unwrap_or_default().iter().map(|runtime| runtime.as_str().to_owned()).collect(),
        architectures: architectures.unwrap_or_default().iter().map(|one| one.as_str().to_owned()).collect(),
        description: description.unwrap_or_default(),
        license: license.unwrap_or_default(),
    }
}
