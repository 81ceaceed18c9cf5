//! Builds the spec of an existing function URL, which changes nothing but its public statements when it is applied. The inverse of `desired`.

use std::collections::BTreeSet;

use super::model::{Cors, NONE, Url};
use crate::api::function_url::{self, InvokeMode, LambdaFunctionUrlSpec};
use crate::api::permission::UrlAuthType;
use crate::core::belonging::{Belonging, Fields};

/// The spec that keeps the URL unchanged.
#[must_use]
pub fn spec(url: &Url, belonging: &Belonging) -> LambdaFunctionUrlSpec {
    let Fields { function_ref, alias_ref, function_name, qualifier, common } = belonging.fields();
    let Url { auth_type, cors, invoke_mode, public: _ } = url;
    // Every field is named: a new one does not compile until it can be imported.
    LambdaFunctionUrlSpec {
        function_ref,
        alias_ref,
        function_name,
        qualifier,
        authorization_type: if auth_type == NONE { UrlAuthType::None } else { UrlAuthType::AwsIam },
        invoke_mode: (invoke_mode == "RESPONSE_STREAM").then_some(InvokeMode::ResponseStream),
        cors: written(cors),
        ignore_changes: None,
        common,
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
