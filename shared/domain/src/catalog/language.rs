//! The language that a course is taught in.

use std::borrow::Cow;

use kernel::Violations;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::rules;

/// A language tag (BCP 47). What is sent is held to its form by `check`, together with the other rules; what
/// is stored reads as it is.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Language(String);

impl Language {
    /// The tag, as `pt-BR`.
    #[must_use]
    pub fn tag(&self) -> &str {
        &self.0
    }

    /// Notes at `pointer` that this cannot be a language tag.
    pub(crate) fn check(&self, pointer: &str, violations: &mut Violations) {
        let mut parts = self.0.split('-');
        let is_language = parts.next().is_some_and(|first| {
            (2..=8).contains(&first.len()) && first.bytes().all(|b| b.is_ascii_alphabetic())
        }) && parts
            .all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric()));
        violations.require(
            is_language,
            pointer,
            rules::INVALID_LANGUAGE,
            "must be a language tag (BCP 47) such as en or pt-BR",
        );
    }
}

/// English.
impl Default for Language {
    fn default() -> Self {
        Self("en".to_owned())
    }
}

impl JsonSchema for Language {
    fn schema_name() -> Cow<'static, str> {
        Cow::Borrowed("Language")
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        if generator.contract().is_serialize() {
            return json_schema!({ "type": "string" });
        }
        let pattern = "^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$";
        json_schema!({ "type": "string", "minLength": 2, "maxLength": 35, "pattern": pattern })
    }
}
