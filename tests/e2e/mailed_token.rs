//! What comes of the mails of this machine: an address is confirmed, and a forgotten password is replaced.

use serde_json::json;
use smoke::look::rendered;

use crate::server::{Server, data_dir};

#[tokio::test]
async fn the_mails_lead_to_pages_that_are_there() {
    let data = data_dir();
    let server = Server::start(&data, &["--no-seed"]).await;
    let account = json!({ "email": "a@example.org", "password": "a long enough one", "first_name": "A", "last_name": "A" });
    let made = server.call("POST /v1/auth/register", None, Some(account), 201).await;
    let access = made["access_token"].as_str().unwrap();
    let verified = async || {
        server.call("GET /v1/me", Some(access), None, 200).await["email_verified"].as_bool().unwrap()
    };
    assert!(!verified().await);
    let token = server.token_mailed_to("a@example.org", "/verify-email").await;
    let link = format!("{}/verify-email#{token}", server.url);
    if let Some(page) = rendered(&link).unwrap() {
        // Whoever opens it elsewhere signs in first, and comes back with the token.
        assert!(page.contains("Forgot your password?") && page.contains("id=\"password\""), "{page}");
    }
    // Looking at the page, as a scanner of mails might, uses nothing up.
    assert!(!verified().await);
    server.call("POST /v1/auth/email/verify", Some(access), Some(json!({ "token": token })), 204).await;
    assert!(verified().await);

    if let Some(page) = rendered(&format!("{}/forgot-password", server.url)).unwrap() {
        assert!(page.contains("Send the link"), "{page}");
    }
    server.call("POST /v1/auth/password/forgot", None, Some(json!({ "email": "a@example.org" })), 202).await;
    let token = server.token_mailed_to("a@example.org", "/reset-password").await;
    if let Some(page) = rendered(&format!("{}/reset-password#{token}", server.url)).unwrap() {
        assert!(page.contains("Choose a new password") && page.contains("Change it"), "{page}");
    }
    let reset = json!({ "token": token, "password": "another long password" });
    server.call("POST /v1/auth/password/reset", None, Some(reset), 204).await;
    server.call("GET /v1/me", Some(access), None, 401).await;
    server.api.sign_in("a@example.org", "another long password").await.unwrap();
    assert_eq!(server.interrupt().await, 0);
    std::fs::remove_dir_all(data).unwrap();
}
