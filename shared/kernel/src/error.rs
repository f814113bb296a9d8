//! The one error. What the caller may read ([`Code`], detail, violations) and what only the log may hold (the
//! source) are kept apart, so that a 500 cannot show its cause.

use std::{borrow::Cow, error::Error as StdError, fmt};

use serde_json::{Map, Value};

use crate::Violation;

/// `Result` with Lectern's error.
pub type Result<T, E = Error> = std::result::Result<T, E>;

macro_rules! codes {
    ($($variant:ident = $code:literal, $status:literal, $title:literal;)*) => {
        /// What went wrong, by a stable name. The table gives each its status and title.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        pub enum Code { $(#[doc = $title] $variant,)* }

        impl Code {
            /// Every code, for the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stable name: `code` in a problem document.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $code,)* }
            }

            /// The status as HTTP numbers it.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Self::$variant => $status,)* }
            }

            /// A short title, the same for every occurrence.
            #[must_use]
            pub const fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)* }
            }
        }
    };
}

codes! {
    MalformedJson = "malformed_json", 400, "The body is not JSON";
    InvalidBody = "invalid_body", 400, "The body does not have the expected shape";
    InvalidQuery = "invalid_query", 400, "A query parameter is wrong";
    InvalidPath = "invalid_path", 400, "A parameter of the path is wrong";
    InvalidHeader = "invalid_header", 400, "A header is wrong";
    InvalidCursor = "invalid_cursor", 400, "The cursor is not of this list";
    Unauthenticated = "unauthenticated", 401, "Sign in first";
    InvalidToken = "invalid_token", 401, "The token is not valid";
    TokenExpired = "token_expired", 401, "The token has expired";
    InvalidCredentials = "invalid_credentials", 401, "Wrong email or password";
    PaymentRequired = "payment_required", 402, "This must be paid for first";
    Forbidden = "forbidden", 403, "You may not do this";
    NotFound = "not_found", 404, "There is no such thing here";
    MethodNotAllowed = "method_not_allowed", 405, "This path has no such method";
    AlreadyRevoked = "already_revoked", 409, "This certificate was revoked already";
    AlreadyEnrolled = "already_enrolled", 409, "You are enrolled in this course already";
    NameSettled = "name_settled", 409, "The name on this certificate is settled";
    AlreadyApplied = "already_applied", 409, "This event was applied before";
    EmailUnconfirmed = "email_unconfirmed", 409, "The mail address of this account is not confirmed";
    EmailTaken = "email_taken", 409, "An account with this email exists";
    SlugTaken = "slug_taken", 409, "This slug is taken";
    UsernameTaken = "username_taken", 409, "Another account has this username";
    OwnAdminRole = "own_admin_role", 409, "Another admin has to take this role away";
    Conflict = "conflict", 409, "Somebody else changed this at the same moment";
    Stale = "stale", 412, "This was changed since you read it";
    BodyTooLarge = "body_too_large", 413, "The body is too large";
    UnsupportedMediaType = "unsupported_media_type", 415, "Send application/json";
    ValidationFailed = "validation_failed", 422, "A rule is broken";
    NotPublishable = "not_publishable", 422, "The course is not ready to publish";
    LimitReached = "limit_reached", 422, "No more of these fit";
    IdempotencyKeyReused = "idempotency_key_reused", 422, "This Idempotency-Key came with another request";
    IfMatchRequired = "if_match_required", 428, "Say which revision you edit";
    RateLimited = "rate_limited", 429, "Too many requests";
    Internal = "internal", 500, "Something went wrong on our side";
    Unavailable = "unavailable", 503, "Try again in a moment";
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
        let mut error = Self::new(Code::Internal, "the request id helps us to find out what happened");
        error.source = Some(source.into());
        error
    }

    /// A dependency that did not answer in time: worth a retry.
    pub fn unavailable(source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        let mut error =
            Self::new(Code::Unavailable, "a part of the system did not answer in time").retry_after(1);
        error.source = Some(source.into());
        error
    }

    /// Missing, or not for this caller: both read the same.
    #[must_use]
    pub fn not_found(what: &'static str) -> Self {
        Self::new(Code::NotFound, format!("there is no such {what}"))
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

    /// The same error with one more member in its problem document.
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
            write!(f, "; {} {}", violation.pointer, violation.code)?;
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
