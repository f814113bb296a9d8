//! What AWS does between our functions, at once and as badly as it may: the outbox goes through the relay to the
//! queues, and the queues to their consumers. Every function is held to its role.

use std::time::Duration;

use domain::event::Event;
use emulators::{Message, stream_batch};
use futures_util::future::join_all;
use runtime::{ConsumerEntry, consume_batch, read_stream};
use serde_json::Value;
use store::image_of;

use crate::{TestApp, grants};

/// As the templates say: messages of a queue, and records of the stream.
const BATCH: usize = 10;
/// Emulators share a CPU with whatever else this machine does.
const PATIENCE: Duration = Duration::from_secs(300);
const RECORDS: usize = 100;
/// As many copies of a function work at once.
const WRITERS: usize = 4;

impl TestApp {
    /// Carries until nothing moves any more, as if AWS delivered everything once and in order.
    pub async fn carry(&self) {
        self.carry_as(|messages| messages).await;
    }

    /// Like [`TestApp::carry`], where `tamper` makes of the messages that wait in a queue what really arrives: some of
    /// them twice, in another order. A message that its consumer does not take waits again.
    pub async fn carry_as(&self, mut tamper: impl FnMut(Vec<Message>) -> Vec<Message>) {
        loop {
            let mut moved = self.relay().await;
            for consumer in &self.registry.consumers {
                moved += self.deliver(consumer, &mut tamper).await;
            }
            if moved == 0 {
                return;
            }
        }
    }

    /// Hands the events of the outbox to the readers of the stream and returns how many left it.
    pub async fn relay(&self) -> usize {
        let waiting: Vec<Event> = self.outbox("").await;
        let image = |event| serde_json::to_value(image_of(event).expect("an item")).expect("JSON");
        let images: Vec<Value> = waiting.iter().map(image).collect();
        for reader in &self.registry.streams {
            for batch in images.chunks(RECORDS) {
                let work = read_stream(self.app(), reader, stream_batch(batch));
                let (_, taken) = grants::watched(work).await;
                grants::check(&(*reader).into(), false, &taken);
            }
        }
        if waiting.is_empty() { 0 } else { waiting.len() - self.outbox("").await.len() }
    }

    /// Hands a queue's messages to its consumer and returns how many it is done with.
    async fn deliver(
        &self,
        consumer: &ConsumerEntry,
        tamper: &mut impl FnMut(Vec<Message>) -> Vec<Message>,
    ) -> usize {
        let queue = consumer.names.function();
        let taken = self.sqs.take(queue, usize::MAX);
        let ids: Vec<String> = taken.iter().map(|message| message.id.clone()).collect();
        let mut failed = Vec::new();
        let arriving = tamper(taken);
        let batches: Vec<&[Message]> = arriving.chunks(BATCH).collect();
        for at_once in batches.chunks(WRITERS) {
            let work = at_once.iter().map(|batch| {
                grants::watched(consume_batch(self.app(), consumer, Message::batch(batch), PATIENCE))
            });
            for (consumed, actions) in join_all(work).await {
                grants::check(&(*consumer).into(), false, &actions);
                failed.extend(
                    consumed.report.batch_item_failures.into_iter().map(|failure| failure.item_identifier),
                );
            }
        }
        let (again, done): (Vec<_>, Vec<_>) = ids.iter().partition(|id| failed.contains(id));
        again.iter().for_each(|id| self.sqs.give_back(queue, id));
        done.iter().for_each(|id| self.sqs.delete(queue, id));
        done.len()
    }
}
