//! What is secret of a connection, and how it lies in its row.

use crate::seal::{SealError, Sealer};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// The secrets of a connection. Those that are not named stay as they are when they are changed.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(example = json!({"secret": "…", "webhook_secret": "…"}))]
pub struct Secrets {
    /// That of the service's key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
    /// That of this program's id at OAuth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_secret: Option<String>,
    /// That by which deliveries prove themselves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhook_secret: Option<String>,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets(…)")
    }
}

/// Tokens that Gong gave.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tokens {
    pub access: String,
    pub refresh: String,
    pub expires_at: DateTime<Utc>,
    pub base_url: Option<String>,
    pub scope: String,
}

/// All that is secret of a connection, as it is sealed.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sealed {
    pub secrets: Secrets,
    pub tokens: Option<Tokens>,
}

impl Sealed {
    /// What lies in the row of a connection.
    pub fn open(sealer: &Sealer, connection: Uuid, sealed: Option<&str>) -> Result<Self, SealError> {
        let Some(sealed) = sealed else { return Ok(Self::default()) };
        let text = sealer.open(&connection.to_string(), sealed)?;
        serde_json::from_str(&text).map_err(|_| SealError::Sealed)
    }

    /// As it is to lie there.
    pub fn seal(&self, sealer: &Sealer, connection: Uuid) -> Result<Option<String>, SealError> {
        if *self == Self::default() {
            return Ok(None);
        }
        let text = serde_json::to_string(self).map_err(|_| SealError::Sealed)?;
        sealer.seal(&connection.to_string(), &text).map(Some)
    }
}
