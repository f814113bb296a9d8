//! POST /v1/videos/{video_id}/upload/complete

fn main() -> Result<(), runtime::Error> {
    runtime::serve::<video::complete_upload::CompleteUpload>()
}
