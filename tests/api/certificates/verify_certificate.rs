//! GET /v1/verify/{certificate_no}

use serde_json::{Value, json};
use tests::{complete, consumer, enroll, published};

use crate::certificates::setup::{Graduate, alter, completed, graduate, own, stored};

const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

async fn page(class: &Graduate, path: &str, status: u16) -> String {
    let answer = class.app.get(path).header("accept", BROWSER).send().await.expect(status);
    assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
    let policy = answer.header("content-security-policy").unwrap();
    assert!(policy.contains("default-src 'none'") && policy.contains("form-action 'self'"), "{policy}");
    assert!(answer.header("vary").unwrap().contains("accept"));
    assert_eq!(answer.header("referrer-policy"), Some("no-referrer"), "the address holds the code");
    let html = answer.text();
    assert!(!html.contains("<script"), "{html}");
    html
}

/// Page title and heading: what a person, a tab and a screen reader say first.
fn said_first(html: &str) -> (String, String) {
    let inside = |start: &str, end: &str| {
        let (_, rest) = html.split_once(start).unwrap_or_else(|| panic!("no {start} in {html}"));
        rest.split_once(end).unwrap().0.split_once('>').unwrap().1.to_owned()
    };
    assert_eq!(html.matches("<h1").count(), 1, "{html}");
    (inside("<title", "</title>"), inside("<h1", "</h1>"))
}

fn members(found: &Value) -> Vec<&str> {
    let mut names: Vec<&str> = found.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}

/// As its owner sees it.
async fn shown(class: &Graduate) -> Value {
    class.app.get(format!("/v1/certificates/{}", class.id)).by(&class.learner).send().await.json(200)
}

async fn revoke(class: &Graduate, reason: &str) {
    let admin = class.app.admin("Root").await;
    let path = format!("/v1/admin/certificates/{}/revoke", class.id);
    let _ = class.app.post(path).by(&admin).json(&json!({ "reason": reason })).send().await.expect(200);
}

/// Whether a time is of that day; the clock goes on between requests.
fn is_on(at: &Value, day: &str) -> bool {
    at.as_str().is_some_and(|at| at.starts_with(day))
}

#[tokio::test]
async fn a_number_alone_names_nobody() {
    let class = graduate().await;
    let number = format!("/v1/verify/{}", class.number);
    let found = class.app.get(&number).send().await.json(200);
    assert_eq!(
        found,
        json!({
            "status": "valid", "certificate_no": class.number, "learner_initials": "G. E.",
            "course_title": "Rust from the first line", "completed_at": found["completed_at"],
        })
    );
    assert!(is_on(&found["completed_at"], "2026-01-15"));
    let html = page(&class, &number, 200).await;
    for seen in ["G. E.", "Rust from the first line", "15 January 2026", &class.number, "name=\"code\""] {
        assert!(html.contains(seen), "{seen} is not in {html}");
    }
    for hidden in ["Grace", "Ada", &class.code().await, &class.id] {
        assert!(!html.contains(hidden), "{hidden} is in {html}");
    }
}

#[tokio::test]
async fn its_code_opens_what_is_printed_on_it() {
    let class = graduate().await;
    let found = class.app.get(&class.verify).send().await.json(200);
    assert_eq!((&found["status"], &found["code_fits"]), (&json!("valid"), &json!(true)));
    assert_eq!(
        (&found["learner_name"], &found["instructor_name"]),
        (&json!("Grace Example"), &json!("Ada Example"))
    );
    assert_eq!((&found["rendering"], &found["newest_rendering"]), (&json!(1), &json!(1)));
    let printed = [
        "certificate_no",
        "code_fits",
        "completed_at",
        "course_title",
        "duration_minutes",
        "instructor_name",
        "issued_at",
        "learner_initials",
        "learner_name",
        "newest_rendering",
        "rendering",
        "status",
    ];
    assert_eq!(members(&found), printed, "what the certificate shows and nothing more");
    let html = page(&class, &class.verify, 200).await;
    for seen in
        ["Grace Example", "Ada Example", "Rust from the first line", "15 January 2026", "1, the newest"]
    {
        assert!(html.contains(seen), "{seen} is not in {html}");
    }
    assert!(!html.contains("<form"), "there is nothing left to open: {html}");
}

