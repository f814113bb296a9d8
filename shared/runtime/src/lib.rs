//! What makes a feature a Lambda. A feature implements [`Endpoint`], [`Consumer`], [`Listener`],
//! [`StreamReader`] or [`Schedule`]; its binary calls
//! [`serve()`]. Only the decode → handle → encode of one feature is generic, the rest is compiled once.

pub mod access;
mod app;
mod call;
mod components;
mod config;
mod consumer;
mod cors;
mod dispatch;
mod edge;
mod endpoint;
mod environment;
#[cfg(test)]
mod fakes;
pub mod gateway;
mod idempotency;
mod input;
mod json;
mod needs;
pub mod openapi;
mod output;
mod parameters;
mod path;
mod problem;
mod queues;
mod registry;
mod remembered;
mod retry;
mod route;
mod schedule;
mod schema;
mod serve;
mod shared_cache;
mod stream;
mod telemetry;
pub mod token;

pub use access::{Access, SignIn};
pub use app::{App, Service, ServiceEntry, sdk_limits};
pub use call::{Call, Caller};
pub use components::Components;
pub use config::{Assets, Config, PublicUrl, SchoolName};
pub use consumer::{Consumer, Listener, Source, Subscription};
pub use cors::Preflight;
pub use dispatch::handle;
pub use endpoint::{Budget, Endpoint};
pub use environment::Environment;
pub use input::{IfMatch, Input, Json, ListQuery, Proposed, Query};
pub use needs::{Files, Grant, Jobs, Needs, Resource, Table};
pub use openapi::RequestParts;
pub use output::{Accepted, Created, Etag, NoContent, Output, Raw, Reply, Requested, Revised, WithRev};
pub use parameters::Parameters;
pub use path::{IdOr, Parameter, Path, PathParameter};
pub use queues::{DeadLetter, MAX_RECEIVES, Queues};
pub use registry::{
    ConsumerEntry, Cost, EndpointEntry, Function, Names, Registry, ScheduleEntry, StreamEntry, Trigger,
};
pub use remembered::Remembered;
pub use route::{Method, Route, delete, get, patch, post, put};
pub use schedule::Schedule;
pub use schema::{SUPPORTED_KEYWORDS, violations_of};
pub use serve::{
    Consumed, consume_batch, read_stream, serve, serve_consumer, serve_listener, serve_schedule, serve_stream,
};
pub use stream::StreamReader;
pub use token::{SigningKey, TokenKey};

/// What a binary's `main` returns.
pub type Error = lambda_http::Error;
