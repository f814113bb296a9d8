//! Who is told of what, and the telling.

use std::collections::HashSet;

use domain::event::{Event, EventId};
use kernel::{Error, Result};
use runtime::{App, Queues};
use tracing::warn;

use crate::SUBSCRIPTIONS;

/// Sends each event to every queue that wants it, then takes it out of the outbox. An event that one queue did not
/// take stays and comes again for all of them: consumers apply it once. Gives those that stayed.
pub(crate) async fn publish(app: &App, events: &[Event]) -> Result<HashSet<EventId>> {
    let queues = app.service::<Queues>().await?;
    let mut stayed = HashSet::new();
    for function in subscribers(events) {
        let wanted: Vec<&Event> = events.iter().filter(|event| wants(function, event)).collect();
        let bodies = wanted.iter().map(|event| serde_json::to_string(event).map_err(Error::internal));
        let refused = queues.send(function, &bodies.collect::<Result<Vec<_>>>()?).await;
        stayed.extend(refused.into_iter().filter_map(|n| wanted.get(n)).map(|event| event.id));
    }
    // A batch of the stream may hold a record twice, which DynamoDB refuses to delete twice.
    let mut seen = HashSet::new();
    let is_sent = |event: &&Event| !stayed.contains(&event.id) && seen.insert(event.id);
    let sent: Vec<&Event> = events.iter().filter(is_sent).collect();
    if let Err(error) = app.store.forget_events(&sent).await {
        warn!(error = ?error, "published events stay in the outbox and will be published again");
    }
    Ok(stayed)
}

fn wants(function: &str, event: &Event) -> bool {
    SUBSCRIPTIONS.iter().any(|(event_type, to)| *event_type == event.event_type && to.contains(&function))
}

/// The functions that want one of the events, each once.
fn subscribers(events: &[Event]) -> Vec<&'static str> {
    let mut functions: Vec<&str> = SUBSCRIPTIONS.iter().flat_map(|(_, to)| to.iter().copied()).collect();
    functions.sort_unstable();
    functions.dedup();
    functions.retain(|function| events.iter().any(|event| wants(function, event)));
    functions
}
