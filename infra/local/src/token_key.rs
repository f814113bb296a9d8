//! The key pair that signs access tokens: made once and kept, so that tokens outlive a restart.

use std::collections::HashMap;

use base64::{Engine, engine::general_purpose::STANDARD};

use crate::{Failure, data::DataDir};

const FILE: &str = "token-key.json";

/// The key as the environment of a function would hold it.
pub(crate) struct TokenKey(HashMap<String, String>);

impl TokenKey {
    pub(crate) fn load_or_make(data: &DataDir) -> Result<Self, Failure> {
        if let Some(content) = data.read(FILE)? {
            return serde_json::from_slice(&content)
                .map(Self)
                .map_err(|error| format!("{FILE} is damaged ({error}): start once with --reset"));
        }
        let (key, public) = runtime::token::generate_key("local").map_err(|error| error.to_string())?;
        let variables = HashMap::from([
            ("TOKEN_KEY_ID".to_owned(), key.id),
            ("TOKEN_PRIVATE_KEY".to_owned(), STANDARD.encode(&key.pkcs8)),
            ("TOKEN_PUBLIC_KEYS".to_owned(), public.to_string()),
        ]);
        let content = serde_json::to_vec_pretty(&variables).map_err(|error| error.to_string())?;
        data.write(FILE, &content)?;
        Ok(Self(variables))
    }

    pub(crate) fn into_variables(self) -> HashMap<String, String> {
        self.0
    }
}
