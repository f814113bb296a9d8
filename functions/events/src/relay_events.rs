//! table stream → the queues of the subscribers

use std::collections::HashSet;

use domain::event::{Event, EventId};
use runtime::{App, Needs, Queues, ServiceEntry, StreamReader, Table};
use tracing::error;

use crate::publish::publish;

/// Publishes events as they are committed.
pub struct RelayEvents;

impl StreamReader for RelayEvents {
    const NAME: &'static str = "events-relay-events";
    const NEEDS: Needs = Needs {
        table: &[Table::BatchWrite],
        publishes: true,
        services: &[ServiceEntry::of::<Queues>()],
        ..Needs::NOTHING
    };

    async fn read(app: &App, events: Vec<Event>) -> HashSet<EventId> {
        publish(app, &events).await.unwrap_or_else(|error| {
            error!(error = ?error, "nothing was published");
            events.iter().map(|event| event.id).collect()
        })
    }
}
