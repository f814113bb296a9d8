//! /v1/courses/{course_id}/certificate-template

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use testkit::every_crash_point;

use crate::certificates::setup::{Graduate, graduate, stored};

fn template() -> Value {
    json!({
        "heading": "Diploma", "statement": "has finished", "accent": "#a01040", "signatory_name": "Emmy Noether",
        "signatory_title": "Head of School",
        "logo": STANDARD.encode("<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 2 2'><circle cx='1' cy='1' r='1'/></svg>"),
    })
}

async fn put(class: &Graduate, rev: u64, body: &Value) -> testkit::Answer {
    class
        .app
        .put(class.course.path("certificate-template"))
        .by(&class.author)
        .if_match(rev)
        .json(body)
        .send()
        .await
}

#[tokio::test]
async fn an_author_sets_a_template_and_reads_it_back() {
    let class = graduate().await;
    let path = class.course.path("certificate-template");
    let first = class.app.get(&path).by(&class.author).send().await.expect(200);
    assert_eq!(first.rev(), 0);
    assert_eq!(first.json(200)["heading"], "Certificate of Completion");
    assert_eq!(put(&class, 0, &template()).await.expect(200).rev(), 1);
    let read = class.app.get(&path).by(&class.author).send().await.expect(200);
    assert_eq!(read.rev(), 1);
    let mut kept = template();
    kept["rev"] = json!(1);
    assert_eq!(read.json(200), kept);
    put(&class, 0, &template()).await.refused(412, "stale");
    assert_eq!(put(&class, 1, &template()).await.expect(200).rev(), 2);
}

#[tokio::test]
async fn a_template_that_cannot_be_rendered_is_refused() {
    let class = graduate().await;
    let with = |name: &str, value: Value| {
        let mut body = template();
        body[name] = value;
        body
    };
    for (name, value, status) in [
        ("accent", json!("red"), 422),
        ("accent", json!("1234567"), 422),
        ("accent", json!(7), 400),
        ("heading", json!(""), 422),
        ("heading", json!("x".repeat(61)), 422),
        ("heading", json!(" "), 422),
        ("logo", json!("!"), 422),
        ("logo", json!(STANDARD.encode("GIF89a")), 422),
        ("extra", json!(1), 400),
    ] {
        let answer = put(&class, 0, &with(name, value)).await;
        let _ = answer.expect(status);
    }
    let path = class.course.path("certificate-template");
    assert_eq!(class.app.get(&path).by(&class.author).send().await.expect(200).rev(), 0, "nothing was kept");
}

#[tokio::test]
async fn a_preview_is_a_pdf_that_is_kept_nowhere() {
    let class = graduate().await;
    let kept = async || {
        let mut items = class.app.dump().await;
        items.retain(|item| !item.contains("et=S(\"rate_bucket\")"));
        items
    };
    let before = kept().await;
    let path = class.course.path("certificate-template/preview");
    let answer = class.app.post(&path).by(&class.author).json(&template()).send().await.expect(200);
    assert_eq!(answer.header("content-type"), Some("application/pdf"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(kept().await, before);
    class.app.post(&path).by(&class.learner).json(&template()).send().await.refused(403, "forbidden");
}

#[tokio::test]
async fn a_new_template_is_seen_in_the_next_rendering() {
    let class = graduate().await;
    let first = class.app.file(&format!("certificates/main/{}/1.pdf", class.id)).unwrap();
    let _ = put(&class, 0, &template()).await.expect(200);
    let path = format!("/v1/certificates/{}/render", class.id);
    let _ = class.app.post(path).by(&class.learner).send().await.expect(202);
    class.app.carry().await;
    let second = class.app.file(&format!("certificates/main/{}/2.pdf", class.id)).unwrap();
    assert_ne!(first, second);
    assert_eq!(stored(&class.app, class.id.parse().unwrap()).await.number.to_string(), class.number);
}

#[tokio::test]
async fn a_logo_that_turns_out_to_be_none_costs_the_logo_alone() {
    let class = graduate().await;
    let mut body = template();
    body["logo"] = json!(STANDARD.encode(b"\x89PNG\r\n\x1a\nno picture"));
    let _ = put(&class, 0, &body).await.expect(200);
    let path = format!("/v1/certificates/{}/render", class.id);
    let _ = class.app.post(path).by(&class.learner).send().await.expect(202);
    class.app.carry().await;
    assert!(class.app.file(&format!("certificates/main/{}/2.pdf", class.id)).unwrap().starts_with(b"%PDF-"));
}

#[tokio::test]
async fn a_preview_says_why_a_logo_cannot_be_drawn() {
    let class = graduate().await;
    let path = class.course.path("certificate-template/preview");
    for logo in [
        b"\x89PNG\r\n\x1a\nno picture".as_slice(),
        b"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 9 9'><rect width='9000' height='9' filter='blur(9)'/></svg>",
    ] {
        let mut body = template();
        body["logo"] = json!(STANDARD.encode(logo));
        let refused = class.app.post(&path).by(&class.author).json(&body).send().await;
        let named = refused.refused(422, "validation_failed");
        assert_eq!(named, [("/logo".to_owned(), "not_drawable".to_owned())]);
    }
}

#[tokio::test]
async fn r28_an_author_sees_so_many_previews_a_minute() {
    let class = graduate().await;
    let path = class.course.path("certificate-template/preview");
    for _ in 0..30 {
        let _ = class.app.post(&path).by(&class.author).json(&template()).send().await.expect(200);
    }
    class.app.post(&path).by(&class.author).json(&template()).send().await.refused(429, "rate_limited");
}

#[tokio::test]
async fn f1_a_crash_at_any_call_leaves_the_old_template_or_the_new_one() {
    let points = every_crash_point(
        graduate,
        |class| &class.app,
        async |class| drop(put(class, 0, &template()).await),
        async |class, point| {
            let path = class.course.path("certificate-template");
            let read = class.app.get(path).by(&class.author).send().await.expect(200);
            let heading = if read.rev() == 0 { "Certificate of Completion" } else { "Diploma" };
            assert_eq!(read.json(200)["heading"], heading, "{point:?}");
        },
    )
    .await;
    assert!(points >= 6, "{points}");
}
