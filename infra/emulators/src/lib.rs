//! AWS services inside the process, behind the real SDK clients: for tests and the local cloud. They do what Lectern
//! relies on and refuse the rest.

mod connector;
mod folder;
mod mediaconvert;
mod s3;
mod ses;
mod sqs;
mod ssm;
mod stream;

pub use mediaconvert::{Job, MediaConvert};
pub use s3::{ACCESS_KEY, Files, S3, SECRET_KEY};
pub use s3s::Body as FileBody;
pub use ses::{Attachment, Mail, Mailbox};
pub use sqs::{Message, Sqs};
pub use ssm::Ssm;
pub use stream::stream_batch;
