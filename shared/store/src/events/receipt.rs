//! What says that a consumer has applied an event.

use kernel::Timestamp;
use serde::{Deserialize, Serialize};

use crate::core::entity::Entity;

/// Longer than any queue, DLQ or redrive keeps a message.
pub(crate) const RECEIPT_TTL_SECONDS: i64 = 90 * 24 * 3600;

/// One applied event.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Receipt {
    pub applied_at: Timestamp,
}

impl Entity for Receipt {
    const TYPE: &'static str = "receipt";

    fn ttl(&self) -> Option<i64> {
        Some(self.applied_at.plus_seconds(RECEIPT_TTL_SECONDS).seconds())
    }
}
