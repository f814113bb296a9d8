//! POST /v1/auth/logout

fn main() -> Result<(), runtime::Error> {
    runtime::serve::<identity::logout::Logout>()
}
