//! Keys of videos.

use domain::video::{Video, VideoId};
use kernel::School;

use crate::core::key::{Key, at, partition};

/// A video.
#[must_use]
pub fn video(school: &School, id: VideoId) -> Key<Video> {
    at(partition(school, format_args!("VIDEO#{id}")), "VIDEO")
}
