//! GET /v1/me/certificates, GET /v1/certificates/{certificate_id}

use tests::{app, consumer};

use crate::certificates::setup::{completed_by, graduate, own};

#[tokio::test]
async fn a_link_downloads_the_pdf_and_nothing_else_does() {
    let class = graduate().await;
    let link = own(&class.app, &class.learner).await[0]["pdf_url"].as_str().unwrap().to_owned();
    let answer = reqwest::get(&link).await.unwrap();
    assert_eq!(answer.status(), 200);
    let disposition = answer.headers()["content-disposition"].to_str().unwrap().to_owned();
    assert_eq!(disposition, format!("attachment; filename=\"{}.pdf\"", class.number));
    assert!(answer.bytes().await.unwrap().starts_with(b"%PDF-"));
    let (bare, _) = link.split_once('?').unwrap();
    assert_eq!(reqwest::get(bare).await.unwrap().status(), 403);
    let other = link.replace("/1.pdf", "/2.pdf");
    assert_eq!(reqwest::get(other).await.unwrap().status(), 403);
}

#[tokio::test]
async fn f20_a_link_shows_the_pdf_where_it_is_asked_to() {
    let class = graduate().await;
    let path = format!("/v1/certificates/{}?disposition=", class.id);
    for disposition in ["inline", "attachment"] {
        let shown = class.app.get(format!("{path}{disposition}")).by(&class.learner).send().await.json(200);
        let answer = reqwest::get(shown["pdf_url"].as_str().unwrap()).await.unwrap();
        assert_eq!(answer.headers()["content-type"], "application/pdf");
        let wanted = format!("{disposition}; filename=\"{}.pdf\"", class.number);
        assert_eq!(answer.headers()["content-disposition"], wanted.as_str());
    }
    let refused = class.app.get(format!("{path}none")).by(&class.learner).send().await;
    assert_eq!(
        refused.refused(400, "invalid_query"),
        [("?disposition".to_owned(), "not_allowed".to_owned())]
    );
}

#[tokio::test]
async fn r21_nobody_else_sees_it() {
    let class = graduate().await;
    let path = format!("/v1/certificates/{}", class.id);
    let absent = format!("/v1/certificates/{}", class.id.replace("crt_0", "crt_1"));
    for other in [&class.author, &class.app.student("Mallory").await, &class.app.admin("Root").await] {
        class.app.get(&path).by(other).send().await.refused(404, "not_found");
        class.app.get(&absent).by(other).send().await.refused(404, "not_found");
        assert!(own(&class.app, other).await.is_empty());
    }
    class.app.get(&path).send().await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn it_says_where_it_can_be_verified() {
    let class = graduate().await;
    let shown =
        class.app.get(format!("/v1/certificates/{}", class.id)).by(&class.learner).send().await.json(200);
    let verify_url = format!("https://lectern.test/v1/verify/{}?code={}", class.number, class.code().await);
    assert_eq!(shown["verify_url"], verify_url);
    assert_eq!(shown["revocation"], serde_json::Value::Null);
    assert_eq!(shown["credential"].as_str().unwrap().split('.').count(), 3);
}

#[tokio::test]
async fn a_long_list_comes_in_pages_newest_first() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let learner = app.student("Grace").await;
    for _ in 0..5 {
        let event = completed_by(&app, &author, learner.id);
        app.consume(&consumer("certificates-issue-certificate"), &event).await.unwrap();
        app.clock().advance(60);
    }
    let mut seen = Vec::new();
    let mut path = "/v1/me/certificates?limit=2".to_owned();
    loop {
        let page = app.get(&path).by(&learner).send().await.json(200);
        let items = page["items"].as_array().unwrap();
        assert!(items.len() <= 2);
        seen.extend(items.iter().map(|item| item["certificate_no"].as_str().unwrap().to_owned()));
        match page["next_cursor"].as_str() {
            Some(cursor) => path = format!("/v1/me/certificates?limit=2&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(seen, [5, 4, 3, 2, 1].map(|number| format!("CERT-2026-{number:06}")));
}
