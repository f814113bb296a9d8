//! What a school day must not leave behind: an account with more than a student's role, a session, a course in sight.

use serde_json::json;

use crate::{Api, Failure, PAUSE};

/// How often each removal is tried: what made the day fail may hit it too.
const ATTEMPTS: u32 = 3;

/// What there is to be removed, noted before anything comes of it.
#[derive(Default)]
pub(crate) struct Traces {
    pub(crate) course: Option<String>,
    pub(crate) instructor: Option<String>,
    /// Access tokens.
    pub(crate) sessions: Vec<String>,
}

impl Traces {
    /// Removes all of it in the name of an admin.
    pub(crate) async fn remove(self, api: &Api, admin: &str) -> Result<(), Failure> {
        let mut left = Vec::new();
        if let Some(course) = self.course {
            let unpublish = format!("POST /v1/courses/{course}/unpublish");
            let gone = again(async || api.call(&unpublish, Some(admin), None, 200).await.map(drop)).await;
            left.extend(gone.err().map(|why| format!("course {course} may still be in sight: {why}")));
        }
        if let Some(account) = self.instructor {
            let (assign, roles) =
                (format!("PUT /v1/admin/users/{account}/roles"), json!({ "roles": ["student"] }));
            let gone =
                again(async || api.call(&assign, Some(admin), Some(&roles), 200).await.map(drop)).await;
            left.extend(gone.err().map(|why| format!("account {account} may still be an instructor: {why}")));
        }
        for token in self.sessions {
            let gone = again(async || api.sign_out(&token).await).await;
            left.extend(gone.err().map(|why| format!("a session lasts until it expires: {why}")));
        }
        if left.is_empty() { Ok(()) } else { Err(left.join("; ")) }
    }
}

async fn again(removal: impl AsyncFn() -> Result<(), Failure>) -> Result<(), Failure> {
    for _ in 1..ATTEMPTS {
        if removal().await.is_ok() {
            return Ok(());
        }
        tokio::time::sleep(PAUSE).await;
    }
    removal().await
}
