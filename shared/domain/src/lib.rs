//! Lectern's models, rules and events: pure functions over values. Nothing here reads a clock, a table or a header.

pub mod catalog;
pub mod certificates;
pub mod event;
pub mod identity;
pub mod learning;
pub mod mail;
