//! bounces and complaints, as SES tells them → no more mail to that address

fn main() -> Result<(), runtime::Error> {
    runtime::serve_listener::<mail::record_feedback::RecordFeedback>()
}
