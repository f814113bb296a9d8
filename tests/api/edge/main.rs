//! What holds for every route alike.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod authorization;
mod budgets;
mod hostile;
mod reviewed;
