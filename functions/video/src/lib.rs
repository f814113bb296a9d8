//! Videos of lessons and courses, and what people record: uploaded past the functions, made ready for every line, watched.

pub mod add_captions;
pub mod begin_recording;
pub mod begin_trailer;
pub mod begin_upload;
pub mod complete_upload;
pub mod delete_recording;
pub mod finish_transcoding;
pub mod fold_watching;
pub mod get_playlist;
pub mod get_recording;
pub mod get_video;
pub mod get_video_analytics;
pub mod list_my_recordings;
mod play_links;
mod sending;
pub mod sign_parts;
pub mod start_transcoding;
pub mod sweep_videos;
mod told;
mod transcoder;
mod video_viewer;
mod view;

pub use play_links::{Link, PlayLinks, generate_key, public_key};
pub use transcoder::Transcoder;
pub use view::VideoView;

/// What this package offers.
#[must_use]
pub fn registry() -> runtime::Registry {
    runtime::Registry::default()
        .endpoint::<add_captions::AddCaptions>()
        .endpoint::<begin_recording::BeginRecording>()
        .endpoint::<begin_trailer::BeginTrailer>()
        .endpoint::<begin_upload::BeginUpload>()
        .endpoint::<complete_upload::CompleteUpload>()
        .endpoint::<delete_recording::DeleteRecording>()
        .endpoint::<get_playlist::GetPlaylist>()
        .endpoint::<get_recording::GetRecording>()
        .endpoint::<get_video::GetVideo>()
        .endpoint::<get_video_analytics::GetVideoAnalytics>()
        .endpoint::<list_my_recordings::ListMyRecordings>()
        .endpoint::<sign_parts::SignParts>()
        .consumer::<fold_watching::FoldWatching>()
        .listener::<finish_transcoding::FinishTranscoding>()
        .listener::<start_transcoding::StartTranscoding>()
        .schedule::<sweep_videos::SweepVideos>()
        .about(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_DESCRIPTION"))
}
