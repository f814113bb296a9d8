//! Rule R8: what every queue needs so that no message is lost silently and none is worked on for ever.

use domain::{
    event::Event,
    mail::{Delivery, DeliveryState},
};
use kernel::Timestamp;
use runtime::MAX_RECEIVES;
use serde_json::{Value, json};
use store::{Entity, Receipt};

use crate::{
    alarms, nothing_wrong,
    template::{Template, attribute, reference},
};

const MADE_BY: &str = "see scripts/xtask/templates/queue.yaml and stream.yaml";
const DAY: u64 = 24 * 3600;

/// Whether some other queue or a stream's mapping gives up into this one.
fn is_for_dead_letters(template: &Template, id: &str) -> bool {
    let id = attribute(id, "Arn");
    let mut queues = template.of_type("AWS::SQS::Queue");
    let mut mappings = template.of_type("AWS::Lambda::EventSourceMapping");
    queues.any(|(_, queue)| queue["Properties"]["RedrivePolicy"]["deadLetterTargetArn"] == id)
        || mappings.any(|(_, mapping)| failures_of(&mapping["Properties"]) == &id)
}

/// Where a stream's mapping tells what it gave up.
fn failures_of(mapping: &Value) -> &Value {
    &mapping["DestinationConfig"]["OnFailure"]["Destination"]
}

/// Whether somebody hears when a queue for dead letters has one.
fn is_heard(template: &Template, dead_letters: &str) -> bool {
    alarms::raises(template, &alarms::of_queue(dead_letters, "ApproximateNumberOfMessagesVisible", 0))
}

/// Calls `check` with every queue that is worked on, and collects what is wrong.
fn wrong_in_queues(
    mut check: impl FnMut(&Template, &str, &Value, &mut dyn FnMut(bool, &str)),
) -> Vec<String> {
    let mut wrong = Vec::new();
    for template in Template::all() {
        for (id, queue) in
            template.of_type("AWS::SQS::Queue").filter(|(id, _)| !is_for_dead_letters(template, id))
        {
            check(template, id, &queue["Properties"], &mut |holds, what| {
                if !holds {
                    wrong.push(format!("{}: {id} {what}", template.file));
                }
            });
        }
    }
    wrong
}

