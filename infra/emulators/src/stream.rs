//! The table's stream: what Lambda hands to its readers.

use aws_lambda_events::dynamodb::Event as StreamEvent;
use serde_json::{Value, json};

/// Insertions of items, given as DynamoDB writes them in JSON. Their sequence numbers are their positions.
#[must_use]
pub fn stream_batch(images: &[Value]) -> StreamEvent {
    let record = |(position, image): (usize, &Value)| {
        json!({
            "eventID": position.to_string(), "eventName": "INSERT", "awsRegion": "eu-central-1",
            "eventSource": "aws:dynamodb", "eventSourceARN": "arn:aws:dynamodb:emulated",
            "dynamodb": {
                "NewImage": image, "SequenceNumber": position.to_string(), "SizeBytes": 500,
                "StreamViewType": "NEW_AND_OLD_IMAGES", "Keys": {},
                "ApproximateCreationDateTime": 1_767_225_600,
            },
        })
    };
    let records: Vec<Value> = images.iter().enumerate().map(record).collect();
    serde_json::from_value(json!({ "Records": records })).expect("of the stream's shape")
}
