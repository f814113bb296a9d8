//! One line per invocation in CloudWatch's embedded metric format: the log line and the metrics at once. No token,
//! mail address, name or body is ever in it. A metric is paid for in the hours that have it, so work that found nothing to do
//! has only the log line: else the clock alone would pay for all of them while nobody learns.

use serde_json::{Value, json};

/// The metric of the one alarm for what functions gave up, in template.yaml.
const DEAD_LETTERS: &str = "dead_letters";

/// What a line tells.
pub(crate) struct Invocation<'a> {
    /// As Lambda knows it: `lectern-<stage>-<function>`.
    pub(crate) lambda: &'a str,
    pub(crate) function: &'a str,
    pub(crate) request_id: &'a str,
    pub(crate) trace_id: Option<&'a str>,
    pub(crate) cold_start: bool,
    pub(crate) outcome: u16,
    pub(crate) duration_ms: f64,
    pub(crate) meter: store::Meter,
    /// How many messages the function gave up.
    pub(crate) dead_letters: u32,
    /// Whether somebody waits for an answer.
    pub(crate) is_asked: bool,
    pub(crate) at_millis: i64,
}

impl Invocation<'_> {
    fn is_idle(&self) -> bool {
        !self.is_asked && self.outcome < 500 && self.dead_letters == 0 && self.meter.writes == 0
    }
}

/// The line.
pub(crate) fn line(invocation: &Invocation<'_>) -> Value {
    let mut line = json!({
        "_aws": {
            "Timestamp": invocation.at_millis,
            "CloudWatchMetrics": [{
                "Namespace": "Lectern",
                // By deployment alone: CloudWatch charges for each metric of each dimension. The log has the function.
                "Dimensions": [["service"]],
                "Metrics": [
                    { "Name": "duration_ms", "Unit": "Milliseconds" },
                    { "Name": "server_errors", "Unit": "Count" },
                    { "Name": "dynamodb_calls", "Unit": "Count" },
                    { "Name": "dynamodb_capacity", "Unit": "Count" },
                ],
            }],
        },
        "service": service(invocation),
        "function": invocation.function,
        "request_id": invocation.request_id,
        "trace_id": invocation.trace_id,
        "cold_start": invocation.cold_start,
        "status": invocation.outcome,
        "duration_ms": invocation.duration_ms,
        "server_errors": u8::from(invocation.outcome >= 500),
        "dynamodb_calls": invocation.meter.reads + invocation.meter.writes,
        "dynamodb_capacity": invocation.meter.capacity,
    });
    if invocation.dead_letters > 0 {
        let metrics = line.pointer_mut("/_aws/CloudWatchMetrics/0/Metrics").and_then(Value::as_array_mut);
        metrics
            .into_iter()
            .for_each(|metrics| metrics.push(json!({ "Name": DEAD_LETTERS, "Unit": "Count" })));
        line[DEAD_LETTERS] = json!(invocation.dead_letters);
    }
    if let Some(members) = line.as_object_mut().filter(|_| invocation.is_idle()) {
        members.remove("_aws");
    }
    line
}

/// `lectern-<stage>`
fn service<'a>(invocation: &Invocation<'a>) -> &'a str {
    invocation.lambda.strip_suffix(invocation.function).map_or("lectern", |name| name.trim_end_matches('-'))
}

