//! The certificate authorities that are trusted for AWS: those of the system, and those of `AWS_CA_BUNDLE`. Reads that file.

use std::path::{Path, PathBuf};
use std::{env, fs};

use aws_smithy_http_client::tls::{TlsContext, TrustStore};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

/// A bundle without a readable certificate.
#[derive(Debug, thiserror::Error)]
#[error("AWS_CA_BUNDLE is {}, which gives no certificates: {fault}. Correct the file, or unset the variable", path.display())]
pub struct Unusable {
    path: PathBuf,
    fault: String,
}

/// Read again for each new kind of connection, of which there are few.
///
/// # Errors If `AWS_CA_BUNDLE` names no usable file.
pub(super) fn context() -> Result<TlsContext, Unusable> {
    let bundle = env::var_os("AWS_CA_BUNDLE").filter(|path| !path.is_empty()).map(PathBuf::from);
    let certificates = bundle.as_deref().map(read).transpose()?;
    let store = TrustStore::default();
    let store = match &certificates {
        Some(pem) => store.with_pem_certificate(pem.as_bytes()),
        None => store,
    };
    let failed = |fault: &dyn ToString| Unusable { path: bundle.clone().unwrap_or_default(), fault: fault.to_string() };
    TlsContext::builder().with_trust_store(store).build().map_err(|error| failed(&error))
}

fn read(path: &Path) -> Result<String, Unusable> {
    let failed = |fault: String| Unusable { path: path.to_owned(), fault };
    let pem = fs::read(path).map_err(|error| failed(error.to_string()))?;
    usable(&pem).map_err(failed)
}

/// The certificates that can be used. A system's own bundle may hold a few that are too old; those are left out, as
/// they are for the system's own store.
fn usable(pem: &[u8]) -> Result<String, String> {
    let mut kept = String::new();
    for certificate in CertificateDer::pem_slice_iter(pem) {
        let certificate = certificate.map_err(|error| error.to_string())?;
        if RootCertStore::empty().add(certificate.clone()).is_ok() {
            let text = STANDARD.encode(&certificate);
            kept.push_str(&format!("-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n"));
        }
    }
    if kept.is_empty() { Err("there is no certificate of an authority in it".into()) } else { Ok(kept) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_without_certificates_is_refused_by_name() {
        let words = read(Path::new("/nowhere/ca.pem")).unwrap_err().to_string();
        assert!(words.contains("AWS_CA_BUNDLE is /nowhere/ca.pem"), "{words}");
        assert!(usable(b"not PEM at all").is_err());
        let nonsense = "-----BEGIN CERTIFICATE-----\nbm8gY2VydGlmaWNhdGU=\n-----END CERTIFICATE-----\n";
        assert!(usable(nonsense.as_bytes()).is_err());
    }
}
