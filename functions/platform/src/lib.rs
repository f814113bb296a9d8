//! What clients and operators ask of the system itself.

pub mod answer_unrouted;
pub mod check_health;
pub mod get_jwks;
pub mod get_openapi;

/// What this package offers.
#[must_use]
pub fn registry() -> runtime::Registry {
    runtime::Registry::default()
        .endpoint::<check_health::CheckHealth>()
        .endpoint::<get_jwks::GetJwks>()
        .endpoint::<get_openapi::GetOpenapi>()
        .fallback::<answer_unrouted::AnswerUnrouted>()
        .about(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_DESCRIPTION"))
}
