//! every 15 minutes: what the stream missed → the queues of the subscribers

use kernel::{Error, Result, School, Timestamp};
use runtime::{App, Schedule};
use store::OUTBOX_SHARDS;

use crate::publish::publish;

/// The relay gets this long before an event counts as missed.
const PATIENCE_SECONDS: i64 = 300;
/// Bounds a run to 32,000 events of a school; the next one takes the rest.
const PAGES_PER_SHARD: u32 = 20;

/// Publishes the events that still wait in the outbox: the stream keeps its records for a day, the outbox for ever.
pub struct SweepOutbox;

impl Schedule for SweepOutbox {
    const EXPRESSION: &'static str = "rate(15 minutes)";

    async fn run(app: &App, at: Timestamp) -> Result<()> {
        let missed_before = at.plus_seconds(-PATIENCE_SECONDS);
        let mut stayed = 0;
        let mut last_error = None;
        for school in app.config.all_schools() {
            for shard in 0..OUTBOX_SHARDS {
                // One shard that fails leaves the others their turn.
                match sweep(app, &school, shard, missed_before).await {
                    Ok(count) => stayed += count,
                    Err(error) => last_error = Some(error),
                }
            }
        }
        match last_error {
            Some(error) => Err(error),
            None if stayed == 0 => Ok(()),
            None => Err(Error::unavailable(format!("{stayed} events were not published"))),
        }
    }
}

/// Publishes what is missed in a shard, oldest first, and gives how many items stayed.
async fn sweep(app: &App, school: &School, shard: u8, missed_before: Timestamp) -> Result<usize> {
    let mut stayed = 0;
    let mut cursor: Option<String> = None;
    for _ in 0..PAGES_PER_SHARD {
        let waiting = app.store.waiting_events(school, shard, cursor.as_deref()).await?;
        let fresh = waiting.events.iter().position(|event| event.occurred_at > missed_before);
        let missed = &waiting.events[..fresh.unwrap_or(waiting.events.len())];
        if !missed.is_empty() {
            stayed += publish(app, missed).await?.len();
        }
        stayed += waiting.unreadable;
        cursor = waiting.next_cursor;
        if fresh.is_some() || cursor.is_none() {
            break;
        }
    }
    Ok(stayed)
}
