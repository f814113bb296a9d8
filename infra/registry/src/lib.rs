//! Everything that Lectern offers: what the local cloud serves, the templates and the API reference are made of, and tests
//! are held to.

use runtime::Registry;

/// The sum of all packages. The stacks of their domains are deployed in the opposite order.
#[must_use]
pub fn all() -> Registry {
    platform::registry()
        .and(identity::registry())
        .and(admin::registry())
        .and(catalog::registry())
        .and(learning::registry())
        .and(video::registry())
        .and(certificates::registry())
        .and(events::registry())
        .and(mail::registry())
}
