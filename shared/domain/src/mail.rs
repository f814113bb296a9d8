//! What mail remembers: what became of each mail, and which addresses get none any more.

use kernel::Timestamp;
use serde::{Deserialize, Serialize};

/// What became of a mail.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// Somebody is sending it, or died over it.
    Sending,
    /// It certainly did not go out, and may be sent again.
    Waiting,
    Sent,
    /// Whether it went out cannot be known, so it is not sent again.
    Unknown,
}

/// The one mail about an event.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Delivery {
    pub state: DeliveryState,
    /// When it came into this state.
    pub at: Timestamp,
    /// The mail service's name for it; while it is sent, the attempt that does it.
    pub note: Option<String>,
}

/// Why an address gets no mail any more.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SuppressionReason {
    /// Nobody reads there.
    Bounce,
    /// Somebody reads there and does not want it.
    Complaint,
}

/// An address that gets no mail any more.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Suppression {
    pub reason: SuppressionReason,
    pub at: Timestamp,
}
