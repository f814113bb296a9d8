//! POST /v1/auth/login

use domain::identity::{Email, User};
use kernel::{Code, Error, Result, School, Violations};
use runtime::{App, Budget, Caller, Endpoint, Json, Route, access::Public, post};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use store::{
    Consistency, RateLimit, Stored,
    keys::{self, UserPointer},
};

use crate::{TokensView, password_hash, sign_in};

/// Failed logins of one account. A successful one gives its token back, so that only guessing is limited.
const PER_ACCOUNT: RateLimit = RateLimit { name: "login-account", burst: 5, per_seconds: 60 };
/// Failed logins from one address.
const PER_ADDRESS: RateLimit = RateLimit { name: "login-address", burst: 5, per_seconds: 60 };

/// Signs in with email and password.
pub struct Login;

/// Who signs in.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = json!({ "email": "ada@example.org", "password": "correct horse battery staple" }))]
pub struct LoginInput {
    #[schemars(length(min = 1, max = 254))]
    pub email: String,
    #[schemars(length(min = 1, max = 1024))]
    pub password: String,
}

impl Endpoint for Login {
    const ROUTE: Route = post("/v1/auth/login");
    const SUMMARY: &'static str = "Sign in; at most 5 failures a minute per account and per address";
    // Two token buckets (a read and a write each, twice when the login succeeds), the account, the session.
    const BUDGET: Budget = Budget { reads: 6, writes: 6 };
    const SIGNS_TOKENS: bool = true;
    type Access = Public;
    type Input = Json<LoginInput>;
    type Output = Json<TokensView>;

    async fn handle(app: &App, caller: Caller<Public>, Json(input): Self::Input) -> Result<Self::Output> {
        let school = &caller.school;
        let account = input.email.trim().to_lowercase();
        app.store.take_token(school, PER_ADDRESS, &caller.source_ip, app.now()).await?;
        app.store.take_token(school, PER_ACCOUNT, &account, app.now()).await?;

        let user = find(app, school, &input.email).await?;
        let hash = user.as_ref().map(|user| user.value.password_hash.as_str());
        let genuine = password_hash::verify(&input.password, hash)?;
        let Some(mut user) = user.filter(|user| genuine && user.value.is_active) else {
            return Err(Error::new(Code::InvalidCredentials, "email or password is wrong"));
        };

        let (session, tokens) = sign_in::open(app, &caller, &user.value)?;
        let mut change = app.store.transaction(school);
        change.create(&keys::session(school, user.value.id, session.id), &session, || {
            Error::internal("two sessions with one id")
        });
        if password_hash::is_outdated(&user.value.password_hash) {
            user.value.password_hash = password_hash::hash(&input.password)?;
            change.replace(&keys::user(school, user.value.id), &user.value, user.rev);
        }
        change.commit().await?;
        app.store.give_token_back(school, PER_ADDRESS, &caller.source_ip).await?;
        app.store.give_token_back(school, PER_ACCOUNT, &account).await?;
        Ok(Json(tokens))
    }
}

async fn find(app: &App, school: &School, email: &str) -> Result<Option<Stored<User>>> {
    let Some(email) = Email::parse(email, "/email", &mut Violations::default()) else { return Ok(None) };
    let pointer = app.store.get::<UserPointer>(&keys::email(school, &email), Consistency::Strong).await?;
    let Some(pointer) = pointer else { return Ok(None) };
    app.store.get(&keys::user(school, pointer.value.target), Consistency::Strong).await
}
