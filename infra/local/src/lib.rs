//! The local cloud: the whole product on one machine, made of the same features that are deployed. A development and
//! demonstration host; production is AWS.

mod access_log;
mod args;
mod banner;
mod claims;
mod data;
mod demo;
mod docs;
mod dynamo;
mod environment;
mod files;
mod home;
mod http;
mod mailbox;
mod page;
mod probe;
mod pump;
mod seed;
mod services;
mod signing_key;
mod site;
mod start;
mod stop;
mod transcode;
mod videos;

pub use args::Args;
pub use start::main;

/// Why the local cloud cannot go on, in words for whoever started it.
type Failure = String;
