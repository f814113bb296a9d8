//! What a school day must not leave behind: an account with more than a student's role, a session, a course in sight, a
//! certificate that is valid though nobody learned anything.

use std::time::Instant;

use serde_json::{Value, json};

use crate::{Api, Failure, PATIENCE, PAUSE, text};

/// How often each removal is tried: what made the day fail may hit it too.
const ATTEMPTS: u32 = 3;

/// What there is to be removed, noted before anything comes of it.
#[derive(Default)]
pub(crate) struct Traces {
    pub(crate) course: Option<String>,
    pub(crate) instructor: Option<String>,
    /// The access token of who takes the course.
    pub(crate) learner: Option<String>,
    /// Access tokens.
    pub(crate) sessions: Vec<String>,
}

impl Traces {
    /// Removes all of it in the name of an admin.
    pub(crate) async fn remove(self, api: &Api, admin: &str) -> Result<(), Failure> {
        let mut left = Vec::new();
        if let (Some(course), Some(learner)) = (&self.course, &self.learner) {
            let gone = again(async || revoke_certificates(api, admin, course, learner).await).await;
            left.extend(gone.err().map(|why| format!("a certificate may still be valid: {why}")));
        }
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

/// Revokes what the learner has for the course, which may still be on its way.
async fn revoke_certificates(api: &Api, admin: &str, course: &str, learner: &str) -> Result<(), Failure> {
    let taken = api.call("GET /v1/me/courses", Some(learner), None, 200).await?;
    let is_done = |one: &Value| one["course_id"] == course && one["status"] == "completed";
    if !taken["items"].as_array().is_some_and(|all| all.iter().any(is_done)) {
        return Ok(());
    }
    let begun = Instant::now();
    let own = loop {
        let own = api.call("GET /v1/me/certificates", Some(learner), None, 200).await?["items"].take();
        if own != json!([]) || begun.elapsed() >= PATIENCE {
            break own;
        }
        tokio::time::sleep(PAUSE).await;
    };
    for certificate in own.as_array().into_iter().flatten().filter(|one| one["status"] != "revoked") {
        let revoke = format!("POST /v1/admin/certificates/{}/revoke", text(certificate, "id")?);
        api.call(&revoke, Some(admin), Some(&json!({ "reason": "A trial of this deployment." })), 200)
            .await?;
    }
    Ok(())
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
