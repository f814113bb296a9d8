//! Videos of lessons.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod add_captions;
pub(crate) mod authorization;
mod begin_upload;
mod complete_upload;
mod finish_transcoding;
mod fold_watching;
mod get_playlist;
mod get_video;
mod get_video_analytics;
mod setup;
mod sign_parts;
mod start_transcoding;
mod sweep_videos;
