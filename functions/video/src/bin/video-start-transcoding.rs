//! a file in the bucket below `uploads` → the job that transcodes it

fn main() -> Result<(), runtime::Error> {
    runtime::serve_listener::<video::start_transcoding::StartTranscoding>()
}
