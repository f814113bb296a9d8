//! Carries events from the outbox to their consumers. On AWS the table's stream, a relay and queues do this; when the
//! relay exists as a feature, it takes this file's place.

use std::{collections::HashMap, sync::Arc, time::Duration};

use domain::event::Event;
use kernel::{EventId, Result, School};
use runtime::{App, ConsumerEntry};
use store::{Consistency, Direction, OUTBOX_SHARDS, PageRequest, Stored, keys};
use tokio::{
    sync::{Notify, oneshot},
    task::JoinHandle,
    time,
};
use tracing::error;

/// Failed events are looked at again this often, without a request that wakes the pump.
const SWEEP: Duration = Duration::from_secs(5);
/// As the queues of the template: after so many failures a message is set aside.
const MAX_ATTEMPTS: u32 = 5;

/// Delivers at least once, in any order, as queues do.
pub(crate) struct Pump {
    app: &'static App,
    school: School,
    consumers: Vec<ConsumerEntry>,
    failures: HashMap<EventId, u32>,
}

/// A pump at work.
pub(crate) struct Running {
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

impl Running {
    /// Delivers what is waiting, then ends.
    pub(crate) async fn stop(self) {
        let _ = self.stop.send(());
        let _ = self.task.await;
    }
}

impl Pump {
    pub(crate) fn new(app: &'static App, consumers: Vec<ConsumerEntry>) -> Self {
        let school = app.config.school_of_host("localhost");
        Self { app, school, consumers, failures: HashMap::new() }
    }

    /// Works in the background whenever it is woken.
    pub(crate) fn start(mut self) -> (Running, Arc<Notify>) {
        let wake = Arc::new(Notify::new());
        let (stop, mut stopped) = oneshot::channel();
        let woken = Arc::clone(&wake);
        let task = tokio::spawn(async move {
            loop {
                self.drain().await;
                tokio::select! {
                    () = woken.notified() => {}
                    () = time::sleep(SWEEP) => {}
                    _ = &mut stopped => break,
                }
            }
            self.drain().await;
        });
        (Running { stop, task }, wake)
    }

    /// Delivers until nothing is left but what failed.
    pub(crate) async fn drain(&mut self) {
        loop {
            let mut delivered = 0;
            for shard in 0..OUTBOX_SHARDS {
                match self.drain_shard(shard).await {
                    Ok(count) => delivered += count,
                    Err(error) => error!(error = ?error, "the outbox cannot be read"),
                }
            }
            // Consumers may have written events of their own.
            if delivered == 0 {
                return;
            }
        }
    }

    async fn drain_shard(&mut self, shard: u8) -> Result<u32> {
        let partition = keys::outbox_partition(&self.school, shard);
        let mut delivered = 0;
        let mut cursor: Option<String> = None;
        loop {
            let request =
                PageRequest { limit: 100, cursor: cursor.as_deref(), direction: Direction::Ascending };
            let page = self.app.store.page::<Event>(&partition, request, None, Consistency::Strong).await?;
            for Stored { value: event, .. } in page.items {
                let failures = self.failures.get(&event.id).copied().unwrap_or(0);
                if failures >= MAX_ATTEMPTS {
                    continue;
                }
                if self.deliver(&event).await {
                    let mut change = self.app.store.transaction(&self.school);
                    change.delete(&keys::outbox(&self.school, event.id));
                    change.commit().await?;
                    self.failures.remove(&event.id);
                    delivered += 1;
                } else {
                    self.failures.insert(event.id, failures + 1);
                    if failures + 1 == MAX_ATTEMPTS {
                        error!("{} {} is set aside until the next start", event.event_type, event.id);
                    }
                }
            }
            cursor = page.next_cursor;
            if cursor.is_none() {
                return Ok(delivered);
            }
        }
    }

