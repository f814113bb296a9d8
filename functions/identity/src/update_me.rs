//! PATCH /v1/me

use domain::identity::{
    AccountView, Bio, DAY_PATTERN, ExperienceLevel, Headline, LearningGoals, PHONE_PATTERN, PersonName,
    TIMEZONE_PATTERN, Topics, USERNAME_PATTERN, USERNAME_TAKEN, User, WEBSITE_MAX, WEBSITE_PATTERN, Words,
};
use kernel::{Change, Code, Error, Patch, Result};
use runtime::{
    App, Budget, Caller, Endpoint, IfMatch, Json, Needs, Proposed, Revised, Route, Table, access::SignedIn,
    patch,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;
use store::{
    Stored,
    keys::{self, UserPointer},
};

/// Changes the caller's own profile. What is absent stays, what is null is cleared.
pub struct UpdateMe;

/// The fields to change.
#[derive(Deserialize, JsonSchema, Default)]
#[serde(default, deny_unknown_fields)]
#[schemars(example = json!({ "headline": "Learning in public", "timezone": "Europe/Zurich", "interests": ["rust"] }))]
pub struct UpdateMeInput {
    pub first_name: Change<PersonName>,
    pub last_name: Change<PersonName>,
    #[schemars(length(min = 3, max = 30), extend("pattern" = USERNAME_PATTERN))]
    pub username: Patch<String>,
    pub headline: Patch<Headline>,
    pub bio: Patch<Bio>,
    #[schemars(length(min = 10, max = WEBSITE_MAX), extend("format" = "uri", "pattern" = WEBSITE_PATTERN))]
    pub linkedin_url: Patch<String>,
    #[schemars(length(min = 10, max = WEBSITE_MAX), extend("format" = "uri", "pattern" = WEBSITE_PATTERN))]
    pub github_url: Patch<String>,
    #[schemars(length(min = 10, max = WEBSITE_MAX), extend("format" = "uri", "pattern" = WEBSITE_PATTERN))]
    pub website_url: Patch<String>,
    /// A name of the IANA time zone database, such as `Europe/Zurich`.
    #[schemars(length(min = 1, max = 64), extend("pattern" = TIMEZONE_PATTERN))]
    pub timezone: Patch<String>,
    /// International and without spaces, as E.164 has it: `+41446681800`.
    #[schemars(length(min = 8, max = 16), extend("pattern" = PHONE_PATTERN))]
    pub phone: Patch<String>,
    /// A day in the past: `YYYY-MM-DD`.
    #[schemars(length(min = 10, max = 10), extend("format" = "date", "pattern" = DAY_PATTERN))]
    pub date_of_birth: Patch<String>,
    pub occupation: Patch<Words>,
    pub company: Patch<Words>,
    pub experience_level: Patch<ExperienceLevel>,
    pub programming_languages: Change<Topics>,
    pub interests: Change<Topics>,
    pub learning_goals: Patch<LearningGoals>,
    pub preferred_learning_style: Patch<Words>,
}

impl Endpoint for UpdateMe {
    const NAME: &'static str = "identity-update-me";
    const ROUTE: Route = patch("/v1/me");
    const SUMMARY: &'static str = "Change the caller's own profile";
    const BUDGET: Budget = Budget { reads: 1, writes: 1 };
    const NEEDS: Needs = Needs::table(&[Table::Delete, Table::Put]);
    const ERRORS: &'static [Code] = &[USERNAME_TAKEN];
    type Access = SignedIn;
    type Input = (Option<IfMatch>, Proposed<UpdateMeInput>);
    type Output = Revised<Json<AccountView>>;

    async fn handle(
        app: &App,
        caller: Caller<SignedIn>,
        (if_match, Proposed(input, mut violations)): Self::Input,
    ) -> Result<Self::Output> {
        let Stored { value: before, rev } = &caller.access.account;
        if let Some(if_match) = if_match {
            if_match.check(*rev)?;
        }
        let mut account = before.clone();
        input.apply(&mut account);
        account.profile.check(&before.profile, app.now(), &mut violations);
        violations.finish()?;

        let school = &caller.school;
        let mut change = app.store.transaction(school);
        change.replace(&keys::user(school, account.id), &account, *rev);
        let lower = |name: &Option<String>| name.as_deref().map(str::to_lowercase);
        if lower(&before.profile.username) != lower(&account.profile.username) {
            if let Some(old) = &before.profile.username {
                change.delete(&keys::username(school, old));
            }
            if let Some(new) = &account.profile.username {
                change.create(&keys::username(school, new), &UserPointer { target: account.id }, || {
                    Error::new(USERNAME_TAKEN, "choose another username")
                });
            }
        }
        caller.commit(app, change, Revised(rev + 1, Json(AccountView::from(&account)))).await
    }
}

impl UpdateMeInput {
    fn apply(self, account: &mut User) {
        self.first_name.apply(&mut account.first_name);
        self.last_name.apply(&mut account.last_name);
        let profile = &mut account.profile;
        self.username.apply(&mut profile.username);
        self.headline.apply(&mut profile.headline);
        self.bio.apply(&mut profile.bio);
        self.linkedin_url.apply(&mut profile.linkedin_url);
        self.github_url.apply(&mut profile.github_url);
        self.website_url.apply(&mut profile.website_url);
        self.timezone.apply(&mut profile.timezone);
        self.phone.apply(&mut profile.phone);
        self.date_of_birth.apply(&mut profile.date_of_birth);
        self.occupation.apply(&mut profile.occupation);
        self.company.apply(&mut profile.company);
        self.experience_level.apply(&mut profile.experience_level);
        self.programming_languages.apply(&mut profile.programming_languages);
        self.interests.apply(&mut profile.interests);
        self.learning_goals.apply(&mut profile.learning_goals);
        self.preferred_learning_style.apply(&mut profile.preferred_learning_style);
    }
}
