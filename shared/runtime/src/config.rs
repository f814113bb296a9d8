//! Configuration: read once at cold start, complete or refused with the name of what is wrong.

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use jsonwebtoken::jwk::JwkSet;
use kernel::School;

use crate::required_variable;

/// The private half of the token key, which only the functions that sign tokens can read.
#[derive(Clone)]
pub struct SigningKey {
    /// Names the public half in the JWKS document.
    pub id: String,
    /// Ed25519, PKCS#8 DER.
    pub pkcs8: Vec<u8>,
}

impl SigningKey {
    /// The key in `<prefix>_KEY_ID` and `<prefix>_PRIVATE_KEY` (base64), for the functions that sign with it.
    ///
    /// # Errors
    /// Names the variable that is missing or wrong.
    pub fn from_env(prefix: &str) -> Result<Self, String> {
        Self::from_lookup(prefix, |name| required_variable(name).ok())
    }

    /// Like [`SigningKey::from_env`], through `lookup`.
    ///
    /// # Errors
    /// Names the variable that is missing or wrong.
    pub fn from_lookup(prefix: &str, lookup: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        let required =
            |name: &str| lookup(name).ok_or_else(|| format!("environment variable {name} is missing"));
        let name = format!("{prefix}_PRIVATE_KEY");
        let pkcs8 = STANDARD.decode(required(&name)?).map_err(|_| format!("{name} is no base64"))?;
        Ok(Self { id: required(&format!("{prefix}_KEY_ID"))?, pkcs8 })
    }
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
    /// `CERTIFICATE_PUBLIC_KEYS`: the JWKS document that verifies certificates; empty where nothing publishes it.
    pub certificate_keys: JwkSet,
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
    /// `REGISTRATIONS_PER_HOUR`: from one network address, which a lecture hall may share. 200 unless set.
    pub registrations_per_hour: u32,
    /// `PUBLIC_URL`: where people reach the API, without a slash at the end; the issuer unless set.
    pub public_url: String,
    /// `SCHOOL_NAME`, as certificates and mails show it.
    pub school_name: String,
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
            Some(_) => Some(SigningKey::from_lookup("TOKEN", optional)?),
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
            certificate_keys: match optional("CERTIFICATE_PUBLIC_KEYS") {
                None => JwkSet { keys: Vec::new() },
                Some(text) => serde_json::from_str(&text)
                    .map_err(|error| format!("CERTIFICATE_PUBLIC_KEYS is no JWKS document: {error}"))?,
            },
            signing_key,
            access_token_seconds: number("ACCESS_TOKEN_SECONDS", 3600)?,
            refresh_token_seconds: number("REFRESH_TOKEN_SECONDS", 7 * 24 * 3600)?,
            schools,
            allowed_origins: list("ALLOWED_ORIGINS"),
            calls_per_minute: match number("CALLS_PER_MINUTE", i64::MAX)? {
                i64::MAX => None,
                limit => Some(u32::try_from(limit).map_err(|_| "CALLS_PER_MINUTE is too large")?),
            },
            registrations_per_hour: u32::try_from(number("REGISTRATIONS_PER_HOUR", 200)?)
                .map_err(|_| "REGISTRATIONS_PER_HOUR is too large")?,
            public_url: optional("PUBLIC_URL")
                .map_or_else(|| required("TOKEN_ISSUER"), Ok)?
                .trim_end_matches('/')
                .to_owned(),
            school_name: optional("SCHOOL_NAME").unwrap_or_else(|| "Lectern".to_owned()),
            version: optional("APP_VERSION").unwrap_or_else(|| env!("CARGO_PKG_VERSION").to_owned()),
        })
    }

    /// Every school of this deployment, `main` first.
    #[must_use]
    pub fn all_schools(&self) -> Vec<School> {
        let mut schools: Vec<School> = vec![self.school_of_host("")];
        for (_, school) in &self.schools {
            if !schools.contains(school) {
                schools.push(school.clone());
            }
        }
        schools
    }

    /// Where people reach a school: at its own host if it has one.
    #[must_use]
    pub fn site(&self, school: &School) -> String {
        let host = self.schools.iter().find(|(_, of)| of == school).map(|(host, _)| host);
        host.map_or_else(|| self.public_url.clone(), |host| format!("https://{host}"))
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
        assert_eq!(config.site(&"two".parse().unwrap()), "https://two.example");
        assert_eq!(config.site(&"main".parse().unwrap()), "https://school.example");
        let schools: Vec<String> = config.all_schools().iter().map(ToString::to_string).collect();
        assert_eq!(schools, ["main", "one", "two"]);
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
