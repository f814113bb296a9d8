//! Accounts, sign-in and sessions, feature by feature; then what holds for all of them.

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
