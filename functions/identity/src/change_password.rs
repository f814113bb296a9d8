//! PUT /v1/auth/password

use domain::identity::{PASSWORD_MAX, PASSWORD_MIN, check_password, rules};
use kernel::{Result, Violations};
use runtime::{
    App, Budget, Caller, Endpoint, Needs, NoContent, Proposed, Route, Table, access::SignedIn, put,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use store::{RateLimit, keys};

use crate::password_hash;

/// Whoever found a device signed in must not guess the password there either. A token is taken before the password is
/// looked at, so that parallel guesses count.
const PER_ACCOUNT: RateLimit = RateLimit { name: "change-password", burst: 5, per_seconds: 60 };

/// Sets a new password for whoever knows the old one. Every other session ends, since one of them may be why the password
/// changes, and every token that was mailed before; the session that asked goes on.
pub struct ChangePassword;

/// The password that is, and the one that is to be.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = json!({ "current": "correct horse battery staple", "new": "a long walk to the lighthouse" }))]
pub struct ChangePasswordInput {
    #[schemars(length(max = 1024), extend("format" = "password"))]
    pub current: String,
    /// 8 to 128 characters of any kind, not one of the most used ones.
    #[schemars(length(min = PASSWORD_MIN, max = PASSWORD_MAX), extend("format" = "password"))]
    pub new: String,
}

impl Endpoint for ChangePassword {
    const NAME: &'static str = "identity-change-password";
    const ROUTE: Route = put("/v1/auth/password");
    const SUMMARY: &'static str = "Change the caller's password; ends every other session";
    const BUDGET: Budget = Budget { reads: 2, writes: 2 };
    // The limit is asked before the password is hashed.
    const WAVES: u32 = 4;
    const NEEDS: Needs =
        Needs { table: &[Table::Put], memory: password_hash::FUNCTION_MEMORY, ..Needs::NOTHING };
    type Access = SignedIn;
    type Input = Proposed<ChangePasswordInput>;
    type Output = NoContent;

    async fn handle(
        app: &App,
        caller: Caller<SignedIn>,
        Proposed(input, mut violations): Self::Input,
    ) -> Result<Self::Output> {
        let SignedIn { mut account, mut session } = caller.access.clone();
        check_password(&input.new, account.value.email.as_str(), "/new", &mut violations);
        violations.finish()?;
        caller.take_token(app, PER_ACCOUNT, &account.value.id.to_string()).await?;
        if !password_hash::verify(&input.current, Some(&account.value.password_hash))? {
            return Err(Violations::one(
                "/current",
                rules::WRONG_PASSWORD,
                "is not the password of this account",
            ));
        }
        account.value.password_hash = password_hash::hash(&input.new)?;
        account.value.epoch += 1;
        session.value.epoch = account.value.epoch;
        let school = &caller.school;
        let mut change = app.store.transaction(school);
        change.replace(&keys::user(school, account.value.id), &account.value, account.rev).replace(
            &keys::session(school, account.value.id, session.value.id),
            &session.value,
            session.rev,
        );
        caller.commit(app, change, NoContent).await
    }
}
