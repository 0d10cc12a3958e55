//! Certificate and key of `sideline serve`, read again when their files change.

use axum_server::tls_rustls::RustlsConfig;
use std::path::Path;
use std::time::{Duration, SystemTime};
use tokio_util::sync::CancellationToken;

/// How often it is looked whether the files have changed.
const LOOK: Duration = Duration::from_mins(1);

/// Reads both, and goes on looking until `stop`.
///
/// # Errors
/// A sentence that names the files.
pub async fn begin(certificate: &Path, key: &Path, stop: CancellationToken) -> Result<RustlsConfig, String> {
    let config = RustlsConfig::from_pem_file(certificate, key).await.map_err(|error| {
        format!("tls_certificate {} and tls_key {} cannot be used: {error}", certificate.display(), key.display())
    })?;
    let (certificate, key, current) = (certificate.to_owned(), key.to_owned(), config.clone());
    tokio::spawn(async move {
        let mut before = (changed(&certificate), changed(&key));
        while tokio::time::timeout(LOOK, stop.cancelled()).await.is_err() {
            let now = (changed(&certificate), changed(&key));
            if now == before {
                continue;
            }
            before = now;
            match current.reload_from_pem_file(&certificate, &key).await {
                Ok(()) => tracing::info!("the certificate was read again"),
                // The old one goes on; both files may not be written yet.
                Err(error) => tracing::error!(%error, "the certificate has changed and cannot be read"),
            }
        }
    });
    Ok(config)
}

fn changed(file: &Path) -> Option<SystemTime> {
    file.metadata().and_then(|file| file.modified()).ok()
}
