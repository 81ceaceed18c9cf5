//! One call to AWS: one attempt with a time limit, measured, with a classified answer.

use std::time::Instant;

use aws_config::SdkConfig;
use aws_sdk_lambda::config::http::HttpResponse;
use aws_sdk_lambda::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_sts::operation::assume_role::AssumeRoleError;
use aws_sdk_sts::operation::assume_role_with_web_identity::AssumeRoleWithWebIdentityError;
use tokio::time::timeout;
use tracing::field::Empty;
use tracing::{Instrument, info_span};

use super::Meter;
use super::circuit_breaker::CircuitBreaker;
use super::http::{READ_TIMEOUT, chain};
use crate::core::error::Error;
use crate::core::error::class::Class;
use crate::core::operation::Operation;
use crate::core::principal::Principal;
use crate::core::withheld::Withheld;

/// The tracing target of spans.
const SPANS: &str = "spans";

/// Calls sts:GetCallerIdentity.
pub(super) async fn principal(
    config: &SdkConfig,
    meter: &dyn Meter,
    breaker: &CircuitBreaker,
) -> Result<Principal, Error> {
    let operation = Operation::GetCallerIdentity;
    check_breaker(breaker, operation)?;
    let request = aws_sdk_sts::Client::new(config).get_caller_identity().send();
    let identity = measured(meter, breaker, operation, &Withheld::nothing(), request).await?;
    let account = identity.account.ok_or_else(|| Error::new(operation, "", 0, "STS named no account"))?;
    Ok(Principal { account, arn: identity.arn.unwrap_or_default() })
}

/// Fails fast if the circuit breaker is open.
pub(super) fn check_breaker(breaker: &CircuitBreaker, operation: Operation) -> Result<(), Error> {
    breaker.check(Instant::now()).map_err(|words| heard(operation, &words))
}

/// An error of the connection. Its text contains nothing from the request, so nothing has to be removed from it.
pub(super) fn heard(operation: Operation, words: &str) -> Error {
    Error::heard(operation, "", 0, words, &Withheld::nothing())
}

pub(super) async fn measured<O, E: ProvideErrorMetadata + std::error::Error + 'static>(
    meter: &dyn Meter,
    breaker: &CircuitBreaker,
    operation: Operation,
    withheld: &Withheld,
    request: impl Future<Output = Result<O, SdkError<E, HttpResponse>>>,
) -> Result<O, Error> {
    // On the heap: the SDK's futures are large, and each layer around them would move them on the stack.
    recorded(meter, breaker, operation, bounded(operation, withheld, Box::pin(request))).await
}

/// Makes a call and records in the circuit breaker whether it was answered.
pub(super) async fn recorded<O>(
    meter: &dyn Meter,
    breaker: &CircuitBreaker,
    operation: Operation,
    call: impl Future<Output = Result<O, Error>>,
) -> Result<O, Error> {
    let started = Instant::now();
    let result = metered(meter, operation, call).await;
    let unanswered = result.as_ref().err().filter(|error| error.class == Class::Unavailable && error.code.is_empty());
    breaker.record(unanswered.map(|error| error.message.as_str()), started.elapsed(), Instant::now());
    result
}

/// Makes a call. A read has a short time limit, because a read that hangs is not answered at all; writes have the client's limit.
async fn bounded<O, E: ProvideErrorMetadata + std::error::Error + 'static>(
    operation: Operation,
    withheld: &Withheld,
    request: impl Future<Output = Result<O, SdkError<E, HttpResponse>>>,
) -> Result<O, Error> {
    let answer = if operation.is_read() {
        let late = || format!("no answer within {} s", READ_TIMEOUT.as_secs());
        timeout(READ_TIMEOUT, request).await.map_err(|_| heard(operation, &late()))?
    } else {
        request.await
    };
    answer.map_err(|error| failure(operation, withheld, &error))
}

/// Makes a call in its span, and counts and times it.
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

/// The error of STS when it was asked for the call's credentials. It is nested deep in the call's own error.
fn refused_credentials(operation: Operation, error: &(dyn std::error::Error + 'static)) -> Option<Error> {
    let mut cause = error.source();
    while let Some(inner) = cause {
        let by_role = inner.downcast_ref().and_then(|refused| sts_error::<AssumeRoleError>(operation, refused));
        let by_token =
            || inner.downcast_ref().and_then(|refused| sts_error::<AssumeRoleWithWebIdentityError>(operation, refused));
        if let Some(refused) = by_role.or_else(by_token) {
            return Some(refused);
        }
        cause = inner.source();
    }
    None
}

/// STS's own error; `None` if it gave no answer.
fn sts_error<E: ProvideErrorMetadata>(operation: Operation, refused: &SdkError<E, HttpResponse>) -> Option<Error> {
    let answer = refused.as_service_error()?;
    let words = answer.message().unwrap_or("STS gives no reason");
    // A rejected request for credentials is never an error in the object's spec.
    let status = match refused.raw_response().map_or(0, |response| response.status().as_u16()) {
        429 => 429,
        400..=499 => 403,
        status => status,
    };
    let words = format!("the role cannot be assumed: {words}");
    // STS was only asked for credentials, so its text cannot repeat other values.
    let refused = Error::heard(operation, answer.code().unwrap_or_default(), status, &words, &Withheld::nothing());
    // STS throttles here, not Lambda, whatever the call was.
    let class = if refused.class == Class::Throttled { Class::Saturated } else { refused.class };
    Some(Error { class, ..refused })
}

/// The answer's code, status and text; without an answer, the error of the connection.
fn failure<E: ProvideErrorMetadata + std::error::Error + 'static>(
    operation: Operation,
    withheld: &Withheld,
    error: &SdkError<E, HttpResponse>,
) -> Error {
    if let Some(refused) = refused_credentials(operation, error) {
        return refused;
    }
    let status = error.raw_response().map_or(0, |response| response.status().as_u16());
    let message = error.message().map_or_else(
        || match status {
            // There was no answer, or an unreadable one, so there is no status.
            0..300 => chain(error),
            _ => format!("HTTP status {status}"),
        },
        str::to_owned,
    );
    Error::heard(operation, error.code().unwrap_or_default(), status, &message, withheld)
}
