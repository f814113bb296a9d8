//! Which events a consumer has applied: written in the transaction of the effect, so that a second delivery finds it
//! and changes nothing (R1).

use domain::event::Event;
use kernel::{Code, Error, Timestamp};

use super::{keys, receipt::Receipt};
use crate::core::transaction::Transaction;

impl Transaction<'_> {
    /// Lets the change pass only the first time that `consumer` applies `event`. Consumers say it by their `once`, which
    /// knows their name.
    pub fn once(&mut self, consumer: &str, event: &Event, now: Timestamp) -> &mut Self {
        let key = keys::inbox(self.school, consumer, event.id);
        self.create(&key, &Receipt { applied_at: now }, || {
            Error::new(Code::ALREADY_APPLIED, "applied before")
        })
    }
}
