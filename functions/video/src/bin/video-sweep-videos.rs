//! every 15 minutes: what the stream missed → the queues of the subscribers

fn main() -> Result<(), runtime::Error> {
    runtime::serve_schedule::<video::sweep_videos::SweepVideos>()
}
