//! POST /v1/auth/password/forgot

fn main() -> Result<(), runtime::Error> {
    runtime::serve::<identity::forgot_password::ForgotPassword>()
}
