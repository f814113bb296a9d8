//! Configuration. [`Config`] is what every function reads; everything else is a [`Service`] of the functions that use
//! it, so that a new value changes no other function.

use jsonwebtoken::jwk::JwkSet;
use kernel::School;

use crate::{App, Environment, Service};

/// What every function reads: the table, how to verify tokens, and what any request may meet.
#[derive(Clone, Debug)]
pub struct Config {
    /// `TABLE_NAME`.
    pub table: String,
    /// `TOKEN_ISSUER`: `iss` of every access token.
    pub issuer: String,
    /// `TOKEN_PUBLIC_KEYS`: the JWKS document that verifies access tokens.
    pub public_keys: JwkSet,
    /// `SCHOOL_HOSTS`: `host=school,host=school`. Other hosts are the school `main`.
    pub schools: Vec<(String, School)>,
    /// `ALLOWED_ORIGINS`: origins, separated by commas, whose pages may call with credentials.
    pub allowed_origins: Vec<String>,
    /// `CALLS_PER_MINUTE`: a general limit per user. Off unless set, since it costs a write per request.
    pub calls_per_minute: Option<u32>,
    /// `EDGE_SECRET`: what the site's distribution adds to each request, by which `edge` believes what else it says. Two of them
    /// while it changes.
    pub edge_secrets: Vec<String>,
}

impl Config {
    /// The variables that every function has.
    pub const VARIABLES: [&'static str; 7] = [
        "TABLE_NAME",
        "TOKEN_ISSUER",
        "TOKEN_PUBLIC_KEYS",
        "SCHOOL_HOSTS",
        "ALLOWED_ORIGINS",
        "CALLS_PER_MINUTE",
        "EDGE_SECRET",
    ];

    /// Complete, or refused.
    ///
    /// # Errors
    /// Names the variable that is missing or wrong.
    pub fn of(environment: &Environment) -> Result<Self, String> {
        let schools = environment.list("SCHOOL_HOSTS").map(|pair| {
            let (host, school) = pair.split_once('=').ok_or("SCHOOL_HOSTS must be host=school,…")?;
            Ok((host.to_lowercase(), school.parse().map_err(|error| format!("SCHOOL_HOSTS: {error}"))?))
        });
        Ok(Self {
            table: environment.required("TABLE_NAME")?.to_owned(),
            issuer: environment.required("TOKEN_ISSUER")?.to_owned(),
            public_keys: environment.public_keys("TOKEN_PUBLIC_KEYS")?,
            schools: schools.collect::<Result<_, String>>()?,
            allowed_origins: environment.list("ALLOWED_ORIGINS").map(str::to_owned).collect(),
            calls_per_minute: environment.number("CALLS_PER_MINUTE")?,
            edge_secrets: environment.list("EDGE_SECRET").map(str::to_owned).collect(),
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

    /// The school of a call without a token.
    #[must_use]
    pub fn school_of_host(&self, host: &str) -> School {
        let host = host.split(':').next().unwrap_or_default().to_lowercase();
        let known = self.schools.iter().find(|(name, _)| *name == host);
        known.map_or_else(|| "main".parse().expect("a valid name"), |(_, school)| school.clone())
    }
}

/// `PUBLIC_URL`: where people reach the API, for what leaves it with links.
pub struct PublicUrl {
    url: String,
    schools: Vec<(String, School)>,
}

impl Service for PublicUrl {
    const VARIABLES: &'static [&'static str] = &["PUBLIC_URL"];

    async fn start(app: &App) -> Result<Self, String> {
        let url = app.environment().required("PUBLIC_URL")?.trim_end_matches('/').to_owned();
        Ok(Self { url, schools: app.config.schools.clone() })
    }
}

impl PublicUrl {
    /// Where people reach a school, without a slash at the end: at its own host if it has one.
    #[must_use]
    pub fn of(&self, school: &School) -> String {
        let host = self.schools.iter().find(|(_, of)| of == school).map(|(host, _)| host);
        host.map_or_else(|| self.url.clone(), |host| format!("https://{host}"))
    }
}

/// `SCHOOL_NAME`, as certificates and mails show it.
pub struct SchoolName(pub String);

impl Service for SchoolName {
    const VARIABLES: &'static [&'static str] = &["SCHOOL_NAME"];

    async fn start(app: &App) -> Result<Self, String> {
        app.environment().required("SCHOOL_NAME").map(|name| Self(name.to_owned()))
    }
}

/// `SITE_VERSION`: where the site's scripts and styles of this release are, `/assets/<version>`. It goes up with them, and
/// what is below it never changes.
pub struct Assets(pub String);

impl Service for Assets {
    const VARIABLES: &'static [&'static str] = &["SITE_VERSION"];

    async fn start(app: &App) -> Result<Self, String> {
        app.environment().required("SITE_VERSION").map(|version| Self(format!("/assets/{version}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fakes::app_in;

    fn environment() -> Environment {
        Environment::from_iter([
            ("TABLE_NAME", "lectern"),
            ("TOKEN_ISSUER", "https://school.example"),
            ("TOKEN_PUBLIC_KEYS", r#"{"keys":[]}"#),
            ("SCHOOL_HOSTS", "one.example=one, two.example=two"),
            ("PUBLIC_URL", "https://api.example/"),
        ])
    }

    #[test]
    fn hosts_name_schools_and_others_are_main() {
        let config = Config::of(&environment()).unwrap();
        for (host, school) in
            [("one.example", "one"), ("TWO.example:443", "two"), ("else.example", "main"), ("", "main")]
        {
            assert_eq!(config.school_of_host(host).as_str(), school);
        }
        let schools: Vec<String> = config.all_schools().iter().map(ToString::to_string).collect();
        assert_eq!(schools, ["main", "one", "two"]);
        assert_eq!(config.calls_per_minute, None);
    }

    #[tokio::test]
    async fn a_school_is_reached_at_its_own_host() {
        let site = app_in(environment()).service::<PublicUrl>().await.unwrap();
        assert_eq!(site.of(&"two".parse().unwrap()), "https://two.example");
        assert_eq!(site.of(&"main".parse().unwrap()), "https://api.example");
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        for (name, value) in [
            ("TABLE_NAME", ""),
            ("TOKEN_PUBLIC_KEYS", "x"),
            ("CALLS_PER_MINUTE", "-1"),
            ("SCHOOL_HOSTS", "a"),
            ("SCHOOL_HOSTS", "a=B"),
        ] {
            let error = Config::of(&environment().with([(name, value)])).unwrap_err();
            assert!(error.contains(name), "{name}: {error}");
        }
    }

    #[test]
    fn every_function_has_exactly_what_config_reads() {
        let all =
            Config::VARIABLES.map(|name| (name, environment().optional(name).unwrap_or("1").to_owned()));
        let complete = Environment::from_iter(all.clone()).with([("SCHOOL_HOSTS", "a=a")]);
        let whole = format!("{:?}", Config::of(&complete).unwrap());
        for (name, _) in all {
            let without = Config::of(&complete.clone().with([(name, "")]));
            assert_ne!(format!("{without:?}"), format!("Ok({whole})"), "{name} is read by nobody");
        }
    }
}