#[tokio::test]
async fn a_wrong_code_tells_no_more_than_the_number_and_never_says_valid() {
    let class = graduate().await;
    let number = format!("/v1/verify/{}", class.number);
    let mut alone = class.app.get(&number).send().await.json(200);
    alone["code_fits"] = json!(false);
    alone["status"] = json!("wrong_code");
    let code = class.code().await;
    let other = if code.starts_with('A') { "B" } else { "A" }.to_owned() + &code[1..];
    for wrong in [other.as_str(), &code[..18], "x", "%F0%9F%98%80", "%zz%C3%28", &"7".repeat(64)] {
        let path = format!("{number}?code={wrong}");
        assert_eq!(class.app.get(&path).send().await.json(200), alone, "{wrong}");
        let html = page(&class, &path, 200).await;
        assert!(html.contains("This code does not fit this certificate."), "{html}");
        assert_eq!(said_first(&html).1, "✕ This code is not of this certificate");
        assert!(!html.contains("Grace") && !html.contains(&other), "{html}");
    }
    let endless = class.app.get(format!("{number}?code={}", "7".repeat(65))).send().await;
    assert_eq!(endless.refused(400, "invalid_query"), [("?code".to_owned(), "too_long".to_owned())]);
}

#[tokio::test]
async fn a_code_may_be_typed_and_a_link_may_have_grown() {
    let class = graduate().await;
    let code = class.code().await;
    for query in [
        format!("code={}", code.to_lowercase()),
        format!("code={}", code.replace('-', "")),
        format!("code=%20{}+", code.replace('-', "+")),
        format!("code={}", code.replace('-', "%E2%80%93")),
        format!("code={}", code.replace('0', "o").replace('1', "l")),
        format!("utm_source=mail&code={code}&fbclid=1&fbclid=2"),
    ] {
        let found = class.app.get(format!("/v1/verify/{}?{query}", class.number)).send().await.json(200);
        assert_eq!(found["learner_name"], "Grace Example", "{query}");
    }
    for query in ["code=", "code=%20", "utm_source=mail", "&&=="] {
        let found = class.app.get(format!("/v1/verify/{}?{query}", class.number)).send().await.json(200);
        assert_eq!(found["code_fits"], Value::Null, "{query}: {found}");
    }
}

#[tokio::test]
async fn a_code_opens_its_own_certificate_alone() {
    let class = graduate().await;
    let other = completed(&class.app, &class.author);
    class.app.consume(&consumer("certificates-issue-certificate"), &other).await.unwrap();
    let path = format!("/v1/verify/CERT-2026-000002?code={}", class.code().await);
    assert_eq!(class.app.get(path).send().await.json(200)["code_fits"], false);
}

#[tokio::test]
async fn the_code_of_an_older_rendering_says_that_there_is_a_newer_one() {
    let class = graduate().await;
    let first = class.code().await;
    class.redraw().await;
    let second = class.code().await;
    assert_ne!(first, second);
    let of = |code: &str| format!("/v1/verify/{}?code={code}", class.number);
    let old = class.app.get(of(&first)).send().await.json(200);
    assert_eq!(
        (&old["status"], &old["rendering"], &old["newest_rendering"]),
        (&json!("superseded"), &json!(1), &json!(2))
    );
    let html = page(&class, &of(&first), 200).await;
    assert!(
        html.contains("A newer rendering replaces this certificate") && html.contains("1; the newest is 2"),
        "{html}"
    );
    let new = class.app.get(of(&second)).send().await.json(200);
    assert_eq!((&new["status"], &new["rendering"]), (&json!("valid"), &json!(2)));
    revoke(&class, "A mistake.").await;
    for code in [&first, &second] {
        assert_eq!(class.app.get(of(code)).send().await.json(200)["status"], "revoked");
    }
}

