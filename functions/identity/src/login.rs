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

/// Failed logins of one account. A token is taken before the password is looked at, so that parallel guesses are
/// limited too; a successful login gives it back.
const PER_ACCOUNT: RateLimit = RateLimit { name: "login-account", burst: 5, per_seconds: 60 };
/// Failed logins from one address. A token is taken for a failure alone: a class that signs in at the same moment
/// behind one address passes, and parallel guesses at many accounts are left to the route's throttling.
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
    #[schemars(length(max = 1024))]
    pub password: String,
}

impl Endpoint for Login {
    const ROUTE: Route = post("/v1/auth/login");
    const SUMMARY: &'static str = "Sign in; at most 5 failures a minute per account and per address";
    // The address's bucket, the account's (twice), pointer and account; the session, the account's bucket (twice), and
    // now and then a new hash.
    const BUDGET: Budget = Budget { reads: 5, writes: 4 };
    const SIGNS_TOKENS: bool = true;
    type Access = Public;
    type Input = Json<LoginInput>;
    type Output = Json<TokensView>;

    async fn handle(app: &App, caller: Caller<Public>, Json(input): Self::Input) -> Result<Self::Output> {
        let school = &caller.school;
        let account = input.email.trim().to_lowercase();
        app.store.check_token(school, PER_ADDRESS, &caller.source_ip, || app.now()).await?;
        app.store.take_token(school, PER_ACCOUNT, &account, || app.now()).await?;

        let user = find(app, school, &input.email).await?;
        let hash = user.as_ref().map(|user| user.value.password_hash.as_str());
        let genuine = password_hash::verify(&input.password, hash)?;
        let Some(mut user) = user.filter(|user| genuine && user.value.is_active) else {
            app.store.take_token(school, PER_ADDRESS, &caller.source_ip, || app.now()).await?;
            return Err(Error::new(Code::InvalidCredentials, "email or password is wrong"));
        };

        let (session, tokens) = sign_in::open(app, &caller, &user.value)?;
        let mut change = app.store.transaction(school);
        change.create(&keys::session(school, user.value.id, session.id), &session, || {
            Error::internal("two sessions with one id")
        });
        change.commit().await?;
        if password_hash::is_outdated(&user.value.password_hash) {
            renew_hash(app, school, &mut user, &input.password).await?;
        }
        app.store.give_token_back(school, PER_ACCOUNT, &account).await?;
        Ok(Json(tokens))
    }
}

/// Hashes the password with today's parameters. Whoever changed the account meanwhile goes first; the next login does it.
async fn renew_hash(app: &App, school: &School, user: &mut Stored<User>, password: &str) -> Result<()> {
    user.value.password_hash = password_hash::hash(password)?;
    let mut change = app.store.transaction(school);
    change.replace(&keys::user(school, user.value.id), &user.value, user.rev);
    match change.commit().await {
        Err(error) if error.code() == Code::Conflict => Ok(()),
        done => done,
    }
}

async fn find(app: &App, school: &School, email: &str) -> Result<Option<Stored<User>>> {
    let Some(email) = Email::parse(email, "/email", &mut Violations::default()) else { return Ok(None) };
    let pointer = app.store.get::<UserPointer>(&keys::email(school, &email), Consistency::Strong).await?;
    let Some(pointer) = pointer else { return Ok(None) };
    app.store.get(&keys::user(school, pointer.value.target), Consistency::Strong).await
}
