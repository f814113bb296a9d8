//! GET /v1/health

use testkit::Moment;
use tests::app;

#[tokio::test]
async fn the_system_says_that_it_is_well_and_which_version_it_is() {
    let app = app().await;
    app.tap().reset();
    let answer = app.get("/v1/health").send().await.expect(200);
    insta::assert_json_snapshot!(answer.snapshot());
    assert_eq!(app.tap().operations(), ["GetItem"], "it asks the table");
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

#[tokio::test]
async fn nobody_needs_a_token_and_a_bad_one_does_not_matter() {
    let app = app().await;
    let _ = app.get("/v1/health").bearer("x").send().await.expect(200);
    let _ = app.get("/v1/health").to_other_school().send().await.expect(200);
    assert!(app.dump().await.is_empty());
}

#[tokio::test]
async fn one_broken_connection_is_not_an_outage() {
    let app = app().await;
    app.tap().break_at(1, Moment::BeforeSend);
    let _ = app.get("/v1/health").send().await.expect(200);
    assert_eq!(app.tap().calls(), 2);
}
