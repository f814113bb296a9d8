//! What register, login and refresh have in common: sessions and the tokens that they hand out.

use domain::identity::{AccountView, Session, User};
use kernel::{Result, School};
use runtime::{App, Call, token};
use schemars::JsonSchema;
use serde::Serialize;

use crate::refresh_token::RefreshToken;

/// The tokens of a sign-in. The refresh token is good once.
#[derive(Serialize, JsonSchema)]
pub struct TokensView {
    pub user: AccountView,
    pub access_token: String,
    pub refresh_token: String,
    /// `Bearer`
    pub token_type: &'static str,
    /// Seconds until the access token expires.
    pub expires_in: i64,
}

/// A new session for `user`, with its first tokens.
pub(crate) fn open(app: &App, call: &Call, user: &User) -> Result<(Session, TokensView)> {
    let now = app.now();
    let mut session = Session {
        id: app.id(),
        user_id: user.id,
        epoch: user.epoch,
        generation: 0,
        secret_hash: String::new(),
        rotated_at: now,
        created_at: now,
        expires_at: now.plus_seconds(app.config.refresh_token_seconds),
        ip: call.source_ip.clone(),
        user_agent: call.user_agent(),
    };
    let tokens = issue(app, &call.school, user, &mut session)?;
    Ok((session, tokens))
}

/// The tokens of the session's generation; the session gets to know the refresh token's hash.
pub(crate) fn issue(app: &App, school: &School, user: &User, session: &mut Session) -> Result<TokensView> {
    let refresh = RefreshToken { user: user.id, session: session.id, generation: session.generation };
    let (refresh_token, secret_hash) = refresh.issue(&app.config)?;
    session.secret_hash = secret_hash;
    Ok(TokensView {
        user: user.into(),
        access_token: token::sign(&app.config, school, user.id, session.id, app.now())?,
        refresh_token,
        token_type: "Bearer",
        expires_in: app.config.access_token_seconds,
    })
}
