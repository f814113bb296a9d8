//! Configuration: read once at cold start, complete or refused with the name of what is wrong.

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use jsonwebtoken::jwk::JwkSet;
use kernel::School;

/// The private half of the token key, which only the functions that sign tokens can read.
#[derive(Clone)]
pub struct SigningKey {
    /// Names the public half in the JWKS document.
    pub id: String,
    /// Ed25519, PKCS#8 DER.
    pub pkcs8: Vec<u8>,
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.id)
    }
}

/// What the environment says.
#[derive(Clone, Debug)]
pub struct Config {
    /// `TABLE_NAME`.
    pub table: String,
    /// `TOKEN_ISSUER`: `iss` of every access token.
    pub issuer: String,
    /// `TOKEN_PUBLIC_KEYS`: the JWKS document that verifies access tokens.
    pub public_keys: JwkSet,
    /// `TOKEN_KEY_ID` and `TOKEN_PRIVATE_KEY` (base64).
    pub signing_key: Option<SigningKey>,
    /// `ACCESS_TOKEN_SECONDS`, 3600 unless set.
    pub access_token_seconds: i64,
    /// `REFRESH_TOKEN_SECONDS`, 7 days unless set: how long a sign-in lasts however often it is refreshed.
    pub refresh_token_seconds: i64,
    /// `SCHOOL_HOSTS`: `host=school,host=school`. Other hosts are the school `main`.
    pub schools: Vec<(String, School)>,
    /// `ALLOWED_ORIGINS`: origins, separated by commas, whose pages may call with credentials.
    pub allowed_origins: Vec<String>,
    /// `CALLS_PER_MINUTE`: a general limit per user. Off unless set, since it costs a write per request.
    pub calls_per_minute: Option<u32>,
    /// `APP_VERSION`, shown by the health route.
    pub version: String,
}

impl Config {
    /// Reads the process's environment.
    ///
    /// # Errors
    /// Names the variable that is missing or wrong.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn from_env() -> Result<Self, String> {
        Self::from_lookup(|name| std::env::var(name).ok())
    }

    /// Reads variables through `lookup`.
    ///
    /// # Errors
    /// Names the variable that is missing or wrong.
    pub fn from_lookup(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        let optional = |name: &str| lookup(name).filter(|value| !value.is_empty());
        let required =
            |name: &str| optional(name).ok_or_else(|| format!("environment variable {name} is missing"));
        let number = |name: &str, default: i64| {
            optional(name).map_or(Ok(default), |text| {
                text.parse()
                    .ok()
                    .filter(|n| *n > 0)
                    .ok_or_else(|| format!("{name} must be a positive whole number"))
            })
        };
        let list = |name: &str| -> Vec<String> {
            let text = optional(name).unwrap_or_default();
            text.split(',').map(|part| part.trim().to_owned()).filter(|part| !part.is_empty()).collect()
        };
        let signing_key = match optional("TOKEN_PRIVATE_KEY") {
            None => None,
            Some(text) => {
                let pkcs8 = STANDARD.decode(text).map_err(|_| "TOKEN_PRIVATE_KEY is no base64")?;
                Some(SigningKey { id: required("TOKEN_KEY_ID")?, pkcs8 })
            }
        };
        let schools = list("SCHOOL_HOSTS")
            .iter()
            .map(|pair| {
                let (host, school) = pair.split_once('=').ok_or("SCHOOL_HOSTS must be host=school,…")?;
                Ok((host.to_lowercase(), school.parse().map_err(|error| format!("SCHOOL_HOSTS: {error}"))?))
            })
            .collect::<Result<_, String>>()?;
        Ok(Self {
            table: required("TABLE_NAME")?,
            issuer: required("TOKEN_ISSUER")?,
            public_keys: serde_json::from_str(&required("TOKEN_PUBLIC_KEYS")?)
                .map_err(|error| format!("TOKEN_PUBLIC_KEYS is no JWKS document: {error}"))?,
            signing_key,
            access_token_seconds: number("ACCESS_TOKEN_SECONDS", 3600)?,
            refresh_token_seconds: number("REFRESH_TOKEN_SECONDS", 7 * 24 * 3600)?,
            schools,
            allowed_origins: list("ALLOWED_ORIGINS"),
            calls_per_minute: match number("CALLS_PER_MINUTE", i64::MAX)? {
                i64::MAX => None,
                limit => Some(u32::try_from(limit).map_err(|_| "CALLS_PER_MINUTE is too large")?),
            },
            version: optional("APP_VERSION").unwrap_or_else(|| env!("CARGO_PKG_VERSION").to_owned()),
        })
    }

    /// The school of a call without a token.
    #[must_use]
    pub fn school_of_host(&self, host: &str) -> School {
        let host = host.split(':').next().unwrap_or_default().to_lowercase();
        let known = self.schools.iter().find(|(name, _)| *name == host);
        known.map_or_else(|| "main".parse().expect("a valid name"), |(_, school)| school.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lookup(name: &str) -> Option<String> {
        match name {
            "TABLE_NAME" => Some("lectern".to_owned()),
            "TOKEN_ISSUER" => Some("https://school.example".to_owned()),
            "TOKEN_PUBLIC_KEYS" => Some(r#"{"keys":[]}"#.to_owned()),
            "SCHOOL_HOSTS" => Some("one.example=one, two.example=two".to_owned()),
            _ => None,
        }
    }

    #[test]
    fn hosts_name_schools_and_others_are_main() {
        let config = Config::from_lookup(lookup).unwrap();
        for (host, school) in
            [("one.example", "one"), ("TWO.example:443", "two"), ("else.example", "main"), ("", "main")]
        {
            assert_eq!(config.school_of_host(host).as_str(), school);
        }
        assert_eq!(config.access_token_seconds, 3600);
        assert_eq!(config.calls_per_minute, None);
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        for (name, value) in [
            ("TABLE_NAME", ""),
            ("TOKEN_PUBLIC_KEYS", "x"),
            ("ACCESS_TOKEN_SECONDS", "-1"),
            ("SCHOOL_HOSTS", "a"),
            ("SCHOOL_HOSTS", "a=B"),
        ] {
            let error =
                Config::from_lookup(
                    |asked| if asked == name { Some(value.to_owned()) } else { lookup(asked) },
                );
            assert!(error.unwrap_err().contains(name), "{name}");
        }
    }
}
