//! PATCH /v1/me

fn main() -> Result<(), runtime::Error> {
    runtime::serve::<identity::update_me::UpdateMe>()
}
