//! Everything that is wrong with an input at once, each with a pointer to its field.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::Serialize;

use crate::{Code, Error};

/// The stable name of a rule. What the rule wants is in the detail.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, JsonSchema)]
#[serde(transparent)]
#[schemars(rename = "ViolationCode")]
pub struct Rule(pub &'static str);

macro_rules! general {
    ($($name:ident = $rule:literal;)*) => {
        impl Rule {
            $(#[doc = concat!("`", $rule, "`")] pub const $name: Self = Self($rule);)*
            /// Those that a field of any domain can break.
            pub const GENERAL: &[Self] = &[$(Self::$name),*];
        }
    };
}

general! {
    WRONG_TYPE = "wrong_type";
    MISSING = "missing";
    UNKNOWN_FIELD = "unknown_field";
    REPEATED = "repeated";
    INVALID_VALUE = "invalid_value";
    NOT_ALLOWED = "not_allowed";
    CONTROL_CHARACTER = "control_character";
    TOO_SHORT = "too_short";
    TOO_LONG = "too_long";
    TOO_SMALL = "too_small";
    TOO_LARGE = "too_large";
    TOO_FEW = "too_few";
    TOO_MANY = "too_many";
}

/// Declares rules: `NAME = "name";`. Each domain has its own.
#[macro_export]
macro_rules! rules {
    ($($name:ident = $rule:literal;)*) => {
        $(#[doc = concat!("`", $rule, "`")] pub const $name: $crate::Rule = $crate::Rule($rule);)*
        pub(crate) const ALL: &[$crate::Rule] = &[$($name),*];
    };
}

/// One broken rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Violation {
    /// JSON pointer (RFC 6901) into the body, `?name` for a query parameter, `{name}` for one of the path, or a header's
    /// name.
    pub pointer: String,
    pub code: Rule,
    /// The rule in words.
    pub detail: Cow<'static, str>,
}

/// Nobody reads more, and a hostile body must not make an answer larger than itself.
const MAX: usize = 50;

/// Collects the first 50 violations; [`Violations::finish`] turns a non-empty collection into one error.
#[derive(Debug, Default)]
pub struct Violations {
    found: Vec<Violation>,
    /// So many of them were found by a schema.
    by_schema: usize,
}

impl Violations {
    /// The same for those who have more rules: they say nothing more of a field that the schema finds fault with.
    #[must_use]
    pub fn of_schema(mut self) -> Self {
        self.by_schema = self.found.len();
        self
    }

    /// Notes one broken rule.
    pub fn add(&mut self, pointer: impl Into<String>, code: Rule, detail: impl Into<Cow<'static, str>>) {
        let pointer = pointer.into();
        let is_told = self.found[..self.by_schema].iter().any(|known| known.pointer == pointer);
        if !is_told && self.found.len() < MAX {
            self.found.push(Violation { pointer, code, detail: detail.into() });
        }
    }

    /// The error of a single broken rule.
    #[must_use]
    pub fn one(pointer: impl Into<String>, code: Rule, detail: impl Into<Cow<'static, str>>) -> Error {
        let mut violations = Self::default();
        violations.add(pointer, code, detail);
        violations.into_error()
    }

    /// Notes `code` at `pointer` unless `holds`.
    pub fn require(&mut self, holds: bool, pointer: &str, code: Rule, detail: &'static str) {
        if !holds {
            self.add(pointer, code, detail);
        }
    }

    /// Whether nothing was noted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// What was noted.
    #[must_use]
    pub fn into_vec(self) -> Vec<Violation> {
        self.found
    }

    /// Nothing, or the error that carries all violations.
    ///
    /// # Errors
    /// [`Code::VALIDATION_FAILED`] when at least one rule is broken.
    pub fn finish(self) -> Result<(), Error> {
        if self.found.is_empty() { Ok(()) } else { Err(self.into_error()) }
    }

    fn into_error(self) -> Error {
        Error::new(Code::VALIDATION_FAILED, "the request breaks a rule; see errors").violations(self.found)
    }
}
