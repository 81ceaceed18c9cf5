//! Kubeconfig files with one cluster and one token, written as JSON (which is YAML).

use std::path::Path;

use base64::Engine;
use serde_json::{Value, json};

use crate::error::Error;
use crate::folder;

/// A kubeconfig for `server`, whose certificate `ca_pem` vouches for.
pub(crate) fn render(server: &str, ca_pem: &str, token: &str) -> String {
    let ca = base64::engine::general_purpose::STANDARD.encode(ca_pem);
    let config = json!({
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "testbed",
        "clusters": [{"name": "testbed", "cluster": {"server": server, "certificate-authority-data": ca}}],
        "users": [{"name": "testbed", "user": {"token": token}}],
        "contexts": [{"name": "testbed", "context": {"cluster": "testbed", "user": "testbed"}}],
    });
    format!("{config:#}\n")
}

/// The kubeconfig `original` (one of ours) with another token.
pub(crate) fn with_token(original: &Path, token: &str) -> Result<String, Error> {
    changed(original, "/users/0/user", json!({ "token": token }))
}

/// The kubeconfig `original` (one of ours) for a server that speaks plain HTTP.
pub(crate) fn with_plain_server(original: &Path, server: &str) -> Result<String, Error> {
    changed(original, "/clusters/0/cluster", json!({ "server": server }))
}

/// Whom a kubeconfig of ours leads to, and as whom.
pub(crate) struct Access {
    pub(crate) server: String,
    /// The certificate (PEM) that vouches for it.
    pub(crate) ca: Vec<u8>,
    pub(crate) token: String,
}

/// What a kubeconfig of ours says.
pub(crate) fn access(original: &Path) -> Result<Access, Error> {
    let config = read(original)?;
    let text = |place: &str| config.pointer(place).and_then(Value::as_str);
    let ca = text("/clusters/0/cluster/certificate-authority-data")
        .and_then(|ca| base64::engine::general_purpose::STANDARD.decode(ca).ok());
    match (text("/clusters/0/cluster/server"), ca, text("/users/0/user/token")) {
        (Some(server), Some(ca), Some(token)) => Ok(Access { server: server.to_owned(), ca, token: token.to_owned() }),
        _ => Err(not_ours(original)),
    }
}

fn changed(original: &Path, place: &str, value: Value) -> Result<String, Error> {
    let mut config = read(original)?;
    *config.pointer_mut(place).ok_or_else(|| not_ours(original))? = value;
    Ok(format!("{config:#}\n"))
}

fn read(original: &Path) -> Result<Value, Error> {
    serde_json::from_str(&folder::read(original)?).map_err(|_| not_ours(original))
}

fn not_ours(original: &Path) -> Error {
    Error::unexpected("a kubeconfig written by the test bed", original.display().to_string())
}
