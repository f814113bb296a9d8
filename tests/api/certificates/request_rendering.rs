//! POST /v1/certificates/{certificate_id}/render

use serde_json::json;
use testkit::every_crash_point;

use crate::setup::{Graduate, graduate, own, stored};

async fn rename(class: &Graduate, name: &str) {
    let body = json!({ "last_name": name });
    let _ = class.app.patch("/v1/me").by(&class.learner).json(&body).send().await.expect(200);
}

#[tokio::test]
async fn a_corrected_name_is_drawn_and_the_number_stays() {
    let class = graduate().await;
    rename(&class, "Hopper").await;
    let path = format!("/v1/certificates/{}/render", class.id);
    let asked = class.app.post(&path).by(&class.learner).send().await.json(202);
    assert_eq!(asked["status"], "rendering");
    assert!(asked["pdf_url"].is_string(), "the old one until there is a new one");
    class.app.carry().await;
    let certificate = stored(&class.app, class.id.parse().unwrap()).await;
    assert_eq!(certificate.learner_name, "Grace Hopper");
    assert_eq!(certificate.number.to_string(), class.number);
    let made = certificate.rendering.unwrap();
    assert_eq!(made.object, format!("certificates/main/{}/2.pdf", class.id));
    let claims =
        certificates::credential::verify(&class.app.app().config.certificate_keys, &made.credential).unwrap();
    assert_eq!(claims.learner_name, "Grace Hopper");
    assert_eq!(own(&class.app, &class.learner).await[0]["status"], "ready");
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
async fn what_was_revoked_is_not_drawn_again() {
    let class = graduate().await;
    let admin = class.app.admin("Root").await;
    let reason = json!({ "reason": "A mistake." });
    let path = format!("/v1/admin/certificates/{}/revoke", class.id);
    let _ = class.app.post(path).by(&admin).json(&reason).send().await.expect(200);
    let path = format!("/v1/certificates/{}/render", class.id);
    class.app.post(path).by(&class.learner).send().await.refused(409, "already_revoked");
}

#[tokio::test]
async fn f1_a_crash_at_any_call_leaves_a_certificate_that_can_be_drawn() {
    let points = every_crash_point(
        graduate,
        |class| &class.app,
        async |class| {
            let _ = class
                .app
                .post(format!("/v1/certificates/{}/render", class.id))
                .by(&class.learner)
                .send()
                .await;
        },
        async |class, point| {
            class.app.carry().await;
            let certificate = stored(&class.app, class.id.parse().unwrap()).await;
            assert_eq!(certificate.rendering.unwrap().count, certificate.renderings, "{point:?}");
        },
    )
    .await;
    assert!(points >= 8, "{points}");
}
