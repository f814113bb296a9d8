//! Events on their way: the relay on the stream, the sweeper, and what the queues do with what nobody can read.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod dead_letters;
mod files;
mod payloads;
mod relay_events;
mod setup;
mod sweep_outbox;