#[tokio::test]
async fn one_from_before_there_were_codes_gets_one_with_its_next_rendering() {
    let class = graduate().await;
    alter(&class.app, &class.id, |certificate| certificate.code_key = None).await;
    let number = format!("/v1/verify/{}", class.number);
    let found = class.app.get(&class.verify).send().await.json(200);
    assert_eq!((&found["status"], &found["code_fits"]), (&json!("wrong_code"), &json!(false)), "{found}");
    let html = page(&class, &number, 200).await;
    assert!(html.contains("before certificates bore codes") && !html.contains("<form"), "{html}");
    assert!(page(&class, &class.verify, 200).await.contains("This code does not fit this certificate."));
    assert_eq!(shown(&class).await["verify_url"], format!("https://lectern.test{number}"));

    class.redraw().await;
    let url = tests::text(&shown(&class).await, "verify_url");
    let found = class.app.get(url.strip_prefix("https://lectern.test").unwrap()).send().await.json(200);
    assert_eq!(
        (&found["learner_name"], &found["rendering"]),
        (&json!("Grace Example"), &json!(2)),
        "{found}"
    );
}

#[tokio::test]
async fn titles_and_headings_tell_valid_from_replaced_from_revoked_from_unknown() {
    let class = graduate().await;
    let number = format!("/v1/verify/{}", class.number);
    let first = class.verify.clone();
    let mut said = vec![said_first(&page(&class, &first, 200).await)];
    said.push(said_first(&page(&class, &format!("{number}?code=0000-0000-0000-0000"), 200).await));
    class.redraw().await;
    said.push(said_first(&page(&class, &first, 200).await));
    revoke(&class, "A mistake.").await;
    said.push(said_first(&page(&class, &number, 200).await));
    said.push(said_first(&page(&class, "/v1/verify/CERT-2026-000002", 404).await));
    let own = |words: &str, number: &str| format!("{words} {number} · Lectern");
    let wanted = [
        (own("Valid certificate", &class.number), "✓ This certificate is valid"),
        (own("Wrong code", &class.number), "✕ This code is not of this certificate"),
        (own("Replaced certificate", &class.number), "↻ A newer rendering replaces this certificate"),
        (own("Revoked certificate", &class.number), "✕ This certificate was revoked"),
        (own("Unknown certificate", "CERT-2026-000002"), "✕ No such certificate"),
    ];
    assert_eq!(said, wanted.map(|(title, heading)| (title, heading.to_owned())));
}

#[tokio::test]
async fn a_number_that_was_never_taken_is_told_so() {
    let class = graduate().await;
    for number in ["CERT-2026-000002", "CERT-2025-000001", "CERT-2026-1", "x", "%3Cscript%3E"] {
        class.app.get(format!("/v1/verify/{number}")).send().await.refused(404, "not_found");
        let html = page(&class, &format!("/v1/verify/{number}?code=x"), 404).await;
        assert!(html.contains("No such certificate"), "{html}");
    }
}

#[tokio::test]
async fn a_number_may_be_typed_from_paper() {
    let class = graduate().await;
    for typed in ["cert-2026-000001", "%20CERT-2026-000001%20", "Cert\u{2013}2026\u{2013}000001"] {
        let typed = typed.replace('\u{2013}', "%E2%80%93");
        let found = class.app.get(format!("/v1/verify/{typed}")).send().await.json(200);
        assert_eq!(found["certificate_no"], class.number, "{typed}");
    }
}

#[tokio::test]
async fn the_page_says_how_long_the_course_is_as_the_pdf_does() {
    let class = graduate().await;
    assert!(page(&class, &class.verify, 200).await.contains("<dd>20 minutes</dd>"));
    alter(&class.app, &class.id, |certificate| certificate.duration_minutes = 0).await;
    assert!(!page(&class, &class.verify, 200).await.contains("Duration"));
}

