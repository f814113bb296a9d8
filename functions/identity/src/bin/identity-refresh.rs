//! POST /v1/auth/refresh

fn main() -> Result<(), runtime::Error> {
    runtime::serve::<identity::refresh::Refresh>()
}
