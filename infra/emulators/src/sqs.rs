//! SQS: queues that come into being when they are first used. A message that was taken stays hidden until it is deleted
//! or given back; time plays no part.
//!
//! With a folder, a message is in a file before its sender hears that it was taken in, and leaves it when it is deleted.
//! That somebody took it is not written: whoever did dies with this process, and the next one finds the message waiting,
//! as often tried as it had failed.

use std::{
    collections::BTreeMap,
    io,
    ops::Range,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use aws_lambda_events::sqs::SqsEvent;
use aws_smithy_runtime_api::client::{http::SharedHttpClient, orchestrator::HttpRequest};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{
    connector::{Answer, Emulator},
    folder::Folder,
};

/// After so many failures a message goes to its queue's dead letters, as `maxReceiveCount` says in the templates.
const MAX_RECEIVES: u32 = 5;
/// How the names of queues for dead letters end.
const DEAD_LETTERS: &str = "-dead-letters";
/// More than this SQS does not take.
const MAX_BYTES: usize = 1024 * 1024;

/// A message in a queue.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Message {
    /// Rises with each message.
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
    /// Whether somebody saw what waits.
    seen: bool,
}

/// A message as its file has it.
#[derive(Serialize, Deserialize)]
struct Kept {
    queue: String,
    #[serde(flatten)]
    message: Message,
}

#[derive(Debug, Default)]
struct State {
    queues: BTreeMap<String, Queue>,
    folder: Option<Folder>,
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

impl State {
    /// Puts a message into a queue and returns its id.
    fn send(&mut self, queue: &str, body: &str, reason: Option<String>) -> io::Result<String> {
        let id = format!("message-{:012}", self.sent + 1);
        let message = Message { id: id.clone(), body: body.to_owned(), receives: 0, reason };
        self.keep(queue, &message)?;
        self.sent += 1;
        let queue = self.queues.entry(queue.to_owned()).or_default();
        queue.waiting.push(message);
        queue.seen = false;
        Ok(id)
    }

    /// The message that was taken, which nobody has any more.
    fn end_turn(&mut self, queue: &str, id: &str) -> Option<Message> {
        let taken = &mut self.queues.get_mut(queue)?.taken;
        let at = taken.iter().position(|message| message.id == id)?;
        Some(taken.remove(at))
    }

    fn keep(&self, queue: &str, message: &Message) -> io::Result<()> {
        let Some(folder) = &self.folder else { return Ok(()) };
        folder.keep(&message.id, &Kept { queue: queue.to_owned(), message: message.clone() })
    }
}

impl Sqs {
    /// What the URL of every queue begins with.
    pub const URL_PREFIX: &'static str = "http://sqs.localhost/000000000000/";

    /// Queues that keep each message as a file of `folder`, and have in them what earlier ones kept there.
    ///
    /// # Errors
    /// The folder cannot be used, or a file in it is not a message.
    pub fn in_folder(folder: &Path) -> Result<Self, String> {
        let (folder, mut kept) = Folder::open::<Kept>(folder)?;
        kept.sort_by(|a, b| a.message.id.cmp(&b.message.id));
        let last = kept.last().and_then(|kept| kept.message.id.rsplit('-').next()?.parse().ok());
        let mut state = State { folder: Some(folder), sent: last.unwrap_or(0), ..State::default() };
        for Kept { queue, message } in kept {
            state.queues.entry(queue).or_default().waiting.push(message);
        }
        Ok(Self(Arc::new(Mutex::new(state))))
    }

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
        let mut state = self.state();
        let Some(queue) = state.queues.get_mut(queue) else { return Vec::new() };
        queue.seen = true;
        queue.waiting.clone()
    }

    /// Says that what waits now need not be looked at.
    pub fn overlook(&self) {
        self.state().queues.values_mut().for_each(|queue| queue.seen = true);
    }

    /// The queues in which messages wait that nobody looked at, by their names.
    #[must_use]
    pub fn overlooked(&self) -> Vec<String> {
        let state = self.state();
        let is_overlooked = |queue: &Queue| !queue.seen && !queue.waiting.is_empty();
        state.queues.iter().filter(|(_, queue)| is_overlooked(queue)).map(|(name, _)| name.clone()).collect()
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
        let dead_letters = format!("{queue}{DEAD_LETTERS}");
        for message in &dead {
            // Where this fails, the next process sets it aside.
            let _ = state.keep(&dead_letters, message);
        }
        let set_aside = state.queues.entry(dead_letters).or_default();
        set_aside.seen &= dead.is_empty();
        set_aside.waiting.extend(dead);
        taken
    }

    /// Ends a message that was taken.
    pub fn delete(&self, queue: &str, id: &str) {
        let mut state = self.state();
        if state.end_turn(queue, id).is_some() {
            // A file that stays is a message that comes again, which its consumer applies once.
            let _ = state.folder.as_ref().map(|folder| folder.remove(id));
        }
    }

