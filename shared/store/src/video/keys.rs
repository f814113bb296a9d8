//! Keys of videos and of recordings.

use domain::video::{Recording, RecordingId, Video, VideoAnalytics, VideoId};
use kernel::{School, Timestamp, UserId};

use crate::core::key::{GSI1, Key, Partition, at, partition, partition_of_index};

/// A video.
#[must_use]
pub fn video(school: &School, id: VideoId) -> Key<Video> {
    at(partition(school, format_args!("VIDEO#{id}")), "VIDEO")
}

/// How it is watched.
#[must_use]
pub fn video_analytics(school: &School, id: VideoId) -> Key<VideoAnalytics> {
    at(partition(school, format_args!("VIDEO#{id}")), "ANALYTICS")
}

/// Somebody's recordings, the oldest first.
#[must_use]
pub fn recordings_partition(school: &School, owner: UserId) -> Partition {
    partition(school, format_args!("RECORDINGS#{owner}"))
}

/// A recording of somebody's.
#[must_use]
pub fn recording(school: &School, owner: UserId, id: RecordingId) -> Key<Recording> {
    at(recordings_partition(school, owner), id)
}

/// Index 1: the videos that something is still to become of, by when somebody should look.
#[must_use]
pub fn open_videos_partition(school: &School) -> Partition {
    partition_of_index(GSI1, school, format_args!("OPENVIDEOS"))
}

pub(crate) fn open_video_index(school: &School, id: VideoId, at: Timestamp) -> (String, String) {
    (open_videos_partition(school).into(), format!("{at}#{id}"))
}
