//! Kept replies (R1): a repeated request with the same `Idempotency-Key` gets the reply of the first. The reply is
//! written in the transaction of the effect, so there is no state in which one exists without the other.

use kernel::Timestamp;
use serde::{Deserialize, Serialize};

use crate::core::entity::{Entity, Form};

/// How long a reply is kept.
pub const REPLY_TTL_SECONDS: i64 = 24 * 3600;

/// The reply to the first request with some key.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct KeptReply {
    /// SHA-256 over path and body of the request.
    pub request_hash: String,
    pub status: u16,
    pub etag: Option<String>,
    pub body: String,
    pub created_at: Timestamp,
}

impl KeptReply {
    /// Whether it still counts: DynamoDB removes expired items late.
    #[must_use]
    pub fn is_valid(&self, now: Timestamp) -> bool {
        now < self.created_at.plus_seconds(REPLY_TTL_SECONDS)
    }
}

impl Entity for KeptReply {
    const TYPE: &'static str = "kept_reply";
    /// The reply is JSON: within more JSON, all that is escaped in it would be so twice.
    const FORM: Form = Form::Attributes;

    fn ttl(&self) -> Option<i64> {
        Some(self.created_at.plus_seconds(REPLY_TTL_SECONDS).seconds())
    }
}
