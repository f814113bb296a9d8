//! POST /v1/auth/password/forgot

use domain::identity::{EMAIL_PATTERN, Email, UserPasswordForgotten};
use kernel::{Code, Error, Result};
use runtime::{
    App, Budget, Caller, Endpoint, Needs, Proposed, Requested, Route, Table, access::Public, post,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use store::{
    Consistency, RateLimit,
    keys::{self, UserPointer},
};

/// From one network address, which a school may share. How often a mailbox gets such a mail is limited where mails are
/// sent, since an answer that tells of it would tell whether there is an account.
const PER_ADDRESS: RateLimit = RateLimit { name: "forgot-address", burst: 60, per_seconds: 3600 };

/// Has a token mailed that sets a new password. The answer, and the work until it, are the same whether or not there is
/// an account.
pub struct ForgotPassword;

/// Whose password it is.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = json!({ "email": "ada@example.org" }))]
pub struct ForgotPasswordInput {
    #[schemars(length(min = 3, max = Email::MAX), extend("format" = "email", "pattern" = EMAIL_PATTERN))]
    pub email: String,
}

impl Endpoint for ForgotPassword {
    const NAME: &'static str = "identity-forgot-password";
    const ROUTE: Route = post("/v1/auth/password/forgot");
    const SUMMARY: &'static str =
        "Have a token mailed that sets a new password; the answer does not tell whether there is an account";
    const BUDGET: Budget = Budget { reads: 1, writes: 2 };
    const NEEDS: Needs = Needs::table(&[Table::Put, Table::Update]);
    const ERRORS: &'static [Code] = &[Code::RATE_LIMITED];
    type Access = Public;
    type Input = Proposed<ForgotPasswordInput>;
    type Output = Requested;

    async fn handle(
        app: &App,
        caller: Caller<Public>,
        Proposed(input, mut violations): Self::Input,
    ) -> Result<Self::Output> {
        let email = Email::parse(&input.email, "/email", &mut violations);
        violations.finish()?;
        let Some(email) = email else { return Err(Error::internal("an email without value or violation")) };
        let school = &caller.school;
        app.store.count_in_window(school, PER_ADDRESS, &caller.source_ip, app.now()).await?;
        let pointer = app.store.get::<UserPointer>(&keys::email(school, &email), Consistency::Strong).await?;
        let user_id = pointer.map(|pointer| pointer.value.target);
        let mut change = app.store.transaction(school);
        change.event(&caller.origin(app), &UserPasswordForgotten { user_id });
        caller.commit(app, change, Requested).await
    }
}
