//! POST /v1/auth/email/verify

fn main() -> Result<(), runtime::Error> {
    runtime::serve::<identity::verify_email::VerifyEmail>()
}
