//! SQS: queues in memory that come into being when they are first used. A message that was taken stays hidden until it
//! is deleted or given back; time plays no part.

use std::{
    collections::BTreeMap,
    ops::Range,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use aws_lambda_events::sqs::SqsEvent;
use aws_smithy_runtime_api::client::{http::SharedHttpClient, orchestrator::HttpRequest};
use serde_json::{Value, json};

use crate::connector::{Answer, Emulator};

/// After so many failures a message goes to its queue's dead letters, as `maxReceiveCount` says in the templates.
const MAX_RECEIVES: u32 = 5;
/// How the names of queues for dead letters end.
const DEAD_LETTERS: &str = "-dead-letters";
/// More than this SQS does not take.
const MAX_BYTES: usize = 1024 * 1024;

/// A message in a queue.
#[derive(Clone, Debug)]
pub struct Message {
    pub id: String,
    pub body: String,
    /// How often it was taken.
    pub receives: u32,
    /// Why it is a dead letter, if its function said so.
    pub reason: Option<String>,
}

#[derive(Debug, Default)]
struct Queue {
    waiting: Vec<Message>,
    taken: Vec<Message>,
}

#[derive(Debug, Default)]
struct State {
    queues: BTreeMap<String, Queue>,
    sent: u64,
    /// Which of the next batches are refused, by their number.
    refused_batches: Range<u32>,
    batches: u32,
    /// A message that holds this is refused, once.
    refused_text: Option<String>,
}

/// The queues. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct Sqs(Arc<Mutex<State>>);

impl Sqs {
    /// What the URL of every queue begins with.
    pub const URL_PREFIX: &'static str = "http://sqs.localhost/000000000000/";

    /// For the SDK's configuration.
    #[must_use]
    pub fn http_client(&self) -> SharedHttpClient {
        SharedHttpClient::new(Emulator(self.clone()))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Refuses some of the next batches, counted from 0 over all queues, as SQS does in an outage.
    pub fn refuse(&self, batches: Range<u32>) {
        let mut state = self.state();
        (state.refused_batches, state.batches) = (batches, 0);
    }

    /// Refuses the next message of a batch that holds `text`, and takes the rest of its batch.
    pub fn refuse_one(&self, text: &str) {
        self.state().refused_text = Some(text.to_owned());
    }

    /// Whether a batch is to be refused.
    fn refuses(&self) -> bool {
        let mut state = self.state();
        state.batches += 1;
        state.refused_batches.contains(&(state.batches - 1))
    }

    /// Whether a message of a batch is to be refused.
    fn refuses_message(&self, body: &str) -> bool {
        self.state().refused_text.take_if(|text| body.contains(text.as_str())).is_some()
    }

    /// Lets all messages wait again that were taken and not deleted, as when their time of being hidden has passed.
    pub fn show_all(&self) {
        for queue in self.state().queues.values_mut() {
            queue.waiting.append(&mut queue.taken);
        }
    }

    /// The messages that wait in a queue.
    #[must_use]
    pub fn waiting(&self, queue: &str) -> Vec<Message> {
        self.state().queues.get(queue).map(|queue| queue.waiting.clone()).unwrap_or_default()
    }

    /// Takes up to `most` messages out of a queue, as Lambda does: what failed too often goes to the dead letters, where it
    /// stays however often somebody looks.
    #[must_use]
    pub fn take(&self, queue: &str, most: usize) -> Vec<Message> {
        let mut state = self.state();
        let from = state.queues.entry(queue.to_owned()).or_default();
        let (dead, alive): (Vec<_>, Vec<_>) = std::mem::take(&mut from.waiting)
            .into_iter()
            .partition(|message| message.receives >= MAX_RECEIVES && !queue.ends_with(DEAD_LETTERS));
        let mut alive = alive.into_iter();
        let mut taken: Vec<Message> = alive.by_ref().take(most).collect();
        from.waiting = alive.collect();
        for message in &mut taken {
            message.receives += 1;
        }
        from.taken.extend(taken.iter().cloned());
        state.queues.entry(format!("{queue}{DEAD_LETTERS}")).or_default().waiting.extend(dead);
        taken
    }

    /// Ends a message that was taken.
    pub fn delete(&self, queue: &str, id: &str) {
        if let Some(queue) = self.state().queues.get_mut(queue) {
            queue.taken.retain(|message| message.id != id);
        }
    }

    /// Lets a message that was taken wait again.
    pub fn give_back(&self, queue: &str, id: &str) {
        if let Some(queue) = self.state().queues.get_mut(queue)
            && let Some(at) = queue.taken.iter().position(|message| message.id == id)
        {
            let message = queue.taken.remove(at);
            queue.waiting.push(message);
        }
    }

    /// Puts a message into a queue and gives its id.
    pub fn send(&self, queue: &str, body: &str, reason: Option<String>) -> String {
        let mut state = self.state();
        state.sent += 1;
        let id = format!("message-{}", state.sent);
        let message = Message { id: id.clone(), body: body.to_owned(), receives: 0, reason };
        state.queues.entry(queue.to_owned()).or_default().waiting.push(message);
        id
    }
}

impl Message {
    /// Messages as Lambda hands them to a function.
    #[must_use]
    pub fn batch(messages: &[Self]) -> SqsEvent {
        let records: Vec<Value> = messages
            .iter()
            .map(|message| {
                json!({
                    "messageId": message.id, "body": message.body,
                    "attributes": { "ApproximateReceiveCount": message.receives.to_string() },
                })
            })
            .collect();
        serde_json::from_value(json!({ "Records": records })).expect("of SQS's shape")
    }
}

/// Whether SQS takes a text: XML knows no other characters.
fn is_sendable(text: &str) -> bool {
    text.chars().all(|c| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..))
}

fn text<'a>(body: &'a Value, name: &str) -> &'a str {
    body[name].as_str().unwrap_or_default()
}

