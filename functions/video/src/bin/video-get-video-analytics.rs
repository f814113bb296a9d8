//! GET /v1/videos/{video_id}/analytics

fn main() -> Result<(), runtime::Error> {
    runtime::serve::<video::get_video_analytics::GetVideoAnalytics>()
}
