//! Who hears of what goes wrong: every alarm that has to be there, of a metric that something writes.

use serde_json::{Value, json};

use crate::{
    nothing_wrong,
    template::{Template, attribute, reference, substituted},
};

/// What AWS and shared/runtime/src/telemetry.rs write, as namespace, metric and the dimensions under which it can be found.
const WRITTEN: [(&str, &str, &[&str]); 9] = [
    ("AWS/ApiGateway", "5xx", &["ApiId"]),
    ("AWS/ApiGateway", "IntegrationLatency", &["ApiId"]),
    ("AWS/Lambda", "Errors", &[]),
    ("AWS/Lambda", "Throttles", &[]),
    ("AWS/SES", "Reputation.BounceRate", &[]),
    ("AWS/SES", "Reputation.ComplaintRate", &[]),
    ("AWS/SQS", "ApproximateAgeOfOldestMessage", &["QueueName"]),
    ("AWS/SQS", "ApproximateNumberOfMessagesVisible", &["QueueName"]),
    ("Lectern", "dead_letters", &["service"]),
];

/// An alarm, as its properties without the description.
fn alarm(topic: &str, metric: [&str; 2], dimensions: &Value, statistic: &str, threshold: u64) -> Value {
    let mut alarm = json!({
        "AlarmActions": [reference(topic)],
        "Namespace": metric[0],
        "MetricName": metric[1],
        "Statistic": statistic,
        "Period": 300,
        "EvaluationPeriods": 1,
        "ComparisonOperator": "GreaterThanThreshold",
        "Threshold": threshold,
        // Whatever is not used writes nothing.
        "TreatMissingData": "notBreaching",
    });
    if !dimensions.is_null() {
        alarm["Dimensions"] = dimensions.clone();
    }
    alarm
}

/// The alarm of a metric of a queue in the same template.
pub(crate) fn of_queue(queue: &str, metric: &str, threshold: u64) -> Value {
    let dimensions = json!([{ "Name": "QueueName", "Value": attribute(queue, "QueueName") }]);
    alarm("AlarmTopicArn", ["AWS/SQS", metric], &dimensions, "Maximum", threshold)
}

/// Whether a template has an alarm, whatever its description.
pub(crate) fn raises(template: &Template, wanted: &Value) -> bool {
    template.of_type("AWS::CloudWatch::Alarm").any(|(_, found)| {
        let mut found = found["Properties"].clone();
        let described = found.as_object_mut().is_some_and(|found| found.remove("AlarmDescription").is_some());
        described && found == *wanted
    })
}

/// One for all functions: an alarm for each would cost $0.10 a month per function while nobody learns.
#[test]
fn f13_whatever_fails_raises_an_alarm_that_somebody_hears() {
    let root = Template::root();
    let service = json!([{ "Name": "service", "Value": substituted("lectern-${Stage}") }]);
    let api = json!([{ "Name": "ApiId", "Value": reference("Api") }]);
    for (metric, dimensions, statistic, threshold) in [
        (["AWS/ApiGateway", "5xx"], &api, "Sum", 0),
        (["AWS/ApiGateway", "IntegrationLatency"], &api, "Maximum", 8000),
        (["AWS/Lambda", "Errors"], &Value::Null, "Sum", 0),
        (["AWS/Lambda", "Throttles"], &Value::Null, "Sum", 0),
        (["Lectern", "dead_letters"], &service, "Sum", 0),
    ] {
        let wanted = alarm("AlarmTopic", metric, dimensions, statistic, threshold);
        assert!(raises(root, &wanted), "template.yaml has no alarm {wanted:#}");
    }
    let hears = json!({ "TopicArn": reference("AlarmTopic"), "Protocol": "email", "Endpoint": reference("AlarmEmail") });
    assert_eq!(*root.properties("AlarmSubscription"), hears);
    let any = json!({ "Fn::Not": [{ "Fn::Equals": [reference("AlarmEmail"), ""] }] });
    assert_eq!(
        root.body["Conditions"][root.resource("AlarmSubscription")["Condition"].as_str().unwrap()],
        any
    );
    for (id, stack) in root.of_type("AWS::CloudFormation::Stack") {
        let topic = &stack["Properties"]["Parameters"]["AlarmTopicArn"];
        assert!(topic.is_null() || *topic == reference("AlarmTopic"), "{id} rings elsewhere: {topic}");
    }
}

#[test]
fn f13_every_alarm_is_of_a_metric_that_something_writes() {
    let mut wrong = Vec::new();
    for template in Template::all() {
        for (id, found) in template.of_type("AWS::CloudWatch::Alarm") {
            let alarm = &found["Properties"];
            let text = |name: &str| alarm[name].as_str().unwrap_or_default();
            let dimensions: Vec<&str> = alarm["Dimensions"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|dimension| dimension["Name"].as_str())
                .collect();
            let metric = (text("Namespace"), text("MetricName"), dimensions.as_slice());
            if !WRITTEN.contains(&metric) {
                wrong.push(format!("{}: {id} is of {metric:?}, which nothing writes", template.file));
            }
            let topic = if template.file == "template.yaml" { "AlarmTopic" } else { "AlarmTopicArn" };
            if alarm["AlarmActions"] != json!([reference(topic)]) {
                wrong.push(format!("{}: {id} rings where nobody hears", template.file));
            }
            if alarm["ActionsEnabled"] == false || !found["Condition"].is_null() {
                wrong.push(format!("{}: {id} may be off", template.file));
            }
        }
    }
    nothing_wrong(
        &wrong,
        "WRITTEN in tests/conformance/alarms.rs says what AWS writes; FunctionErrorsAlarm is for every function",
    );
}
