//! What lessons show: a file that an author uploads, and what is made of it.

mod codes;
mod ids;
pub mod rules;
mod upload;

pub use codes::{NOT_A_VIDEO_LESSON, UPLOAD_CLOSED};
pub use ids::{VideoId, VideoKind};
pub use upload::{
    FileName, MAX_PARTS, NewVideo, PART_BYTES, SINGLE_MAX_BYTES, Video, VideoStatus, VideoType,
};
