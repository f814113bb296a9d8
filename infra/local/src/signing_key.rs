//! The key pairs that sign access tokens and certificates: made once and kept, so that what they signed outlives a
//! restart.

use std::collections::HashMap;

use base64::{Engine, engine::general_purpose::STANDARD};

use crate::{Failure, data::DataDir};

/// Where the key of access tokens is kept.
pub(crate) const TOKEN_FILE: &str = "token-key.json";
/// Where the key of certificates is kept.
pub(crate) const CERTIFICATE_FILE: &str = "certificate-key.json";

/// The variables that hold a key in a function's environment: `<PREFIX>_KEY_ID`, `<PREFIX>_PRIVATE_KEY` and
/// `<PREFIX>_PUBLIC_KEYS`.
pub(crate) fn load_or_make(
    data: &DataDir,
    file: &str,
    prefix: &str,
) -> Result<HashMap<String, String>, Failure> {
    if let Some(content) = data.read(file)? {
        return serde_json::from_slice(&content)
            .map_err(|error| format!("{file} is damaged ({error}): start once with --reset"));
    }
    let id = format!("local-{}", prefix.to_lowercase());
    let (key, public) = runtime::token::generate_key(&id).map_err(|error| error.to_string())?;
    let variables = HashMap::from([
        (format!("{prefix}_KEY_ID"), key.id),
        (format!("{prefix}_PRIVATE_KEY"), STANDARD.encode(&key.pkcs8)),
        (format!("{prefix}_PUBLIC_KEYS"), public.to_string()),
    ]);
    let content = serde_json::to_vec_pretty(&variables).map_err(|error| error.to_string())?;
    data.write(file, &content)?;
    Ok(variables)
}
