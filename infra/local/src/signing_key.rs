//! The key pairs that sign access tokens and certificates: made once and kept, so that what they signed outlives a
//! restart.

use std::collections::HashMap;

use base64::{Engine, engine::general_purpose::STANDARD};

use crate::{Failure, data::DataDir};

/// A key pair: the private half in base64, and the JWKS document with the public one.
pub(crate) struct KeyPair {
    pub(crate) private: String,
    pub(crate) public: String,
}

/// The pair in `file`, as `<prefix>_PRIVATE_KEY` and `<prefix>_PUBLIC_KEYS`.
pub(crate) fn load_or_make(data: &DataDir, file: &str, prefix: &str) -> Result<KeyPair, Failure> {
    let (private, public) = (format!("{prefix}_PRIVATE_KEY"), format!("{prefix}_PUBLIC_KEYS"));
    if let Some(content) = data.read(file)? {
        let kept: HashMap<String, String> = serde_json::from_slice(&content).unwrap_or_default();
        let half = |name| {
            let half = kept.get(name).cloned();
            half.ok_or_else(|| format!("{file} is damaged, it has no {name}: start once with --reset"))
        };
        return Ok(KeyPair { private: half(&private)?, public: half(&public)? });
    }
    let id = format!("local-{}", prefix.to_lowercase());
    let (key, published) = runtime::token::generate_key(&id).map_err(|error| error.to_string())?;
    let pair = KeyPair { private: STANDARD.encode(&key.pkcs8), public: published.to_string() };
    let kept = HashMap::from([(private, &pair.private), (public, &pair.public)]);
    let content = serde_json::to_vec_pretty(&kept).map_err(|error| error.to_string())?;
    data.write(file, &content)?;
    Ok(pair)
}
