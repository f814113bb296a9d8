//! The one place where an SDK error becomes ours. A failed condition is an expected outcome and is handled where it
//! can happen; what arrives here is a dependency in trouble (worth a retry) or a bug.

use aws_sdk_dynamodb::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use kernel::Error;

const RETRYABLE: [&str; 6] = [
    "ProvisionedThroughputExceededException",
    "ThrottlingException",
    "RequestLimitExceeded",
    "InternalServerError",
    "ServiceUnavailable",
    "TransactionInProgressException",
];

pub(crate) fn failure<E, R>(error: SdkError<E, R>) -> Error
where
    E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
    R: std::fmt::Debug + Send + Sync + 'static,
{
    let retryable = match &error {
        SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => true,
        // Without a code it is not DynamoDB that answers, but something in front of it.
        SdkError::ServiceError(context) => context.err().code().is_none_or(|code| RETRYABLE.contains(&code)),
        _ => false,
    };
    let text = format!("dynamodb: {}", DisplayErrorContext(error));
    if retryable { Error::unavailable(text) } else { Error::internal(text) }
}
