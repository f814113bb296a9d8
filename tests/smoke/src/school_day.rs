//! What a school does every day: an instructor makes and publishes a course, a learner finds, takes and completes it.

use std::time::Instant;

use serde_json::{Value, json};

use crate::{Api, Failure, Letters, Login, PATIENCE, PAUSE, text, traces::Traces};

/// Of every day alike, so that nothing about an account can be told from what people may see.
const TITLE: &str = "A school day";

/// A day at a deployment's school: the one of the host that is called.
pub struct SchoolDay<'a> {
    pub api: &'a Api,
    /// Access token of an admin.
    pub admin: &'a str,
    /// Where the mails that it causes can be read; nobody looks at them without.
    pub letters: Option<Letters>,
}

/// What a school day leaves behind.
pub struct Taken {
    /// A free course of two lessons, back in draft.
    pub course: String,
    pub learner_id: String,
    /// Who completed it.
    pub learner: Login,
    /// As the learner's list showed it before it was revoked.
    pub certificate: Value,
    /// Whom it names as who taught.
    pub instructor_name: String,
    /// Where it is verified, with its code.
    pub verify_url: String,
    pub pdf: Vec<u8>,
}

impl SchoolDay<'_> {
    /// Goes through the day unless `stop` comes first, telling each step to `say`, and lets `look` see what came of it
    /// while the certificate is valid. Everything it makes is new, so it may be repeated. However it ends, nobody but its
    /// students is left, signed out, its course is out of sight and its certificate revoked.
    ///
    /// # Errors
    /// Names the step whose answer was not as promised, and what could not be removed.
    pub async fn go(
        &self,
        say: impl Fn(&str),
        stop: impl Future<Output = ()>,
        look: impl AsyncFnOnce(&Taken) -> Result<(), Failure>,
    ) -> Result<Taken, Failure> {
        let mut traces = Traces::default();
        let day = async {
            let taken = self.go_through(&say, &mut traces).await?;
            look(&taken).await.map(|()| taken)
        };
        let day = tokio::select! {
            day = day => day,
            () = stop => Err("interrupted".to_owned()),
        };
        say("leave nothing behind");
        match (day, traces.remove(self.api, self.admin).await) {
            (day, Ok(())) => day,
            (Ok(_), Err(left)) => Err(left),
            (Err(failure), Err(left)) => Err(format!("{failure}; {left}")),
        }
    }

    async fn go_through(&self, say: &impl Fn(&str), traces: &mut Traces) -> Result<Taken, Failure> {
        let (api, admin) = (self.api, self.admin);

        say("register");
        let (student, instructor) = (Login::new()?, Login::new()?);
        let (learner_id, learner) = api.register(&student, "Lena").await?;
        traces.sessions.push(learner.clone());
        traces.learner = Some(learner.clone());
        expect(
            "the account",
            &api.call("GET /v1/me", Some(&learner), None, 200).await?["id"],
            &json!(learner_id),
        )?;
        let (teacher_id, teacher) = api.register(&instructor, "Theo").await?;
        traces.sessions.push(teacher.clone());

        let draft = json!({
            "title": TITLE, "description": "Made from outside.", "level": "beginner",
            "price": { "amount": 0, "currency": "USD" },
        });
        api.call("POST /v1/courses", Some(&teacher), Some(&draft), 403).await?;
        let roles = json!({ "roles": ["student", "instructor"] });
        let assign = format!("PUT /v1/admin/users/{teacher_id}/roles");
        traces.instructor = Some(teacher_id);
        let refused = api.call(&assign, Some(admin), Some(&roles), 409).await?;
        expect("why nobody unconfirmed teaches", &refused["code"], &json!("email_unconfirmed"))?;
        let teacher = if let Some(letters) = &self.letters {
            say("confirm the addresses");
            letters.confirm(api, &student.email, &learner).await?;
            letters.confirm(api, &instructor.email, &teacher).await?;
            say("make an instructor");
            api.call(&assign, Some(admin), Some(&roles), 200).await?;
            teacher
        } else {
            // Without the mails nobody can be confirmed, so the admin teaches.
            admin.to_owned()
        };

        say("write a course");
        let course = text(&api.call("POST /v1/courses", Some(&teacher), Some(&draft), 201).await?, "id")?;
        traces.course = Some(course.clone());
        let publish = format!("POST /v1/courses/{course}/publish");
        let refused = api.call(&publish, Some(&teacher), None, 422).await?;
        expect("the module that is missing", &refused["errors"][0]["pointer"], &json!("/modules"))?;
        let chapter = json!({ "title": "One" });
        let module = api
            .call(&format!("POST /v1/courses/{course}/modules"), Some(&teacher), Some(&chapter), 201)
            .await?;
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
        // As somebody: what nobody in particular is answered may be as old as a cache lets it be.
        let newest = "GET /v1/courses?level=beginner&price=free&sort=created_at";
        let found = api.call(newest, Some(&learner), None, 200).await?;
        let among = found["items"]
            .as_array()
            .is_some_and(|newest| newest.iter().any(|one| one["id"] == json!(course)));
        expect("that it is among the newest courses", &json!(among), &json!(true))?;

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
        let progress =
            api.call(&format!("GET /v1/courses/{course}/progress"), Some(&learner), None, 200).await?;
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
        expect("the verified status", &verified["status"], &json!("valid"))?;
        expect("the name to who has no code", &verified["learner_name"], &Value::Null)?;
        let own = format!("GET /v1/certificates/{}", text(&certificate, "id")?);
        let verify_url = text(&api.call(&own, Some(&learner), None, 200).await?, "verify_url")?;
        let (_, verify) =
            verify_url.split_once("/v1/verify/").ok_or("the certificate is verified nowhere")?;
        let verified = api.call(&format!("GET /v1/verify/{verify}"), None, None, 200).await?;
        expect("the verified name", &verified["learner_name"], &json!("Lena Example"))?;
        let instructor_name = text(&verified, "instructor_name")?;
        if let Some(letters) = &self.letters {
            say("mails");
            for words in [format!("You are enrolled: {TITLE}"), format!("Your certificate: {TITLE}")] {
                letters.find(&student.email, &words).await?;
            }
        }
        let shown = api.call(&format!("GET /v1/courses/{course}"), Some(&learner), None, 200).await?;
        expect("the count of learners", &shown["stats"]["enrollment_count"], &json!(1))?;

        say("unpublish");
        let hidden =
            api.call(&format!("POST /v1/courses/{course}/unpublish"), Some(&teacher), None, 200).await?;
        expect("the status", &hidden["status"], &json!("draft"))?;
        api.call(&format!("GET /v1/courses/{course}"), None, None, 404).await?;
        api.call(&format!("GET /v1/lessons/{}", lessons[0]), Some(&learner), None, 200).await?;
        Ok(Taken { course, learner_id, learner: student, certificate, instructor_name, verify_url, pdf })
    }
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
