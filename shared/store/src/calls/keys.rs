//! Keys of what is kept of calls: replies, and how often somebody called.

use kernel::{School, UserId};

use super::{
    bucket::{RateBucket, RateWindow},
    idempotency::KeptReply,
};
use crate::core::key::{Key, at, digest, partition};

/// The kept reply to an idempotent request. What the client chose is hashed, so that it cannot shape the key.
#[must_use]
pub fn kept_reply(school: &School, caller: UserId, operation: &str, idempotency_key: &str) -> Key<KeptReply> {
    at(partition(school, format_args!("REPLY#{caller}#{operation}#{}", digest(idempotency_key))), "REPLY")
}

/// The bucket that limits how often `subject` may do `name`. Subjects (addresses, emails) are hashed.
#[must_use]
pub fn rate_bucket(school: &School, name: &str, subject: &str) -> Key<RateBucket> {
    at(partition(school, format_args!("RATE#{name}#{}", digest(subject))), "RATE")
}

/// The window that counts how often `subject` did `name` in it.
#[must_use]
pub fn rate_window(school: &School, name: &str, subject: &str) -> Key<RateWindow> {
    at(partition(school, format_args!("RATEWINDOW#{name}#{}", digest(subject))), "RATEWINDOW")
}
