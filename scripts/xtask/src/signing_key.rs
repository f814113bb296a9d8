//! A key that signs access tokens or certificates, in the words of the functions' environment.

use base64::{Engine, engine::general_purpose::STANDARD};
use kernel::{Clock, SystemClock};
use serde_json::{Value, json};

use crate::{Result, generated};

#[derive(clap::Args)]
pub(crate) struct NewSigningKey {
    /// What its variables begin with
    #[arg(value_parser = ["TOKEN", "CERTIFICATE"])]
    prefix: String,
    /// The key's name, `kid` of what it signs; what it is for and today's date unless given
    #[arg(long)]
    id: Option<String>,
}

impl NewSigningKey {
    /// Tells the secret half too: whoever calls this puts it where secrets are kept.
    pub(crate) fn make(&self) -> Result<String> {
        let id = self.id.clone().unwrap_or_else(|| today(&self.prefix));
        let (key, public) = runtime::token::generate_key(&id).map_err(|error| error.to_string())?;
        let variable = |name: &str| format!("{}_{name}", self.prefix);
        let variables = [
            (variable("KEY_ID"), json!(key.id)),
            (variable("PRIVATE_KEY"), json!(STANDARD.encode(key.pkcs8))),
            (variable("PUBLIC_KEYS"), json!(public.to_string())),
        ];
        Ok(generated::text(Value::from_iter(variables)))
    }
}

/// What a key is for, and the day. Both kinds are published in one document, where a name stands for one key.
pub(crate) fn today(prefix: &str) -> String {
    let now = SystemClock.now().to_string();
    format!("{}-{}", prefix.to_lowercase(), now.split('T').next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use runtime::{Config, SigningKey};

    use super::*;

    fn made(prefix: &str) -> Value {
        let key = NewSigningKey { prefix: prefix.to_owned(), id: Some(format!("{prefix} one")) };
        serde_json::from_str(&key.make().unwrap()).unwrap()
    }

    #[test]
    fn keys_of_one_day_have_names_of_their_own() {
        let id = |prefix: &str| {
            let key = NewSigningKey { prefix: prefix.to_owned(), id: None }.make().unwrap();
            serde_json::from_str::<Value>(&key).unwrap()[format!("{prefix}_KEY_ID")].clone()
        };
        assert_ne!(id("TOKEN"), id("CERTIFICATE"));
    }

    #[test]
    fn the_functions_take_the_keys_from_their_environment() {
        let (token, certificate) = (made("TOKEN"), made("CERTIFICATE"));
        let lookup = |name: &str| match name {
            "TABLE_NAME" => Some("lectern".to_owned()),
            "TOKEN_ISSUER" => Some("https://school.example".to_owned()),
            name => token.get(name).or(certificate.get(name))?.as_str().map(str::to_owned),
        };
        let config = Config::from_lookup(lookup).unwrap();
        assert_eq!(config.signing_key.unwrap().id, "TOKEN one");
        assert!(config.public_keys.find("TOKEN one").is_some());
        assert_eq!(SigningKey::from_lookup("CERTIFICATE", lookup).unwrap().id, "CERTIFICATE one");
        assert!(config.certificate_keys.find("CERTIFICATE one").is_some());
    }
}