    /// Whether every consumer of the event has applied it.
    async fn deliver(&self, event: &Event) -> bool {
        let mut applied = true;
        for consumer in self.consumers.iter().filter(|consumer| consumer.event_type == event.event_type) {
            let (app, consumer, copy) = (self.app, *consumer, event.clone());
            // In a task of its own, so that a panic is its own too.
            let result = tokio::spawn(async move { consumer.consume(app, copy).await }).await;
            let problem = match result {
                Ok(Ok(())) => continue,
                Ok(Err(error)) => format!("{error:?}"),
                Err(panic) => panic.to_string(),
            };
            error!(
                "{} could not apply {} {}: {problem}",
                consumer.names.function(),
                event.event_type,
                event.id
            );
            applied = false;
        }
        applied
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use domain::event::UserRegistered;
    use dynoxide::Database;
    use kernel::{Error, Id, SystemClock};
    use runtime::{Config, Consumer};
    use store::{Origin, Store};

    use super::*;
    use crate::dynamo::{Dynamo, TABLE};

    /// An app on a table of its own with one waiting event.
    async fn app_with_event() -> &'static App {
        let dynamo = Dynamo::start(Database::memory().unwrap(), ([127, 0, 0, 1], 0).into()).await.unwrap();
        let config = Config::from_lookup(|name| match name {
            "TABLE_NAME" => Some(TABLE.to_owned()),
            "TOKEN_ISSUER" => Some("http://test".to_owned()),
            "TOKEN_PUBLIC_KEYS" => Some(r#"{"keys":[]}"#.to_owned()),
            _ => None,
        })
        .unwrap();
        let store = Store::new(dynamo.client(), TABLE.to_owned());
        // Lives as long as the test's runtime.
        std::mem::forget(dynamo);
        let app: &'static App = Box::leak(Box::new(App::new(config, store, Arc::new(SystemClock))));
        let school = app.config.school_of_host("localhost");
        let origin =
            Origin { now: app.now(), actor: None, correlation_id: "test".to_owned(), causation_id: None };
        let data = UserRegistered {
            user_id: Id::generate(app.now()),
            email: "ada@example.org".to_owned(),
            first_name: "Ada".to_owned(),
            last_name: "Lovelace".to_owned(),
        };
        let mut change = app.store.transaction(&school);
        change.event(&origin, &data);
        change.commit().await.unwrap();
        app
    }

    static DELIVERED: [AtomicU32; 2] = [AtomicU32::new(0), AtomicU32::new(0)];
    static REFUSED: AtomicU32 = AtomicU32::new(0);

    /// Counts for the `N`th test.
    struct Willing<const N: usize>;
    impl<const N: usize> Consumer for Willing<N> {
        type Data = UserRegistered;
        async fn consume(_: &App, _: &Event, _: UserRegistered) -> Result<()> {
            DELIVERED[N].fetch_add(1, Ordering::Relaxed);
            Ok(())
        }
    }

    struct Unwilling;
    impl Consumer for Unwilling {
        type Data = UserRegistered;
        async fn consume(_: &App, _: &Event, _: UserRegistered) -> Result<()> {
            match REFUSED.fetch_add(1, Ordering::Relaxed) {
                0 => panic!("a bug"),
                _ => Err(Error::unavailable("not today")),
            }
        }
    }

    #[tokio::test]
    async fn an_event_reaches_its_consumer_and_leaves_the_outbox() {
        let app = app_with_event().await;
        let mut pump = Pump::new(app, vec![ConsumerEntry::of::<Willing<0>>()]);
        pump.drain().await;
        pump.drain().await;
        assert_eq!(DELIVERED[0].load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn an_event_whose_consumer_fails_stays_and_is_set_aside_in_the_end() {
        let app = app_with_event().await;
        let mut pump = Pump::new(app, vec![ConsumerEntry::of::<Unwilling>()]);
        for _ in 0..MAX_ATTEMPTS + 3 {
            pump.drain().await;
        }
        assert_eq!(REFUSED.load(Ordering::Relaxed), MAX_ATTEMPTS);
        // After a restart it is tried again, and arrives.
        let mut pump = Pump::new(app, vec![ConsumerEntry::of::<Willing<1>>()]);
        pump.drain().await;
        assert_eq!(DELIVERED[1].load(Ordering::Relaxed), 1);
    }
}
