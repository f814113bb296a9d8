//! Lectern's models, rules and events: pure functions over values. Nothing here reads a clock, a table or a header.
//!
//! A module knows those that stand before it in this order, and no other: identity, catalog, video, learning, certificates, mail.
//! In `event` stands the envelope of what they tell one another, which all of them know.

pub mod catalog;
pub mod certificates;
pub mod event;
pub mod identity;
pub mod learning;
pub mod mail;
pub mod video;

use event::EventType;
use kernel::Rule;

/// Every type of event that the product tells.
pub fn event_types() -> impl Iterator<Item = &'static EventType> {
    [identity::EVENTS, catalog::EVENTS, learning::EVENTS, video::EVENTS, certificates::EVENTS]
        .into_iter()
        .flatten()
}

/// Every rule that a field of a request can break.
pub fn rules() -> impl Iterator<Item = Rule> {
    let of_domains = [
        identity::rules::ALL,
        catalog::rules::ALL,
        learning::rules::ALL,
        video::rules::ALL,
        certificates::rules::ALL,
    ];
    [Rule::GENERAL].into_iter().chain(of_domains).flatten().copied()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{event::Event, *};

    #[test]
    fn a_rule_has_one_name() {
        let mut seen = BTreeSet::new();
        let twice: Vec<_> = rules().filter(|rule| !seen.insert(*rule)).collect();
        assert_eq!(twice, []);
    }

    /// `events/goldens/<type>.v<N>.json` is kept for ever.
    #[test]
    fn the_goldens_of_every_version_are_read_for_ever_and_written_back_unchanged() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../events/goldens");
        for kind in event_types() {
            let file = format!("{folder}/{}.v{}.json", kind.name, kind.version);
            let golden = std::fs::read_to_string(&file).unwrap_or_else(|error| {
                panic!("{file}: {error}; `cargo run --bin xtask -- schemas` writes it")
            });
            let event: Event = serde_json::from_str(&golden).unwrap();
            assert_eq!(kind.payload(&event).unwrap(), event.data, "{file}");
            let golden: serde_json::Value = serde_json::from_str(&golden).unwrap();
            assert_eq!(serde_json::to_value(&event).unwrap(), golden, "{file}");
        }
        let goldens = std::fs::read_dir(folder).unwrap().count();
        assert_eq!(goldens, event_types().count(), "a golden for each version of each type");
    }
}
