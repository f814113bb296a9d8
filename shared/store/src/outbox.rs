//! Events that were committed with their cause and wait to be published (R4): one self-contained item per event.

use domain::event::{Event, EventData};
use kernel::{Error, EventId, Timestamp, UserId};

use crate::{Transaction, keys};

/// How many partitions a school's waiting events are spread over.
pub const OUTBOX_SHARDS: u8 = 16;

/// What all events of one change have in common.
#[derive(Clone, Debug)]
pub struct Origin {
    pub now: Timestamp,
    pub actor: Option<UserId>,
    pub correlation_id: String,
    /// The event that is being consumed, if one is.
    pub causation_id: Option<EventId>,
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
