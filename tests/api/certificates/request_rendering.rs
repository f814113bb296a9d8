//! POST /v1/certificates/{certificate_id}/render

use serde_json::json;
use testkit::every_crash_point;

use crate::certificates::setup::{Graduate, alter, graduate, own, stored, verified};

async fn rename_account(class: &Graduate, name: &str) {
    let body = json!({ "last_name": name });
    let _ = class.app.patch("/v1/me").by(&class.learner).json(&body).send().await.expect(200);
}

async fn correct(class: &Graduate, name: &str) -> testkit::Answer {
    let path = format!("/v1/certificates/{}/render", class.id);
    class.app.post(path).by(&class.learner).json(&json!({ "learner_name": name })).send().await
}

#[tokio::test]
async fn a_renamed_account_gets_no_certificate_in_its_new_name() {
    let class = graduate().await;
    for name in ["Hopper", "Murray", "Lovelace"] {
        rename_account(&class, name).await;
        class.redraw().await;
        let certificate = stored(&class.app, class.id.parse().unwrap()).await;
        assert_eq!((certificate.learner_name.as_str(), certificate.corrections.len()), ("Grace Example", 0));
    }
    let made = stored(&class.app, class.id.parse().unwrap()).await.rendering.unwrap();
    let claims = verified(&class.app, &made.credential).unwrap();
    assert_eq!((claims.learner_name.as_str(), claims.rendering), ("Grace Example", Some(4)));
}

#[tokio::test]
async fn a_corrected_name_is_rendered_and_the_number_stays() {
    let class = graduate().await;
    let shown =
        class.app.get(format!("/v1/certificates/{}", class.id)).by(&class.learner).send().await.json(200);
    let until = shown["name_correctable_until"].as_str().unwrap();
    assert!(until.starts_with("2026-02-14T09:00:00."), "{shown}");
    let asked = correct(&class, " Grace Hopper ").await.json(202);
    assert_eq!(asked["status"], "rendering");
    assert!(asked["pdf_url"].is_string(), "the old one until there is a new one");
    assert!(asked["name_correctable_until"].is_null());
    class.app.carry().await;
    let certificate = stored(&class.app, class.id.parse().unwrap()).await;
    assert_eq!(certificate.learner_name, "Grace Hopper");
    assert_eq!(certificate.number.to_string(), class.number);
    let [correction] = certificate.corrections.as_slice() else { panic!("{certificate:?}") };
    assert_eq!((correction.by, correction.before.as_str()), (class.learner.id, "Grace Example"));
    let made = certificate.rendering.unwrap();
    assert_eq!(made.object, format!("certificates/main/{}/2.pdf", class.id));
    let claims = verified(&class.app, &made.credential).unwrap();
    assert_eq!((claims.learner_name.as_str(), claims.rendering), ("Grace Hopper", Some(2)));
    assert_eq!(own(&class.app, &class.learner).await[0]["status"], "ready");
}

#[tokio::test]
async fn a_name_is_corrected_once() {
    let class = graduate().await;
    let _ = correct(&class, "Grace Hopper").await.expect(202);
    correct(&class, "Ada Lovelace").await.refused(409, "name_settled");
    // A request whose reply got lost may come again.
    let _ = correct(&class, "Grace Hopper").await.expect(202);
    class.app.carry().await;
    let certificate = stored(&class.app, class.id.parse().unwrap()).await;
    assert_eq!((certificate.learner_name.as_str(), certificate.corrections.len()), ("Grace Hopper", 1));
}

#[tokio::test]
async fn a_name_is_corrected_in_the_thirty_days_after_the_issue() {
    let class = graduate().await;
    alter(&class.app, &class.id, |it| it.issued_at = it.issued_at.plus_seconds(-30 * 24 * 3600 - 1)).await;
    correct(&class, "Grace Hopper").await.refused(409, "name_settled");
    class.redraw().await;
    alter(&class.app, &class.id, |it| it.issued_at = it.issued_at.plus_seconds(60)).await;
    let _ = correct(&class, "Grace Hopper").await.expect(202);
}

#[tokio::test]
async fn what_is_no_name_is_refused() {
    let class = graduate().await;
    let path = format!("/v1/certificates/{}/render", class.id);
    for (body, status) in [
        (json!({ "learner_name": " " }), 422),
        (json!({ "learner_name": "" }), 422),
        (json!({ "learner_name": 7 }), 400),
        (json!({ "name": "Grace" }), 400),
        (json!([]), 400),
    ] {
        let _ = class.app.post(&path).by(&class.learner).json(&body).send().await.expect(status);
    }
    assert_eq!(stored(&class.app, class.id.parse().unwrap()).await.renderings, 1);
}

#[tokio::test]
async fn r28_it_is_asked_for_five_times_a_day() {
    let class = graduate().await;
    let path = format!("/v1/certificates/{}/render", class.id);
    for _ in 0..5 {
        let _ = class.app.post(&path).by(&class.learner).send().await.expect(202);
    }
    class.app.post(&path).by(&class.learner).send().await.refused(429, "rate_limited");
    class.app.carry().await;
    let certificate = stored(&class.app, class.id.parse().unwrap()).await;
    assert_eq!((certificate.renderings, certificate.rendering.unwrap().count), (6, 6));
}

#[tokio::test]
async fn what_was_revoked_is_neither_rendered_again_nor_corrected() {
    let class = graduate().await;
    let admin = class.app.admin("Root").await;
    let reason = json!({ "reason": "A mistake." });
    let path = format!("/v1/admin/certificates/{}/revoke", class.id);
    let _ = class.app.post(path).by(&admin).json(&reason).send().await.expect(200);
    let path = format!("/v1/certificates/{}/render", class.id);
    // However often: what cannot be done uses up nothing.
    for _ in 0..6 {
        class.app.post(&path).by(&class.learner).send().await.refused(409, "already_revoked");
    }
    correct(&class, "Grace Hopper").await.refused(409, "already_revoked");
}

#[tokio::test]
async fn f1_a_crash_at_any_call_leaves_a_certificate_that_can_be_rendered() {
    let points = every_crash_point(
        graduate,
        |class| &class.app,
        async |class| drop(correct(class, "Grace Hopper").await),
        async |class, point| {
            class.app.carry().await;
            let certificate = stored(&class.app, class.id.parse().unwrap()).await;
            assert_eq!(certificate.rendering.unwrap().count, certificate.renderings, "{point:?}");
            assert_eq!(certificate.corrections.len(), certificate.renderings as usize - 1, "{point:?}");
        },
    )
    .await;
    assert!(points >= 8, "{points}");
}
