//! Running a school, feature by feature.

#![expect(clippy::unwrap_used, reason = "clippy.toml allows it in tests, but not in what they share")]

mod assign_roles;
mod assign_roles_races;
pub(crate) mod authorization;
mod first_admin;
mod setup;
