//! R27: the refresh token in a cookie, for pages of the school's own host.

use serde_json::json;
use testkit::{Answer, TestApp, TestRequest};
use tests::app;

use crate::identity::setup::{EMAIL, PASSWORD, count, opens, registered, registration};

const COOKIE: &str = "__Host-lectern-session";

/// What a page of this host sends along, as browsers do.
fn from_here(request: TestRequest<'_>) -> TestRequest<'_> {
    request.header("sec-fetch-site", "same-origin").header("origin", "http://localhost")
}

fn login(app: &TestApp) -> TestRequest<'_> {
    let body = json!({ "email": EMAIL, "password": PASSWORD, "session": "cookie" });
    from_here(app.post("/v1/auth/login").json(&body))
}

fn refresh<'a>(app: &'a TestApp, cookie: &str) -> TestRequest<'a> {
    let cookies = format!("theme=d\u{fc}ster; {COOKIE}={cookie}; other=1");
    from_here(app.post("/v1/auth/refresh").json(&json!({}))).header("cookie", &cookies)
}

/// The cookie that an answer sets, after a look at how.
#[track_caller]
fn cookie(answer: &Answer) -> String {
    let set = answer.header("set-cookie").expect("a cookie");
    let (pair, how) = set.split_once("; ").unwrap();
    let (name, value) = pair.split_once('=').unwrap();
    assert_eq!(name, COOKIE);
    let (how, age): (Vec<&str>, Vec<&str>) = how.split("; ").partition(|part| !part.starts_with("Max-Age="));
    assert_eq!(how, ["Path=/", "Secure", "HttpOnly", "SameSite=Strict"]);
    assert_eq!(age.len(), 1, "{set}");
    value.to_owned()
}

#[tokio::test]
async fn r27_who_asks_for_a_cookie_gets_the_refresh_token_in_it_alone() {
    let app = app().await;
    let mut body = registration(EMAIL);
    body["session"] = json!("cookie");
    let new = from_here(app.post("/v1/auth/register").json(&body)).send().await.expect(201);
    assert!(new.json.get("refresh_token").is_none(), "{}", new.json);
    assert!(cookie(&new).starts_with("lrt_"));
    assert!(opens(&app, new.json["access_token"].as_str().unwrap()).await);
    let again = login(&app).send().await.expect(200);
    assert!(again.json.get("refresh_token").is_none(), "{}", again.json);
    let next = refresh(&app, &cookie(&again)).send().await.expect(200);
    assert!(next.json.get("refresh_token").is_none(), "{}", next.json);
    assert_ne!(cookie(&next), cookie(&again));
    assert_eq!(refresh(&app, &cookie(&next)).send().await.expect(200).json["user"]["email"], EMAIL);
}

#[tokio::test]
async fn r27_who_does_not_ask_for_one_gets_none() {
    let app = app().await;
    let _ = registered(&app, EMAIL).await;
    for session in [json!(null), json!("token")] {
        let mut body = json!({ "email": EMAIL, "password": PASSWORD });
        if !session.is_null() {
            body["session"] = session;
        }
        let answer = from_here(app.post("/v1/auth/login").json(&body)).send().await.expect(200);
        assert!(answer.json["refresh_token"].is_string());
        assert_eq!(answer.header("set-cookie"), None);
    }
    let body = json!({ "email": EMAIL, "password": PASSWORD, "session": "carrier pigeon" });
    let refused =
        from_here(app.post("/v1/auth/login").json(&body)).send().await.refused(422, "validation_failed");
    assert_eq!(refused[0].0, "/session");
}

/// Where a browser says that a request comes from.
const ELSEWHERE: [&[(&str, &str)]; 8] = [
    &[],
    &[("sec-fetch-site", "cross-site")],
    &[("sec-fetch-site", "cross-site"), ("origin", "http://localhost")],
    &[("sec-fetch-site", "same-site"), ("origin", "http://other.localhost")],
    &[("sec-fetch-site", "none")],
    &[("origin", "null")],
    &[("origin", "http://localhost.evil.example")],
    &[("origin", "http://localhost:1234")],
];