    /// Lets a message that was taken wait again.
    pub fn give_back(&self, queue: &str, id: &str) {
        let mut state = self.state();
        if let Some(message) = state.end_turn(queue, id) {
            // Where this fails, the next process tries it once more than it should.
            let _ = state.keep(queue, &message);
            state.queues.entry(queue.to_owned()).or_default().waiting.push(message);
        }
    }

    /// Puts a message into a queue and returns its id.
    ///
    /// # Panics
    /// The queues have a folder, and it cannot be written.
    pub fn send(&self, queue: &str, body: &str, reason: Option<String>) -> String {
        self.state().send(queue, body, reason).expect("a folder that can be written")
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
            let body = text(entry, "MessageBody");
            if !is_sendable(body) {
                return Err("InvalidMessageContents");
            }
            self.state().send(queue, body, reason).map_err(|_| "InternalFailure")
        };
        match operation {
            "AmazonSQS.SendMessage" if text(&body, "MessageBody").len() <= MAX_BYTES => match send(&body) {
                Ok(id) => (200, json!({ "MessageId": id })),
                Err(code) => (400, json!({ "__type": format!("com.amazonaws.sqs#{code}") })),
            },
            "AmazonSQS.SendMessageBatch" if self.refuses() => {
                (403, json!({ "__type": "com.amazonaws.sqs#KmsDisabled" }))
            }
            "AmazonSQS.SendMessageBatch" => {
                let entries = body["Entries"].as_array().cloned().unwrap_or_default();
                let bytes: usize = entries.iter().map(|entry| text(entry, "MessageBody").len()).sum();
                if entries.is_empty() || entries.len() > 10 || bytes > MAX_BYTES {
                    return (400, json!({ "__type": "com.amazonaws.sqs#BatchRequestTooLong" }));
                }
                let (mut sent, mut failed) = (Vec::new(), Vec::new());
                for entry in &entries {
                    let is_refused = self.refuses_message(text(entry, "MessageBody"));
                    let taken = if is_refused { Err("InvalidMessageContents") } else { send(entry) };
                    match taken {
                        Ok(id) => sent.push(json!({ "Id": entry["Id"], "MessageId": id })),
                        Err(code) => {
                            failed.push(json!({ "Id": entry["Id"], "Code": code, "SenderFault": true }));
                        }
                    }
                }
                (200, json!({ "Successful": sent, "Failed": failed }))
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

#[cfg(test)]
mod tests {
    use std::{fs, path::PathBuf};

    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("lectern-queues-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        folder
    }

    /// Bodies and receives of what waits.
    fn waiting(sqs: &Sqs, queue: &str) -> Vec<(String, u32)> {
        sqs.waiting(queue).into_iter().map(|message| (message.body, message.receives)).collect()
    }

    #[test]
    fn f1_a_message_outlives_whoever_kept_it_until_it_is_deleted() {
        let folder = folder("kept");
        let sqs = Sqs::in_folder(&folder).unwrap();
        let sent = ["a", "b", "c"].map(|body| sqs.send("queue", body, None));
        assert_eq!(sqs.take("queue", 2).len(), 2);
        sqs.delete("queue", &sent[0]);

        let sqs = Sqs::in_folder(&folder).unwrap();
        assert_eq!(waiting(&sqs, "queue"), [("b".to_owned(), 0), ("c".to_owned(), 0)], "b's taker has died");
        assert!(sqs.send("queue", "d", None) > sent[2], "no id comes twice");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn f1_failures_and_dead_letters_are_kept() {
        let folder = folder("dead");
        for receives in 1..=MAX_RECEIVES {
            let sqs = Sqs::in_folder(&folder).unwrap();
            if receives == 1 {
                sqs.send("queue", "a", Some("not today".to_owned()));
            }
            let taken = sqs.take("queue", 1).remove(0);
            assert_eq!(taken.receives, receives);
            sqs.give_back("queue", &taken.id);
        }
        assert!(Sqs::in_folder(&folder).unwrap().take("queue", 1).is_empty());
        let dead = Sqs::in_folder(&folder).unwrap().waiting("queue-dead-letters");
        assert_eq!((dead.len(), dead[0].reason.as_deref()), (1, Some("not today")));
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn f1_a_file_that_was_being_written_is_no_message() {
        let folder = folder("torn");
        let sqs = Sqs::in_folder(&folder).unwrap();
        sqs.send("queue", "a", None);
        fs::write(folder.join("unfinished"), "{\"queue\": \"qu").unwrap();
        let sqs = Sqs::in_folder(&folder).unwrap();
        sqs.send("queue", "b", None);
        assert_eq!(waiting(&Sqs::in_folder(&folder).unwrap(), "queue").len(), 2);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn f1_what_cannot_be_kept_is_not_taken_in() {
        let folder = folder("full");
        let sqs = Sqs::in_folder(&folder).unwrap();
        fs::remove_dir_all(folder).unwrap();
        assert!(sqs.state().send("queue", "a", None).is_err());
        assert!(sqs.waiting("queue").is_empty());
    }
}
