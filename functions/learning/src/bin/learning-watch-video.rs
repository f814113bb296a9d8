//! POST /v1/videos/{video_id}/progress

fn main() -> Result<(), runtime::Error> {
    runtime::serve::<learning::watch_video::WatchVideo>()
}
