//! Videos of lessons: uploaded past the functions, made ready for every line, watched.

pub mod begin_upload;
pub mod complete_upload;
pub mod get_video;
pub mod sign_parts;
mod view;

pub use view::VideoView;

/// What this package offers.
#[must_use]
pub fn registry() -> runtime::Registry {
    runtime::Registry::default()
        .endpoint::<begin_upload::BeginUpload>()
        .endpoint::<complete_upload::CompleteUpload>()
        .endpoint::<get_video::GetVideo>()
        .endpoint::<sign_parts::SignParts>()
        .about(env!("CARGO_PKG_NAME"), env!("CARGO_PKG_DESCRIPTION"))
}
