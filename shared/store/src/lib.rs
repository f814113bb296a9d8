//! The single table. What is true of all of it stands in `core`; each domain has its keys, its entities and its reads and
//! writes in a folder of its own; and every read and write that the product makes stands in `ACCESS_PATTERNS.md`.

mod calls;
mod catalog;
mod certificates;
mod core;
mod events;
mod identity;
pub mod keys;
mod learning;
mod mail;
mod video;

pub use self::core::{
    definition::create_table,
    entity::{Entity, Form, Stored},
    key::{GSI1, Key, Partition},
    meter::{Meter, hashing, metered},
    random::pause,
    table::{AnyKey, Batch, Consistency, PageRequest, Store},
    transaction::Transaction,
};
pub use calls::{KeptReply, REPLY_TTL_SECONDS, RateLimit, TURNS};
pub use catalog::CourseOutline;
pub use certificates::Sequence;
pub use events::{OUTBOX_SHARDS, Origin, Receipt, Waiting, event_of_image, image_of};
pub use kernel::Direction;
