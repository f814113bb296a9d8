//! Videos of lessons: uploaded past the functions, made ready for every line, watched.

pub mod add_captions;
pub mod begin_upload;
pub mod complete_upload;
pub mod finish_transcoding;
pub mod fold_watching;
pub mod get_playlist;
pub mod get_video;
pub mod get_video_analytics;
mod play_links;
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
        .endpoint::<begin_upload::BeginUpload>()
        .endpoint::<complete_upload::CompleteUpload>()
        .endpoint::<get_playlist::GetPlaylist>()
        .endpoint::<get_video::GetVideo>()
        .endpoint::<get_video_analytics::GetVideoAnalytics>()
        .endpoint::<sign_parts::SignParts>()
        .consumer::<fold_watching::FoldWatching>()
        .listener::<finish_transcoding::FinishTranscoding>()
        .listener::<start_transcoding::StartTranscoding>()
        .schedule::<sweep_videos::SweepVideos>()
        .about(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_DESCRIPTION"))
}
