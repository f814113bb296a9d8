//! GET /v1/me

fn main() -> Result<(), runtime::Error> {
    runtime::serve::<identity::get_me::GetMe>()
}
