//! POST /v1/lessons/{lesson_id}/video

fn main() -> Result<(), runtime::Error> {
    runtime::serve::<video::begin_upload::BeginUpload>()
}
