//! Running a school.

pub mod assign_roles;
pub mod first_admin;

/// What this package offers.
#[must_use]
pub fn registry() -> runtime::Registry {
    runtime::Registry::default()
        .endpoint::<assign_roles::AssignRoles>()
        .about(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_DESCRIPTION"))
}
