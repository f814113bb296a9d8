//! video.watched → what is counted of the video

fn main() -> Result<(), runtime::Error> {
    runtime::serve_consumer::<video::fold_watching::FoldWatching>()
}
