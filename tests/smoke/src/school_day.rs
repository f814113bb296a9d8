//! What a school does every day: an instructor makes and publishes a course, a learner finds, takes and completes it.

use std::time::{Duration, Instant};

use kernel::{Clock, EventId, SystemClock};
use serde_json::{Value, json};

use crate::{Api, Failure, text};

const PASSWORD: &str = "a long enough one";
/// How long a certificate may take, and how often to look.
const PATIENCE: Duration = Duration::from_secs(60);
const PAUSE: Duration = Duration::from_millis(200);

/// What a school day leaves behind.
pub struct Taken {
    /// A published free course of two lessons.
    pub course: String,
    /// Who completed it: id and access token.
    pub learner: (String, String),
    /// As the learner's list shows it.
    pub certificate: Value,
    pub pdf: Vec<u8>,
}

/// Goes through a day with the access token of an admin, telling each step to `say`. Everything it makes is new, so it
/// may be repeated.
///
/// # Errors
/// Names the step whose answer was not as promised.
pub async fn school_day(api: &Api, admin: &str, say: impl Fn(&str)) -> Result<Taken, Failure> {
    let run = EventId::generate(SystemClock.now()).uuid().simple();

    say("register");
    let (_, learner) = api.register(&format!("learner-{run}@example.org"), PASSWORD, "Lena").await?;
    let learner_id = text(&api.call("GET /v1/me", Some(&learner), None, 200).await?, "id")?;
    let (teacher_id, teacher) = api.register(&format!("teacher-{run}@example.org"), PASSWORD, "Theo").await?;

    say("make an instructor");
    let draft = json!({
        "title": format!("A school day {run}"), "description": "Made from outside.", "level": "beginner",
        "price": { "amount": 0, "currency": "USD" },
    });
    api.call("POST /v1/courses", Some(&teacher), Some(&draft), 403).await?;
    let roles = json!({ "roles": ["student", "instructor"] });
    api.call(&format!("PUT /v1/admin/users/{teacher_id}/roles"), Some(admin), Some(&roles), 200).await?;

    say("write a course");
    let course = text(&api.call("POST /v1/courses", Some(&teacher), Some(&draft), 201).await?, "id")?;
    let publish = format!("POST /v1/courses/{course}/publish");
    let refused = api.call(&publish, Some(&teacher), None, 422).await?;
    expect("the module that is missing", &refused["errors"][0]["pointer"], &json!("/modules"))?;
    let chapter = json!({ "title": "One" });
    let module =
        api.call(&format!("POST /v1/courses/{course}/modules"), Some(&teacher), Some(&chapter), 201).await?;
    let lessons_of = format!("POST /v1/modules/{}/lessons", text(&module, "id")?);
    let mut lessons = Vec::new();
    for title in ["First", "Second"] {
        let page = json!({
            "title": title, "content_type": "text", "content": "# Hello\n", "duration_minutes": 5,
        });
        lessons.push(text(&api.call(&lessons_of, Some(&teacher), Some(&page), 201).await?, "id")?);
    }
    api.call(&format!("GET /v1/courses/{course}"), Some(&learner), None, 404).await?;

    say("publish");
    let published = api.call(&publish, Some(&teacher), None, 200).await?;
    expect("the status", &published["status"], &json!("published"))?;
    let found =
        api.call("GET /v1/courses?level=beginner&price=free&sort=created_at", None, None, 200).await?;
    expect("the newest course", &found["items"][0]["id"], &json!(course))?;

    say("enrol");
    let enroll = format!("POST /v1/courses/{course}/enroll");
    api.call(&enroll, Some(&learner), None, 201).await?;
    api.call(&enroll, Some(&learner), None, 409).await?;

    say("learn");
    for lesson in &lessons {
        let opened = api.call(&format!("GET /v1/lessons/{lesson}"), Some(&learner), None, 200).await?;
        expect("the content", &opened["content"], &json!("# Hello\n"))?;
        let half = json!({ "percent": 50 });
        api.call(&format!("PUT /v1/lessons/{lesson}/progress"), Some(&learner), Some(&half), 200).await?;
        api.call(&format!("POST /v1/lessons/{lesson}/complete"), Some(&learner), None, 200).await?;
    }

    say("complete");
    let progress = api.call(&format!("GET /v1/courses/{course}/progress"), Some(&learner), None, 200).await?;
    expect("the percentage", &progress["summary"]["completion_percent"], &json!(100))?;
    expect("the enrolment", &progress["enrollment"]["status"], &json!("completed"))?;
    let mine = api.call("GET /v1/me/courses", Some(&learner), None, 200).await?;
    expect("the learner's course", &mine["items"][0]["course_id"], &json!(course))?;
    say("certificate");
    let certificate = certificate(api, &learner).await?;
    expect("the certificate's course", &certificate["course_id"], &json!(course))?;
    let pdf = api.download(&text(&certificate, "pdf_url")?).await?;
    if !pdf.starts_with(b"%PDF-") {
        return Err("the certificate's link leads to no PDF".to_owned());
    }
    let number = text(&certificate, "certificate_no")?;
    let verified = api.call(&format!("GET /v1/verify/{number}"), None, None, 200).await?;
    expect("the verified name", &verified["learner_name"], &json!("Lena Example"))?;
    expect("the verified status", &verified["status"], &json!("valid"))?;
    let shown = api.call(&format!("GET /v1/courses/{course}"), None, None, 200).await?;
    expect("the count of learners", &shown["stats"]["enrollment_count"], &json!(1))?;
    Ok(Taken { course, learner: (learner_id, learner), certificate, pdf })
}

/// The certificate, once its PDF is there: events take seconds.
async fn certificate(api: &Api, learner: &str) -> Result<Value, Failure> {
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE {
        let own = api.call("GET /v1/me/certificates", Some(learner), None, 200).await?;
        if own["items"][0]["status"] == "ready" {
            return Ok(own["items"][0].clone());
        }
        tokio::time::sleep(PAUSE).await;
    }
    Err(format!("no certificate after {} s", PATIENCE.as_secs()))
}

fn expect(what: &str, got: &Value, wanted: &Value) -> Result<(), Failure> {
    if got == wanted { Ok(()) } else { Err(format!("{what} is {got}, not {wanted}")) }
}
