//! Events that were committed with their cause and wait to be published (R4): one self-contained item per event.

use aws_sdk_dynamodb::types::{AttributeValue, DeleteRequest, ReturnConsumedCapacity, WriteRequest};
use domain::event::{Event, EventData, EventId};
use kernel::{Direction, Error, Page, Result, School, Timestamp, UserId};

use super::keys;
use crate::core::{
    entity::{Entity, Item, Stored, decode, encode, type_of},
    failure::failure,
    meter,
    table::{Consistency, PageRequest, Store},
    transaction::Transaction,
};

/// How many events are read at once.
const PAGE_EVENTS: u32 = 100;
/// Most deletions in one BatchWriteItem.
const BATCH_WRITES: usize = 25;

/// The event in an item image of the table's stream, if it is an item of the outbox.
///
/// # Errors
/// The item says that it is an event and is not readable as one.
pub fn event_of_image(image: Item) -> Result<Option<Event>> {
    let is_event = type_of(&image) == Some(Event::TYPE);
    if is_event { decode(image).map(|stored: Stored<Event>| Some(stored.value)) } else { Ok(None) }
}

/// How an event that waits in the outbox appears in the table's stream.
///
/// # Errors
/// The event has no item form.
pub fn image_of(event: &Event) -> Result<serde_dynamo::Item> {
    encode(&event.school, &keys::outbox(&event.school, event.id), event, 1).map(Into::into)
}

/// Some of the events that wait in the outbox.
#[derive(Clone, Debug)]
pub struct Waiting {
    /// Oldest first.
    pub events: Vec<Event>,
    /// How many items between them are no events that this version reads.
    pub unreadable: usize,
    pub next_cursor: Option<String>,
}

impl Store {
    /// Reads up to a hundred of the events that wait in a shard. What cannot be read is logged and counted, since it
    /// must not hold up the rest.
    ///
    /// # Errors
    /// DynamoDB fails.
    pub async fn waiting_events(&self, school: &School, shard: u8, cursor: Option<&str>) -> Result<Waiting> {
        let request = PageRequest { limit: PAGE_EVENTS, cursor, direction: Direction::Ascending };
        let partition = keys::outbox_partition(school, shard);
        let Page { items, next_cursor } =
            self.page_of_items(&partition, request, Consistency::Strong).await?;
        let (mut events, found) = (Vec::new(), items.len());
        for item in items {
            match decode(item) {
                Ok(Stored { value, .. }) => events.push(value),
                Err(error) => tracing::error!(error = ?error, partition = partition.as_str(), "no event"),
            }
        }
        Ok(Waiting { unreadable: found - events.len(), events, next_cursor })
    }

    /// Removes events that were published. One that stays, because DynamoDB leaves it out or the process dies, is
    /// published again by the sweeper.
    ///
    /// # Errors
    /// DynamoDB fails.
    pub async fn forget_events(&self, events: &[&Event]) -> Result<()> {
        for chunk in events.chunks(BATCH_WRITES) {
            let deletions = chunk.iter().map(|event| {
                let key = keys::outbox(&event.school, event.id);
                let deletion = DeleteRequest::builder()
                    .key("PK", AttributeValue::S(key.pk))
                    .key("SK", AttributeValue::S(key.sk))
                    .build()
                    .map_err(Error::internal)?;
                Ok(WriteRequest::builder().delete_request(deletion).build())
            });
            meter::write();
            let output = self
                .client
                .batch_write_item()
                .request_items(&self.table, deletions.collect::<Result<Vec<_>>>()?)
                .return_consumed_capacity(ReturnConsumedCapacity::Total)
                .send()
                .await
                .map_err(failure)?;
            meter::consumed_in_writing(output.consumed_capacity.iter().flatten());
        }
        Ok(())
    }
}

/// What all events of one change have in common.
#[derive(Clone, Debug)]
pub struct Origin {
    pub now: Timestamp,
    pub actor: Option<UserId>,
    pub correlation_id: String,
    /// The event that is being consumed, if one is.
    pub causation_id: Option<EventId>,
}

impl Origin {
    /// Of what a consumer of `event` does.
    #[must_use]
    pub fn caused_by(event: &Event, now: Timestamp) -> Self {
        Self {
            now,
            actor: event.actor,
            correlation_id: event.correlation_id.clone(),
            causation_id: Some(event.id),
        }
    }
}

impl Transaction<'_> {
    /// Adds an event to the change.
    pub fn event<D: EventData>(&mut self, origin: &Origin, data: &D) -> &mut Self {
        let data = match serde_json::to_value(data) {
            Ok(data) => data,
            Err(error) => return self.fail(Error::internal(error)),
        };
        let event = Event {
            id: EventId::generate(origin.now),
            event_type: D::TYPE.to_owned(),
            version: D::VERSION,
            occurred_at: origin.now,
            school: self.school.clone(),
            actor: origin.actor,
            correlation_id: origin.correlation_id.clone(),
            causation_id: origin.causation_id,
            data,
        };
        let taken = || Error::internal("two events with one id");
        self.create(&keys::outbox(self.school, event.id), &event, taken)
    }
}
