//! POST /v1/videos/{video_id}/captions

fn main() -> Result<(), runtime::Error> {
    runtime::serve::<video::add_captions::AddCaptions>()
}
