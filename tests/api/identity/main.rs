//! Accounts, sign-in and sessions, feature by feature; then what holds for all of them.

#![expect(clippy::unwrap_used, reason = "clippy.toml allows it in tests, but not in what they share")]

mod access_token;
mod get_me;
mod login;
mod logout;
mod mutants;
mod passwords;
mod refresh;
mod refresh_races;
mod register;
mod register_faults;
mod secrets;
mod setup;
mod update_me;
mod usernames;
