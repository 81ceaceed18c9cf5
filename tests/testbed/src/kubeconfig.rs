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
    let text = folder::read(original)?;
    let not_ours = || Error::unexpected("a kubeconfig written by the test bed", original.display().to_string());
    let mut config: Value = serde_json::from_str(&text).map_err(|_| not_ours())?;
    let user = config.pointer_mut("/users/0/user").ok_or_else(not_ours)?;
    *user = json!({ "token": token });
    Ok(format!("{config:#}\n"))
}
