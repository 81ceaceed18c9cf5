//! The way to the apiserver: TLS with its own certificate, answers as streams, so that watches flow.

use std::sync::Arc;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{AUTHORIZATION, CONNECTION, HOST, HeaderValue, TRANSFER_ENCODING};
use hyper::http::request::Parts;
use hyper::{Response, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use crate::error::Error;
use crate::kubeconfig::Access;

/// The apiserver.
#[derive(Debug, Clone)]
pub(super) struct Upstream {
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    server: String,
    authorization: HeaderValue,
}

impl Upstream {
    /// Where `access` leads.
    pub(super) fn new(access: Access) -> Result<Upstream, Error> {
        let Access { server, ca, token } = access;
        let unusable = |error: String| Error::unexpected("a kubeconfig that leads to an apiserver", error);
        let authorization = HeaderValue::from_str(&format!("Bearer {token}"));
        let authorization = authorization.map_err(|error| unusable(error.to_string()))?;
        let ca = CertificateDer::from_pem_slice(&ca).map_err(|error| unusable(error.to_string()))?;
        let mut roots = RootCertStore::empty();
        roots.add(ca).map_err(|error| unusable(error.to_string()))?;
        let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| unusable(error.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        let connector = HttpsConnectorBuilder::new().with_tls_config(config).https_only().enable_http1().build();
        Ok(Upstream { client: Client::builder(TokioExecutor::new()).build(connector), server, authorization })
    }

    /// Passes a call on. `Err` says why there is no answer.
    pub(super) async fn forward(&self, mut parts: Parts, body: Bytes) -> Result<Response<Incoming>, String> {
        let path = parts.uri.path_and_query().map_or("/", |path| path.as_str());
        parts.uri = format!("{}{path}", self.server).parse::<Uri>().map_err(|error| error.to_string())?;
        // these belong to the connection, not to the call
        for name in [CONNECTION, HOST, TRANSFER_ENCODING] {
            parts.headers.remove(name);
        }
        // kubectl shows its token to nobody who speaks plain HTTP
        parts.headers.entry(AUTHORIZATION).or_insert_with(|| self.authorization.clone());
        let request = hyper::Request::from_parts(parts, Full::new(body));
        let mut answer = self.client.request(request).await.map_err(|error| error.to_string())?;
        answer.headers_mut().remove(CONNECTION);
        answer.headers_mut().remove(TRANSFER_ENCODING);
        Ok(answer)
    }
}
