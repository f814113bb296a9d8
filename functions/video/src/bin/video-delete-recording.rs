//! DELETE /v1/recordings/{recording_id}

fn main() -> Result<(), runtime::Error> {
    runtime::serve::<video::delete_recording::DeleteRecording>()
}
