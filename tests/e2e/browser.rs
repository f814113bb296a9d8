//! Pages in headless Chromium: what a person sees, not what the server meant to send.

use smoke::look::{rendered, width_on};

use crate::server::{Server, data_dir};

#[tokio::test]
async fn what_this_is_shows_the_logins_and_the_reference_shows_every_route() {
    let data = data_dir();
    let server = Server::start(&data, &[]).await;
    let about = format!("{}/local", server.url);
    if let Some(home) = rendered(&about).unwrap() {
        // First what a person can do here, then as whom, where, and how.
        let order = [
            "Lectern",
            "What you can do here",
            "learner@example.school",
            "API reference",
            "A tour with curl",
        ];
        let places =
            order.map(|seen| home.find(seen).unwrap_or_else(|| panic!("the home page lacks {seen}")));
        assert!(places.is_sorted(), "{order:?} stand at {places:?}");
    }
    let home = reqwest::get(&about).await.unwrap().text().await.unwrap();
    if let Some(width) = width_on(390, &home).unwrap() {
        // Less where a bar to scroll with takes its part.
        assert!(width <= 390, "something of the home page sticks out of a phone: {width}");
    }
    if let Some(docs) = rendered(&format!("{}/docs", server.url)).unwrap() {
        let routes = registry::all().endpoints.len();
        assert_eq!(docs.matches("class=\"opblock opblock-").count(), routes, "every route has its block");
        assert!(docs.contains("Publish a course; 422 lists everything that is missing"));
    }
    assert_eq!(server.interrupt().await, 0);
    std::fs::remove_dir_all(data).unwrap();
}
