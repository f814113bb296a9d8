//! A stage behind a queue. Messages come at least once and in any order; a consumer records the event in the
//! transaction of its effect ([`store::Transaction::once`]) and so applies it once.

use std::future::Future;

use domain::event::{Event, EventData};
use kernel::Result;

use crate::App;

/// Applies one type of event.
pub trait Consumer: 'static {
    type Data: EventData + Send;

    fn consume(app: &App, event: &Event, data: Self::Data) -> impl Future<Output = Result<()>> + Send;
}
