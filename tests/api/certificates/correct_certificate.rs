//! POST /v1/admin/certificates/{certificate_id}/correct

use serde_json::{Value, json};
use testkit::{Answer, Person, every_crash_point};

use crate::certificates::setup::{Graduate, graduate, own, stored, verified};

async fn correct(class: &Graduate, admin: &Person, certificate: &str, body: &Value) -> Answer {
    let path = format!("/v1/admin/certificates/{certificate}/correct");
    class.app.post(path).by(admin).json(body).send().await
}

fn passport() -> Value {
    json!({ "learner_name": " Grace Brewster Hopper ", "reason": " Showed a passport. " })
}

#[tokio::test]
async fn an_admin_corrects_the_name_and_has_it_rendered_again() {
    let class = graduate().await;
    class.app.clock().advance(90 * 24 * 3600);
    let admin = class.app.admin("Root").await;
    let begun = class.app.app().now();
    let corrected = correct(&class, &admin, &class.id, &passport()).await.json(202);
    assert_eq!(
        (&corrected["learner_name"], &corrected["status"]),
        (&json!("Grace Brewster Hopper"), &json!("rendering"))
    );
    class.app.carry().await;

    let certificate = stored(&class.app, class.id.parse().unwrap()).await;
    let [correction] = certificate.corrections.as_slice() else { panic!("{certificate:?}") };
    assert_eq!(correction.by, admin.id);
    assert_eq!(correction.reason.as_deref(), Some("Showed a passport."));
    assert_eq!(correction.before, "Grace Example");
    assert!((begun..class.app.app().now()).contains(&correction.corrected_at));
    let made = certificate.rendering.as_ref().unwrap();
    let claims = verified(&class.app, &made.credential).unwrap();
    assert_eq!((claims.learner_name.as_str(), claims.rendering), ("Grace Brewster Hopper", Some(2)));
    assert_eq!(certificate.number.to_string(), class.number);

    // Whoever has the first rendering is told, and finds out in what it differs.
    let first = class.app.get(&class.verify).send().await.json(200);
    assert_eq!(
        (&first["status"], &first["learner_name"]),
        (&json!("superseded"), &json!("Grace Brewster Hopper"))
    );
    assert_eq!((&first["rendering"], &first["newest_rendering"]), (&json!(1), &json!(2)));
    assert!(!first.to_string().contains("passport"), "the reason is the school's: {first}");
}

#[tokio::test]
async fn the_number_on_the_paper_is_enough_and_no_other_certificate_has_it() {
    let class = graduate().await;
    let admin = class.app.admin("Root").await;
    correct(&class, &admin, "CERT-2026-000002", &passport()).await.refused(404, "not_found");
    assert_eq!(correct(&class, &admin, &class.number, &passport()).await.json(202)["id"], class.id);
}

#[tokio::test]
async fn a_repeated_request_changes_nothing() {
    let class = graduate().await;
    let admin = class.app.admin("Root").await;
    let _ = correct(&class, &admin, &class.id, &passport()).await.expect(202);
    class.app.carry().await;
    let before = class.app.dump().await;
    assert_eq!(correct(&class, &admin, &class.id, &passport()).await.json(202)["status"], "ready");
    assert_eq!(class.app.dump().await, before);
}

#[tokio::test]
async fn what_is_no_correction_is_refused() {
    let class = graduate().await;
    let admin = class.app.admin("Root").await;
    let before = class.app.dump().await;
    for (body, status) in [
        (json!({}), 400),
        (json!({ "learner_name": "Grace" }), 400),
        (json!({ "learner_name": "Grace", "reason": "x", "force": true }), 400),
        (json!({ "learner_name": "", "reason": "x" }), 422),
        (json!({ "learner_name": " \u{a0}", "reason": "x" }), 422),
        (json!({ "learner_name": "Grace", "reason": " " }), 422),
        (json!({ "learner_name": "x".repeat(202), "reason": "x" }), 422),
        (json!({ "learner_name": "Grace", "reason": "x".repeat(501) }), 422),
    ] {
        let _ = correct(&class, &admin, &class.id, &body).await.expect(status);
    }
    for nobody in [&class.author, &class.learner] {
        correct(&class, nobody, &class.id, &passport()).await.refused(403, "forbidden");
    }
    assert_eq!(class.app.dump().await, before);
}

#[tokio::test]
async fn what_was_revoked_is_not_corrected() {
    let class = graduate().await;
    let admin = class.app.admin("Root").await;
    let path = format!("/v1/admin/certificates/{}/revoke", class.id);
    let _ = class.app.post(path).by(&admin).json(&json!({ "reason": "A mistake." })).send().await.expect(200);
    correct(&class, &admin, &class.id, &passport()).await.refused(409, "already_revoked");
}

#[tokio::test]
async fn a_name_that_an_admin_corrected_is_settled_for_its_learner() {
    let class = graduate().await;
    let admin = class.app.admin("Root").await;
    let _ = correct(&class, &admin, &class.id, &passport()).await.expect(202);
    let path = format!("/v1/certificates/{}/render", class.id);
    let body = json!({ "learner_name": "Somebody Else" });
    class.app.post(path).by(&class.learner).json(&body).send().await.refused(409, "name_settled");
}

#[tokio::test]
async fn f1_a_crash_at_any_call_leaves_the_old_name_or_the_new_one_rendered() {
    let points = every_crash_point(
        async || {
            let class = graduate().await;
            let admin = class.app.admin("Root").await;
            (class, admin)
        },
        |(class, _)| &class.app,
        async |(class, admin)| drop(correct(class, admin, &class.id, &passport()).await),
        async |(class, _), point| {
            class.app.carry().await;
            let certificate = stored(&class.app, class.id.parse().unwrap()).await;
            let renamed = certificate.learner_name == "Grace Brewster Hopper";
            assert_eq!(certificate.corrections.len(), usize::from(renamed), "{point:?}");
            assert_eq!(certificate.rendering.unwrap().count, 1 + u32::from(renamed), "{point:?}");
            assert_eq!(own(&class.app, &class.learner).await[0]["status"], "ready", "{point:?}");
        },
    )
    .await;
    assert!(points >= 6, "{points}");
}
