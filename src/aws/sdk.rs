//! One function in AWS, seen and written through the SDK: a token, one attempt, a measured and classified answer.

use std::sync::Arc;
use std::time::Instant;

use aws_config::SdkConfig;
use aws_sdk_lambda::Client;
use aws_sdk_lambda::config::http::HttpResponse;
use aws_sdk_lambda::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_lambda::primitives::Blob;

use super::{Budget, Meter, convert};
use crate::function::{
    Answer, Class, Error, Halt, Knowable, Lambda, Lifecycle, Look, OWNER_TAG, Observed, Operation, Place, Step,
    Tagging, Untagging, Version,
};

/// One function, reached through the SDK.
pub struct Remote {
    client: Client,
    budget: Arc<Budget>,
    meter: Arc<dyn Meter>,
    place: Place,
    holder: String,
}

/// Asks STS whose credentials we have.
pub(super) async fn account(config: &SdkConfig, meter: &dyn Meter) -> Result<String, Error> {
    let operation = Operation::GetCallerIdentity;
    let request = aws_sdk_sts::Client::new(config).get_caller_identity().send();
    let identity = measured(meter, operation, request).await?;
    identity.account.ok_or_else(|| Error::new(operation, "", 0, "STS named no account"))
}

async fn measured<O, E: ProvideErrorMetadata + std::error::Error + 'static>(
    meter: &dyn Meter,
    operation: Operation,
    request: impl Future<Output = Result<O, SdkError<E, HttpResponse>>>,
) -> Result<O, Error> {
    let started = Instant::now();
    let result = request.await.map_err(|error| failure(operation, &error));
    let code = match &result {
        Ok(_) => "ok",
        Err(error) if error.code.is_empty() => "error",
        Err(error) => &error.code,
    };
    meter.called(operation, code, started.elapsed());
    result
}

/// The answer's code, status and text; where there was no answer, what went wrong on the way.
fn failure<E: ProvideErrorMetadata + std::error::Error + 'static>(
    operation: Operation,
    error: &SdkError<E, HttpResponse>,
) -> Error {
    let status = error.raw_response().map_or(0, |response| response.status().as_u16());
    let message = error.message().map_or_else(
        || match status {
            0 => chain(error),
            _ => format!("HTTP status {status}"),
        },
        str::to_owned,
    );
    Error::new(operation, error.code().unwrap_or_default(), status, &message)
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}

impl Remote {
    pub(super) fn new(
        client: Client,
        budget: Arc<Budget>,
        meter: Arc<dyn Meter>,
        place: Place,
        holder: String,
    ) -> Self {
        Self { client, budget, meter, place, holder }
    }

    /// Keeps a place for a call: a pass that will need a scarce call asks before it spends a plentiful one.
    ///
    /// # Errors
    /// How long until the place is due.
    pub fn reserve(&self, operation: Operation) -> Result<(), Halt> {
        self.budget.reserve(operation, &self.holder, Instant::now()).map_err(Halt::Postponed)
    }

    async fn call<O, E: ProvideErrorMetadata + std::error::Error + 'static>(
        &self,
        operation: Operation,
        request: impl Future<Output = Result<O, SdkError<E, HttpResponse>>>,
    ) -> Result<O, Halt> {
        self.budget.take(operation, &self.holder, Instant::now()).map_err(Halt::Postponed)?;
        let result = measured(self.meter.as_ref(), operation, request).await;
        if result.as_ref().is_err_and(|error| error.class == Class::Throttled) {
            self.budget.throttled(operation, Instant::now());
        }
        result.map_err(Halt::Failed)
    }
}

impl Lambda for Remote {
    async fn observe(&self, look: &Look) -> Result<Option<Observed>, Halt> {
        let Some(mut observed) = self.get(None).await? else { return Ok(None) };
        if look.code_signing {
            observed.function.code_signing = Knowable::Known(self.code_signing().await?);
        }
        // While an update runs, or after one that failed, nothing can be published.
        if let Some(known) = look.published.as_ref().filter(|_| observed.lifecycle == Lifecycle::Ready) {
            observed.published = self.holder_of(&observed, known.as_ref()).await?;
        }
        Ok(Some(observed))
    }

    async fn execute(&self, step: &Step, package: Option<Vec<u8>>) -> Result<Answer, Halt> {
        let package = package.map(Blob::new);
        match step {
            Step::CreateFunction(desired) => {
                let request = convert::create(self.client.create_function(), &self.place.name, desired, package);
                let answer = self.call(step.operation(), request.send()).await?;
                let version = answer.version.filter(|_| desired.publish).filter(|version| version != "$LATEST");
                Ok(Answer { code_sha256: answer.code_sha256, version })
            }
            Step::UpdateFunctionConfiguration(configuration) => {
                let request = self.client.update_function_configuration().function_name(&self.place.name);
                let request = convert::update_configuration(request, configuration);
                self.call(step.operation(), request.send()).await.map(|_| Answer::default())
            }
            Step::UpdateFunctionCode { source, architecture } => {
                let request = self.client.update_function_code().function_name(&self.place.name);
                let request = convert::update_code(request, source, architecture.as_deref(), package);
                let answer = self.call(step.operation(), request.send()).await?;
                Ok(Answer { code_sha256: answer.code_sha256, version: None })
            }
            Step::PublishVersion { code_sha256 } => {
                let request = self.client.publish_version().function_name(&self.place.name).code_sha256(code_sha256);
                let answer = self.call(step.operation(), request.send()).await?;
                Ok(Answer { code_sha256: None, version: answer.version })
            }
            Step::PutFunctionCodeSigningConfig(_)
            | Step::DeleteFunctionCodeSigningConfig
            | Step::PutFunctionConcurrency(_)
            | Step::DeleteFunctionConcurrency
            | Step::TagResource(_)
            | Step::UntagResource(_)
            | Step::DeleteFunction => self.set(step).await.map(|()| Answer::default()),
        }
    }
}

