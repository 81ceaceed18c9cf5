//! One function in AWS, seen and written through the SDK: a token, one attempt, a measured and classified answer.

use std::sync::Arc;
use std::time::{Duration, Instant};

use aws_config::SdkConfig;
use aws_sdk_lambda::Client;
use aws_sdk_lambda::config::http::HttpResponse;
use aws_sdk_lambda::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_lambda::primitives::Blob;
use aws_sdk_lambda::types::{ExecutionStatus, FunctionVersionLatestPublished};
use aws_sdk_sts::operation::assume_role::AssumeRoleError;
use aws_sdk_sts::operation::assume_role_with_web_identity::AssumeRoleWithWebIdentityError;
use tokio::time::timeout;
use tracing::field::Empty;
use tracing::{Instrument, info_span};

use super::budget::Turn;
use super::ec2::Ec2;
use super::silence::Silence;
use super::web::{READ_TIMEOUT, chain};
use super::{Budget, Gate, Meter, convert};
use crate::function::{
    Answer, Asked, Class, Error, Halt, Held, Knowable, Lambda, Lifecycle, Look, OWNER_TAG, Observed, Operation, Place,
    Principal, Step, Tagging, Untagging, Version, VersionState,
};

/// One function, reached through the SDK.
pub struct Remote {
    pub(super) client: Client,
    ec2: Arc<Ec2>,
    budget: Arc<Budget>,
    meter: Arc<dyn Meter>,
    gate: Arc<dyn Gate>,
    pub(super) place: Place,
    turn: Turn,
}

/// How long a pass stays away from a closed gate; the process is about to end.
const CLOSED: Duration = Duration::from_secs(1);

/// The target of spans, as the process knows it.
const SPANS: &str = "spans";

/// The qualifier that `publishTo: LATEST_PUBLISHED` publishes to.
const LATEST_PUBLISHED: &str = "$LATEST.PUBLISHED";

/// Asks STS whose credentials we have.
pub(super) async fn principal(config: &SdkConfig, meter: &dyn Meter, silence: &Silence) -> Result<Principal, Error> {
    let operation = Operation::GetCallerIdentity;
    admitted(silence, operation)?;
    let request = aws_sdk_sts::Client::new(config).get_caller_identity().send();
    let identity = measured(meter, silence, operation, request).await?;
    let account = identity.account.ok_or_else(|| Error::new(operation, "", 0, "STS named no account"))?;
    Ok(Principal { account, arn: identity.arn.unwrap_or_default() })
}

/// Not where the call would only wait in vain, as those before it.
fn admitted(silence: &Silence, operation: Operation) -> Result<(), Error> {
    silence.admits(Instant::now()).map_err(|words| Error::new(operation, "", 0, &words))
}

async fn measured<O, E: ProvideErrorMetadata + std::error::Error + 'static>(
    meter: &dyn Meter,
    silence: &Silence,
    operation: Operation,
    request: impl Future<Output = Result<O, SdkError<E, HttpResponse>>>,
) -> Result<O, Error> {
    // On the heap: the SDK's futures are large, and each layer around them would move them on the stack.
    heard(meter, silence, operation, bounded(operation, Box::pin(request))).await
}

/// A call whose answer, or its absence, is taken note of.
async fn heard<O>(
    meter: &dyn Meter,
    silence: &Silence,
    operation: Operation,
    call: impl Future<Output = Result<O, Error>>,
) -> Result<O, Error> {
    let started = Instant::now();
    let result = metered(meter, operation, call).await;
    let unanswered = result.as_ref().err().filter(|error| error.class == Class::Unavailable && error.code.is_empty());
    silence.hears(unanswered.map(|error| error.message.as_str()), started.elapsed(), Instant::now());
    result
}

/// A question is answered soon or not at all; the limit of other calls is the client's.
async fn bounded<O, E: ProvideErrorMetadata + std::error::Error + 'static>(
    operation: Operation,
    request: impl Future<Output = Result<O, SdkError<E, HttpResponse>>>,
) -> Result<O, Error> {
    let answer = if operation.is_read() {
        let late = || format!("no answer within {} s", READ_TIMEOUT.as_secs());
        timeout(READ_TIMEOUT, request).await.map_err(|_| Error::new(operation, "", 0, &late()))?
    } else {
        request.await
    };
    answer.map_err(|error| failure(operation, &error))
}

/// A call in its span; counted and timed.
async fn metered<O>(
    meter: &dyn Meter,
    operation: Operation,
    call: impl Future<Output = Result<O, Error>>,
) -> Result<O, Error> {
    let name = operation.name();
    let span = info_span!(
        target: SPANS, "call", otel.name = name, otel.kind = "client", rpc.system = "aws-api", rpc.method = name,
        code = Empty, otel.status_code = Empty,
    );
    let started = Instant::now();
    let result = call.instrument(span.clone()).await;
    let code = match &result {
        Ok(_) => "ok",
        Err(error) if error.code.is_empty() => "error",
        Err(error) => &error.code,
    };
    span.record("code", code);
    if result.is_err() {
        span.record("otel.status_code", "ERROR");
    }
    meter.called(operation, code, started.elapsed());
    result
}

