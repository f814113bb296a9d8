//! Lectern's models, rules and events: pure functions over values. Nothing here reads a clock, a table or a header.
//!
//! A module knows those that stand before it in this order, and no other: identity, catalog, learning, certificates, mail.
//! In `event` stands what they tell one another, which all of them may know.

pub mod catalog;
pub mod certificates;
pub mod event;
pub mod identity;
pub mod learning;
pub mod mail;
