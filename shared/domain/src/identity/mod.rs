//! Accounts, roles, sessions and mailed tokens.

mod email;
mod one_time_token;
mod password;
mod session;
mod user;

pub use email::Email;
pub use one_time_token::{OneTimeToken, TokenPurpose};
pub use password::{PASSWORD_MAX, PASSWORD_MIN, check_password};
pub use session::{REPLAY_WINDOW_SECONDS, RefreshVerdict, Session};
pub use user::{AccountView, ExperienceLevel, Profile, Role, User};
