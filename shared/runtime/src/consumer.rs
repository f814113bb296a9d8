//! A stage behind a queue. Messages come at least once and in any order; a consumer records the event in the
//! transaction of its effect ([`store::Transaction::once`]) and so applies it once.

use std::future::Future;

use domain::event::{Event, EventData};
use kernel::Result;
use serde::de::DeserializeOwned;

use crate::App;

/// What a consumer subscribes to: one type of event, or an enum of several.
pub trait Subscription: Send + Sized {
    /// Type and version of each event.
    const EVENTS: &'static [(&'static str, u32)];

    /// Reads the payload.
    ///
    /// # Errors
    /// Another type, a newer version, or a payload that does not fit: the message belongs to the DLQ.
    fn read(event: &Event) -> std::result::Result<Self, String>;
}

impl<D: EventData + Send> Subscription for D {
    const EVENTS: &'static [(&'static str, u32)] = &[(D::TYPE, D::VERSION)];

    fn read(event: &Event) -> std::result::Result<Self, String> {
        event.data()
    }
}

/// Applies events.
pub trait Consumer: 'static {
    type Data: Subscription;

    fn consume(app: &App, event: &Event, data: Self::Data) -> impl Future<Output = Result<()>> + Send;
}

/// Applies what another service tells through a queue: its messages are no events of ours.
pub trait Listener: 'static {
    /// A message as the other service sends it.
    const SAMPLE: &'static str;
    type Message: DeserializeOwned + Send;

    fn hear(app: &App, message: Self::Message) -> impl Future<Output = Result<()>> + Send;
}
