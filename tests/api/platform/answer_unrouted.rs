//! $default

use serde_json::json;
use tests::app;

const ORIGIN: &str = "https://app.lectern.test";

#[tokio::test]
async fn a_page_of_the_school_can_read_what_is_wrong_with_its_path() {
    let app = app().await;
    let answer = app.get("/v1/cuorses").header("origin", ORIGIN).send().await;
    answer.refused(404, "not_found");
    assert_eq!(answer.header("access-control-allow-origin"), Some(ORIGIN));
    assert_eq!(answer.header("x-request-id").map(|id| json!(id)), Some(answer.json["request_id"].clone()));
    let answer = app.post("/v1/courses/rust").header("origin", ORIGIN).send().await;
    answer.refused(405, "method_not_allowed");
    assert_eq!(answer.json["allowed_methods"], json!(["GET", "HEAD", "PATCH"]));
    assert_eq!(answer.header("access-control-allow-origin"), Some(ORIGIN));
}

#[tokio::test]
async fn it_knows_every_route_and_touches_nothing() {
    let app = app().await;
    for entry in registry::all().endpoints {
        let path = entry.route.path.replace(['{', '}'], "");
        let answer = app.request("TRACE", &path).send().await;
        answer.refused(405, "method_not_allowed");
        let allowed = answer.header("allow").unwrap().split(", ").collect::<Vec<_>>();
        assert!(allowed.contains(&entry.route.method.as_str()), "{} has {allowed:?}", entry.route);
    }
    assert_eq!(app.tap().calls(), 0);
}

#[tokio::test]
async fn r7_a_body_is_refused_for_its_size_before_it_matters_that_nobody_reads_it() {
    let app = app().await;
    let body = vec![b' '; 256 * 1024 + 1];
    app.post("/v1/nothing").body("text/plain", &body).send().await.refused(413, "body_too_large");
}

#[tokio::test]
async fn a_slash_too_many_leads_to_the_page() {
    let app = app().await;
    let at = async |path: &str| app.get(path).header("accept", "text/html").send().await;
    for (path, to) in
        [("/courses/", "/courses"), ("/courses/rust/?level=beginner", "/courses/rust?level=beginner")]
    {
        assert_eq!(at(path).await.expect(308).header("location"), Some(to), "{path}");
    }
    for path in ["//evil.example/courses/", "/courses/rust/more/", "/v1/courses/"] {
        assert_eq!(at(path).await.expect(404).header("location"), None, "{path}");
    }
    let _ = at("/learn/").await.expect(200);
}
