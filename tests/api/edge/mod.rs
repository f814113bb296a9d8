//! What holds for every route alike.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

pub(crate) mod authorization;
mod budgets;
mod canaries;
mod collisions;
mod expiry;
mod hostile;
mod outages;
mod paths;
mod problems;
mod repetition;
mod reviewed;
mod schemas;
mod stale_reads;
mod state;
