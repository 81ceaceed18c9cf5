//! Builds the spec of an existing function URL, which changes nothing but its public statements when it is applied. The inverse of `desired`.

use std::collections::BTreeSet;

use super::model::{Cors, NONE, Url};
use crate::api::function_url::{self, InvokeMode, LambdaFunctionUrlSpec};
use crate::api::permission::UrlAuthType;
use crate::core::target::Target;
use crate::kinds::function;

/// The spec that keeps the URL unchanged.
#[must_use]
pub fn spec(url: &Url, target: &Target, qualifier: Option<&str>) -> LambdaFunctionUrlSpec {
    let Url { auth_type, cors, invoke_mode, public: _ } = url;
    // Every field is named: a new one does not compile until it can be imported.
    LambdaFunctionUrlSpec {
        function_ref: None,
        alias_ref: None,
        function_name: Some(target.name.clone()),
        qualifier: qualifier.map(str::to_owned),
        authorization_type: if auth_type == NONE { UrlAuthType::None } else { UrlAuthType::AwsIam },
        invoke_mode: (invoke_mode == "RESPONSE_STREAM").then_some(InvokeMode::ResponseStream),
        cors: written(cors),
        ignore_changes: None,
        common: function::import::adopted(&target.region),
    }
}

fn written(cors: &Cors) -> Option<function_url::Cors> {
    let Cors { credentials, headers, methods, origins, exposed, max_age } = cors;
    let list = |values: &BTreeSet<String>| (!values.is_empty()).then(|| values.iter().cloned().collect());
    (*cors != Cors::default()).then(|| function_url::Cors {
        allow_credentials: credentials.then_some(true),
        allow_headers: list(headers),
        allow_methods: list(methods),
        allow_origins: list(origins),
        expose_headers: list(exposed),
        max_age: *max_age,
    })
}
