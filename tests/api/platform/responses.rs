//! What every answer has, whichever route gave it: encoding, origins, ids and what keeps browsers safe.

use std::io::Read;

use flate2::read::GzDecoder;
use serde_json::json;
use testkit::{Answer, TestApp};
use tests::{app, text};

/// On the list of the test's configuration.
const ORIGIN: &str = "https://app.lectern.test";

/// Answers of all kinds: success, without a body, refused by access, by input, by no route at all.
async fn answers(app: &TestApp, header: (&str, &str)) -> Vec<Answer> {
    let ada = app.student(&format!("Ada{}", app.app().now().millis())).await;
    let requests = [
        app.get("/v1/health"),
        app.get("/v1/openapi.json"),
        app.get("/v1/me").by(&ada),
        app.get("/v1/me"),
        app.patch("/v1/me").by(&ada).json(&json!({ "first_name": "" })),
        app.put(format!("/v1/admin/users/{}/roles", ada.id)).by(&ada).json(&json!({})),
        app.post("/v1/auth/login").json(&json!({})),
        app.post("/v1/auth/logout").by(&ada),
        app.get("/v1/nothing"),
        app.request("DELETE", "/v1/me"),
    ];
    let mut answers = Vec::new();
    for request in requests {
        answers.push(request.header(header.0, header.1).send().await);
    }
    let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
    assert_eq!(statuses, [200, 200, 200, 401, 422, 403, 400, 204, 404, 405]);
    answers
}

#[tokio::test]
async fn an_allowed_origin_may_read_every_answer() {
    let app = app().await;
    for answer in answers(&app, ("origin", ORIGIN)).await {
        let what = &answer.what;
        assert_eq!(answer.header("access-control-allow-origin"), Some(ORIGIN), "{what}");
        assert_eq!(answer.header("access-control-allow-credentials"), Some("true"), "{what}");
        let exposed = answer.header("access-control-expose-headers").unwrap();
        for name in ["etag", "retry-after", "x-request-id"] {
            assert!(exposed.contains(name), "{what} hides {name}");
        }
        assert!(answer.header("vary").unwrap().contains("origin"), "{what}");
    }
}

#[tokio::test]
async fn no_other_origin_may_read_any() {
    let app = app().await;
    for origin in [
        "https://evil.example",
        "https://app.lectern.test.evil.example",
        "https://evil-app.lectern.test",
        "https://sub.app.lectern.test",
        "http://app.lectern.test",
        "https://app.lectern.test:8443",
        "https://app.lectern.test/",
        "HTTPS://APP.LECTERN.TEST",
        "null",
        "*",
        "",
    ] {
        let answer = app.get("/v1/health").header("origin", origin).send().await.expect(200);
        let granted: Vec<_> =
            answer.headers.keys().filter(|name| name.as_str().starts_with("access-control-")).collect();
        assert!(granted.is_empty(), "{origin} is granted {granted:?}");
        let preflight =
            app.request("OPTIONS", "/v1/courses").header("origin", origin).send().await.expect(204);
        assert!(
            !preflight.headers.keys().any(|name| name.as_str().starts_with("access-control-")),
            "{origin}"
        );
    }
    for answer in answers(&app, ("origin", "https://evil.example")).await {
        assert_eq!(answer.header("access-control-allow-origin"), None, "{}", answer.what);
        // A cache must not hand this answer to the page that may read it, or the other way round.
        assert!(answer.header("vary").unwrap().contains("origin"), "{}", answer.what);
    }
    let unasked = app.request("OPTIONS", "/v1/courses").send().await.expect(204);
    assert!(!unasked.headers.keys().any(|name| name.as_str().starts_with("access-control-")));
}

#[tokio::test]
async fn a_preflight_of_an_allowed_origin_learns_what_it_may_send() {
    let app = app().await;
    // Of an unknown path too: a page may only read its 404 if the preflight passed.
    for path in ["/v1/courses", "/v1/nothing"] {
        let answer = app.request("OPTIONS", path).header("origin", ORIGIN).send().await.expect(204);
        let header = |name: &str| answer.header(name).unwrap();
        assert_eq!(header("access-control-allow-origin"), ORIGIN);
        assert_eq!(header("access-control-allow-methods"), "GET, POST, PUT, PATCH, DELETE");
        for name in ["authorization", "content-type", "if-match", "idempotency-key"] {
            assert!(header("access-control-allow-headers").contains(name), "{name}");
        }
        assert!(answer.body.is_empty());
    }
}

#[tokio::test]
async fn no_answer_is_guessed_at_or_kept() {
    let app = app().await;
    for answer in answers(&app, ("accept", "*/*")).await {
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{}", answer.what);
        let cache = if answer.what.ends_with("openapi.json") { "public, max-age=300" } else { "no-store" };
        assert_eq!(answer.header("cache-control"), Some(cache), "{}", answer.what);
        assert_eq!(answer.header("access-control-allow-origin"), None, "{}", answer.what);
    }
}

