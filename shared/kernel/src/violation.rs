//! Everything that is wrong with an input at once, each with a pointer to its field.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::Serialize;

use crate::{Code, Error};

/// One broken rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Violation {
    /// JSON pointer (RFC 6901) into the body, `?name` for a query parameter, `{name}` for one of the path, or a header's
    /// name.
    pub pointer: String,
    /// Stable name of the rule.
    pub code: Cow<'static, str>,
    /// The rule in words.
    pub detail: Cow<'static, str>,
}

/// Nobody reads more, and a hostile body must not make an answer larger than itself.
const MAX: usize = 50;

/// Collects the first 50 violations; [`Violations::finish`] turns a non-empty collection into one error.
#[derive(Debug, Default)]
pub struct Violations(Vec<Violation>);

impl Violations {
    /// Notes one broken rule.
    pub fn add(
        &mut self,
        pointer: impl Into<String>,
        code: &'static str,
        detail: impl Into<Cow<'static, str>>,
    ) {
        if self.0.len() >= MAX {
            return;
        }
        self.0.push(Violation { pointer: pointer.into(), code: code.into(), detail: detail.into() });
    }

    /// The error of a single broken rule.
    #[must_use]
    pub fn one(
        pointer: impl Into<String>,
        code: &'static str,
        detail: impl Into<Cow<'static, str>>,
    ) -> Error {
        let mut violations = Self::default();
        violations.add(pointer, code, detail);
        violations.into_error()
    }

    /// Notes `code` at `pointer` unless `holds`.
    pub fn require(&mut self, holds: bool, pointer: &str, code: &'static str, detail: &'static str) {
        if !holds {
            self.add(pointer, code, detail);
        }
    }

    /// Whether nothing was noted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What was noted.
    #[must_use]
    pub fn into_vec(self) -> Vec<Violation> {
        self.0
    }

    /// Nothing, or the error that carries all violations.
    ///
    /// # Errors
    /// [`Code::VALIDATION_FAILED`] when at least one rule is broken.
    pub fn finish(self) -> Result<(), Error> {
        if self.0.is_empty() { Ok(()) } else { Err(self.into_error()) }
    }

    fn into_error(self) -> Error {
        Error::new(Code::VALIDATION_FAILED, "the request breaks a rule; see errors").violations(self.0)
    }
}
