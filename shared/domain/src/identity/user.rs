//! A person's account.

use kernel::{Timestamp, UserId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Email;

/// What an account may do in its school. Everybody is a student; the others are granted by an admin.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Role {
    Student,
    Instructor,
    Admin,
}

/// How far somebody says they have come.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum ExperienceLevel {
    Beginner,
    Intermediate,
    Advanced,
    Expert,
}

/// What a person tells about themselves. Everything may be empty.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(inline)]
pub struct Profile {
    pub username: Option<String>,
    pub headline: Option<String>,
    pub bio: Option<String>,
    pub linkedin_url: Option<String>,
    pub github_url: Option<String>,
    pub website_url: Option<String>,
    /// IANA name, `UTC` unless set.
    pub timezone: Option<String>,
    pub phone: Option<String>,
    /// `YYYY-MM-DD`.
    pub date_of_birth: Option<String>,
    pub occupation: Option<String>,
    pub company: Option<String>,
    pub experience_level: Option<ExperienceLevel>,
    pub programming_languages: Vec<String>,
    pub interests: Vec<String>,
    pub learning_goals: Option<String>,
    pub preferred_learning_style: Option<String>,
}

/// An account.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct User {
    pub id: UserId,
    pub email: Email,
    /// Argon2id in PHC string form.
    pub password_hash: String,
    pub first_name: String,
    pub last_name: String,
    /// Sorted, without repetition, never empty.
    pub roles: Vec<Role>,
    pub is_active: bool,
    pub profile: Profile,
    pub created_at: Timestamp,
}

impl User {
    /// First and last name as one line.
    #[must_use]
    pub fn display_name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name).trim().to_owned()
    }

    /// Whether the account has `role`.
    #[must_use]
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// Sets the roles: sorted, once each.
    pub fn set_roles(&mut self, mut roles: Vec<Role>) {
        roles.sort_unstable();
        roles.dedup();
        self.roles = roles;
    }
}