/// What is printed is the day on which the learner was done; a queue may take until the next one.
#[tokio::test]
async fn the_day_of_completion_is_not_the_day_of_issue() {
    let class = graduate().await;
    let app = &class.app;
    let completed = completed(app, &class.author);
    app.clock().advance(3 * 24 * 3600);
    app.consume(&consumer("certificates-issue-certificate"), &completed).await.unwrap();
    app.carry().await;
    let data: domain::learning::CourseCompleted = completed.data().unwrap();
    let certificate = stored(app, domain::certificates::Certificate::id_for(data.enrollment_id)).await;
    let path = certificate.verify_url("", 1);
    let html = page(&class, &path, 200).await;
    for said in ["<dt>Completed</dt><dd>15 January 2026</dd>", "<dt>Issued</dt><dd>18 January 2026</dd>"] {
        assert!(html.contains(said), "{said} is not in {html}");
    }
    let alone = page(&class, path.split_once('?').unwrap().0, 200).await;
    assert!(
        alone.contains("<dt>Completed</dt><dd>15 January 2026</dd>") && !alone.contains("18 January"),
        "{alone}"
    );
    let found = app.get(&path).send().await.json(200);
    assert!(is_on(&found["completed_at"], "2026-01-15") && is_on(&found["issued_at"], "2026-01-18"));
    // A PDF says the day that is printed in its metadata too, where no tool is needed to read it.
    let pdf = app.file(&certificate.rendering.unwrap().object).unwrap();
    let text = String::from_utf8_lossy(&pdf);
    assert!(
        text.contains("<xmp:CreateDate>2026-01-15") && !text.contains("2026-01-18"),
        "another day is printed"
    );
}

#[tokio::test]
async fn what_people_and_authors_write_is_no_markup() {
    let class = graduate().await;
    let app = &class.app;
    let course = published(app, &class.author, "<b>Knots</b> & \"<i>splices", &[1]).await;
    let learner = app.student("Markup").await;
    let body = json!({ "first_name": "<u>Ann</u>", "last_name": "<s>\"'&" });
    let _ = app.patch("/v1/me").by(&learner).json(&body).send().await.expect(200);
    enroll(app, &learner, &course).await;
    complete(app, &learner, &course).await;
    app.carry().await;
    let id = tests::text(&own(app, &learner).await[0], "id");
    alter(app, &id, |certificate| certificate.instructor_name = "<em>Ada".to_owned()).await;
    let path = stored(app, id.parse().unwrap()).await.verify_url("", 1);
    let opened = page(&class, &path, 200).await;
    let alone = page(&class, path.split_once('?').unwrap().0, 200).await;
    for html in [&opened, &alone] {
        for markup in ["<b>", "<i>", "<u>", "<s>", "<em>"] {
            assert!(!html.contains(markup), "{markup} is in {html}");
        }
        assert!(html.contains("Knots") && html.contains("splices"), "{html}");
    }
    assert!(opened.contains("Ann"), "{opened}");
}

#[tokio::test]
async fn names_of_any_length_and_script_are_on_the_page() {
    let class = graduate().await;
    let names = ["Wolfe", "محمد ", "山田さくら", "क्षितिज ", "e\u{301}"];
    for (name, length) in names.into_iter().flat_map(|name| [(name, 100), (name, 500)]) {
        let long: String = name.chars().cycle().take(length).collect();
        alter(&class.app, &class.id, |certificate| certificate.learner_name.clone_from(&long)).await;
        assert!(page(&class, &class.verify, 200).await.contains(&format!("<bdi>{long}</bdi>")), "{long}");
        let found =
            class.app.get(format!("/v1/verify/{}", class.number)).from_ip(&format!("::{length}")).send();
        let initials = tests::text(&found.await.json(200), "learner_initials");
        assert!((2..=20).contains(&initials.chars().count()), "{initials} of {long}");
    }
}

