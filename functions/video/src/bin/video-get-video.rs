//! GET /v1/videos/{video_id}

fn main() -> Result<(), runtime::Error> {
    runtime::serve::<video::get_video::GetVideo>()
}
