//! A function behind a queue. Messages come at least once and in any order; a consumer records the event in the
//! transaction of its effect ([`Consumer::once`]) and so applies it once.

use std::future::Future;

use domain::event::{Event, EventData};
use kernel::{Result, Timestamp};
use serde::de::DeserializeOwned;
use store::Transaction;

use crate::{App, Needs};

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
    /// The function's name: `<domain>-<verb>-<noun>`, after which its file and its binary are called.
    const NAME: &'static str;
    const NEEDS: Needs = Needs::NOTHING;

    type Data: Subscription;

    /// Applies an event. When its change loses a race ([`Code::CONFLICT`](kernel::Code::CONFLICT)) it is called once more.
    fn consume(app: &App, event: &Event, data: Self::Data) -> impl Future<Output = Result<()>> + Send;

    /// Lets a change pass only the first time that this consumer applies `event`: its receipt bears the function's name.
    fn once<'change, 'store>(
        change: &'change mut Transaction<'store>,
        event: &Event,
        now: Timestamp,
    ) -> &'change mut Transaction<'store> {
        change.once(Self::NAME, event, now)
    }
}

/// Applies what another service tells through a queue: its messages are no events of ours.
pub trait Listener: 'static {
    /// The function's name: `<domain>-<verb>-<noun>`, after which its file and its binary are called.
    const NAME: &'static str;
    const NEEDS: Needs = Needs::NOTHING;
    const SOURCE: Source;
    /// A message as the other service sends it.
    const SAMPLE: &'static str;
    type Message: DeserializeOwned + Send;

    /// Applies a message; once more when its change loses a race.
    fn hear(app: &App, message: Self::Message) -> impl Future<Output = Result<()>> + Send;
}

/// Where the messages of a listener come from; what leads them to its queue is written into its template.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Source {
    /// An SNS topic of the deployment, `lectern-<stage>-<name>`, whose messages pass a filter on their body.
    Topic { name: &'static str, filter: &'static str },
    /// Files that come into being below a folder of the bucket, as S3 tells EventBridge.
    Created(&'static str),
    /// What a pattern of EventBridge fits, on the account's default bus.
    Pattern(&'static str),
}
