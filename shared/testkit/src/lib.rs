//! What tests stand on. Every [`TestApp`] has its own school on its own in-memory emulator, reached through the real
//! SDK, and takes requests as API Gateway payloads. Each request is also held to its route's budget, to its function's
//! role in the template, to reading as ACCESS_PATTERNS.md says, and to writing what its domain owns; each refusal to being a problem that the API
//! reference tells of; and all of it to letting out no secret, in every test without asking.

mod answer;
mod app;
mod canaries;
mod carrier;
mod clock;
mod crash;
mod grants;
mod outage;
mod person;
mod reads;
mod redact;
mod request;
mod tap;
mod waves;
mod writes;

pub use answer::Answer;
pub use app::{BUCKET, OTHER_HOST, Snapshot, TestApp};
pub use clock::TestClock;
pub use crash::{CrashPoint, every_crash_point};
pub use grants::granted;
pub use outage::Outage;
pub use person::Person;
pub use reads::exceptional_reads;
pub use redact::redacted;
pub use request::TestRequest;
pub use tap::{Moment, Tap};
