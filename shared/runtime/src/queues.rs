//! SQS: every consumer and listener has a queue of its function's name, and one for the letters that it gave up.

use aws_sdk_sqs::{
    Client,
    types::{MessageAttributeValue, SendMessageBatchRequestEntry},
};
use kernel::{Error, Result};

use crate::{App, Service};

/// After so many failures a message is set aside: `maxReceiveCount` of every queue.
pub const MAX_RECEIVES: u32 = 5;
/// What a batch may hold in all; SQS took no more for most of its life, and one of our events has at most 100 KB.
const BATCH_BYTES: usize = 256 * 1024;
const BATCH_MESSAGES: usize = 10;
/// SQS takes longer ones; nobody reads them.
const REASON_CHARS: usize = 500;

/// SQS refuses messages with these; JSON may have them in strings.
const NOT_SENDABLE: [char; 2] = ['\u{fffe}', '\u{ffff}'];

/// The queues of this deployment.
pub struct Queues {
    client: Client,
    /// What the URL of each queue begins with: the function's name comes after it.
    prefix: String,
}

impl Service for Queues {
    const VARIABLES: &'static [&'static str] = &["QUEUE_URL_PREFIX"];

    async fn start(app: &App) -> std::result::Result<Self, String> {
        let prefix = app.environment().required("QUEUE_URL_PREFIX")?.to_owned();
        Ok(Self::new(Client::new(&app.environment().sdk_config("SQS")?), prefix))
    }
}

impl Queues {
    /// Queues behind `client`, whose URLs begin with `prefix`.
    #[must_use]
    pub fn new(client: Client, prefix: String) -> Self {
        Self { client, prefix }
    }

    /// Sends messages, each of them JSON, to the queue of `function` and returns the positions of those that were not taken.
    pub async fn send(&self, function: &str, bodies: &[String]) -> Vec<usize> {
        let mut refused = Vec::new();
        let mut from = 0;
        while from < bodies.len() {
            let to = from + fitting(&bodies[from..]);
            match self.send_batch(function, &bodies[from..to]).await {
                Ok(failed) => refused.extend(failed.into_iter().map(|n| from + n)),
                Err(error) => {
                    tracing::error!(error = ?error, function, "a queue takes nothing");
                    refused.extend(from..to);
                }
            }
            from = to;
        }
        refused
    }

    async fn send_batch(&self, function: &str, bodies: &[String]) -> Result<Vec<usize>> {
        let entries = bodies.iter().enumerate().map(|(n, body)| {
            SendMessageBatchRequestEntry::builder().id(n.to_string()).message_body(sendable(body)).build()
        });
        let entries = entries.collect::<std::result::Result<Vec<_>, _>>().map_err(Error::internal)?;
        let sent = self
            .client
            .send_message_batch()
            .queue_url(format!("{}{function}", self.prefix))
            .set_entries(Some(entries))
            .send()
            .await
            .map_err(|error| Error::internal(error.into_service_error()))?;
        for failed in &sent.failed {
            tracing::error!(code = failed.code, function, "a queue does not take a message");
        }
        Ok(sent.failed.iter().filter_map(|failed| failed.id.parse().ok()).collect())
    }

    /// Sets a message of `function` aside, with the reason beside it.
    ///
    /// # Errors
    /// The queue does not take it.
    pub async fn bury(&self, function: &str, body: &str, reason: &str) -> Result<()> {
        let reason = reason.replace(NOT_SENDABLE, "");
        let reason: String = reason.chars().filter(|c| !c.is_control()).take(REASON_CHARS).collect();
        let reason = MessageAttributeValue::builder().data_type("String").string_value(reason).build();
        self.client
            .send_message()
            .queue_url(format!("{}{function}-dead-letters", self.prefix))
            .message_body(body)
            .message_attributes("reason", reason.map_err(Error::internal)?)
            .send()
            .await
            .map_err(|error| Error::internal(error.into_service_error()))?;
        Ok(())
    }
}

/// A message that its function gave up.
#[derive(Clone, PartialEq, Debug)]
pub struct DeadLetter {
    pub id: String,
    pub body: String,
    /// As the function told it; absent where SQS gave up because the function never answered.
    pub reason: Option<String>,
    receipt: String,
}

impl Queues {
    /// Sends the dead letters of `function` back to its queue and returns them; a dry run only looks. Dying halfway
    /// leaves a letter in both queues, which its consumer applies once.
    ///
    /// # Errors
    /// SQS fails.
    pub async fn redrive(&self, function: &str, dry_run: bool) -> Result<Vec<DeadLetter>> {
        let failed = |error: &dyn std::fmt::Debug| Error::internal(format!("{error:?}"));
        let (queue, dead) =
            (format!("{}{function}", self.prefix), format!("{}{function}-dead-letters", self.prefix));
        let mut letters: Vec<DeadLetter> = Vec::new();
        loop {
            let received = self.client.receive_message().queue_url(&dead).max_number_of_messages(10);
            let received =
                received.visibility_timeout(300).wait_time_seconds(1).message_attribute_names("reason");
            let messages =
                received.send().await.map_err(|error| failed(&error))?.messages.unwrap_or_default();
            if messages.is_empty() {
                break;
            }
            for message in messages {
                let attributes = message.message_attributes.unwrap_or_default();
                let letter = DeadLetter {
                    id: message.message_id.unwrap_or_default(),
                    body: message.body.unwrap_or_default(),
                    reason: attributes.get("reason").and_then(|reason| reason.string_value.clone()),
                    receipt: message.receipt_handle.unwrap_or_default(),
                };
                if !dry_run {
                    let back = self.client.send_message().queue_url(&queue).message_body(&letter.body);
                    back.send().await.map_err(|error| failed(&error))?;
                    let done = self.client.delete_message().queue_url(&dead).receipt_handle(&letter.receipt);
                    done.send().await.map_err(|error| failed(&error))?;
                }
                letters.push(letter);
            }
        }
        // What was only looked at is seen again at once.
        for letter in letters.iter().filter(|_| dry_run) {
            let shown = self.client.change_message_visibility().queue_url(&dead).visibility_timeout(0);
            shown.receipt_handle(&letter.receipt).send().await.map_err(|error| failed(&error))?;
        }
        Ok(letters)
    }
}

/// The same JSON, of characters that SQS takes.
fn sendable(json: &str) -> String {
    json.replace(NOT_SENDABLE[0], r"\ufffe").replace(NOT_SENDABLE[1], r"\uffff")
}

/// How many of the first `bodies` go into one batch: at least one.
fn fitting(bodies: &[String]) -> usize {
    let mut bytes = 0;
    let fit = bodies.iter().take(BATCH_MESSAGES).take_while(|body| {
        bytes += body.len();
        bytes <= BATCH_BYTES
    });
    fit.count().max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_holds_ten_messages_and_no_more_than_sqs_takes() {
        let of = |sizes: &[usize]| sizes.iter().map(|size| "x".repeat(*size)).collect::<Vec<_>>();
        assert_eq!(fitting(&of(&[1; 25])), 10);
        assert_eq!(fitting(&of(&[100 * 1024; 5])), 2);
        assert_eq!(fitting(&of(&[300 * 1024, 1])), 1);
    }
}
