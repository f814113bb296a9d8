//! What AWS does between our functions: hands new events to the relay, polls the queues for their consumers, and keeps
//! the schedules. The events come from the outbox in the form that the table's stream has them: the emulator's own
//! stream makes every write slower than the one before.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use emulators::{Message, Sqs, stream_batch};
use kernel::{Error, Result, School};
use runtime::{App, ConsumerEntry, Registry, ScheduleEntry, consume_batch, read_stream};
use store::{OUTBOX_SHARDS, image_of};
use tokio::{
    sync::{Notify, oneshot},
    task::JoinHandle,
    time,
};
use tracing::error;

/// Failed messages are tried again this often, without a request that wakes the pump.
const PAUSE: Duration = Duration::from_secs(5);
/// As the templates say.
const BATCH: usize = 10;
/// Emulators share a CPU with whatever else this machine does.
const PATIENCE: Duration = Duration::from_secs(300);

/// Delivers at least once, in any order, as AWS does.
pub(crate) struct Pump {
    app: &'static App,
    registry: Registry,
    sqs: Sqs,
    /// Each schedule with the time of its next tick.
    ticks: Vec<(ScheduleEntry, Instant)>,
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
    pub(crate) fn new(app: &'static App, registry: Registry, sqs: Sqs) -> Self {
        let now = Instant::now();
        let ticks = registry.schedules.iter().map(|schedule| (*schedule, now)).collect();
        Self { app, registry, sqs, ticks }
    }

    /// Works in the background whenever it is woken.
    pub(crate) fn start(mut self) -> (Running, Arc<Notify>) {
        let wake = Arc::new(Notify::new());
        let (stop, mut stopped) = oneshot::channel();
        let woken = Arc::clone(&wake);
        let task = tokio::spawn(async move {
            loop {
                self.drain().await;
                self.tick().await;
                tokio::select! {
                    () = woken.notified() => {}
                    () = time::sleep(PAUSE) => {}
                    _ = &mut stopped => break,
                }
            }
            self.drain().await;
        });
        (Running { stop, task }, wake)
    }

    /// Delivers until nothing is left but what failed. Consumers may write events of their own.
    pub(crate) async fn drain(&mut self) {
        loop {
            let mut moved = self.relay().await;
            for consumer in &self.registry.consumers {
                moved += self.deliver(*consumer).await;
            }
            if moved == 0 {
                return;
            }
        }
    }

    /// Hands what waits in the outbox to the readers of the stream and returns how many events they took.
    async fn relay(&self) -> usize {
        let mut moved = 0;
        for school in self.app.config.all_schools() {
            for shard in 0..OUTBOX_SHARDS {
                match self.relay_shard(&school, shard).await {
                    Ok(count) => moved += count,
                    Err(error) => error!(error = ?error, "the outbox cannot be read"),
                }
            }
        }
        moved
    }

    async fn relay_shard(&self, school: &School, shard: u8) -> Result<usize> {
        let events = self.app.store.waiting_events(school, shard, None).await?.events;
        let images =
            events.iter().map(|event| serde_json::to_value(image_of(event)?).map_err(Error::internal));
        let images = images.collect::<Result<Vec<_>>>()?;
        let mut moved = events.len();
        for reader in self.registry.streams.iter().filter(|_| !events.is_empty()) {
            let report = read_stream(self.app, reader, stream_batch(&images)).await;
            if let Some(first) = report.batch_item_failures.first() {
                moved = first.item_identifier.as_ref().and_then(|at| at.parse().ok()).unwrap_or(0);
            }
        }
        Ok(moved)
    }