impl Remote {
    /// `GetFunction` of `$LATEST` or of a version.
    async fn get(&self, qualifier: Option<&str>) -> Result<Option<Observed>, Halt> {
        let request =
            self.client.get_function().function_name(&self.place.name).set_qualifier(qualifier.map(Into::into));
        match self.call(Operation::GetFunction, request.send()).await {
            Ok(answer) => convert::observed(answer, &self.place).map(Some).map_err(Halt::Failed),
            Err(halt) => absent(halt),
        }
    }

    async fn code_signing(&self) -> Result<Option<String>, Halt> {
        let request = self.client.get_function_code_signing_config().function_name(&self.place.name);
        match self.call(Operation::GetFunctionCodeSigningConfig, request.send()).await {
            Ok(answer) => Ok(Some(answer.code_signing_config_arn).filter(|arn| !arn.is_empty())),
            Err(halt) => absent(halt),
        }
    }

    /// The version that holds what `$LATEST` holds: the one we know of, or the newest that AWS lists.
    async fn holder_of(&self, latest: &Observed, known: Option<&Version>) -> Result<Option<Version>, Halt> {
        let fingerprint = latest.function.fingerprint();
        let number = match known {
            Some(known) if known.fingerprint == fingerprint => return Ok(Some(known.clone())),
            Some(known) => Some(known.number.clone()),
            None => self.newest_version().await?,
        };
        let Some(number) = number else { return Ok(None) };
        let version = self.get(Some(&number)).await?;
        let holds = version.is_some_and(|version| version.function.fingerprint() == fingerprint);
        Ok(holds.then_some(Version { number, fingerprint }))
    }

    async fn newest_version(&self) -> Result<Option<String>, Halt> {
        let mut newest = None;
        let mut marker = None;
        loop {
            let request = self.client.list_versions_by_function().function_name(&self.place.name).set_marker(marker);
            let page = self.call(Operation::ListVersionsByFunction, request.send()).await?;
            let numbers = page.versions.unwrap_or_default().into_iter().filter_map(|version| version.version);
            newest = numbers.filter_map(|number| number.parse::<u64>().ok()).chain(newest).max();
            marker = page.next_marker.filter(|marker| !marker.is_empty());
            if marker.is_none() {
                return Ok(newest.map(|number| number.to_string()));
            }
        }
    }

    /// Steps whose answer holds nothing to remember.
    async fn set(&self, step: &Step) -> Result<(), Halt> {
        let name = &self.place.name;
        let arn = self.place.arn();
        let operation = step.operation();
        let client = &self.client;
        match step {
            Step::PutFunctionCodeSigningConfig(config) => {
                let request =
                    client.put_function_code_signing_config().function_name(name).code_signing_config_arn(config);
                self.call(operation, request.send()).await.map(drop)
            }
            Step::DeleteFunctionCodeSigningConfig => self
                .call(operation, client.delete_function_code_signing_config().function_name(name).send())
                .await
                .map(drop),
            Step::PutFunctionConcurrency(reserved) => {
                let request =
                    client.put_function_concurrency().function_name(name).reserved_concurrent_executions(*reserved);
                self.call(operation, request.send()).await.map(drop)
            }
            Step::DeleteFunctionConcurrency => {
                self.call(operation, client.delete_function_concurrency().function_name(name).send()).await.map(drop)
            }
            Step::TagResource(tagging) => {
                let tags = match tagging {
                    Tagging::Set(tags) => tags.clone().into_iter().collect(),
                    Tagging::Owner(owner) => [(OWNER_TAG.to_owned(), owner.clone())].into(),
                };
                self.call(operation, client.tag_resource().resource(arn).set_tags(Some(tags)).send()).await.map(drop)
            }
            Step::UntagResource(untagging) => {
                let keys = match untagging {
                    Untagging::Remove(keys) => keys.clone(),
                    Untagging::Owner => vec![OWNER_TAG.to_owned()],
                };
                self.call(operation, client.untag_resource().resource(arn).set_tag_keys(Some(keys)).send())
                    .await
                    .map(drop)
            }
            Step::DeleteFunction => {
                match self.call(operation, client.delete_function().function_name(name).send()).await {
                    Ok(_) => Ok(()),
                    Err(halt) => absent::<()>(halt).map(drop),
                }
            }
            Step::CreateFunction(_)
            | Step::UpdateFunctionConfiguration(_)
            | Step::UpdateFunctionCode { .. }
            | Step::PublishVersion { .. } => Ok(()),
        }
    }
}

/// Not there is an answer, not a failure.
fn absent<T>(halt: Halt) -> Result<Option<T>, Halt> {
    match halt {
        Halt::Failed(error) if error.class == Class::NotFound => Ok(None),
        Halt::Failed(_) | Halt::Postponed(_) => Err(halt),
    }
}
