//! Dead letters of a deployed function, looked at or sent back to its queue.

use std::time::Duration;

use aws_sdk_sqs::{
    Client,
    config::{Builder, timeout::TimeoutConfig},
};
use runtime::{Environment, Queues};

use crate::Result;

#[derive(clap::Args)]
pub(crate) struct Redrive {
    #[arg(long)]
    stage: String,
    /// Only show what would be sent back
    #[arg(long)]
    dry_run: bool,
    /// As in mail-send-mail
    function: String,
}

impl Redrive {
    pub(crate) fn run(&self) -> Result<String> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.map_err(|error| error.to_string())?.block_on(self.redrive())
    }

    async fn redrive(&self) -> Result<String> {
        if self.function == "events-relay-events" {
            return Err("the relay's dead letters only say where in the stream it gave up; events-sweep-outbox publishes \
                        those events every 15 minutes"
                .to_owned());
        }
        // No Lambda's patience: an attempt given up after SQS has answered would hide letters for a while.
        let sdk = Environment::of_process().sdk_config("SQS")?;
        let timeouts = TimeoutConfig::builder().operation_attempt_timeout(Duration::from_secs(30)).build();
        let client = Client::from_conf(Builder::from(&sdk).timeout_config(timeouts).build());
        let name = format!("lectern-{}-{}", self.stage, self.function);
        let found = client.get_queue_url().queue_name(&name).send().await;
        let url = found.map_err(|error| format!("queue {name}: {:?}", error.into_service_error()))?;
        let url = url.queue_url.unwrap_or_default();
        let prefix = url.strip_suffix(&self.function).ok_or_else(|| format!("queue {name} is at {url}"))?;
        let queues = Queues::new(client, prefix.to_owned());
        let letters =
            queues.redrive(&self.function, self.dry_run).await.map_err(|error| format!("{error:?}"))?;
        let mut said = String::new();
        for letter in &letters {
            let reason = letter.reason.as_deref().unwrap_or("no reason was told");
            said.push_str(&format!("{}  {reason}\n", letter.id));
        }
        let verb = if self.dry_run { "would go" } else { "went" };
        Ok(format!("{said}{} dead letters of {} {verb} back", letters.len(), self.function))
    }
}