    /// Hands what waits in a queue to its consumer, once each, and returns how many messages it is done with.
    async fn deliver(&self, consumer: ConsumerEntry) -> usize {
        let queue = consumer.names.function();
        let mut done = 0;
        for _ in 0..self.sqs.waiting(queue).len().div_ceil(BATCH) {
            let messages = self.sqs.take(queue, BATCH);
            let batch = Message::batch(&messages);
            let app = self.app;
            // In a task of its own: what it does may take the stack of the whole chain.
            let response =
                tokio::spawn(async move { consume_batch(app, &consumer, batch, PATIENCE).await }).await;
            let failed = response.map_or_else(
                |_| messages.iter().map(|message| message.id.clone()).collect(),
                |consumed| {
                    let failures = consumed.report.batch_item_failures.into_iter();
                    failures.map(|failure| failure.item_identifier).collect::<Vec<_>>()
                },
            );
            for message in &messages {
                if failed.contains(&message.id) {
                    self.sqs.give_back(queue, &message.id);
                } else {
                    self.sqs.delete(queue, &message.id);
                    done += 1;
                }
            }
        }
        done
    }

    /// Runs the schedules whose time has come.
    async fn tick(&mut self) {
        let now = Instant::now();
        for (schedule, next) in self.ticks.iter_mut().filter(|(_, next)| *next <= now) {
            *next = now + rate(schedule.expression);
            if let Err(error) = schedule.run(self.app, self.app.now()).await {
                error!(error = ?error, "{} failed", schedule.names.function());
            }
        }
    }
}

/// How long `rate(N minutes)`, of hours or days, waits; a day for what is not a rate.
fn rate(expression: &str) -> Duration {
    const DAY: u64 = 24 * 3600;
    let rate = expression.strip_prefix("rate(").and_then(|rest| rest.strip_suffix(')')?.split_once(' '));
    let seconds = rate.and_then(|(number, unit)| {
        let seconds = [("minute", 60), ("hour", 3600), ("day", DAY)];
        let unit = seconds.into_iter().find(|(name, _)| unit.trim_end_matches('s') == *name)?.1;
        Some(number.parse::<u64>().ok()? * unit)
    });
    Duration::from_secs(seconds.unwrap_or(DAY))
}

