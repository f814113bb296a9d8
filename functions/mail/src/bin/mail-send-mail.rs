//! user.registered, enrollment.created, certificate.rendered → one mail

fn main() -> Result<(), runtime::Error> {
    runtime::serve_consumer::<mail::send_mail::SendMail>()
}
