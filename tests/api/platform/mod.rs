//! What clients and operators ask of the system itself, and what every answer has.

mod answer_unrouted;
pub(crate) mod authorization;
mod check_health;
mod get_jwks;
mod get_openapi;
mod responses;
