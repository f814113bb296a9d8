//! Which events a consumer has applied: written in the transaction of the effect, so that a second delivery finds it
//! and changes nothing (R1).

use domain::event::Event;
use kernel::{Code, Error, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{Entity, Transaction, keys};

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

impl Transaction<'_> {
    /// Lets the change pass only the first time that `consumer` applies `event`. Consumers say it by their `once`, which
    /// knows their name.
    pub fn once(&mut self, consumer: &str, event: &Event, now: Timestamp) -> &mut Self {
        let key = keys::inbox(self.school, consumer, event.id);
        self.create(&key, &Receipt { applied_at: now }, || Error::new(Code::AlreadyApplied, "applied before"))
    }
}
