//! POST /v1/auth/email/verify

use domain::identity::TokenPurpose;
use kernel::{Result, Violations};
use runtime::{App, Budget, Caller, Endpoint, Json, Needs, NoContent, Route, Table, access::SignedIn, post};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use store::keys;

use crate::mailed_token;

/// Confirms the caller's address with the token that was mailed to it. The token is used up. Whoever reads the mail has to
/// know the password too: otherwise a stranger who registered somebody's address would get it confirmed by a click of its
/// owner, and have an account in that name.
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
    const NAME: &'static str = "identity-verify-email";
    const ROUTE: Route = post("/v1/auth/email/verify");
    const SUMMARY: &'static str =
        "Confirm the caller's mail address with the token that was mailed to it, good once, for 24 hours";
    const BUDGET: Budget = Budget { reads: 2, writes: 1 };
    const NEEDS: Needs = Needs::table(&[Table::Delete, Table::Put]);
    type Access = SignedIn;
    type Input = Json<VerifyEmailInput>;
    type Output = NoContent;

    async fn handle(app: &App, caller: Caller<SignedIn>, Json(input): Self::Input) -> Result<Self::Output> {
        let (school, mut account) = (&caller.school, caller.access.account.clone());
        let token = mailed_token::find(app, school, TokenPurpose::VerifyEmail, &input.token).await?;
        let Some(token) = token.filter(|token| token.kept.value.is_good_for(&account.value, app.now()))
        else {
            let mut violations = Violations::default();
            mailed_token::refuse(&mut violations);
            return violations.finish().map(|()| NoContent);
        };
        account.value.email_verified = true;
        let key = keys::user(school, account.value.id);
        let mut change = app.store.transaction(school);
        change.take(&token.key, token.kept.rev).replace(&key, &account.value, account.rev);
        caller.commit(app, change, NoContent).await
    }
}
