//! POST /v1/auth/register

use domain::identity::{
    EMAIL_PATTERN, EMAIL_TAKEN, Email, PASSWORD_MAX, PASSWORD_MIN, PersonName, User, UserRegistered,
    check_password,
};
use kernel::{Code, Error, Result};
use runtime::{
    App, Budget, Caller, Created, Endpoint, Needs, Proposed, Route, Service, ServiceEntry, Table,
    access::Public, post,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use store::{
    RateLimit,
    keys::{self, UserPointer},
};

use crate::{
    SessionKeeping, TokensView, WithCookie, cookie, password_hash,
    sign_in::{self, SessionSeconds},
};

/// So many network addresses may use up their registrations before the school takes no more in that hour.
const ADDRESSES: u32 = 10;
/// So many registrations of an address pass even then.
const NEWCOMERS: u32 = 3;

/// `REGISTRATIONS_PER_HOUR`: from one network address, which a lecture hall may share. 200 unless set.
struct Registrations(u32);

impl Service for Registrations {
    const VARIABLES: &'static [&'static str] = &["REGISTRATIONS_PER_HOUR"];

    async fn start(app: &App) -> std::result::Result<Self, String> {
        Ok(Self(app.environment().number("REGISTRATIONS_PER_HOUR")?.unwrap_or(200)))
    }
}

/// Makes an account and signs it in. A new account is a student, and gets no mail but the one that asks to confirm its
/// address.
pub struct Register;

/// Who registers.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(example = json!({
    "email": "ada@example.org", "password": "correct horse battery staple",
    "first_name": "Ada", "last_name": "Lovelace",
}))]
pub struct RegisterInput {
    #[schemars(length(min = 3, max = Email::MAX), extend("format" = "email", "pattern" = EMAIL_PATTERN))]
    pub email: String,
    /// 8 to 128 characters of any kind, not one of the most used ones.
    #[schemars(length(min = PASSWORD_MIN, max = PASSWORD_MAX), extend("format" = "password"))]
    pub password: String,
    pub first_name: PersonName,
    pub last_name: PersonName,
    #[serde(default)]
    pub session: SessionKeeping,
}

impl Endpoint for Register {
    const NAME: &'static str = "identity-register";
    const ROUTE: Route = post("/v1/auth/register");
    const SUMMARY: &'static str = "Make an account with email and password and sign in";
    const BUDGET: Budget = Budget { reads: 0, writes: 3 };
    const NEEDS: Needs = Needs {
        table: &[Table::Put, Table::Update],
        services: &[sign_in::OPENS[0], sign_in::OPENS[1], ServiceEntry::of::<Registrations>()],
        memory: password_hash::FUNCTION_MEMORY,
        reserves: Some("SignInConcurrency"),
        ..Needs::NOTHING
    };
    const ERRORS: &'static [Code] = &[EMAIL_TAKEN, Code::RATE_LIMITED, Code::FORBIDDEN];
    type Access = Public;
    type Input = Proposed<RegisterInput>;
    type Output = WithCookie<Created<TokensView>>;

    async fn handle(
        app: &App,
        caller: Caller<Public>,
        Proposed(input, mut violations): Self::Input,
    ) -> Result<Self::Output> {
        let email = Email::parse(&input.email, "/email", &mut violations);
        let address = email.as_ref().map(Email::as_str).unwrap_or_default();
        check_password(&input.password, address, "/password", &mut violations);
        violations.finish()?;
        if input.session == SessionKeeping::Cookie {
            cookie::refuse_others(&caller)?;
        }
        let Some(email) = email else { return Err(Error::internal("an email without value or violation")) };
        // Every account costs a hash, and a mail to whatever address was given; and who is refused as taken is told that
        // there is an account. So both are few, from one address and, for those who have many, in a school.
        let Registrations(burst) = *app.service().await?;
        let of_address = RateLimit { name: "register", burst, per_seconds: 3600 };
        let of_school =
            RateLimit { name: "register-school", burst: burst.saturating_mul(ADDRESSES), ..of_address };
        let own = app.store.count_in_window(&caller.school, of_address, &caller.source_ip, app.now()).await?;
        match app.store.count_in_window(&caller.school, of_school, "", app.now()).await {
            // Whoever uses up what the school has keeps nobody out who comes from elsewhere.
            Err(error) if error.code() == Code::RATE_LIMITED && own <= NEWCOMERS => {}
            counted => drop(counted?),
        }

        let hash = password_hash::hash(&input.password)?;
        let user = User::new(app.id(), email, hash, input.first_name, input.last_name, app.now());
        let (session, tokens) = sign_in::open(app, &caller, &user, 1).await?;
        let school = &caller.school;
        let mut origin = caller.origin(app);
        origin.actor = Some(user.id);
        let mut change = app.store.transaction(school);
        change
            .create(&keys::email(school, &user.email), &UserPointer { target: user.id }, || {
                Error::new(EMAIL_TAKEN, "sign in with this email, or reset its password")
            })
            .create(&keys::user(school, user.id), &user, || Error::internal("two users with one id"))
            .create(&keys::session(school, user.id, session.id), &session, || {
                Error::internal("two sessions with one id")
            })
            .event(
                &origin,
                &UserRegistered {
                    user_id: user.id,
                    first_name: user.first_name.to_string(),
                    last_name: user.last_name.to_string(),
                },
            );
        let SessionSeconds(seconds) = app.service().await?;
        caller.commit(app, change, tokens.kept(input.session, *seconds, Created)?).await
    }
}
