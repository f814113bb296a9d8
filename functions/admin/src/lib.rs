//! Running a school.

pub mod assign_roles;

/// What this package offers.
#[must_use]
pub fn registry() -> runtime::Registry {
    runtime::Registry::default().endpoint::<assign_roles::AssignRoles>()
}