#[tokio::test]
async fn every_answer_has_the_id_of_its_request() {
    let app = app().await;
    let mut seen = Vec::new();
    for answer in answers(&app, ("x-request-id", "chosen-by-the-client")).await {
        let id = answer.header("x-request-id").unwrap().to_owned();
        assert!(id.starts_with("req-") && !seen.contains(&id), "{} has {id}", answer.what);
        if answer.status >= 400 {
            assert_eq!(answer.json["request_id"], json!(id));
            assert_eq!(answer.json["instance"], json!(answer.what.split(' ').nth(1)));
        }
        seen.push(id);
    }
}

#[tokio::test]
async fn a_correlation_id_is_the_clients_if_it_is_tame() {
    let app = app().await;
    let long = "x".repeat(65);
    for (n, (given, kept)) in [
        ("click-1", true),
        ("0af7651916cd43dd8448eb211c80319c", true),
        ("", false),
        ("two words", false),
        (&long, false),
    ]
    .into_iter()
    .enumerate()
    {
        let body = json!({
            "email": format!("reader{n}@example.org"), "password": "correct horse battery staple",
            "first_name": format!("Reader {n}"), "last_name": "Lovelace",
        });
        let request = app.post("/v1/auth/register").json(&body).header("x-correlation-id", given);
        let answer = request.send().await.expect(201);
        let events = app.outbox("user.registered").await;
        let event = events.iter().find(|event| event.data["first_name"] == body["first_name"]).unwrap();
        let expected = if kept { given } else { answer.header("x-request-id").unwrap() };
        assert_eq!(event.correlation_id, expected);
    }
}

#[tokio::test]
async fn bodies_from_a_thousand_bytes_on_are_packed_for_those_who_ask() {
    let app = app().await;
    let ada = app.student("Ada").await;
    let me =
        async |encodings: &str| app.get("/v1/me").by(&ada).header("accept-encoding", encodings).send().await;
    let set_bio = async |length: usize| {
        let patch = app
            .patch("/v1/me")
            .by(&ada)
            .json(&json!({ "bio": "é".repeat(length / 2) + &"x".repeat(length % 2) }));
        let _ = patch.send().await.expect(200);
    };
    set_bio(2).await;
    let rest = me("").await.body.len() - 2;
    for (length, packed) in [(999, false), (1000, true), (1001, true)] {
        set_bio(length - rest).await;
        let plain = me("").await.expect(200);
        assert_eq!((plain.body.len(), plain.header("content-encoding")), (length, None));
        let answer = me("gzip, deflate").await.expect(200);
        assert_eq!(answer.header("content-encoding"), packed.then_some("gzip"), "{length} bytes");
        assert_eq!(answer.rev(), plain.rev());
        if packed {
            assert!(answer.body.len() < length);
            let mut unpacked = Vec::new();
            GzDecoder::new(answer.body.as_slice()).read_to_end(&mut unpacked).unwrap();
            assert_eq!(unpacked, plain.body);
        }
        for refused in ["br", "deflate", "identity", "*;q=0"] {
            assert_eq!(me(refused).await.header("content-encoding"), None, "{refused}");
        }
    }
}

#[tokio::test]
async fn head_answers_like_get_without_the_body() {
    let app = app().await;
    let ada = app.student("Ada").await;
    for path in ["/v1/health", "/v1/openapi.json", "/v1/courses", "/v1/courses/none"] {
        let got = app.get(path).by(&ada).send().await;
        let head = app.request("HEAD", path).by(&ada).send().await;
        assert_eq!((head.status, head.body.len()), (got.status, 0), "{path}");
        let comparable = |answer: &Answer| {
            let mut headers = answer.headers.clone();
            headers.remove("x-request-id");
            headers
        };
        assert_eq!(comparable(&head), comparable(&got), "{path}");
    }
    for path in ["/v1/auth/login", "/v1/me"] {
        assert!(app.request("HEAD", path).by(&ada).send().await.expect(405).body.is_empty());
    }
}

#[tokio::test]
async fn a_path_or_method_without_a_route_is_a_problem_too() {
    let app = app().await;
    for path in [
        "/nothing",
        "/v1",
        "/v1/nothing",
        "/v1/me/",
        "/v2/me",
        "/v1/auth",
        "/.well-known/openid-configuration",
    ] {
        let answer = app.get(path).send().await;
        answer.refused(404, "not_found");
        assert_eq!(text(&answer.json, "instance"), path);
    }
    for (method, path, allowed) in [
        ("DELETE", "/v1/me", "GET, PATCH"),
        ("GET", "/v1/auth/login", "POST"),
        ("POST", "/v1/health", "GET, HEAD"),
        ("DELETE", "/v1/courses/rust", "GET, HEAD, PATCH"),
        ("TRACE", "/v1/me", "GET, PATCH"),
        ("get", "/v1/me", "GET, PATCH"),
    ] {
        let answer = app.request(method, path).send().await;
        answer.refused(405, "method_not_allowed");
        assert_eq!(answer.header("allow"), Some(allowed), "{method} {path}");
    }
    assert!(app.dump().await.is_empty());
}
