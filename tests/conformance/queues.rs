//! Rule R8: what every queue needs so that no message is lost silently and none is worked on for ever.

use serde_json::{Value, json};

use crate::{
    nothing_wrong,
    template::{Template, attribute, reference},
};

const DAY: u64 = 24 * 3600;

/// Whether some other queue gives up into this one.
fn is_for_dead_letters(template: &Template, id: &str) -> bool {
    template
        .of_type("AWS::SQS::Queue")
        .any(|(_, queue)| queue["Properties"]["RedrivePolicy"]["deadLetterTargetArn"] == attribute(id, "Arn"))
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
fn r8_every_queue_gives_up_after_five_or_more_tries_into_a_queue_that_keeps_for_14_days() {
    let wrong = wrong_in_queues(|template, _, queue, check| {
        let dead_letters = template.resource(dead_letters_of(queue));
        check(dead_letters["Type"] == "AWS::SQS::Queue", "has no dead letters queue");
        check(
            queue["RedrivePolicy"]["maxReceiveCount"].as_u64().is_some_and(|count| count >= 5),
            "gives up too early",
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
    nothing_wrong(&wrong, "see CountEnrollmentQueue in infra/catalog.yaml");
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
    nothing_wrong(&wrong, "VisibilityTimeout is 6 x the function's Timeout, plus the batching window");
}

#[test]
fn r8_every_mapping_reports_single_failures_and_bounds_its_concurrency() {
    let mut wrong = Vec::new();
    for template in Template::all() {
        for (id, mapping) in template.of_type("AWS::Lambda::EventSourceMapping") {
            let mapping = &mapping["Properties"];
            if mapping["FunctionResponseTypes"] != json!(["ReportBatchItemFailures"]) {
                wrong.push(format!("{}: {id} takes a whole batch for done or failed", template.file));
            }
            if mapping["ScalingConfig"]["MaximumConcurrency"].as_u64().is_none_or(|most| most < 2) {
                wrong.push(format!("{}: {id} has no MaximumConcurrency", template.file));
            }
        }
    }
    nothing_wrong(&wrong, "see CountEnrollmentMapping in infra/catalog.yaml");
}

#[test]
fn r8_dead_letters_raise_an_alarm() {
    let wrong = wrong_in_queues(|template, _, queue, check| {
        let dead_letters = dead_letters_of(queue);
        let dimensions = json!([{ "Name": "QueueName", "Value": attribute(dead_letters, "QueueName") }]);
        let heard = template.of_type("AWS::CloudWatch::Alarm").any(|(_, alarm)| {
            let alarm = &alarm["Properties"];
            alarm["MetricName"] == "ApproximateNumberOfMessagesVisible"
                && alarm["Dimensions"] == dimensions
                && alarm["ComparisonOperator"] == "GreaterThanThreshold"
                && alarm["Threshold"] == 0
                && alarm["AlarmActions"] == json!([reference("AlarmTopicArn")])
        });
        check(heard, "has dead letters that nobody hears of");
    });
    nothing_wrong(&wrong, "see CountEnrollmentDeadLettersAlarm in infra/catalog.yaml");
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
