//! POST /v1/auth/password/reset

use domain::identity::{PASSWORD_MAX, PASSWORD_MIN, TokenPurpose, check_password};
use kernel::{Error, Result};
use runtime::{
    App, Budget, Caller, Endpoint, Needs, NoContent, Proposed, Route, Table, access::Public, post,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use store::{Consistency, keys};

use crate::{mailed_token, password_hash};

/// Sets a new password with a token that was mailed. Every session of the account ends, and every other token that was
/// mailed to it. Whoever had the token reads that mailbox, so the address is confirmed too.
pub struct ResetPassword;

/// The token from the mail, and the password that is to be.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = json!({ "token": "lot_…", "password": "correct horse battery staple" }))]
pub struct ResetPasswordInput {
    #[schemars(length(min = 1, max = 256))]
    pub token: String,
    /// 8 to 128 characters of any kind, not one of the most used ones.
    #[schemars(length(min = PASSWORD_MIN, max = PASSWORD_MAX), extend("format" = "password"))]
    pub password: String,
}

impl Endpoint for ResetPassword {
    const NAME: &'static str = "identity-reset-password";
    const ROUTE: Route = post("/v1/auth/password/reset");
    const SUMMARY: &'static str =
        "Set a new password with the token that was mailed, good once, for an hour; ends every session";
    const BUDGET: Budget = Budget { reads: 2, writes: 1 };
    // The token, its account, then the change.
    const WAVES: u32 = 4;
    const NEEDS: Needs = Needs {
        table: &[Table::Delete, Table::Put],
        memory: password_hash::FUNCTION_MEMORY,
        ..Needs::NOTHING
    };
    type Access = Public;
    type Input = Proposed<ResetPasswordInput>;
    type Output = NoContent;

    async fn handle(
        app: &App,
        caller: Caller<Public>,
        Proposed(input, mut violations): Self::Input,
    ) -> Result<Self::Output> {
        let school = &caller.school;
        let token = mailed_token::find(app, school, TokenPurpose::ResetPassword, &input.token).await?;
        let good = match token {
            None => None,
            Some(token) => {
                let key = keys::user(school, token.kept.value.user_id);
                let user = app.store.get(&key, Consistency::Strong).await?;
                user.filter(|user| token.kept.value.is_good_for(&user.value, app.now()))
                    .map(|user| (token, user))
            }
        };
        let address = good.as_ref().map(|(_, user)| user.value.email.as_str()).unwrap_or_default();
        check_password(&input.password, address, "/password", &mut violations);
        if good.is_none() {
            mailed_token::refuse(&mut violations);
        }
        violations.finish()?;
        let Some((token, mut user)) = good else { return Err(Error::internal("no token and no violation")) };
        user.value.password_hash = password_hash::hash(&input.password)?;
        user.value.email_verified = true;
        user.value.epoch += 1;
        let key = keys::user(school, user.value.id);
        let mut change = app.store.transaction(school);
        change.take(&token.key, token.kept.rev).replace(&key, &user.value, user.rev);
        caller.commit(app, change, NoContent).await
    }
}
