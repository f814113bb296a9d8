//! What a process is told when it starts: the one place that reads its environment. Whoever needs a variable asks for
//! it at the cold start and fails with its name.

use std::{collections::BTreeMap, fmt};

use aws_sdk_dynamodb::config::{Credentials, Region, SharedCredentialsProvider};
use aws_types::SdkConfig;
use jsonwebtoken::jwk::JwkSet;

use crate::sdk_limits;

/// The variables of a process, or of what stands for one in tests and in the local cloud.
#[derive(Clone)]
pub struct Environment(BTreeMap<String, String>);

/// Names alone: Lambda's credentials are among the values.
impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Environment {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(variables: I) -> Self {
        Self(variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

impl Environment {
    /// That of this process.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
    pub fn of_process() -> Self {
        std::env::vars().collect()
    }

    /// The same with some variables set to other values.
    #[must_use]
    pub fn with<N: Into<String>, V: Into<String>>(
        mut self,
        variables: impl IntoIterator<Item = (N, V)>,
    ) -> Self {
        self.0.extend(variables.into_iter().map(|(name, value)| (name.into(), value.into())));
        self
    }

    /// All variables, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// A variable; an empty one is as good as none.
    #[must_use]
    pub fn optional(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// A variable that its reader cannot do without.
    ///
    /// # Errors
    /// It is missing.
    pub fn required(&self, name: &str) -> Result<&str, String> {
        self.optional(name).ok_or_else(|| format!("environment variable {name} is missing"))
    }

    /// A positive number, if there is one.
    ///
    /// # Errors
    /// The variable holds something else.
    pub fn number(&self, name: &str) -> Result<Option<u32>, String> {
        let Some(text) = self.optional(name) else { return Ok(None) };
        let number = text.parse().ok().filter(|number| *number > 0);
        number.map(Some).ok_or_else(|| format!("{name} must be a positive whole number below 4294967296"))
    }

    /// The parts of a list that commas separate.
    pub fn list(&self, name: &str) -> impl Iterator<Item = &str> {
        let text = self.optional(name).unwrap_or_default();
        text.split(',').map(str::trim).filter(|part| !part.is_empty())
    }

    /// A JWKS document.
    ///
    /// # Errors
    /// It is missing, or not one.
    pub fn public_keys(&self, name: &str) -> Result<JwkSet, String> {
        serde_json::from_str(self.required(name)?)
            .map_err(|error| format!("{name} is not a JWKS document: {error}"))
    }

    /// What the SDK client of `service` begins with in a Lambda, which gets its credentials in the environment, fixed
    /// for its life: no chain of providers is needed.
    ///
    /// # Errors
    /// Names the variable that is missing.
    pub fn sdk_config(&self, service: &str) -> Result<SdkConfig, String> {
        let credentials = Credentials::new(
            self.required("AWS_ACCESS_KEY_ID")?,
            self.required("AWS_SECRET_ACCESS_KEY")?,
            self.optional("AWS_SESSION_TOKEN").map(str::to_owned),
            None,
            "lambda",
        );
        // Set by local clouds only.
        let endpoint = self.optional(&format!("AWS_ENDPOINT_URL_{service}"));
        let endpoint = endpoint.or_else(|| self.optional("AWS_ENDPOINT_URL"));
        let mut config = sdk_limits()
            .region(Region::new(self.required("AWS_REGION")?.to_owned()))
            .credentials_provider(SharedCredentialsProvider::new(credentials));
        config.set_endpoint_url(endpoint.map(str::to_owned));
        Ok(config.build())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_is_there_or_named() {
        let environment = Environment::from_iter([("A", "a"), ("EMPTY", ""), ("N", "7"), ("L", "x, y,")]);
        assert_eq!(environment.required("A"), Ok("a"));
        for name in ["EMPTY", "MISSING"] {
            assert!(environment.required(name).unwrap_err().contains(name));
            assert_eq!(environment.number(name), Ok(None));
        }
        assert_eq!(environment.number("N"), Ok(Some(7)));
        assert!(environment.number("A").unwrap_err().contains("A must be"));
        assert_eq!(environment.list("L").collect::<Vec<_>>(), ["x", "y"]);
        assert!(environment.public_keys("A").unwrap_err().contains("A is not"));
        assert_eq!(environment.with([("A", "b")]).required("A"), Ok("b"));
    }

    #[test]
    fn what_is_printed_of_an_environment_has_no_value() {
        let environment = Environment::from_iter([("AWS_SECRET_ACCESS_KEY", "secret")]);
        assert_eq!(format!("{environment:?}"), r#"{"AWS_SECRET_ACCESS_KEY"}"#);
    }
}
