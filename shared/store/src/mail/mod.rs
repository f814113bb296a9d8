//! Mails: one for each event, and the addresses that get none.

pub(crate) mod keys;

use domain::mail::{Delivery, Suppression};

use crate::{core::entity::Entity, events::RECEIPT_TTL_SECONDS};

impl Entity for Delivery {
    const TYPE: &'static str = "delivery";

    fn ttl(&self) -> Option<i64> {
        Some(self.at.plus_seconds(RECEIPT_TTL_SECONDS).seconds())
    }
}

impl Entity for Suppression {
    const TYPE: &'static str = "suppression";
}
