//! Lectern's models, rules and events: pure functions over values. Nothing here reads a clock, a table or a header.

pub mod catalog;
pub mod event;
pub mod identity;
pub mod learning;
