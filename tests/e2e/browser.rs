//! The two pages in headless Chromium: what a person sees, not what the server meant to send.

use std::process::Stdio;

use tokio::process::Command;

use crate::server::{Server, data_dir};

/// The page after its scripts have run, or nothing where there is no Chromium.
#[expect(clippy::print_stdout, reason = "a skip is visible and says why")]
async fn rendered(url: &str) -> Option<String> {
    let profile = data_dir();
    let output = Command::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"])
        .args(["--disable-background-networking", "--disable-component-update", "--disable-quic"])
        .arg(format!("--user-data-dir={}", profile.display()))
        .args(["--virtual-time-budget=15000", "--dump-dom", url])
        .stderr(Stdio::null())
        .output()
        .await;
    std::fs::remove_dir_all(profile).unwrap();
    match output {
        Ok(output) => Some(String::from_utf8_lossy(&output.stdout).into_owned()),
        Err(error) => {
            println!(
                "SKIPPED: no page was looked at, since chromium does not start ({error}); apt-get install chromium"
            );
            None
        }
    }
}

#[tokio::test]
async fn home_shows_the_logins_and_the_reference_shows_every_route() {
    let data = data_dir();
    let server = Server::start(&data, &[]).await;
    if let Some(home) = rendered(&server.url).await {
        for seen in ["Lectern", "learner@example.school", "/docs", "/v1/courses"] {
            assert!(home.contains(seen), "the home page lacks {seen}");
        }
    }
    if let Some(docs) = rendered(&format!("{}/docs", server.url)).await {
        let routes = local::registry().endpoints.len();
        assert_eq!(docs.matches("class=\"opblock opblock-").count(), routes, "every route has its block");
        assert!(docs.contains("Publish a course; 422 lists everything that is missing"));
    }
    assert_eq!(server.interrupt().await, 0);
    std::fs::remove_dir_all(data).unwrap();
}
