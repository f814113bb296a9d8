//! What happened, told to whoever subscribes: the envelope. The payloads stand in the `events.rs` of the domain that they
//! happen in. An event is self-contained: a consumer never joins two of them (R4). Within a version a payload only gains
//! optional fields.

use kernel::{School, Timestamp, UserId};
use schemars::{JsonSchema, Schema, generate::SchemaSettings};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

kernel::ids! {
    EventKind, EventId, "evt", "event_id";
}

/// The payload of one type of event.
pub trait EventData: Serialize + DeserializeOwned + JsonSchema {
    /// `<thing>.<past tense verb>`.
    const TYPE: &'static str;
    /// Rises when a payload changes in a way that old readers cannot take.
    const VERSION: u32;
}

/// An event in its envelope, as it stands in the outbox and travels through queues.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Event {
    pub id: EventId,
    #[serde(rename = "type")]
    pub event_type: String,
    pub version: u32,
    pub occurred_at: Timestamp,
    pub school: School,
    /// Who caused it; absent for jobs.
    pub actor: Option<UserId>,
    /// The request that started the chain.
    pub correlation_id: String,
    /// The event that caused this one, if one did.
    pub causation_id: Option<EventId>,
    pub data: Value,
}

impl Event {
    /// Reads the payload.
    ///
    /// # Errors
    /// Another type, a newer version, or a payload that does not fit: the message belongs to the DLQ.
    pub fn data<D: EventData>(&self) -> Result<D, String> {
        if self.event_type != D::TYPE || self.version != D::VERSION {
            return Err(format!(
                "expected {} v{}, got {} v{}",
                D::TYPE,
                D::VERSION,
                self.event_type,
                self.version
            ));
        }
        serde_json::from_value(self.data.clone())
            .map_err(|error| format!("{} v{}: {error}", D::TYPE, D::VERSION))
    }
}

/// A type of event, without its Rust type.
pub struct EventType {
    pub name: &'static str,
    pub version: u32,
    schema: fn() -> Schema,
    read_and_write: fn(&Event) -> Result<Value, String>,
}

impl EventType {
    /// The type of `D`.
    #[must_use]
    pub const fn of<D: EventData>() -> Self {
        Self {
            name: D::TYPE,
            version: D::VERSION,
            // A reader of one file has it all.
            schema: || {
                let whole = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
                whole.into_generator().into_root_schema_for::<D>()
            },
            read_and_write: |event| {
                serde_json::to_value(event.data::<D>()?).map_err(|error| error.to_string())
            },
        }
    }

    /// The schema of its payload: what `events/schemas` holds.
    #[must_use]
    pub fn schema(&self) -> Schema {
        (self.schema)()
    }

    /// The payload of `event` as this version reads it.
    ///
    /// # Errors
    /// As [`Event::data`].
    pub fn payload(&self, event: &Event) -> Result<Value, String> {
        (self.read_and_write)(event)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::learning::{CourseCompleted, LessonCompleted};

    #[test]
    fn another_type_or_version_is_not_read() {
        let event = Event {
            id: EventId::generate(Timestamp::from_millis(0)),
            event_type: LessonCompleted::TYPE.to_owned(),
            version: 2,
            occurred_at: Timestamp::from_millis(0),
            school: "main".parse().unwrap(),
            actor: None,
            correlation_id: String::new(),
            causation_id: None,
            data: Value::Null,
        };
        assert!(event.data::<LessonCompleted>().unwrap_err().contains("v2"));
        assert!(event.data::<CourseCompleted>().is_err());
    }
}