impl Answer for Sqs {
    fn answer(&self, request: &HttpRequest) -> (u16, Value) {
        let operation = request.headers().get("x-amz-target").unwrap_or_default();
        let body: Value =
            serde_json::from_slice(request.body().bytes().unwrap_or_default()).unwrap_or_default();
        let Some(queue) = text(&body, "QueueUrl").strip_prefix(Self::URL_PREFIX) else {
            return (400, json!({ "__type": "com.amazonaws.sqs#QueueDoesNotExist" }));
        };
        let send = |entry: &Value| {
            let reason = entry["MessageAttributes"]["reason"]["StringValue"].as_str().map(str::to_owned);
            self.send(queue, text(entry, "MessageBody"), reason)
        };
        match operation {
            "AmazonSQS.SendMessage" if !is_sendable(text(&body, "MessageBody")) => {
                (400, json!({ "__type": "com.amazonaws.sqs#InvalidMessageContents" }))
            }
            "AmazonSQS.SendMessage" if text(&body, "MessageBody").len() <= MAX_BYTES => {
                (200, json!({ "MessageId": send(&body) }))
            }
            "AmazonSQS.SendMessageBatch" if self.refuses() => {
                (403, json!({ "__type": "com.amazonaws.sqs#KmsDisabled" }))
            }
            "AmazonSQS.SendMessageBatch" => {
                let entries = body["Entries"].as_array().cloned().unwrap_or_default();
                let bytes: usize = entries.iter().map(|entry| text(entry, "MessageBody").len()).sum();
                if entries.is_empty() || entries.len() > 10 || bytes > MAX_BYTES {
                    return (400, json!({ "__type": "com.amazonaws.sqs#BatchRequestTooLong" }));
                }
                let (good, bad): (Vec<_>, Vec<_>) = entries.iter().partition(|entry| {
                    let body = text(entry, "MessageBody");
                    is_sendable(body) && !self.refuses_message(body)
                });
                let sent = good.iter().map(|entry| json!({ "Id": entry["Id"], "MessageId": send(entry) }));
                let failed = bad.iter().map(|entry| {
                    json!({ "Id": entry["Id"], "Code": "InvalidMessageContents", "SenderFault": true })
                });
                (200, json!({ "Successful": sent.collect::<Vec<_>>(), "Failed": failed.collect::<Vec<_>>() }))
            }
            "AmazonSQS.ReceiveMessage" => {
                let most = body["MaxNumberOfMessages"].as_u64().unwrap_or(1);
                let taken = self.take(queue, usize::try_from(most).unwrap_or(1));
                let messages = taken.iter().map(|message| {
                    json!({
                        "MessageId": message.id, "ReceiptHandle": message.id, "Body": message.body,
                        "Attributes": { "ApproximateReceiveCount": message.receives.to_string() },
                        "MessageAttributes": message.reason.as_ref().map(|reason| {
                            json!({ "reason": { "DataType": "String", "StringValue": reason } })
                        }),
                    })
                });
                (200, json!({ "Messages": messages.collect::<Vec<_>>() }))
            }
            "AmazonSQS.DeleteMessage" => {
                self.delete(queue, text(&body, "ReceiptHandle"));
                (200, json!({}))
            }
            "AmazonSQS.ChangeMessageVisibility" if body["VisibilityTimeout"] == 0 => {
                self.give_back(queue, text(&body, "ReceiptHandle"));
                (200, json!({}))
            }
            _ => (400, json!({ "__type": "com.amazonaws.sqs#UnsupportedOperation", "message": operation })),
        }
    }
}
