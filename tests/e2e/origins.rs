//! A page of another origin, as browsers let it call, and what it meets where no function answers.

use reqwest::{Method, Response};
use serde_json::Value;

use crate::server::{Server, data_dir};

const PAGE: &str = "http://localhost:5173";

async fn send(server: &Server, method: &str, path: &str, origin: &str, body: Vec<u8>) -> Response {
    let method = Method::from_bytes(method.as_bytes()).unwrap();
    let request = reqwest::Client::new().request(method, format!("{}{path}", server.url));
    request.header("origin", origin).body(body).send().await.unwrap()
}

fn allowed(answer: &Response) -> Option<&str> {
    answer.headers().get("access-control-allow-origin").map(|origin| origin.to_str().unwrap())
}

#[tokio::test]
async fn a_page_on_another_port_can_call_and_reads_every_refusal() {
    let data = data_dir();
    let server = Server::start(&data, &["--no-seed", "--allow-origin", "https://app.test"]).await;
    for origin in [PAGE, "http://127.0.0.1:8080", "https://app.test"] {
        let preflight = send(&server, "OPTIONS", "/v1/courses", origin, Vec::new()).await;
        assert_eq!((preflight.status().as_u16(), allowed(&preflight)), (204, Some(origin)));
        assert!(preflight.headers()["access-control-allow-headers"].to_str().unwrap().contains("if-match"));
        assert_eq!(allowed(&send(&server, "GET", "/v1/courses", origin, Vec::new()).await), Some(origin));
        // What sends a file by a link.
        let preflight = send(&server, "OPTIONS", "/lectern/uploads/main/video", origin, Vec::new()).await;
        assert_eq!((preflight.status().as_u16(), allowed(&preflight)), (204, Some(origin)));
        let sent = &preflight.headers()["access-control-allow-headers"];
        assert!(sent.to_str().unwrap().contains("if-none-match"));
    }
    for origin in
        ["https://localhost:5173", "http://localhost.evil.example:5173", "https://evil.example", "null"]
    {
        for method in ["OPTIONS", "GET"] {
            let answer = send(&server, method, "/v1/courses", origin, Vec::new()).await;
            assert_eq!(allowed(&answer), None, "{method} by {origin}");
        }
    }
    // The last one is a page of the local cloud, which takes no POST.
    let large = vec![b' '; 11 * 1024 * 1024];
    for (method, path, body, status) in [
        ("GET", "/v1/nothing", Vec::new(), 404),
        ("DELETE", "/v1/courses", Vec::new(), 405),
        ("POST", "/v1/courses", large, 413),
        ("POST", "/docs", Vec::new(), 404),
    ] {
        let answer = send(&server, method, path, PAGE, body).await;
        assert_eq!((answer.status().as_u16(), allowed(&answer)), (status, Some(PAGE)), "{method} {path}");
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
        let id = answer.headers()["x-request-id"].to_str().unwrap().to_owned();
        let problem: Value = answer.json().await.unwrap();
        assert_eq!(problem["request_id"], id, "{method} {path}");
    }
    let head = send(&server, "HEAD", "/v1/openapi.json", PAGE, Vec::new()).await;
    assert_eq!(
        (head.status().as_u16(), head.headers()["content-type"].to_str().unwrap()),
        (200, "application/json")
    );
    assert!(head.bytes().await.unwrap().is_empty());
    assert_eq!(server.interrupt().await, 0);
    std::fs::remove_dir_all(data).unwrap();
}
