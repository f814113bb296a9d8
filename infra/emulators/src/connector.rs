//! What every emulator has in common: it stands where the SDK expects its HTTP client.

use aws_smithy_runtime_api::client::{
    http::{HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector},
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
    runtime_components::RuntimeComponents,
};
use serde_json::Value;

/// Answers a request at once.
pub(crate) trait Answer: Clone + Send + Sync + std::fmt::Debug + 'static {
    /// Status and body; the body of a failure names it in `__type`.
    fn answer(&self, request: &HttpRequest) -> (u16, Value);
}

/// An emulator as an HTTP client.
#[derive(Clone, Debug)]
pub(crate) struct Emulator<A>(pub(crate) A);

impl<A: Answer> HttpClient for Emulator<A> {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl<A: Answer> HttpConnector for Emulator<A> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (status, body) = self.0.answer(&request);
        let response = http::Response::builder()
            .status(status)
            .header("content-type", "application/x-amz-json-1.0")
            .body(body.to_string().into())
            .map_err(|error| ConnectorError::other(error.into(), None))
            .and_then(|response| {
                HttpResponse::try_from(response).map_err(|error| ConnectorError::other(error.into(), None))
            });
        HttpConnectorFuture::ready(response)
    }
}
