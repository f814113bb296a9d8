//! Keys of events that wait, and of receipts of those that were applied.

use domain::event::{Event, EventId};
use kernel::School;

use super::receipt::Receipt;
use crate::core::key::{Key, Partition, at, partition};

/// How many partitions a school's waiting events are spread over.
pub const OUTBOX_SHARDS: u8 = 16;

/// An event that waits to be published. Sixteen shards keep the hottest far below a partition's limit (R6).
#[must_use]
pub fn outbox(school: &School, id: EventId) -> Key<Event> {
    at(outbox_partition(school, id.uuid().as_bytes()[15] % OUTBOX_SHARDS), id)
}

/// One shard of the waiting events, oldest first.
#[must_use]
pub fn outbox_partition(school: &School, shard: u8) -> Partition {
    partition(school, format_args!("OUTBOX#{shard:02}"))
}

/// Says that `consumer` has applied an event.
#[must_use]
pub fn inbox(school: &School, consumer: &str, event: EventId) -> Key<Receipt> {
    at(partition(school, format_args!("INBOX#{consumer}#{event}")), "INBOX")
}
