//! Running a school, feature by feature.

mod assign_roles;
mod assign_roles_races;
mod setup;
