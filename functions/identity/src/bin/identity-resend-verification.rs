//! POST /v1/auth/email/verify/resend

fn main() -> Result<(), runtime::Error> {
    runtime::serve::<identity::resend_verification::ResendVerification>()
}
