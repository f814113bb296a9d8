//! POST /v1/auth/login

use domain::identity::{Email, INVALID_CREDENTIALS, User};
use kernel::{Code, Error, Result, School, Violations};
use runtime::{App, Budget, Caller, Endpoint, Json, Needs, Route, Table, access::Public, post};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use store::{
    Consistency, RateLimit, Stored, TURNS,
    keys::{self, UserPointer},
};

use crate::{
    SessionKeeping, TokensView, WithCookie, cookie, password_hash,
    sign_in::{self, SessionSeconds},
};

/// Failed logins of one account. Nobody waits for one of its tokens, so those of failures need not be called spent.
const PER_ACCOUNT: RateLimit = RateLimit { name: "login-account", burst: 5, per_seconds: 60 };
/// Failed logins from one address: 5 a minute in the long run. As many may be under way at the same moment as it has
/// tokens, so a class of 60 behind one address takes six turns, each as long as a hash and six calls.
const PER_ADDRESS: RateLimit = RateLimit { name: "login-address", burst: 10, per_seconds: 120 };
/// How many of an address may begin to wait for their turn: a large class, and not a flood that would keep every function
/// busy with waiting, for three seconds each.
const WAITING: RateLimit = RateLimit { name: "login-waiting", burst: 100, per_seconds: 10 };

/// Signs in with email and password.
pub struct Login;

/// Who signs in.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = json!({ "email": "ada@example.org", "password": "correct horse battery staple" }))]
pub struct LoginInput {
    #[schemars(length(min = 1, max = 254))]
    pub email: String,
    #[schemars(length(max = 1024), extend("format" = "password"))]
    pub password: String,
    #[serde(default)]
    pub session: SessionKeeping,
}

impl Endpoint for Login {
    const NAME: &'static str = "identity-login";
    const ROUTE: Route = post("/v1/auth/login");
    const SUMMARY: &'static str =
        "Sign in; at most 5 failures a minute per account, and 10 in two minutes per address";
    // Pointer and account; a token of each bucket (twice that while some are missing), the session, both tokens back, and
    // now and then a new hash. Who waits behind others at an address is counted, and looks again for each turn.
    const BUDGET: Budget = Budget { reads: 2, writes: 9 + TURNS };
    // Each limit is asked before the next costs anything, and who waits for a turn asks again.
    const WAVES: u32 = 5 + TURNS;
    const NEEDS: Needs = Needs {
        table: &[Table::Put, Table::Update],
        services: &sign_in::OPENS,
        memory: password_hash::FUNCTION_MEMORY,
        reserves: Some("SignInConcurrency"),
        ..Needs::NOTHING
    };
    const ERRORS: &'static [Code] = &[INVALID_CREDENTIALS, Code::RATE_LIMITED, Code::FORBIDDEN];
    type Access = Public;
    type Input = Json<LoginInput>;
    type Output = WithCookie<Json<TokensView>>;

    async fn handle(app: &App, caller: Caller<Public>, Json(input): Self::Input) -> Result<Self::Output> {
        if input.session == SessionKeeping::Cookie {
            cookie::refuse_others(&caller)?;
        }
        let school = &caller.school;
        let account = input.email.trim().to_lowercase();
        // A token of each is taken before the password is hashed: guesses at the same moment would all pass a check.
        app.store.wait_for_token(school, PER_ADDRESS, WAITING, &caller.source_ip, || app.now()).await?;
        if let Err(error) = app.store.hold_token(school, PER_ACCOUNT, &account, || app.now()).await {
            // In trouble, one more call would only be one more.
            if error.code() == Code::RATE_LIMITED {
                app.store.give_token_back(school, PER_ADDRESS, &caller.source_ip).await?;
            }
            return Err(error);
        }

        let user = find(app, school, &input.email).await?;
        let hash = user.as_ref().map(|user| user.value.password_hash.as_str());
        let genuine = password_hash::verify(&input.password, hash)?;
        let Some(mut user) = user.filter(|user| genuine && user.value.is_active) else {
            app.store.spend_token(school, PER_ADDRESS, &caller.source_ip).await?;
            return Err(Error::new(INVALID_CREDENTIALS, "email or password is wrong"));
        };

        if password_hash::is_outdated(&user.value.password_hash) {
            renew_hash(app, school, &mut user, &input.password).await?;
        }
        let (session, tokens) = sign_in::open(app, &caller, &user.value, user.rev).await?;
        let mut change = app.store.transaction(school);
        change.create(&keys::session(school, user.value.id, session.id), &session, || {
            Error::internal("two sessions with one id")
        });
        change.commit().await?;
        app.store.give_token_back(school, PER_ADDRESS, &caller.source_ip).await?;
        app.store.give_token_back(school, PER_ACCOUNT, &account).await?;
        let SessionSeconds(seconds) = app.service().await?;
        tokens.kept(input.session, *seconds, Json)
    }
}

/// Hashes the password with today's parameters. Whoever changed the account meanwhile goes first; the next login does it.
async fn renew_hash(app: &App, school: &School, user: &mut Stored<User>, password: &str) -> Result<()> {
    user.value.password_hash = password_hash::hash(password)?;
    let mut change = app.store.transaction(school);
    change.replace(&keys::user(school, user.value.id), &user.value, user.rev);
    match change.commit().await {
        Err(error) if error.code() == Code::CONFLICT => return Ok(()),
        done => done?,
    }
    user.rev += 1;
    Ok(())
}

/// Reads twice whether or not there is an account: neither the number of calls nor the time tells.
async fn find(app: &App, school: &School, email: &str) -> Result<Option<Stored<User>>> {
    let Some(email) = Email::parse(email, "/email", &mut Violations::default()) else { return Ok(None) };
    let pointer = app.store.get::<UserPointer>(&keys::email(school, &email), Consistency::Strong).await?;
    let id = pointer.map_or_else(|| app.id(), |pointer| pointer.value.target);
    app.store.get(&keys::user(school, id), Consistency::Strong).await
}
