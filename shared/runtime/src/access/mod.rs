//! Who may call. A permission is a type: an endpoint names one as its `Access`, the runtime asks it before the body
//! is even parsed, and the handler gets what it had to read. What a caller may not see reads as what does not exist.
//! Here is who they are; permissions about things stand in the crate `access`.

mod signed_in;

use std::future::Future;

use kernel::{Code, Result, UserId};
use store::{AnyKey, Batch, Consistency};

pub use signed_in::{Admin, Instructor, SignedIn};

use crate::{App, Call, Input};

/// Whether a route looks at the caller's token.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SignIn {
    Never,
    /// Without a token it answers too, and less.
    Optional,
    Required,
}

impl SignIn {
    /// Looks at the token that came with `call`, or that did not come, and reads nothing.
    ///
    /// # Errors
    /// It is missing or not valid.
    pub fn check(self, call: &Call) -> Result<()> {
        match self {
            Self::Never => Ok(()),
            Self::Optional if call.claims.is_none() => Ok(()),
            Self::Optional | Self::Required => call.token().map(|_| ()),
        }
    }

    /// What a token, or its absence, can be refused with.
    pub(crate) const fn errors(self) -> &'static [Code] {
        match self {
            Self::Never => &[],
            Self::Optional => &[Code::INVALID_TOKEN, Code::TOKEN_EXPIRED, Code::RATE_LIMITED],
            Self::Required => {
                &[Code::UNAUTHENTICATED, Code::INVALID_TOKEN, Code::TOKEN_EXPIRED, Code::RATE_LIMITED]
            }
        }
    }
}

/// A permission.
pub trait Access: Sized + Send + Sync {
    /// The rule's name in the API reference and in the authorization matrix.
    const RULE: &'static str;
    /// Whom it lets in, in words for the API reference.
    const WHO: &'static str;
    const SIGN_IN: SignIn = SignIn::Required;
    /// What it refuses with, besides what a token can be refused with and what is not there.
    const ERRORS: &'static [Code] = &[];

    /// What it takes from the path: `()`, or a [`Path`](crate::Path).
    type Path: Input;

    /// Decides, reading what it must.
    fn authorize(app: &App, call: &Call, path: Self::Path) -> impl Future<Output = Result<Self>> + Send;

    /// Who it is.
    fn user_id(&self) -> Option<UserId>;
}

/// Anybody. A token is not looked at.
pub struct Public;

impl Access for Public {
    const RULE: &'static str = "public";
    const WHO: &'static str = "anybody";
    const SIGN_IN: SignIn = SignIn::Never;
    type Path = ();

    async fn authorize(_: &App, _: &Call, (): ()) -> Result<Self> {
        Ok(Self)
    }

    fn user_id(&self) -> Option<UserId> {
        None
    }
}

/// Anybody, but who signed in gets more.
pub struct Visitor(pub Option<SignedIn>);

impl Visitor {
    /// As [`SignedIn::with`], for callers who may come without a token.
    ///
    /// # Errors
    /// A token came and is not valid, its session has ended, or DynamoDB fails.
    pub async fn with(
        app: &App,
        call: &Call,
        keys: impl IntoIterator<Item = AnyKey>,
    ) -> Result<(Self, Batch)> {
        if call.claims.is_none() {
            return Ok((Self(None), app.store.batch_get(keys, Consistency::Strong).await?));
        }
        let (user, found) = SignedIn::with(app, call, keys).await?;
        Ok((Self(Some(user)), found))
    }
}

impl Access for Visitor {
    const RULE: &'static str = "public";
    const WHO: &'static str = "anybody; those who sign in are told more";
    const SIGN_IN: SignIn = SignIn::Optional;
    type Path = ();

    async fn authorize(app: &App, call: &Call, (): ()) -> Result<Self> {
        Self::with(app, call, []).await.map(|(visitor, _)| visitor)
    }

    fn user_id(&self) -> Option<UserId> {
        self.0.as_ref().and_then(SignedIn::user_id)
    }
}
