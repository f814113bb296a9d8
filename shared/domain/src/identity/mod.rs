//! Accounts, roles and sessions.

mod email;
mod password;
mod session;
mod user;

pub use email::Email;
pub use password::{PASSWORD_MAX, PASSWORD_MIN, check_password};
pub use session::{REPLAY_WINDOW_SECONDS, RefreshVerdict, Session};
pub use user::{AccountView, ExperienceLevel, Profile, Role, User};
