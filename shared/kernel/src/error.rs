//! The one error. What the caller may read ([`Code`], detail, violations) and what only the log may hold (the
//! source) are kept apart, so that a 500 cannot show its cause.

use std::{borrow::Cow, error::Error as StdError, fmt};

use serde_json::{Map, Value};

use crate::Violation;

/// `Result` with Lectern's error.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, by a stable name. What can happen to any request stands here; a domain declares its own codes in its
/// `codes.rs`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Code(pub &'static Meaning);

/// What a code stands for.
#[derive(PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Meaning {
    /// As HTTP numbers it.
    pub status: u16,
    pub name: &'static str,
    /// The same for every occurrence.
    pub title: &'static str,
    /// What its problem documents have besides what all have.
    pub members: &'static [(&'static str, Member)],
}

/// What an additional member of a problem document holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Member {
    Money,
    Texts,
}

impl Code {
    /// The stable name: `code` in a problem document.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.0.name
    }

    /// The status as HTTP numbers it.
    #[must_use]
    pub const fn status(self) -> u16 {
        self.0.status
    }

    /// A short title, the same for every occurrence.
    #[must_use]
    pub const fn title(self) -> &'static str {
        self.0.title
    }
}

macro_rules! codes {
    ($($name:ident = $status:literal, $code:literal, $title:literal $(, $member:expr)*;)*) => {
        impl Code {$(
            #[doc = $title]
            pub const $name: Self =
                Self(&Meaning { status: $status, name: $code, title: $title, members: &[$($member),*] });
        )*}
    };
}

codes! {
    MALFORMED_JSON = 400, "malformed_json", "The body is not JSON";
    INVALID_BODY = 400, "invalid_body", "The body does not have the expected shape";
    INVALID_QUERY = 400, "invalid_query", "A query parameter is wrong";
    INVALID_PATH = 400, "invalid_path", "A parameter of the path is wrong";
    INVALID_HEADER = 400, "invalid_header", "A header is wrong";
    INVALID_CURSOR = 400, "invalid_cursor", "The cursor is not of this list";
    UNAUTHENTICATED = 401, "unauthenticated", "Sign in first";
    INVALID_TOKEN = 401, "invalid_token", "The token is not valid";
    TOKEN_EXPIRED = 401, "token_expired", "The token has expired";
    FORBIDDEN = 403, "forbidden", "You may not do this";
    NOT_FOUND = 404, "not_found", "There is no such thing here";
    METHOD_NOT_ALLOWED = 405, "method_not_allowed", "This path has no such method",
        ("allowed_methods", Member::Texts);
    ALREADY_APPLIED = 409, "already_applied", "This event was applied before";
    CONFLICT = 409, "conflict", "Somebody else changed this at the same moment";
    STALE = 412, "stale", "This was changed since you read it";
    BODY_TOO_LARGE = 413, "body_too_large", "The body is too large";
    UNSUPPORTED_MEDIA_TYPE = 415, "unsupported_media_type", "Send application/json";
    VALIDATION_FAILED = 422, "validation_failed", "A rule is broken";
    LIMIT_REACHED = 422, "limit_reached", "No more of these fit";
    IDEMPOTENCY_KEY_REUSED = 422, "idempotency_key_reused", "This Idempotency-Key came with another request";
    IF_MATCH_REQUIRED = 428, "if_match_required", "Say which revision you edit";
    RATE_LIMITED = 429, "rate_limited", "Too many requests";
    INTERNAL = 500, "internal", "Something went wrong on our side";
    UNAVAILABLE = 503, "unavailable", "Try again in a moment";
}

/// An error on its way to the caller: a [`Code`], words for the caller, and a source for the log alone.
pub struct Error {
    code: Code,
    detail: Cow<'static, str>,
    violations: Vec<Violation>,
    retry_after_seconds: Option<u32>,
    extensions: Map<String, Value>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// `detail` is read by the caller: lower case, no full stop, no secrets.
    pub fn new(code: Code, detail: impl Into<Cow<'static, str>>) -> Self {
        Self {
            code,
            detail: detail.into(),
            violations: Vec::new(),
            retry_after_seconds: None,
            extensions: Map::new(),
            source: None,
        }
    }

    /// A bug or a broken dependency. The source goes to the log, the caller learns nothing.
    pub fn internal(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        let mut error = Self::new(Code::INTERNAL, "the request id helps us to find out what happened");
        error.source = Some(source.into());
        error
    }

    /// A dependency that did not answer in time: worth a retry.
    pub fn unavailable(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        let mut error =
            Self::new(Code::UNAVAILABLE, "a part of the system did not answer in time").retry_after(1);
        error.source = Some(source.into());
        error
    }

    /// Missing, or not for this caller: both read the same.
    #[must_use]
    pub fn not_found(what: &'static str) -> Self {
        Self::new(Code::NOT_FOUND, format!("there is no such {what}"))
    }

    /// The same error with violations.
    #[must_use]
    pub fn violations(mut self, violations: Vec<Violation>) -> Self {
        self.violations = violations;
        self
    }

    /// The same error with a hint when to try again.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after_seconds = Some(seconds);
        self
    }

    /// The same error with one of the members that the [`Meaning`] of its code declares.
    #[must_use]
    pub fn with(mut self, name: &str, value: Value) -> Self {
        self.extensions.insert(name.to_owned(), value);
        self
    }

    /// Its code.
    #[must_use]
    pub fn code(&self) -> Code {
        self.code
    }

    /// Its words for the caller.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// What is wrong with which field.
    #[must_use]
    pub fn violation_list(&self) -> &[Violation] {
        &self.violations
    }

    /// Seconds to wait before a retry.
    #[must_use]
    pub fn retry_after_seconds(&self) -> Option<u32> {
        self.retry_after_seconds
    }

    /// Further members of the problem document.
    #[must_use]
    pub fn extensions(&self) -> &Map<String, Value> {
        &self.extensions
    }
}

/// For logs: the code, the detail and the chain of sources.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.name(), self.detail)?;
        for violation in &self.violations {
            write!(f, "; {} {}", violation.pointer, violation.code.0)?;
        }
        let mut source = self.source.as_deref().map(|source| source as &dyn StdError);
        while let Some(cause) = source {
            write!(f, ": {cause}")?;
            source = cause.source();
        }
        Ok(())
    }
}

/// What the caller may read, without the source.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.name(), self.detail)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}
