//! A key that signs access tokens or certificates.

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
    use runtime::SigningKey;

    use super::*;

    /// Both halves of a new key.
    fn made(prefix: &str, id: Option<&str>) -> (String, String) {
        let key = NewSigningKey { prefix: prefix.to_owned(), id: id.map(str::to_owned) };
        let key: Value = serde_json::from_str(&key.make().unwrap()).unwrap();
        let half = |name: &str| key[format!("{prefix}_{name}")].as_str().unwrap().to_owned();
        (half("PRIVATE_KEY"), half("PUBLIC_KEYS"))
    }

    fn id((private, public): (String, String)) -> String {
        SigningKey::published(&private, &serde_json::from_str(&public).unwrap()).unwrap().id
    }

    #[test]
    fn keys_of_one_day_have_names_of_their_own() {
        assert_ne!(id(made("TOKEN", None)), id(made("CERTIFICATE", None)));
    }

    #[test]
    fn the_functions_take_the_halves_as_they_are_printed() {
        assert_eq!(id(made("TOKEN", Some("one"))), "one");
        let (private, _) = made("TOKEN", Some("one"));
        let (_, other) = made("TOKEN", Some("one"));
        let refused = SigningKey::published(&private, &serde_json::from_str(&other).unwrap());
        assert!(refused.unwrap_err().contains("not published"));
    }
}
