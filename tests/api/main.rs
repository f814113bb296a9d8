//! Every feature through its payloads, domain by domain: `cargo nextest run --test api catalog::` runs one. In one binary,
//! since each more would be linked again after every change.

mod admin;
mod catalog;
mod certificates;
/// What holds for every route alike: authorization, hostile input, budgets at size.
mod edge;
mod events;
mod identity;
mod learning;
mod mail;
mod platform;
mod video;
