//! What lessons and courses show, and what people record: a file that somebody uploads, and what is made of it.

mod analytics;
mod captions;
mod codes;
mod events;
mod ids;
pub mod playback;
mod purpose;
mod recording;
pub mod rules;
mod transcoding;
mod upload;

pub use analytics::{BUCKETS, VideoAnalytics};
pub use captions::{CLOCK_BEGINS_SECONDS, Captions, NewCaptions};
pub use codes::{NOT_A_VIDEO_LESSON, TOO_MANY_RECORDINGS, UPLOAD_CLOSED};
pub(crate) use events::EVENTS;
pub use events::{VideoFailed, VideoReady, VideoWatched};
pub use ids::{RecordingId, RecordingKind, VideoId, VideoKind};
pub use playback::Playlist;
pub use purpose::Purpose;
pub use recording::{MAX_RECORDING_BYTES, MAX_RECORDINGS, NewRecording, Project, Recording};
pub use transcoding::{Duty, Failure, Job, MIN_SIDE, Media, Probed, Rendition, Source, renditions};
pub use upload::{
    BEGINNING_BYTES, FileName, MAX_PARTS, NewVideo, PART_BYTES, SINGLE_MAX_BYTES, Video, VideoStatus,
    VideoType,
};
