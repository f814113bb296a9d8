//! One line per invocation in CloudWatch's embedded metric format: the log line and the metrics at once. No token,
//! mail address, name or body is ever in it.

use serde_json::{Value, json};

/// What a line tells.
pub(crate) struct Invocation<'a> {
    pub(crate) function: &'a str,
    pub(crate) request_id: &'a str,
    pub(crate) trace_id: Option<&'a str>,
    pub(crate) cold_start: bool,
    pub(crate) outcome: u16,
    pub(crate) duration_ms: f64,
    pub(crate) meter: store::Meter,
    pub(crate) at_millis: i64,
}

/// The line.
pub(crate) fn line(invocation: &Invocation<'_>) -> Value {
    json!({
        "_aws": {
            "Timestamp": invocation.at_millis,
            "CloudWatchMetrics": [{
                "Namespace": "Lectern",
                "Dimensions": [["function"]],
                "Metrics": [
                    { "Name": "duration_ms", "Unit": "Milliseconds" },
                    { "Name": "server_errors", "Unit": "Count" },
                    { "Name": "dynamodb_calls", "Unit": "Count" },
                    { "Name": "dynamodb_capacity", "Unit": "Count" },
                ],
            }],
        },
        "service": "lectern",
        "function": invocation.function,
        "request_id": invocation.request_id,
        "trace_id": invocation.trace_id,
        "cold_start": invocation.cold_start,
        "status": invocation.outcome,
        "duration_ms": invocation.duration_ms,
        "server_errors": u8::from(invocation.outcome >= 500),
        "dynamodb_calls": invocation.meter.reads + invocation.meter.writes,
        "dynamodb_capacity": invocation.meter.capacity,
    })
}

#[expect(clippy::print_stdout, reason = "Lambda turns standard output into the log, and EMF lines into metrics")]
pub(crate) fn emit(invocation: &Invocation<'_>) {
    println!("{}", line(invocation));
}
