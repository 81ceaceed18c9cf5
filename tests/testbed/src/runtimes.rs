//! What somebody else sets of a function by calls of their own: its runtime management, its recursion.

use serde_json::{Value, json};

use crate::aws::Aws;
use crate::error::Error;

impl Aws {
    /// GetRuntimeManagementConfig of a version, of `$LATEST` without one. Any status is `Ok`.
    pub async fn runtime_management(&self, function: &str, version: Option<&str>) -> Result<(u16, Value), Error> {
        self.lambda("GET", &management(function, version), None).await
    }

    /// PutRuntimeManagementConfig with the mode Auto, FunctionUpdate, or Manual, which needs the runtime version's ARN.
    pub async fn put_runtime_management(
        &self,
        function: &str,
        version: Option<&str>,
        mode: &str,
        runtime_version: Option<&str>,
    ) -> Result<Value, Error> {
        let mut request = json!({"UpdateRuntimeOn": mode});
        if let Some(arn) = runtime_version {
            request["RuntimeVersionArn"] = json!(arn);
        }
        self.done(200, "PUT", &management(function, version), Some(&request)).await
    }

    /// GetFunctionRecursionConfig. Any status is `Ok`.
    pub async fn recursion(&self, function: &str) -> Result<(u16, Value), Error> {
        self.lambda("GET", &recursion(function), None).await
    }

    /// PutFunctionRecursionConfig with `Allow` or `Terminate`.
    pub async fn put_recursion(&self, function: &str, wanted: &str) -> Result<Value, Error> {
        self.done(200, "PUT", &recursion(function), Some(&json!({"RecursiveLoop": wanted}))).await
    }
}

fn management(function: &str, version: Option<&str>) -> String {
    let qualifier = version.map(|version| format!("?Qualifier={}", version.replace('$', "%24"))).unwrap_or_default();
    format!("/2021-07-20/functions/{function}/runtime-management-config{qualifier}")
}

fn recursion(function: &str) -> String {
    format!("/2024-08-31/functions/{function}/recursion-config")
}
