//! What the table keeps of a limit.

use serde::{Deserialize, Serialize};

use crate::core::entity::{Entity, Form};

/// How long an item outlives its use: DynamoDB removes it by a clock of its own (F6).
pub(super) const TTL_MARGIN_SECONDS: i64 = 3600;

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct RateBucket {
    /// Milliseconds since the epoch at which no token is missing.
    pub(super) full_at: i64,
    /// How many held tokens may still come back. Whoever dies with one leaves it too high until the bucket is full.
    #[serde(default)]
    pub(super) held: i64,
}

impl Entity for RateBucket {
    const TYPE: &'static str = "rate_bucket";
    const FORM: Form = Form::Attributes;

    fn ttl(&self) -> Option<i64> {
        Some(self.full_at / 1000 + TTL_MARGIN_SECONDS)
    }
}

/// How often something happened in a window of time. Written by `UpdateItem` alone, and read by nobody.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct RateWindow {
    pub(super) count: u32,
}

impl Entity for RateWindow {
    const TYPE: &'static str = "rate_window";
    const FORM: Form = Form::Attributes;
}
