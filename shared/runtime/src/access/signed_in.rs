//! Permissions by account and role.

use domain::identity::{Role, Session, User};
use kernel::{Code, Error, Result, UserId};
use store::{AnyKey, Batch, Consistency, Stored, keys};

use super::Access;
use crate::{App, Call};

/// Anybody who signed in. Account and session are read on each call, so that a changed role, a suspension, a new
/// password or a logout takes effect at once; in one batch, which takes along what a permission decides on besides.
#[derive(Clone)]
pub struct SignedIn {
    pub account: Stored<User>,
    pub session: Stored<Session>,
}

impl SignedIn {
    /// Whether the account has `role`.
    #[must_use]
    pub fn has(&self, role: Role) -> bool {
        self.account.value.has(role)
    }

    /// Who calls, and what stands at `keys`, read together. Whoever has no valid session hears just that, whatever stands
    /// there.
    ///
    /// # Errors
    /// The token is missing or not valid, its session has ended, or DynamoDB fails.
    pub async fn with(
        app: &App,
        call: &Call,
        keys: impl IntoIterator<Item = AnyKey>,
    ) -> Result<(Self, Batch)> {
        let claims = call.token()?;
        let user_key = keys::user(&claims.school, claims.sub);
        let session_key = keys::session(&claims.school, claims.sub, claims.sid);
        let wanted = [AnyKey::from(&user_key), AnyKey::from(&session_key)].into_iter().chain(keys);
        let mut found = app.store.batch_get(wanted, Consistency::Strong).await?;
        let (account, session) = (found.take(&user_key)?, found.take(&session_key)?);
        match (account, session) {
            (Some(account), Some(session))
                if account.value.admits(&session.value) && app.now() < session.value.expires_at =>
            {
                Ok((Self { account, session }, found))
            }
            _ => Err(Error::new(Code::INVALID_TOKEN, "this session has ended; sign in again")),
        }
    }
}

impl Access for SignedIn {
    const RULE: &'static str = "user";
    const WHO: &'static str = "everybody who signed in";
    type Path = ();

    async fn authorize(app: &App, call: &Call, (): ()) -> Result<Self> {
        Self::with(app, call, []).await.map(|(user, _)| user)
    }

    fn user_id(&self) -> Option<UserId> {
        Some(self.account.value.id)
    }
}

async fn with_role(app: &App, call: &Call, role: Role, detail: &'static str) -> Result<SignedIn> {
    let user = SignedIn::authorize(app, call, ()).await?;
    if user.has(role) || user.has(Role::Admin) {
        return Ok(user);
    }
    Err(Error::new(Code::FORBIDDEN, detail))
}

/// Somebody who may make courses: instructors, and admins.
pub struct Instructor(pub SignedIn);

impl Access for Instructor {
    const RULE: &'static str = "instructor";
    const WHO: &'static str = "instructors and admins";
    const ERRORS: &'static [Code] = &[Code::FORBIDDEN];
    type Path = ();

    async fn authorize(app: &App, call: &Call, (): ()) -> Result<Self> {
        with_role(app, call, Role::Instructor, "only instructors may do this; an admin grants the role")
            .await
            .map(Self)
    }

    fn user_id(&self) -> Option<UserId> {
        self.0.user_id()
    }
}

/// Somebody who runs the school.
pub struct Admin(pub SignedIn);

impl Access for Admin {
    const RULE: &'static str = "admin";
    const WHO: &'static str = "admins";
    const ERRORS: &'static [Code] = &[Code::FORBIDDEN];
    type Path = ();

    async fn authorize(app: &App, call: &Call, (): ()) -> Result<Self> {
        with_role(app, call, Role::Admin, "only admins may do this").await.map(Self)
    }

    fn user_id(&self) -> Option<UserId> {
        self.0.user_id()
    }
}
