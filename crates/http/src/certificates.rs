//! Whom we believe: the platform's certificates, and the user's bundle.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use crate::error::{Cause, Error};

/// The TLS configuration, made when the first encrypted connection wants it: reading the platform's
/// certificates opens hundreds of files.
#[derive(Clone, Debug)]
pub(crate) struct Trust {
    bundle: Arc<Vec<CertificateDer<'static>>>,
    platform: bool,
    made: Arc<OnceLock<Arc<ClientConfig>>>,
}

impl Trust {
    /// Nobody: a drill has no TLS.
    pub(crate) fn nobody() -> Self {
        Self { bundle: Arc::default(), platform: false, made: Arc::default() }
    }

    /// The platform's certificates and those of a bundle.
    pub(crate) fn platform(bundle: Option<&Path>) -> Result<Self, Error> {
        let bundle = match bundle {
            None => Vec::new(),
            Some(path) => read(path).map_err(|problem| {
                Error::setup(Cause::CaBundle { path: path.to_owned(), problem })
            })?,
        };
        Ok(Self { bundle: Arc::new(bundle), platform: true, made: Arc::default() })
    }

    /// The configuration; an error says in one sentence why there is none.
    pub(crate) fn configuration(&self) -> Result<Arc<ClientConfig>, rustls::Error> {
        if let Some(made) = self.made.get() {
            return Ok(Arc::clone(made));
        }
        let mut roots = RootCertStore::empty();
        if self.platform {
            // Single certificates that cannot be read are a platform's usual dust.
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
        roots.add_parsable_certificates(self.bundle.iter().cloned());
        let ring = Arc::new(rustls::crypto::ring::default_provider());
        let made = ClientConfig::builder_with_provider(ring)
            .with_safe_default_protocol_versions()?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Arc::clone(self.made.get_or_init(|| Arc::new(made))))
    }
}

fn read(path: &Path) -> Result<Vec<CertificateDer<'static>>, String> {
    let pem = std::fs::read(path).map_err(|error| error.to_string())?;
    let mut certificates = Vec::new();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate = certificate.map_err(|error| error.to_string())?;
        RootCertStore::empty().add(certificate.clone()).map_err(|error| error.to_string())?;
        certificates.push(certificate);
    }
    match certificates.is_empty() {
        true => Err("it holds no certificate".to_owned()),
        false => Ok(certificates),
    }
}
