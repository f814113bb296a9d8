//! GET /v1/me/recordings

fn main() -> Result<(), runtime::Error> {
    runtime::serve::<video::list_my_recordings::ListMyRecordings>()
}
