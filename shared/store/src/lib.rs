//! The single table. Keys are built in [`keys`] alone; every entity has its own file; every read and write that the
//! product makes stands in `ACCESS_PATTERNS.md`.

mod catalog;
mod certificate;
mod course;
mod cursor;
mod definition;
mod enrollment;
mod entity;
mod failure;
mod idempotency;
mod inbox;
pub mod keys;
mod lesson;
mod mail;
mod meter;
mod outbox;
mod progress;
mod rate;
mod sequence;
mod session;
mod table;
mod transaction;
mod user;

pub use course::CourseOutline;
pub use definition::create_table;
pub use entity::{Entity, Stored};
pub use idempotency::{KeptReply, REPLY_TTL_SECONDS};
pub use inbox::Receipt;
pub use keys::{Key, Partition};
pub use meter::{Meter, hashing, metered};
pub use outbox::{OUTBOX_SHARDS, Origin, Waiting, event_of_image, image_of};
pub use rate::{RateLimit, TURNS};
pub use sequence::Sequence;
pub use table::{AnyKey, Batch, Consistency, Direction, GSI1, PageRequest, Store};
pub use transaction::{Transaction, pause};