fn dead_letters_of(queue: &Value) -> &str {
    queue["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0].as_str().unwrap_or_default()
}

#[test]
fn r8_every_queue_gives_up_after_as_many_tries_as_the_code_counts_into_a_queue_that_keeps_for_14_days() {
    let wrong = wrong_in_queues(|template, _, queue, check| {
        let dead_letters = template.resource(dead_letters_of(queue));
        check(dead_letters["Type"] == "AWS::SQS::Queue", "has no dead letters queue");
        check(
            queue["RedrivePolicy"]["maxReceiveCount"] == MAX_RECEIVES,
            &format!("gives up earlier or later than its function, which does after {MAX_RECEIVES}"),
        );
        let keeps = |queue: &Value| queue["MessageRetentionPeriod"].as_u64().unwrap_or(4 * DAY);
        let kept = keeps(&dead_letters["Properties"]);
        check(kept == 14 * DAY, "has dead letters that are not kept for 14 days");
        check(keeps(queue) < kept, "keeps messages so long that dead letters expire at once");
        let alone = template
            .of_type("AWS::SQS::Queue")
            .filter(|(_, other)| dead_letters_of(&other["Properties"]) == dead_letters_of(queue));
        check(alone.count() == 1, "shares its dead letters with another queue");
    });
    nothing_wrong(&wrong, MADE_BY);
}

/// A letter may be sent back from the dead letters and lie as long again.
#[test]
fn r1_a_receipt_outlives_what_a_queue_and_its_dead_letters_keep_twice() {
    let applied_at = Timestamp::from_millis(0);
    let receipt = Receipt { applied_at }.ttl().and_then(|ttl| u64::try_from(ttl).ok()).unwrap();
    let delivery = Delivery { state: DeliveryState::Sent, at: applied_at, note: None };
    let delivery = delivery.ttl().and_then(|ttl| u64::try_from(ttl).ok()).unwrap();
    let wrong = wrong_in_queues(|template, _, queue, check| {
        let keeps = |queue: &Value| queue["MessageRetentionPeriod"].as_u64().unwrap_or(4 * DAY);
        let twice = 2 * (keeps(queue) + keeps(template.properties(dead_letters_of(queue))));
        check(receipt > twice, "keeps messages for longer than receipts are kept");
        check(delivery > twice, "keeps messages for longer than it is known what became of a mail");
    });
    nothing_wrong(&wrong, "see RECEIPT_TTL_SECONDS in shared/store/src/events/receipt.rs");
}

#[test]
fn r8_a_message_stays_invisible_for_six_times_as_long_as_its_function_may_take() {
    let wrong = wrong_in_queues(|template, id, queue, check| {
        let visibility = queue["VisibilityTimeout"].as_u64().unwrap_or(30);
        let mut fed = 0;
        for (_, mapping) in template.of_type("AWS::Lambda::EventSourceMapping") {
            let mapping = &mapping["Properties"];
            if mapping["EventSourceArn"] == attribute(id, "Arn") {
                fed += 1;
                let function = template.function(mapping["FunctionName"]["Ref"].as_str().unwrap_or_default());
                let window = mapping["MaximumBatchingWindowInSeconds"].as_u64().unwrap_or(0);
                let longest = function["Timeout"].as_u64().unwrap_or(u64::MAX / 6).saturating_mul(6);
                check(
                    visibility >= longest.saturating_add(window),
                    &format!("needs a VisibilityTimeout of {longest}"),
                );
            }
        }
        check(fed == 1, "feeds no function, or several");
    });
    nothing_wrong(&wrong, MADE_BY);
}

#[test]
fn r8_every_mapping_reports_single_failures() {
    let mut wrong = Vec::new();
    for template in Template::all() {
        for (id, mapping) in template.of_type("AWS::Lambda::EventSourceMapping") {
            if mapping["Properties"]["FunctionResponseTypes"] != json!(["ReportBatchItemFailures"]) {
                wrong.push(format!("{}: {id} takes a whole batch for done or failed", template.file));
            }
        }
    }
    nothing_wrong(&wrong, MADE_BY);
}

fn is_of_stream(mapping: &Value) -> bool {
    mapping["EventSourceArn"] == reference("TableStreamArn")
}

/// A record that keeps failing holds up its shard, so it is given up within bounds; the outbox has it still.
#[test]
fn r4_a_reader_of_the_stream_sees_new_events_alone_and_gives_up_where_somebody_hears() {
    let pattern =
        json!({ "eventName": ["INSERT"], "dynamodb": { "NewImage": { "et": { "S": [Event::TYPE] } } } });
    let mut wrong = Vec::new();
    for template in Template::all() {
        for (id, mapping) in template.of_type("AWS::Lambda::EventSourceMapping") {
            let mapping = &mapping["Properties"];
            if !is_of_stream(mapping) {
                continue;
            }
            let mut check = |holds: bool, what: &str| {
                if !holds {
                    wrong.push(format!("{}: {id} {what}", template.file));
                }
            };
            let filters = mapping["FilterCriteria"]["Filters"].as_array().cloned().unwrap_or_default();
            let filter = filters.first().and_then(|filter| filter["Pattern"].as_str()).unwrap_or_default();
            let filter: Value = serde_json::from_str(filter).unwrap_or_default();
            check(filters.len() == 1 && filter == pattern, "sees other writes than new events, which costs");
            check(mapping["StartingPosition"] == "TRIM_HORIZON", "misses what was written before it stood");
            check(mapping["BisectBatchOnFunctionError"] == true, "gives up a whole batch for one record");
            let bounded = |name: &str, most: u64| {
                mapping[name].as_u64().is_some_and(|value| (1..=most).contains(&value))
            };
            check(bounded("MaximumRetryAttempts", 100), "tries for ever");
            check(bounded("MaximumRecordAgeInSeconds", 3600), "holds up its shard for more than an hour");
            check(
                mapping["MaximumBatchingWindowInSeconds"].as_u64().unwrap_or(0) <= 1,
                "waits for more to come",
            );
            let failures = failures_of(mapping)["Fn::GetAtt"][0].as_str().unwrap_or_default();
            check(is_heard(template, failures), "gives up where nobody hears of it");
            let kept = &template.properties(failures)["MessageRetentionPeriod"];
            check(*kept == 3600, "keeps its alarm up after the sweeper has done the work");
        }
    }
    nothing_wrong(&wrong, MADE_BY);
}

/// An alarm for each queue, since a sum over all of them costs CloudWatch's price of each as well.
#[test]
fn r8_messages_that_wait_longer_than_their_tries_take_raise_an_alarm() {
    const SECONDS: u64 = 1800;
    let wrong = wrong_in_queues(|template, id, queue, check| {
        let age = alarms::of_queue(id, "ApproximateAgeOfOldestMessage", SECONDS);
        check(alarms::raises(template, &age), "has no alarm of the age of its oldest message");
        let tries = u64::from(MAX_RECEIVES) * queue["VisibilityTimeout"].as_u64().unwrap_or(30);
        check(
            tries < SECONDS,
            "tries for so long that the alarm would ring for messages that are being tried",
        );
    });
    nothing_wrong(&wrong, MADE_BY);
}

#[test]
fn r8_every_queue_is_encrypted() {
    let mut wrong = Vec::new();
    for template in Template::all() {
        for (id, queue) in template.of_type("AWS::SQS::Queue") {
            let queue = &queue["Properties"];
            if queue["SqsManagedSseEnabled"] != true && queue["KmsMasterKeyId"].is_null() {
                wrong.push(format!("{}: {id}", template.file));
            }
        }
    }
    nothing_wrong(&wrong, "set SqsManagedSseEnabled: true");
}
