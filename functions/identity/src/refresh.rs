//! POST /v1/auth/refresh

use domain::identity::RefreshVerdict;
use kernel::{Code, Result};
use runtime::{
    App, Budget, Caller, Endpoint, Json, Needs, Route, ServiceEntry, Table, TokenKey, access::Public, post,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use store::{AnyKey, Consistency, keys};

use crate::{
    SessionKeeping, TokensView, WithCookie, cookie,
    refresh_token::{RefreshToken, hash, refused},
    sign_in,
};

/// Hands out the next tokens of a session. A token that was used before ends the session for whoever holds it (R24).
pub struct Refresh;

/// The token to exchange.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = json!({ "refresh_token": "lrt_…" }))]
pub struct RefreshInput {
    /// Left out by pages whose cookie has it.
    #[serde(default)]
    #[schemars(length(min = 1, max = 256))]
    pub refresh_token: Option<String>,
}

impl Endpoint for Refresh {
    const NAME: &'static str = "identity-refresh";
    const ROUTE: Route = post("/v1/auth/refresh");
    const SUMMARY: &'static str = "Exchange a refresh token for new tokens; each is good once";
    const BUDGET: Budget = Budget { reads: 1, writes: 1 };
    const NEEDS: Needs = Needs {
        table: &[Table::BatchGet, Table::Delete, Table::Put],
        services: &[ServiceEntry::of::<TokenKey>()],
        ..Needs::NOTHING
    };
    const ERRORS: &'static [Code] = &[Code::INVALID_TOKEN, Code::FORBIDDEN];
    type Access = Public;
    type Input = Json<RefreshInput>;
    type Output = WithCookie<Json<TokensView>>;

    async fn handle(app: &App, caller: Caller<Public>, Json(input): Self::Input) -> Result<Self::Output> {
        let (text, keeping) = match &input.refresh_token {
            Some(text) => (text.as_str(), SessionKeeping::Token),
            None => (cookie::token(&caller)?.ok_or_else(refused)?, SessionKeeping::Cookie),
        };
        let token = RefreshToken::read(app.service::<TokenKey>().await?, text)?;
        let school = &caller.school;
        let user_key = keys::user(school, token.user);
        let session_key = keys::session(school, token.user, token.session);
        let wanted = [AnyKey::from(&user_key), AnyKey::from(&session_key)];
        let mut found = app.store.batch_get(wanted, Consistency::Strong).await?;
        let (user, session) = (found.take(&user_key)?, found.take(&session_key)?);
        let (Some(user), Some(session)) = (user, session) else { return Err(refused()) };
        let (rev, mut session) = (session.rev, session.value);
        let mut change = app.store.transaction(school);
        match session.judge(token.generation, app.now()) {
            RefreshVerdict::Rotate if session.secret_hash == hash(text) && user.value.admits(&session) => {
                session.generation += 1;
                session.rotated_at = app.now();
                let tokens = sign_in::issue(app, school, &user.value, user.rev, &mut session).await?;
                change.replace(&session_key, &session, rev);
                let left = session.expires_at.seconds() - app.now().seconds();
                caller.commit(app, change, tokens.kept(keeping, left, Json)?).await
            }
            RefreshVerdict::Replay if user.value.admits(&session) => {
                let tokens = sign_in::issue(app, school, &user.value, user.rev, &mut session).await?;
                tokens.kept(keeping, session.expires_at.seconds() - app.now().seconds(), Json)
            }
            RefreshVerdict::Revoke => {
                change.delete(&session_key);
                change.commit().await?;
                Err(refused())
            }
            RefreshVerdict::Rotate | RefreshVerdict::Replay | RefreshVerdict::Expired => Err(refused()),
        }
    }
}
