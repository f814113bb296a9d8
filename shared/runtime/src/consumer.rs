//! A stage behind a queue. Messages come at least once and in any order; a consumer records the event in the
//! transaction of its effect ([`Consumer::once`]) and so applies it once.

use std::future::Future;

use domain::event::{Event, EventData};
use kernel::{Result, Timestamp};
use serde::de::DeserializeOwned;
use store::Transaction;

use crate::{App, Names};

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
pub trait Consumer: Sized + 'static {
    type Data: Subscription;

    fn consume(app: &App, event: &Event, data: Self::Data) -> impl Future<Output = Result<()>> + Send;

    /// Lets a change pass only the first time that this consumer applies `event`: its receipt bears the function's name.
    fn once<'change, 'store>(
        change: &'change mut Transaction<'store>,
        event: &Event,
        now: Timestamp,
    ) -> &'change mut Transaction<'store> {
        change.once(&Names::of::<Self>().function(), event, now)
    }
}

/// Applies what another service tells through a queue: its messages are no events of ours.
pub trait Listener: 'static {
    /// A message as the other service sends it.
    const SAMPLE: &'static str;
    type Message: DeserializeOwned + Send;

    fn hear(app: &App, message: Self::Message) -> impl Future<Output = Result<()>> + Send;
}
