//! A reader of the table's stream: it sees each event of the outbox at least once, soon after its transaction.

use std::{collections::HashSet, future::Future};

use domain::event::{Event, EventId};

use crate::{App, Needs};

/// Takes events as they are committed.
pub trait StreamReader: 'static {
    /// The function's name: `<domain>-<verb>-<noun>`, after which its file and its binary are called.
    const NAME: &'static str;
    const NEEDS: Needs = Needs::NOTHING;

    /// Gives the events that must come again.
    fn read(app: &App, events: Vec<Event>) -> impl Future<Output = HashSet<EventId>> + Send;
}
