//! GET /v1/videos/{video_id}/playlists/{playlist}

fn main() -> Result<(), runtime::Error> {
    runtime::serve::<video::get_playlist::GetPlaylist>()
}
