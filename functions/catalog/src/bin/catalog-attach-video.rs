//! video.ready → the lesson shows it

fn main() -> Result<(), runtime::Error> {
    runtime::serve_consumer::<catalog::attach_video::AttachVideo>()
}
