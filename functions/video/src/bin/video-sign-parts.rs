//! POST /v1/videos/{video_id}/upload/parts

fn main() -> Result<(), runtime::Error> {
    runtime::serve::<video::sign_parts::SignParts>()
}