/// What STS answered when credentials were to be had for the call; it hides deep in what comes out.
fn refused_credentials(operation: Operation, error: &(dyn std::error::Error + 'static)) -> Option<Error> {
    let mut cause = error.source();
    while let Some(inner) = cause {
        let by_role = inner.downcast_ref().and_then(|refused| told::<AssumeRoleError>(operation, refused));
        let by_token =
            || inner.downcast_ref().and_then(|refused| told::<AssumeRoleWithWebIdentityError>(operation, refused));
        if let Some(refused) = by_role.or_else(by_token) {
            return Some(refused);
        }
        cause = inner.source();
    }
    None
}

/// STS's own words; `None` where it gave no answer.
fn told<E: ProvideErrorMetadata>(operation: Operation, refused: &SdkError<E, HttpResponse>) -> Option<Error> {
    let answer = refused.as_service_error()?;
    let words = answer.message().unwrap_or("STS gives no reason");
    // Whatever is wrong with the request for credentials, it is not the object's spec.
    let status = match refused.raw_response().map_or(0, |response| response.status().as_u16()) {
        429 => 429,
        400..=499 => 403,
        status => status,
    };
    let words = format!("the role cannot be assumed: {words}");
    Some(Error::new(operation, answer.code().unwrap_or_default(), status, &words))
}

/// The answer's code, status and text; where there was no answer, what went wrong on the way.
fn failure<E: ProvideErrorMetadata + std::error::Error + 'static>(
    operation: Operation,
    error: &SdkError<E, HttpResponse>,
) -> Error {
    if let Some(refused) = refused_credentials(operation, error) {
        return refused;
    }
    let status = error.raw_response().map_or(0, |response| response.status().as_u16());
    let message = error.message().map_or_else(
        || match status {
            // No answer, or one that cannot be read: its number says nothing.
            0..300 => chain(error),
            _ => format!("HTTP status {status}"),
        },
        str::to_owned,
    );
    Error::new(operation, error.code().unwrap_or_default(), status, &message)
}

impl Remote {
    pub(super) fn new(
        client: Client,
        ec2: Arc<Ec2>,
        budget: Arc<Budget>,
        meter: Arc<dyn Meter>,
        gate: Arc<dyn Gate>,
        place: Place,
        holder: String,
    ) -> Self {
        Self { client, ec2, budget, meter, gate, place, turn: Turn::new(holder) }
    }

    /// Keeps a place for a call: a pass that will need a scarce call asks before it spends a plentiful one.
    ///
    /// # Errors
    /// How long until the place is due.
    pub fn reserve(&self, operation: Operation) -> Result<(), Halt> {
        self.budget.reserve(operation, &self.turn, Instant::now()).map_err(Halt::Postponed)
    }

    /// A way that is not silent, a token, and one look at whether we may call at all.
    fn take(&self, operation: Operation) -> Result<(), Halt> {
        admitted(&self.budget.silence, operation).map_err(Halt::Failed)?;
        self.budget.take(operation, &self.turn, Instant::now()).map_err(Halt::Postponed)?;
        if self.gate.is_open() { Ok(()) } else { Err(Halt::Postponed(CLOSED)) }
    }

    pub(super) async fn call<O, E: ProvideErrorMetadata + std::error::Error + 'static>(
        &self,
        operation: Operation,
        request: impl Future<Output = Result<O, SdkError<E, HttpResponse>>>,
    ) -> Result<O, Halt> {
        self.take(operation)?;
        let result = measured(self.meter.as_ref(), &self.budget.silence, operation, request).await;
        if result.as_ref().is_err_and(|error| error.class == Class::Throttled) {
            self.budget.throttled(operation, Instant::now());
        }
        result.map_err(Halt::Failed)
    }
}

