//! Ids of videos.

kernel::ids! {
    VideoKind, VideoId, "vid", "video_id";
}
