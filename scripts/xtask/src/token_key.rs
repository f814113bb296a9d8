//! A key that signs access tokens, in the words of the functions' environment.

use base64::{Engine, engine::general_purpose::STANDARD};
use kernel::{Clock, SystemClock};
use serde_json::json;

use crate::{Result, generated};

#[derive(clap::Args)]
pub(crate) struct TokenKey {
    /// The key's name, `kid` of the tokens it signs; today's date unless given
    #[arg(long)]
    id: Option<String>,
}

impl TokenKey {
    /// Tells the secret half too: whoever calls this puts it where secrets are kept.
    pub(crate) fn make(&self) -> Result<String> {
        let today = || SystemClock.now().to_string().chars().take("YYYY-MM-DD".len()).collect();
        let id = self.id.clone().unwrap_or_else(today);
        let (key, public) = runtime::token::generate_key(&id).map_err(|error| error.to_string())?;
        Ok(generated::text(json!({
            "TOKEN_KEY_ID": key.id,
            "TOKEN_PRIVATE_KEY": STANDARD.encode(key.pkcs8),
            "TOKEN_PUBLIC_KEYS": public.to_string(),
        })))
    }
}

#[cfg(test)]
mod tests {
    use runtime::Config;
    use serde_json::Value;

    use super::*;

    #[test]
    fn the_functions_take_the_key_from_their_environment() {
        let made = TokenKey { id: Some("one".to_owned()) }.make().unwrap();
        let made: Value = serde_json::from_str(&made).unwrap();
        let config = Config::from_lookup(|name| match name {
            "TABLE_NAME" => Some("lectern".to_owned()),
            "TOKEN_ISSUER" => Some("https://school.example".to_owned()),
            name => made.get(name)?.as_str().map(str::to_owned),
        })
        .unwrap();
        assert_eq!(config.signing_key.unwrap().id, "one");
        assert!(config.public_keys.find("one").is_some());
    }
}
