//! GET /v1/recordings/{recording_id}

fn main() -> Result<(), runtime::Error> {
    runtime::serve::<video::get_recording::GetRecording>()
}
