//! What somebody else does to the versions and aliases of a function, in one line each.

use std::time::Duration;

use serde_json::{Value, json};

use crate::aws::Aws;
use crate::child::poll;
use crate::error::Error;

impl Aws {
    /// PublishVersion, repeated while AWS says that the function is busy or that we are too fast; returns the number.
    pub async fn publish_version(&self, function: &str) -> Result<String, Error> {
        let path = format!("/2015-03-31/functions/{function}/versions");
        poll("a version to be published", Duration::from_secs(30), async || {
            let (status, answer) = self.lambda("POST", &path, Some(&json!({}))).await?;
            match (status, answer["Version"].as_str()) {
                (201, Some(version)) => Ok(Ok(version.to_owned())),
                (409 | 429, _) => Ok(Err(answer.to_string())),
                _ => Err(Error::unexpected("201 from PublishVersion", format!("{status}: {answer}"))),
            }
        })
        .await
    }

    /// CreateAlias with `wanted` (FunctionVersion, Description, RoutingConfig); returns the alias.
    pub async fn create_alias(&self, function: &str, alias: &str, wanted: &Value) -> Result<Value, Error> {
        let mut request = wanted.clone();
        request["Name"] = json!(alias);
        self.done(201, "POST", &format!("/2015-03-31/functions/{function}/aliases"), Some(&request)).await
    }

    /// GetAlias. Any status is `Ok`.
    pub async fn get_alias(&self, function: &str, alias: &str) -> Result<(u16, Value), Error> {
        self.lambda("GET", &path(function, alias), None).await
    }

    /// UpdateAlias, which keeps what `change` leaves out; returns the alias.
    pub async fn update_alias(&self, function: &str, alias: &str, change: &Value) -> Result<Value, Error> {
        self.done(200, "PUT", &path(function, alias), Some(change)).await
    }

    /// DeleteAlias, which is done where there is none, too.
    pub async fn delete_alias(&self, function: &str, alias: &str) -> Result<(), Error> {
        self.done(204, "DELETE", &path(function, alias), None).await.map(drop)
    }

    /// All aliases of a function, as ListAliases shows them.
    pub async fn list_aliases(&self, function: &str) -> Result<Vec<Value>, Error> {
        self.pages(&format!("/2015-03-31/functions/{function}/aliases"), "Aliases").await
    }
}

fn path(function: &str, alias: &str) -> String {
    format!("/2015-03-31/functions/{function}/aliases/{alias}")
}
