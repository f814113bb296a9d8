//! Videos of lessons and courses, and recordings.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod add_captions;
pub(crate) mod authorization;
mod begin_recording;
mod begin_trailer;
mod begin_upload;
mod complete_upload;
mod delete_recording;
mod finish_transcoding;
mod fold_watching;
mod get_playlist;
mod get_recording;
mod get_video;
mod get_video_analytics;
mod list_my_recordings;
mod setup;
mod sign_parts;
mod start_transcoding;
mod sweep_videos;