#[tokio::test]
async fn a_revoked_one_shows_when_and_with_its_code_why() {
    let class = graduate().await;
    revoke(&class, "<b>Not</b> taken in person.").await;
    let number = format!("/v1/verify/{}", class.number);
    let found = class.app.get(&number).send().await.json(200);
    assert_eq!(
        members(&found),
        ["certificate_no", "completed_at", "course_title", "learner_initials", "revoked_at", "status"],
        "a reason may name people"
    );
    assert!(found["status"] == "revoked" && is_on(&found["revoked_at"], "2026-01-15"));
    let html = page(&class, &number, 200).await;
    assert!(
        html.contains("was revoked") && html.contains("On 15 January 2026.") && !html.contains("in person"),
        "{html}"
    );
    let opened = class.app.get(&class.verify).send().await.json(200);
    assert_eq!(opened["reason"], "<b>Not</b> taken in person.");
    let html = page(&class, &class.verify, 200).await;
    assert!(
        html.contains("15 January 2026: ") && html.contains("taken in person.") && !html.contains("<b>Not"),
        "{html}"
    );
}

#[tokio::test]
async fn programs_get_json_and_who_weighs_it_more_too() {
    let class = graduate().await;
    for (accept, wanted) in [
        ("*/*", "application/json"),
        ("text/html;q=0.5, application/json", "application/json"),
        ("text/html;q=0, */*", "application/json"),
        ("application/json;q=0.2, text/html;q=0.3", "text/html; charset=utf-8"),
    ] {
        let answer = class.app.get(&class.verify).header("accept", accept).send().await.expect(200);
        assert_eq!(answer.header("content-type"), Some(wanted), "{accept}");
        assert_eq!(answer.header("referrer-policy"), Some("no-referrer"));
    }
}

#[tokio::test]
async fn r29_another_school_does_not_know_it() {
    let class = graduate().await;
    class.app.get(&class.verify).to_other_school().send().await.refused(404, "not_found");
}

#[tokio::test]
async fn r28_numbers_cannot_be_read_one_after_the_other_nor_codes_be_guessed() {
    let class = graduate().await;
    for n in 0..30 {
        let path = format!("/v1/verify/{}?code={n}", class.number);
        let _ = class.app.get(&path).from_ip("198.51.100.7").send().await.expect(200);
    }
    class.app.get(&class.verify).from_ip("198.51.100.7").send().await.refused(429, "rate_limited");
    let _ = class.app.get(&class.verify).from_ip("198.51.100.8").send().await.expect(200);
    // A person is shown a page that says when to come back.
    let slow = class.app.get(&class.verify).from_ip("198.51.100.7").header("accept", BROWSER).send().await;
    let slow = slow.expect(429);
    assert_eq!(slow.header("content-type"), Some("text/html; charset=utf-8"));
    let seconds = slow.header("retry-after").unwrap();
    assert!(matches!(seconds, "2" | "3"), "{seconds}");
    let html = slow.text();
    assert_eq!(
        said_first(&html),
        (format!("Too many requests {} · Lectern", class.number), "Too many requests".to_owned())
    );
    assert!(html.contains(&format!("Try again in {seconds} seconds.")) && !html.contains("Grace"), "{html}");
}

#[tokio::test]
async fn r32_a_code_is_in_no_event_and_in_no_problem() {
    let class = graduate().await;
    let event = completed(&class.app, &class.author);
    for function in ["certificates-issue-certificate", "certificates-render-certificate"] {
        let event = if function.contains("issue") {
            event.clone()
        } else {
            class.app.outbox("certificate.issued").await.remove(0)
        };
        class.app.consume(&consumer(function), &event).await.unwrap();
    }
    let data: domain::learning::CourseCompleted = event.data().unwrap();
    let certificate = stored(&class.app, domain::certificates::Certificate::id_for(data.enrollment_id)).await;
    let code = certificate.code(1).unwrap();
    let key = serde_json::to_string(&certificate.code_key).unwrap();
    let events = class.app.outbox("").await;
    assert_eq!(events.len(), 2, "issued and rendered");
    for event in events {
        let event = serde_json::to_string(&event).unwrap();
        assert!(!event.contains(&code) && !event.contains(&key), "{event}");
    }
    let refused = class.app.get(format!("/v1/verify/CERT-2026-000009?code={code}")).send().await;
    refused.refused(404, "not_found");
    assert!(!refused.text().contains(&code) && !format!("{:?}", refused.headers).contains(&code));
    assert!(!format!("{certificate:?}").contains(key.trim_matches('"')), "not even by Debug");
}
