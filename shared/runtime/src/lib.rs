//! What makes a feature a Lambda. A feature implements [`Endpoint`], [`Consumer`] or [`Schedule`]; its binary calls
//! [`serve()`]. Only the decode → handle → encode of one feature is generic, the rest is compiled once.

pub mod access;
mod app;
mod call;
mod config;
mod consumer;
mod cors;
mod dispatch;
mod endpoint;
#[cfg(test)]
mod fakes;
pub mod gateway;
mod idempotency;
mod input;
pub mod openapi;
mod output;
mod patch;
mod problem;
mod registry;
mod retry;
mod route;
mod schedule;
mod schema;
mod serve;
mod telemetry;
pub mod token;

pub use access::Access;
pub use app::{App, client_from_env, with_limits};
pub use call::{Call, Caller};
pub use config::{Config, SigningKey};
pub use consumer::Consumer;
pub use dispatch::handle;
pub use endpoint::{Budget, Endpoint};
pub use idempotency::Idempotency;
pub use input::{IfMatch, Input, Json, ListQuery, Query};
pub use openapi::RequestParts;
pub use output::{Created, Etag, NoContent, Output, Raw, Reply};
pub use patch::{Change, Patch};
pub use registry::{ConsumerEntry, Cost, EndpointEntry, Names, Registry, ScheduleEntry};
pub use retry::Attempts;
pub use route::{Method, Route, delete, get, patch, post, put};
pub use schedule::Schedule;
pub use schema::{SUPPORTED_KEYWORDS, violations_of};
pub use serve::{serve, serve_consumer, serve_schedule};

/// What a binary's `main` returns.
pub type Error = lambda_http::Error;
