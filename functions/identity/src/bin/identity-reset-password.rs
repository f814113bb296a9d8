//! POST /v1/auth/password/reset

fn main() -> Result<(), runtime::Error> {
    runtime::serve::<identity::reset_password::ResetPassword>()
}