#[expect(
    clippy::print_stdout,
    reason = "Lambda turns standard output into the log, and EMF lines into metrics"
)]
pub(crate) fn emit(invocation: &Invocation<'_>) {
    println!("{}", line(invocation));
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn sample(outcome: u16) -> Value {
        of(outcome, 0)
    }

    fn of(outcome: u16, dead_letters: u32) -> Value {
        line(&invocation(outcome, dead_letters))
    }

    fn invocation(outcome: u16, dead_letters: u32) -> Invocation<'static> {
        Invocation {
            lambda: "lectern-dev-catalog-get-course",
            function: "catalog-get-course",
            request_id: "req-1",
            trace_id: Some("Root=1-5759e988-bd862e3fe1be46a994272793"),
            cold_start: true,
            outcome,
            duration_ms: 12.5,
            meter: store::Meter { reads: 3, writes: 1, capacity: 4.5, written: 2.0, hashes: 0 },
            dead_letters,
            is_asked: true,
            at_millis: 1_768_467_600_000,
        }
    }

    #[test]
    fn f13_work_that_found_nothing_to_do_writes_no_metric() {
        let reads = store::Meter { reads: 16, capacity: 8.0, ..store::Meter::default() };
        let idle = || Invocation { is_asked: false, meter: reads, ..invocation(200, 0) };
        let told = line(&idle());
        assert!(told["_aws"].is_null(), "{told}");
        assert_eq!((&told["status"], &told["dynamodb_calls"]), (&json!(200), &json!(16)), "the log has it");
        let wrote = store::Meter { writes: 1, ..reads };
        for busy in [
            Invocation { outcome: 500, ..idle() },
            Invocation { dead_letters: 1, ..idle() },
            Invocation { meter: wrote, ..idle() },
            Invocation { is_asked: true, ..idle() },
        ] {
            assert!(line(&busy)["_aws"].is_object(), "{}", line(&busy));
        }
    }

    #[test]
    fn r8_only_what_was_given_up_is_counted_as_that() {
        assert!(!sample(500).to_string().contains("dead_letters"), "an empty metric costs as much");
        let line = of(200, 2);
        let metrics = line["_aws"]["CloudWatchMetrics"][0]["Metrics"].as_array().unwrap();
        assert!(metrics.contains(&json!({ "Name": "dead_letters", "Unit": "Count" })), "{line}");
        assert_eq!((&line["dead_letters"], &line["service"]), (&json!(2), &json!("lectern-dev")));
    }

    #[test]
    fn the_line_is_what_cloudwatch_reads_metrics_from() {
        let line = sample(200);
        let aws = &line["_aws"];
        assert_eq!(aws["Timestamp"], 1_768_467_600_000_i64, "milliseconds since the epoch");
        let directives = aws["CloudWatchMetrics"].as_array().unwrap();
        assert_eq!(directives.len(), 1);
        assert_eq!(directives[0]["Namespace"], "Lectern");
        for set in directives[0]["Dimensions"].as_array().unwrap() {
            for dimension in set.as_array().unwrap() {
                let value = &line[dimension.as_str().unwrap()];
                assert!(value.as_str().is_some_and(|text| !text.is_empty()), "{dimension} is {value}");
            }
        }
        let metrics = directives[0]["Metrics"].as_array().unwrap();
        assert!((1..=100).contains(&metrics.len()));
        for metric in metrics {
            let value = &line[metric["Name"].as_str().unwrap()];
            assert!(value.is_number(), "{metric} is {value}");
            assert!(["Milliseconds", "Count"].contains(&metric["Unit"].as_str().unwrap()), "{metric}");
        }
        assert!(!line.to_string().contains('\n'), "one line is one metric record");
    }

    #[test]
    fn only_server_errors_count_as_errors() {
        for (status, errors) in [(200, 0), (404, 0), (499, 0), (500, 1), (503, 1)] {
            assert_eq!(sample(status)["server_errors"], errors, "{status}");
        }
        assert_eq!(sample(200)["dynamodb_calls"], 4);
    }

    /// Whoever adds a field here has made sure that no token, address, name or body can be in it.
    #[test]
    fn r32_nothing_else_is_in_the_line() {
        let line = sample(200);
        let names: BTreeSet<&str> = line.as_object().unwrap().keys().map(String::as_str).collect();
        let allowed = [
            "_aws",
            "service",
            "function",
            "request_id",
            "trace_id",
            "cold_start",
            "status",
            "duration_ms",
            "server_errors",
            "dynamodb_calls",
            "dynamodb_capacity",
        ];
        assert_eq!(names, BTreeSet::from(allowed));
    }
}
