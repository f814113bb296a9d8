//! Accounts, roles, sessions and mailed tokens.

mod codes;
mod email;
mod events;
mod ids;
mod one_time_token;
mod password;
mod profile;
pub mod rules;
mod session;
mod user;

pub use codes::{EMAIL_TAKEN, EMAIL_UNCONFIRMED, INVALID_CREDENTIALS, OWN_ADMIN_ROLE, USERNAME_TAKEN};
pub use email::{EMAIL_PATTERN, Email};
pub(crate) use events::EVENTS;
pub use events::{UserPasswordForgotten, UserRegistered, UserRolesChanged, UserVerificationRequested};
pub use ids::{SessionId, SessionKind};
pub use one_time_token::{OneTimeToken, TokenPurpose};
pub use password::{PASSWORD_MAX, PASSWORD_MIN, check_password};
pub use profile::{
    Bio, DAY_PATTERN, ExperienceLevel, Headline, LearningGoals, PHONE_PATTERN, Profile, TIMEZONE_PATTERN,
    Topics, USERNAME_PATTERN, WEBSITE_MAX, WEBSITE_PATTERN, Words,
};
pub use session::{REPLAY_WINDOW_SECONDS, RefreshVerdict, Session};
pub use user::{AccountView, PersonName, Role, User};
