//! What is kept of calls: replies to those that may come again, and how often somebody called.

pub(crate) mod bucket;
mod idempotency;
pub(crate) mod keys;
mod rate;

pub use idempotency::{KeptReply, REPLY_TTL_SECONDS};
pub use rate::{RateLimit, TURNS};
