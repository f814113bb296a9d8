//! POST /v1/auth/login

fn main() -> Result<(), runtime::Error> {
    runtime::serve::<identity::login::Login>()
}
