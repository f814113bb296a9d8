//! every 15 minutes: what the stream missed → the queues of the subscribers

use std::time::{Duration, Instant};

use kernel::{Error, Result, School, Timestamp};
use runtime::{App, Needs, Queues, Schedule, ServiceEntry, Table};
use store::OUTBOX_SHARDS;

use crate::publish::publish;

/// The relay gets this long before an event counts as missed.
const PATIENCE_SECONDS: i64 = 300;
/// A run ends after this, below its function's timeout; the next one takes the rest.
const LONGEST_RUN: Duration = Duration::from_secs(240);
/// From one run to the next, as `EXPRESSION` says.
const MILLIS_BETWEEN: i64 = 15 * 60 * 1000;

/// Publishes the events that still wait in the outbox: the stream keeps its records for a day, the outbox for ever.
pub struct SweepOutbox;

impl Schedule for SweepOutbox {
    const NAME: &'static str = "events-sweep-outbox";
    const NEEDS: Needs = Needs {
        table: &[Table::BatchWrite, Table::Query],
        publishes: true,
        services: &[ServiceEntry::of::<Queues>()],
        ..Needs::NOTHING
    };
    const EXPRESSION: &'static str = "rate(15 minutes)";

    async fn run(app: &App, at: Timestamp) -> Result<()> {
        let until = Instant::now() + LONGEST_RUN;
        let missed_before = at.plus_seconds(-PATIENCE_SECONDS);
        let mut stayed = 0;
        let mut last_error = None;
        for shard in shards(at) {
            for school in app.config.all_schools() {
                // One shard that fails leaves the others their turn.
                match sweep(app, &school, shard, missed_before, until).await {
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

/// All shards; another one is the first each time, so that each has its turn even when no run gets through.
fn shards(at: Timestamp) -> impl Iterator<Item = u8> {
    let run = at.millis() / MILLIS_BETWEEN;
    let first = u8::try_from(run.rem_euclid(OUTBOX_SHARDS.into())).unwrap_or(0);
    (first..OUTBOX_SHARDS).chain(0..first)
}

/// Publishes what is missed in a shard, oldest first, and returns how many items stayed.
async fn sweep(
    app: &App,
    school: &School,
    shard: u8,
    missed_before: Timestamp,
    until: Instant,
) -> Result<usize> {
    let mut stayed = 0;
    let mut cursor: Option<String> = None;
    while Instant::now() < until {
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_shard_is_the_first_of_one_run_in_sixteen_and_in_all_of_them() {
        let runs: Vec<Vec<u8>> = (0..i64::from(OUTBOX_SHARDS))
            .map(|run| shards(Timestamp::from_millis(1_768_467_600_000 + run * MILLIS_BETWEEN)).collect())
            .collect();
        let all: BTreeSet<u8> = (0..OUTBOX_SHARDS).collect();
        assert_eq!(runs.iter().map(|run| run[0]).collect::<BTreeSet<_>>(), all);
        for run in runs {
            assert_eq!((run.len(), run.into_iter().collect()), (all.len(), all.clone()));
        }
    }
}
