//! Events on their way: those that wait to be published, and which of them a consumer has applied.

mod inbox;
pub(crate) mod keys;
mod outbox;
mod receipt;

use domain::event::Event;

pub use keys::OUTBOX_SHARDS;
pub use outbox::{Origin, Waiting, event_of_image, image_of};
pub(crate) use receipt::RECEIPT_TTL_SECONDS;
pub use receipt::Receipt;

use crate::core::entity::Entity;

impl Entity for Event {
    const TYPE: &'static str = "event";
}
