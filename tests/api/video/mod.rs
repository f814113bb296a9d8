//! Videos of lessons.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

pub(crate) mod authorization;
mod begin_upload;
mod complete_upload;
mod get_video;
mod setup;
mod sign_parts;
