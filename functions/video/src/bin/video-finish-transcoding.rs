//! MediaConvert: a job has ended → the video is ready, or has failed

fn main() -> Result<(), runtime::Error> {
    runtime::serve_listener::<video::finish_transcoding::FinishTranscoding>()
}
