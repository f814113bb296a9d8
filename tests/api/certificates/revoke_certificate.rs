//! POST /v1/admin/certificates/{certificate_id}/revoke

use serde_json::json;
use testkit::every_crash_point;

use crate::certificates::setup::{Graduate, graduate, own};

async fn revoke(class: &Graduate) -> testkit::Answer {
    let admin = class.app.admin("Root").await;
    let body = json!({ "reason": " The exam was taken by somebody else. " });
    class.app.post(format!("/v1/admin/certificates/{}/revoke", class.id)).by(&admin).json(&body).send().await
}

#[tokio::test]
async fn a_revoked_certificate_says_so_and_hands_out_no_pdf() {
    let class = graduate().await;
    let revoked = revoke(&class).await.json(200);
    assert_eq!(revoked["status"], "revoked");
    assert_eq!(revoked["revocation"]["reason"], "The exam was taken by somebody else.");
    let own = own(&class.app, &class.learner).await;
    assert_eq!(own[0]["status"], "revoked");
    assert!(own[0]["pdf_url"].is_null());
    let events = class.app.outbox("certificate.revoked").await;
    assert_eq!(events.len(), 1);
    assert_eq!(events[0].data["certificate_no"], class.number);
}

#[tokio::test]
async fn a_revocation_stands_with_its_first_reason() {
    let class = graduate().await;
    let _ = revoke(&class).await.expect(200);
    let body = json!({ "reason": "Another." });
    let admin = class.app.admin("Other").await;
    let path = format!("/v1/admin/certificates/{}/revoke", class.id);
    class.app.post(&path).by(&admin).json(&body).send().await.refused(409, "already_revoked");
    let verified = class.app.get(&class.verify).send().await.json(200);
    assert_eq!(verified["reason"], "The exam was taken by somebody else.");
}

#[tokio::test]
async fn a_reason_is_needed() {
    let class = graduate().await;
    let admin = class.app.admin("Root").await;
    let path = format!("/v1/admin/certificates/{}/revoke", class.id);
    for (body, status) in
        [(json!({}), 400), (json!({ "reason": "" }), 422), (json!({ "reason": "x".repeat(501) }), 422)]
    {
        let _ = class.app.post(&path).by(&admin).json(&body).send().await.expect(status);
    }
    class
        .app
        .post(&path)
        .by(&class.author)
        .json(&json!({ "reason": "x" }))
        .send()
        .await
        .refused(403, "forbidden");
}

#[tokio::test]
async fn f1_a_crash_at_any_call_leaves_it_valid_or_revoked_and_announced() {
    let points = every_crash_point(
        async || {
            let class = graduate().await;
            let admin = class.app.admin("Root").await;
            (class, admin)
        },
        |(class, _)| &class.app,
        async |(class, admin)| {
            let path = format!("/v1/admin/certificates/{}/revoke", class.id);
            let _ = class.app.post(path).by(admin).json(&json!({ "reason": "x" })).send().await;
        },
        async |(class, _), point| {
            let status = class.app.get(format!("/v1/verify/{}", class.number)).send().await.json(200);
            let announced = class.app.outbox("certificate.revoked").await.len();
            assert_eq!(announced, usize::from(status["status"] == "revoked"), "{point:?}");
        },
    )
    .await;
    assert!(points >= 6, "{points}");
}

#[tokio::test]
async fn the_number_on_the_paper_is_enough() {
    let class = graduate().await;
    let admin = class.app.admin("Root").await;
    let body = json!({ "reason": "Issued by mistake." });
    let revoke = async |name: &str| {
        class.app.post(format!("/v1/admin/certificates/{name}/revoke")).by(&admin).json(&body).send().await
    };
    revoke("CERT-2026-000002").await.refused(404, "not_found");
    assert_eq!(revoke(&class.number).await.json(200)["id"], class.id);
    revoke(&class.id).await.refused(409, "already_revoked");
}
