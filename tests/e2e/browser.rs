//! The two pages in headless Chromium: what a person sees, not what the server meant to send.

use smoke::look::rendered;

use crate::server::{Server, data_dir};

#[tokio::test]
async fn home_shows_the_logins_and_the_reference_shows_every_route() {
    let data = data_dir();
    let server = Server::start(&data, &[]).await;
    if let Some(home) = rendered(&server.url).unwrap() {
        for seen in ["Lectern", "learner@example.school", "/docs", "/v1/courses"] {
            assert!(home.contains(seen), "the home page lacks {seen}");
        }
    }
    if let Some(docs) = rendered(&format!("{}/docs", server.url)).unwrap() {
        let routes = local::registry().endpoints.len();
        assert_eq!(docs.matches("class=\"opblock opblock-").count(), routes, "every route has its block");
        assert!(docs.contains("Publish a course; 422 lists everything that is missing"));
    }
    assert_eq!(server.interrupt().await, 0);
    std::fs::remove_dir_all(data).unwrap();
}
