//! The product from outside: the local cloud as a process of its own, over real HTTP, as a person with a browser and
//! a frontend with an access token meet it.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod browser;
mod certificate;
mod emulators;
mod films;
mod journey;
mod killed;
mod mailed_token;
mod origins;
mod school_day;
mod server;
