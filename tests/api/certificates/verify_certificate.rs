//! GET /v1/verify/{certificate_no}

use serde_json::json;

use crate::setup::{Graduate, completed, consumer, graduate};

async fn page(class: &Graduate, number: &str, status: u16) -> String {
    let answer = class.app.get(format!("/v1/verify/{number}")).header("accept", "text/html,*/*;q=0.8");
    let answer = answer.send().await.expect(status);
    assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
    assert!(answer.header("content-security-policy").unwrap().contains("default-src 'none'"));
    assert!(answer.header("vary").unwrap().contains("accept"));
    answer.text()
}

#[tokio::test]
async fn anybody_verifies_a_certificate_by_its_number() {
    let class = graduate().await;
    let found = class.app.get(format!("/v1/verify/{}", class.number)).send().await.json(200);
    assert_eq!(found["status"], "valid");
    assert_eq!(found["certificate_no"], class.number);
    assert_eq!(found["learner_name"], "Grace Example");
    assert_eq!(found["course_title"], "Rust from the first line");
    let mut names: Vec<&str> = found.as_object().unwrap().keys().map(String::as_str).collect();
    names.sort_unstable();
    let printed = [
        "certificate_no",
        "completed_at",
        "course_title",
        "duration_minutes",
        "instructor_name",
        "issued_at",
        "learner_name",
        "status",
    ];
    assert_eq!(names, printed, "what the certificate shows and nothing more");
}

#[tokio::test]
async fn people_get_a_page() {
    let class = graduate().await;
    let html = page(&class, &class.number, 200).await;
    for seen in [
        "This certificate is valid",
        "Grace Example",
        "Rust from the first line",
        "15 January 2026",
        &class.number,
    ] {
        assert!(html.contains(seen), "{seen} is not in {html}");
    }
    assert!(!html.contains("<script"));
}

#[tokio::test]
async fn a_number_that_was_never_taken_is_told_so() {
    let class = graduate().await;
    for number in ["CERT-2026-000002", "CERT-2025-000001", "CERT-2026-1", "x", "%3Cscript%3E"] {
        class.app.get(format!("/v1/verify/{number}")).send().await.refused(404, "not_found");
        let html = page(&class, number, 404).await;
        assert!(html.contains("No such certificate") && !html.contains("<script"), "{html}");
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
    assert!(page(&class, &class.number, 200).await.contains("<dd>20 minutes</dd>"));
    let mut timeless = completed(&class.app, &class.author);
    timeless.data["duration_minutes"] = json!(0);
    class.app.consume(&consumer("certificates-issue-certificate"), &timeless).await.unwrap();
    assert!(!page(&class, "CERT-2026-000002", 200).await.contains("Duration"));
}

#[tokio::test]
async fn a_revoked_one_shows_when_and_why() {
    let class = graduate().await;
    let admin = class.app.admin("Root").await;
    let body = json!({ "reason": "<b>Not</b> taken in person." });
    let path = format!("/v1/admin/certificates/{}/revoke", class.id);
    let _ = class.app.post(path).by(&admin).json(&body).send().await.expect(200);
    let found = class.app.get(format!("/v1/verify/{}", class.number)).send().await.json(200);
    assert_eq!(found["status"], "revoked");
    assert_eq!(found["reason"], "<b>Not</b> taken in person.");
    assert!(found["revoked_at"].is_string());
    let html = page(&class, &class.number, 200).await;
    assert!(
        html.contains("was revoked") && html.contains("15 January 2026") && !html.contains("<b>Not"),
        "{html}"
    );
}

#[tokio::test]
async fn r29_another_school_does_not_know_it() {
    let class = graduate().await;
    let answer = class.app.get(format!("/v1/verify/{}", class.number)).to_other_school().send().await;
    answer.refused(404, "not_found");
}

#[tokio::test]
async fn r28_numbers_cannot_be_read_one_after_the_other() {
    let class = graduate().await;
    let path = format!("/v1/verify/{}", class.number);
    for _ in 0..30 {
        let _ = class.app.get(&path).from_ip("198.51.100.7").send().await.expect(200);
    }
    class.app.get(&path).from_ip("198.51.100.7").send().await.refused(429, "rate_limited");
    let _ = class.app.get(&path).from_ip("198.51.100.8").send().await.expect(200);
}
