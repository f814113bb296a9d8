//! POST /v1/recordings

fn main() -> Result<(), runtime::Error> {
    runtime::serve::<video::begin_recording::BeginRecording>()
}
