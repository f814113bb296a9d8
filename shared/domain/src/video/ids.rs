//! Ids of videos and of recordings.

kernel::ids! {
    VideoKind, VideoId, "vid", "video_id";
    RecordingKind, RecordingId, "rec", "recording_id";
}
