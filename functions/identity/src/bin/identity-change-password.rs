//! PUT /v1/auth/password

fn main() -> Result<(), runtime::Error> {
    runtime::serve::<identity::change_password::ChangePassword>()
}