impl Lambda for Remote {
    async fn observe(&self, look: &Look) -> Result<Option<Observed>, Halt> {
        let Some(mut observed) = self.get(None).await? else { return Ok(None) };
        let Look { code_signing, published, default_group, executions } = look;
        // Of a function that nobody owns we have no last questions.
        let owned = observed.owner.known().is_some_and(Option::is_some);
        observed.function.code_signing = self.code_signing(*code_signing).await?;
        // While an update runs, or after one that failed, nothing can be published.
        if let Some(held) = published.as_ref().filter(|_| observed.lifecycle == Lifecycle::Ready) {
            (observed.published, observed.version) = self.holder_of(&observed, held).await?;
        }
        if let Some(vpc) = observed.says.vpc_id.as_ref().filter(|_| *default_group && owned) {
            observed.default_group = self.default_group(vpc).await?;
        }
        if *executions && owned && observed.function.configuration.durable.is_some() {
            observed.executions = self.running_executions().await?;
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
                Ok(Answer { code_sha256: answer.code_sha256, version, modified: answer.last_modified })
            }
            Step::UpdateFunctionConfiguration(configuration) => {
                let request = self.client.update_function_configuration().function_name(&self.place.name);
                let request = convert::update_configuration(request, configuration);
                let answer = self.call(step.operation(), request.send()).await?;
                Ok(Answer { modified: answer.last_modified, ..Answer::default() })
            }
            Step::UpdateFunctionCode(deployment) => {
                let request = self.client.update_function_code().function_name(&self.place.name);
                let request = convert::update_code(request, deployment, package);
                let answer = self.call(step.operation(), request.send()).await?;
                Ok(Answer { code_sha256: answer.code_sha256, version: None, modified: answer.last_modified })
            }
            Step::PublishVersion { code_sha256, to } => {
                let to = to.as_deref().map(FunctionVersionLatestPublished::from);
                let request = self.client.publish_version().function_name(&self.place.name).set_publish_to(to);
                let request = request.set_code_sha256(Some(code_sha256.clone()).filter(|hash| !hash.is_empty()));
                let answer = self.call(step.operation(), request.send()).await?;
                Ok(Answer { version: answer.version, ..Answer::default() })
            }
            Step::PutFunctionCodeSigningConfig(_)
            | Step::DeleteFunctionCodeSigningConfig
            | Step::PutFunctionConcurrency(_)
            | Step::DeleteFunctionConcurrency
            | Step::TagResource(_)
            | Step::UntagResource(_)
            | Step::StopDurableExecution(_)
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

    async fn code_signing(&self, asked: Asked) -> Result<Knowable<Option<String>>, Halt> {
        if asked == Asked::No {
            return Ok(Knowable::Unknown);
        }
        let request = self.client.get_function_code_signing_config().function_name(&self.place.name);
        match self.call(Operation::GetFunctionCodeSigningConfig, request.send()).await {
            Ok(answer) => Ok(Knowable::Known(Some(answer.code_signing_config_arn).filter(|arn| !arn.is_empty()))),
            Err(Halt::Failed(error)) if error.class == Class::NotFound => Ok(Knowable::Known(None)),
            // Regions without code signing refuse the question.
            Err(Halt::Failed(error)) if asked == Asked::IfPossible && error.class.stalls() => Ok(Knowable::Unknown),
            Err(halt) => Err(halt),
        }
    }

    /// The group named `default` in a VPC.
    async fn default_group(&self, vpc: &str) -> Result<Option<String>, Halt> {
        let operation = Operation::DescribeSecurityGroups;
        admitted(&self.ec2.silence, operation).map_err(Halt::Failed)?;
        self.take(operation)?;
        let question = self.ec2.default_group(&self.place.region, vpc);
        heard(self.meter.as_ref(), &self.ec2.silence, operation, question).await.map_err(Halt::Failed)
    }

    async fn running_executions(&self) -> Result<Vec<String>, Halt> {
        let mut running = Vec::new();
        let mut marker = None;
        loop {
            let request = self.client.list_durable_executions_by_function().function_name(&self.place.name);
            let request = request.statuses(ExecutionStatus::Running).set_marker(marker);
            let page = self.call(Operation::ListDurableExecutionsByFunction, request.send()).await?;
            running
                .extend(page.durable_executions.unwrap_or_default().into_iter().map(|one| one.durable_execution_arn));
            marker = page.next_marker.filter(|marker| !marker.is_empty());
            if marker.is_none() {
                return Ok(running);
            }
        }
    }

    /// The version that holds what `$LATEST` holds: the one we know of, or the newest that AWS lists.
    async fn holder_of(&self, latest: &Observed, held: &Held) -> Result<(Option<Version>, Option<VersionState>), Halt> {
        let Held { known, to_latest, state } = held;
        let fingerprint = latest.function.fingerprint();
        let number = match known {
            Some(known) if known.fingerprint == fingerprint && !state => return Ok((Some(known.clone()), None)),
            _ if *to_latest => Some(LATEST_PUBLISHED.to_owned()),
            Some(known) => Some(known.number.clone()),
            None => self.newest_version().await?,
        };
        let Some(number) = number else { return Ok((None, None)) };
        let Some(version) = self.get(Some(&number)).await? else { return Ok((None, None)) };
        if !version.function.holds_same(&latest.function) {
            return Ok((None, None));
        }
        let words = [&version.says.state_reason_code, &version.says.state_reason].into_iter().flatten();
        let reason = words.map(String::as_str).collect::<Vec<_>>().join(": ");
        let state = VersionState { lifecycle: version.lifecycle, reason };
        Ok((Some(Version { number, fingerprint }), Some(state)))
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
            Step::StopDurableExecution(arn) => {
                let stopped =
                    self.call(operation, client.stop_durable_execution().durable_execution_arn(arn).send()).await;
                // Ended by itself meanwhile.
                stopped.map(drop).or_else(|halt| absent::<()>(halt).map(drop))
            }
            Step::DeleteFunction => {
                match self.call(operation, client.delete_function().function_name(name).send()).await {
                    Ok(_) => Ok(()),
                    Err(halt) => absent::<()>(halt).map(drop),
                }
            }
            Step::CreateFunction(_)
            | Step::UpdateFunctionConfiguration(_)
            | Step::UpdateFunctionCode(_)
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
