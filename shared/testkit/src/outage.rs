//! What DynamoDB answers when it is in trouble, in the words that AWS documents, and reads that are behind.

use std::sync::LazyLock;

use aws_sdk_s3::primitives::{ByteStream, SdkBody};
use aws_smithy_runtime_api::client::{
    http::{HttpConnector, SharedHttpConnector},
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
};
use serde_json::{Value, json};
use tokio::runtime::{Builder, Runtime};

/// How a dependency fails.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outage {
    /// 500 `InternalServerError`.
    Failing,
    /// 503 without a word, as from something in front of it.
    Unavailable,
    /// 400 `ThrottlingException`; a transaction is cancelled with the reason `ThrottlingError`, and a batch leaves out every key.
    Throttling,
    /// The same, by the names that a table's own capacity has.
    OverCapacity,
    /// No answer ever.
    Stalling,
}

impl Outage {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Failing, Self::Unavailable, Self::Throttling, Self::OverCapacity, Self::Stalling];

    /// The answer to a call, if any ever comes.
    pub(crate) fn answer(self, operation: &str, body: &[u8]) -> Option<HttpResponse> {
        let asked: Value = serde_json::from_slice(body).unwrap_or_default();
        let named = |name: &str| json!({ "__type": format!("com.amazonaws.dynamodb.v20120810#{name}") });
        let (status, body) = match (self, operation) {
            (Self::Failing, _) => (500, named("InternalServerError")),
            (Self::Unavailable, _) => (503, Value::Null),
            (Self::Stalling, _) => return None,
            // S3 says `503 Slow Down`.
            (Self::Throttling | Self::OverCapacity, operation) if operation.starts_with("s3:") => {
                (503, Value::Null)
            }
            (Self::Throttling | Self::OverCapacity, "dynamodb:TransactWriteItems") => {
                let (reason, actions) =
                    (self.reason(), asked["TransactItems"].as_array().map_or(0, Vec::len));
                let mut reasons = vec![json!({ "Code": "None" }); actions];
                reasons[actions / 2] = json!({ "Code": reason, "Message": "the table is busy" });
                let mut canceled = named("TransactionCanceledException");
                canceled["CancellationReasons"] = json!(reasons);
                (400, canceled)
            }
            (Self::Throttling | Self::OverCapacity, "dynamodb:BatchGetItem") => {
                (200, json!({ "Responses": {}, "UnprocessedKeys": asked["RequestItems"] }))
            }
            (Self::Throttling, _) => (400, named("ThrottlingException")),
            (Self::OverCapacity, _) => (400, named("ProvisionedThroughputExceededException")),
        };
        let body = if body.is_null() { SdkBody::empty() } else { body.to_string().into() };
        let response = http::Response::builder()
            .status(status)
            .header("content-type", "application/x-amz-json-1.0")
            .body(body)
            .expect("well-formed");
        Some(HttpResponse::try_from(response).expect("well-formed"))
    }

    fn reason(self) -> &'static str {
        if self == Self::Throttling { "ThrottlingError" } else { "ProvisionedThroughputExceeded" }
    }
}

/// Whether a call is a read that may be behind.
pub(crate) fn may_be_behind(operation: &str, body: &[u8]) -> bool {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    match operation {
        "dynamodb:GetItem" | "dynamodb:Query" => body["ConsistentRead"] != true,
        "dynamodb:BatchGetItem" => {
            let tables = body["RequestItems"].as_object();
            tables.is_some_and(|tables| tables.values().any(|asked| asked["ConsistentRead"] != true))
        }
        _ => false,
    }
}

/// Makes a call from outside of a test whose time is virtual: that stands still until the answer is there, as it does for
/// work that blocks. Otherwise it would run on to the next timeout while an answer travels.
pub(crate) async fn in_no_time(
    inner: SharedHttpConnector,
    request: HttpRequest,
) -> Result<HttpResponse, ConnectorError> {
    static OUTSIDE: LazyLock<Runtime> = LazyLock::new(|| {
        Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime")
    });
    let called = tokio::task::spawn_blocking(move || {
        OUTSIDE.block_on(async {
            let mut response = inner.call(request).await?;
            let body = ByteStream::new(response.take_body()).collect().await;
            *response.body_mut() =
                SdkBody::from(body.map_err(|error| ConnectorError::io(error.into()))?.into_bytes());
            Ok(response)
        })
    });
    called.await.expect("no panic inside")
}