#[tokio::test]
async fn r27_only_pages_of_this_host_have_the_cookie_used() {
    let app = app().await;
    let _ = registered(&app, EMAIL).await;
    let own = cookie(&login(&app).send().await.expect(200));
    let before = app.dump().await;
    let with_cookie = |request: TestRequest<'static>| request.header("cookie", &format!("{COOKIE}={own}"));
    let app: &'static TestApp = Box::leak(Box::new(app));
    for headers in ELSEWHERE {
        let say = |request: TestRequest<'static>| {
            headers.iter().fold(request, |request, (name, value)| request.header(name, value))
        };
        let json = with_cookie(app.post("/v1/auth/refresh").json(&json!({})));
        say(json).send().await.refused(403, "forbidden");
        let sign_in = json!({ "email": EMAIL, "password": PASSWORD, "session": "cookie" });
        say(app.post("/v1/auth/login").json(&sign_in)).send().await.refused(403, "forbidden");
        let form = app.post("/v1/auth/refresh").body("application/x-www-form-urlencoded", b"a=b");
        say(with_cookie(form)).send().await.refused(415, "unsupported_media_type");
        say(with_cookie(app.get("/v1/auth/refresh"))).send().await.refused(405, "method_not_allowed");
    }
    // Browsers before `Sec-Fetch-Site` name the origin alone.
    for (site, origin) in [(None, "http://localhost"), (Some("same-origin"), "http://localhost")] {
        let request = with_cookie(app.post("/v1/auth/refresh").json(&json!({}))).header("origin", origin);
        let request = site.into_iter().fold(request, |request, site| request.header("sec-fetch-site", site));
        let _ = request.send().await.expect(200);
    }
    assert_eq!(before.len(), app.dump().await.len(), "nothing came of the refused ones");
}

#[tokio::test]
async fn r27_a_cookie_signs_nobody_in_and_out() {
    let app = app().await;
    let account = registered(&app, EMAIL).await;
    let own = cookie(&login(&app).send().await.expect(200));
    let header = format!("{COOKIE}={own}");
    from_here(app.get("/v1/me")).header("cookie", &header).send().await.refused(401, "unauthenticated");
    from_here(app.post("/v1/auth/logout"))
        .header("cookie", &header)
        .send()
        .await
        .refused(401, "unauthenticated");
    // A token in the body goes before the cookie, and its successor into the body.
    let body = json!({ "refresh_token": account.refresh });
    let answer = from_here(app.post("/v1/auth/refresh").json(&body)).header("cookie", &header).send().await;
    let answer = answer.expect(200);
    assert!(answer.json["refresh_token"].is_string());
    assert_eq!(answer.header("set-cookie"), None);
    from_here(app.post("/v1/auth/refresh").json(&json!({}))).send().await.refused(401, "invalid_token");
    refresh(&app, "").send().await.refused(401, "invalid_token");
}

#[tokio::test]
async fn r27_signing_out_takes_the_cookie_away() {
    let app = app().await;
    let _ = registered(&app, EMAIL).await;
    let session = login(&app).send().await.expect(200);
    let (own, access) = (cookie(&session), session.json["access_token"].as_str().unwrap().to_owned());
    let sessions = count(&app, "session").await;
    let out = app.post("/v1/auth/logout").bearer(&access).header("cookie", &format!("{COOKIE}={own}"));
    let out = out.send().await.expect(204);
    assert_eq!(cookie(&out), "");
    assert!(out.header("set-cookie").unwrap().contains("Max-Age=0"));
    assert_eq!(count(&app, "session").await, sessions - 1);
    refresh(&app, &own).send().await.refused(401, "invalid_token");
}

#[tokio::test]
async fn r24_a_cookie_that_was_used_ends_the_session() {
    let app = app().await;
    let _ = registered(&app, EMAIL).await;
    let first = cookie(&login(&app).send().await.expect(200));
    let second = cookie(&refresh(&app, &first).send().await.expect(200));
    assert_eq!(cookie(&refresh(&app, &first).send().await.expect(200)), second, "a lost reply is told again");
    app.clock().advance(11);
    refresh(&app, &first).send().await.refused(401, "invalid_token");
    refresh(&app, &second).send().await.refused(401, "invalid_token");
}
