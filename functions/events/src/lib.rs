//! Events on their way from the outbox to the queues of those who subscribed.

mod publish;
pub mod relay_events;
mod subscriptions;
pub mod sweep_outbox;

pub use subscriptions::SUBSCRIPTIONS;

/// What this package offers.
#[must_use]
pub fn registry() -> runtime::Registry {
    runtime::Registry::default()
        .stream::<relay_events::RelayEvents>()
        .schedule::<sweep_outbox::SweepOutbox>()
        .about(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_DESCRIPTION"))
}
