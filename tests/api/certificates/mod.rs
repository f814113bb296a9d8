//! Certificates, from the completed course to the page that verifies them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

pub(crate) mod authorization;
mod chain;
mod correct_certificate;
mod get_certificate;
mod issue_certificate;
mod render_certificate;
mod request_rendering;
mod revoke_certificate;
pub(crate) mod setup;
mod templates;
mod verify_certificate;
