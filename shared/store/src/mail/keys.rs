//! Keys of mails, one for each event, and of the addresses that get none.

use domain::{
    event::EventId,
    identity::Email,
    mail::{Delivery, Suppression},
};
use kernel::School;

use crate::core::key::{Key, at, digest, partition};

/// The one mail about an event.
#[must_use]
pub fn delivery(school: &School, event: EventId) -> Key<Delivery> {
    at(partition(school, format_args!("DELIVERY#{event}")), "DELIVERY")
}

/// Says that an address gets no mail any more. It outlives the account, so the address is hashed.
#[must_use]
pub fn suppression(school: &School, email: &Email) -> Key<Suppression> {
    at(partition(school, format_args!("SUPPRESSION#{}", digest(email.as_str()))), "SUPPRESSION")
}
