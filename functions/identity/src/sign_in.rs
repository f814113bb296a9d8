//! What register, login and refresh have in common: sessions and the tokens that they hand out.

use domain::identity::{AccountView, Session, User};
use kernel::{Result, School};
use runtime::{App, Call, Service, ServiceEntry, TokenKey, WithRev};
use schemars::JsonSchema;
use serde::Serialize;

use crate::refresh_token::RefreshToken;

/// The tokens of a sign-in. The refresh token is good once.
#[derive(Serialize, JsonSchema)]
pub struct TokensView {
    pub user: WithRev<AccountView>,
    pub access_token: String,
    /// Absent where a cookie has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refresh_token: Option<String>,
    /// `Bearer`
    pub token_type: &'static str,
    /// Seconds until the access token expires.
    pub expires_in: i64,
}

/// `REFRESH_TOKEN_SECONDS`, 7 days unless set: how long a sign-in lasts however often it is refreshed.
pub(crate) struct SessionSeconds(pub(crate) i64);

impl Service for SessionSeconds {
    const VARIABLES: &'static [&'static str] = &["REFRESH_TOKEN_SECONDS"];

    async fn start(app: &App) -> std::result::Result<Self, String> {
        let seconds = app.environment().number("REFRESH_TOKEN_SECONDS")?;
        Ok(Self(seconds.unwrap_or(7 * 24 * 3600).into()))
    }
}

/// What [`open`] needs.
pub(crate) const OPENS: [ServiceEntry; 2] =
    [ServiceEntry::of::<TokenKey>(), ServiceEntry::of::<SessionSeconds>()];

/// A new session for `user` in its revision `rev`, with its first tokens.
pub(crate) async fn open(app: &App, call: &Call, user: &User, rev: u64) -> Result<(Session, TokensView)> {
    let now = app.now();
    let SessionSeconds(seconds) = app.service().await?;
    let mut session = Session {
        id: app.id(),
        user_id: user.id,
        epoch: user.epoch,
        generation: 0,
        secret_hash: String::new(),
        rotated_at: now,
        created_at: now,
        expires_at: now.plus_seconds(*seconds),
        ip: call.source_ip.clone(),
        user_agent: call.user_agent(),
    };
    let tokens = issue(app, &call.school, user, rev, &mut session).await?;
    Ok((session, tokens))
}

/// The tokens of the session's generation; the session gets to know the refresh token's hash.
pub(crate) async fn issue(
    app: &App,
    school: &School,
    user: &User,
    rev: u64,
    session: &mut Session,
) -> Result<TokensView> {
    let key = app.service::<TokenKey>().await?;
    let refresh = RefreshToken { user: user.id, session: session.id, generation: session.generation };
    let (refresh_token, secret_hash) = refresh.issue(key)?;
    session.secret_hash = secret_hash;
    Ok(TokensView {
        user: WithRev { view: user.into(), rev },
        access_token: key.sign(&app.config, school, user.id, session.id, app.now())?,
        refresh_token: Some(refresh_token),
        token_type: "Bearer",
        expires_in: key.seconds(),
    })
}
