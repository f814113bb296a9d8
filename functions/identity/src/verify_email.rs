//! POST /v1/auth/email/verify

use domain::identity::TokenPurpose;
use kernel::{Result, School, Violations};
use runtime::{App, Attempts, Budget, Caller, Endpoint, Json, NoContent, Route, access::Public, post};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use store::keys;

use crate::mailed_token;

/// Confirms the address that a token was mailed to. The token is used up.
pub struct VerifyEmail;

/// The token from the mail.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = json!({ "token": "lot_…" }))]
pub struct VerifyEmailInput {
    #[schemars(length(min = 1, max = 256))]
    pub token: String,
}

impl Endpoint for VerifyEmail {
    const ROUTE: Route = post("/v1/auth/email/verify");
    const SUMMARY: &'static str =
        "Confirm a mail address with the token that was mailed to it; each is good once, for 24 hours";
    const BUDGET: Budget = Budget { reads: 2, writes: 1 };
    type Access = Public;
    type Input = Json<VerifyEmailInput>;
    type Output = NoContent;

    async fn handle(app: &App, caller: Caller<Public>, Json(input): Self::Input) -> Result<Self::Output> {
        let mut attempts = Attempts::default();
        loop {
            match verify(app, &caller.school, &input.token).await {
                Err(error) => attempts.again(error).await?,
                Ok(()) => return Ok(NoContent),
            }
        }
    }
}

async fn verify(app: &App, school: &School, token: &str) -> Result<()> {
    let Some(mut found) = mailed_token::find(app, school, TokenPurpose::VerifyEmail, token).await? else {
        let mut violations = Violations::default();
        mailed_token::refuse(&mut violations);
        return violations.finish();
    };
    let user = &mut found.user;
    user.value.email_verified = true;
    let mut change = app.store.transaction(school);
    change.take(&found.key, found.rev).replace(&keys::user(school, user.value.id), &user.value, user.rev);
    change.commit().await
}
