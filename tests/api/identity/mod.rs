//! Accounts, sign-in and sessions, feature by feature; then what holds for all of them.

#![expect(clippy::unwrap_used, reason = "clippy.toml allows it in tests, but not in what they share")]

mod access_token;
pub(crate) mod authorization;
mod change_password;
mod clocks;
mod cookies;
mod forgot_password;
mod get_me;
mod login;
mod login_limits;
mod logout;
mod mailed;
mod mutants;
mod passwords;
mod refresh;
mod refresh_races;
mod register;
mod register_faults;
mod resend_verification;
mod reset_password;
mod secrets;
mod setup;
mod suspended;
mod update_me;
mod usernames;
mod verify_email;
