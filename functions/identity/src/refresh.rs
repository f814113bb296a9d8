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
    TokensView,
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
    #[schemars(length(min = 1, max = 256))]
    pub refresh_token: String,
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
    const ERRORS: &'static [Code] = &[Code::INVALID_TOKEN];
    type Access = Public;
    type Input = Json<RefreshInput>;
    type Output = Json<TokensView>;

    async fn handle(app: &App, caller: Caller<Public>, Json(input): Self::Input) -> Result<Self::Output> {
        let token = RefreshToken::read(app.service::<TokenKey>().await?, &input.refresh_token)?;
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
            RefreshVerdict::Rotate
                if session.secret_hash == hash(&input.refresh_token) && user.value.admits(&session) =>
            {
                session.generation += 1;
                session.rotated_at = app.now();
                let tokens = sign_in::issue(app, school, &user.value, user.rev, &mut session).await?;
                change.replace(&session_key, &session, rev);
                caller.commit(app, change, Json(tokens)).await
            }
            RefreshVerdict::Replay if user.value.admits(&session) => {
                sign_in::issue(app, school, &user.value, user.rev, &mut session).await.map(Json)
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