#[cfg(test)]
pub(crate) mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use domain::{event::Event, identity::UserRegistered};
    use dynoxide::Database;
    use kernel::{Id, SystemClock};
    use runtime::{Consumer, Environment, MAX_RECEIVES};
    use store::Origin;

    use super::*;
    use crate::{
        dynamo::{Dynamo, TABLE},
        services::with_queues,
    };

    /// An app on a table of its own with one waiting event.
    pub(crate) async fn app_with_event(sqs: &Sqs) -> &'static App {
        let dynamo = Dynamo::start(Database::memory().unwrap(), ([127, 0, 0, 1], 0).into()).await.unwrap();
        let environment = Environment::from_iter([
            ("TABLE_NAME", TABLE),
            ("TOKEN_ISSUER", "http://test"),
            ("TOKEN_PUBLIC_KEYS", r#"{"keys":[]}"#),
        ]);
        let app = App::new(environment, dynamo.client(), Arc::new(SystemClock)).unwrap();
        // Lives as long as the test's runtime.
        std::mem::forget(dynamo);
        let app: &'static App = Box::leak(Box::new(with_queues(app, sqs)));
        let school = app.config.school_of_host("localhost");
        let origin =
            Origin { now: app.now(), actor: None, correlation_id: "test".to_owned(), causation_id: None };
        let data = UserRegistered {
            user_id: Id::generate(app.now()),
            first_name: "Ada".to_owned(),
            last_name: "Lovelace".to_owned(),
        };
        let mut change = app.store.transaction(&school);
        change.event(&origin, &data);
        change.commit().await.unwrap();
        app
    }

    static DELIVERED: AtomicU32 = AtomicU32::new(0);
    static REFUSED: AtomicU32 = AtomicU32::new(0);

    struct Willing;
    impl Consumer for Willing {
        const NAME: &'static str = QUEUE;
        type Data = UserRegistered;
        async fn consume(_: &App, _: &Event, _: UserRegistered) -> Result<()> {
            DELIVERED.fetch_add(1, Ordering::Relaxed);
            Ok(())
        }
    }

    struct Unwilling;
    impl Consumer for Unwilling {
        const NAME: &'static str = QUEUE;
        type Data = UserRegistered;
        async fn consume(_: &App, _: &Event, _: UserRegistered) -> Result<()> {
            match REFUSED.fetch_add(1, Ordering::Relaxed) {
                0 => panic!("a bug"),
                _ => Err(Error::unavailable("not today")),
            }
        }
    }

    /// The queue of both.
    const QUEUE: &str = "pump-tests";

    /// A pump over the queue of a consumer of the event that waits in the outbox.
    async fn pump(registry: Registry) -> Pump {
        let sqs = Sqs::default();
        let app = app_with_event(&sqs).await;
        Pump::new(app, registry, sqs)
    }

    #[tokio::test]
    async fn an_event_leaves_the_outbox_for_the_queues_of_its_subscribers() {
        let mut pump = pump(events::registry()).await;
        pump.drain().await;
        pump.drain().await;
        let waiting = pump.sqs.waiting("mail-send-mail");
        assert_eq!(waiting.len(), 1);
        let event: Event = serde_json::from_str(&waiting[0].body).unwrap();
        assert_eq!(event.event_type, "user.registered");
        assert_eq!(pump.relay().await, 0, "nothing is left in the outbox");
    }

    #[tokio::test]
    async fn a_message_reaches_its_consumer_once() {
        let mut relay = pump(events::registry()).await;
        relay.drain().await;
        let event = relay.sqs.take("mail-send-mail", 1).remove(0).body;
        let mut pump = Pump::new(relay.app, Registry::default().consumer::<Willing>(), relay.sqs);
        pump.sqs.send(QUEUE, &event, None);
        pump.drain().await;
        pump.drain().await;
        assert_eq!(DELIVERED.load(Ordering::Relaxed), 1);
        assert!(pump.sqs.waiting(QUEUE).is_empty());
    }

    #[tokio::test]
    async fn a_message_that_keeps_failing_is_set_aside_with_its_reason() {
        let mut relay = pump(events::registry()).await;
        relay.drain().await;
        let event = relay.sqs.take("mail-send-mail", 1).remove(0).body;
        let mut pump = Pump::new(relay.app, Registry::default().consumer::<Unwilling>(), relay.sqs);
        pump.sqs.send(QUEUE, &event, None);
        for _ in 0..MAX_RECEIVES + 3 {
            pump.drain().await;
        }
        assert_eq!(REFUSED.load(Ordering::Relaxed), MAX_RECEIVES);
        let dead = pump.sqs.waiting("pump-tests-dead-letters");
        assert_eq!(dead.len(), 1);
        assert_eq!(dead[0].body, event);
        assert!(dead[0].reason.as_ref().unwrap().contains("not today"));
    }

    static TICKS: AtomicU32 = AtomicU32::new(0);

    struct Ticking;
    impl runtime::Schedule for Ticking {
        const NAME: &'static str = "pump-tick";
        const EXPRESSION: &'static str = "rate(15 minutes)";
        async fn run(_: &App, _: kernel::Timestamp) -> Result<()> {
            TICKS.fetch_add(1, Ordering::Relaxed);
            Ok(())
        }
    }

    #[tokio::test]
    async fn a_schedule_runs_at_once_and_then_at_its_rate() {
        let mut pump = pump(Registry::default().schedule::<Ticking>()).await;
        pump.tick().await;
        pump.tick().await;
        assert_eq!(TICKS.load(Ordering::Relaxed), 1);
        pump.ticks.iter_mut().for_each(|(_, next)| *next -= Duration::from_secs(900));
        pump.tick().await;
        assert_eq!(TICKS.load(Ordering::Relaxed), 2);
    }

    #[test]
    fn a_rate_is_kept() {
        assert_eq!(rate("rate(15 minutes)"), Duration::from_secs(900));
        assert_eq!(rate("rate(1 minute)"), Duration::from_secs(60));
        assert_eq!(rate("rate(6 hours)"), Duration::from_secs(6 * 3600));
        assert_eq!(rate("rate(7 days)"), Duration::from_secs(7 * 24 * 3600));
        assert_eq!(rate("cron(0 3 * * ? *)"), Duration::from_secs(24 * 3600));
    }
}
