//! GET /, /courses, /courses/{slug}, /sitemap.xml: what anybody reads of a school, without a script.

use serde_json::{Value, json};
use testkit::{Answer, TestApp};
use tests::{app, app_with, draft, draft_of, published};

use crate::catalog::support::category;

const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

/// A page, after a look at what all of them have to have.
async fn page(app: &TestApp, path: &str, status: u16) -> String {
    let answer = app.get(path).header("accept", BROWSER).send().await.expect(status);
    assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"), "{path}");
    let policy = answer.header("content-security-policy").expect("a policy");
    for part in ["default-src 'self'", "frame-ancestors 'none'", "require-trusted-types-for 'script'"] {
        assert!(policy.contains(part), "{policy}");
    }
    assert!(!policy.contains("unsafe"), "{policy}");
    let html = answer.text();
    assert_eq!(html.matches("<h1").count(), 1, "{html}");
    for inline in [" onclick=", " style=", "<style", "javascript:"] {
        assert!(!html.contains(inline), "{inline} in {html}");
    }
    html
}

/// What schema.org is told.
fn data(html: &str) -> Value {
    let (_, rest) = html.split_once("<script type=\"application/ld+json\">").expect("structured data");
    let (data, _) = rest.split_once("</script>").expect("an end");
    serde_json::from_str(data).expect("JSON")
}

#[tokio::test]
async fn an_empty_school_has_a_page_that_leads_on() {
    let app = app().await;
    let home = page(&app, "/", 200).await;
    assert!(home.contains("href=\"/register\"") && !home.contains("<article"), "{home}");
    let catalogue = page(&app, "/courses", 200).await;
    assert!(catalogue.contains("class=\"empty\"") && !catalogue.contains("<article"), "{catalogue}");
}

#[tokio::test]
async fn pages_show_what_is_published_and_escape_what_people_wrote() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let body = json!({
        "title": "Tags like <script> & \"quotes\"", "description": "All <i>about</i> </script> tags.",
        "level": "beginner", "language": "fr", "tags": ["<html>", "escapes", "entities", "fourth"], "objectives": ["Close <b>every</b> tag"],
    });
    let course = draft_of(&app, &author, &body, &[2, 1]).await;
    let hidden = draft(&app, &author, "Not yet", &[1]).await;
    page(&app, &format!("/courses/{}", course.slug), 404).await;
    let _ = app.post(course.path("publish")).by(&author).send().await.expect(200);

    let shown = page(&app, &format!("/courses/{}", course.slug), 200).await;
    assert!(shown.contains("Tags like &#60;script&#62; &#38; &#34;quotes&#34;"), "{shown}");
    for raw in ["<i>about", "<b>every"] {
        assert!(!shown.contains(raw), "{raw} in {shown}");
    }
    assert!(shown.contains("Lesson 2.1") && shown.contains("Module 1"), "{shown}");
    // Read out as it is taught, whatever the reader's language.
    assert!(
        shown.contains("<h1 lang=\"fr\"") && shown.starts_with("<!doctype html>\n<html lang=\"en\""),
        "{shown}"
    );
    assert!(shown.contains(">fourth</li>") && shown.contains("<li>0 learners</li>"), "{shown}");
    let about = data(&shown);
    assert_eq!((&about["@type"], &about["name"]), (&json!("Course"), &body["title"]));
    let canonical = format!("<link rel=\"canonical\" href=\"https://lectern.test/courses/{}\">", course.slug);
    assert!(shown.contains(&canonical), "{shown}");

    for list in [page(&app, "/", 200).await, page(&app, "/courses", 200).await] {
        assert_eq!(list.matches("<article").count(), 1, "{list}");
        assert!(list.contains(&format!("href=\"/courses/{}\"", course.slug)), "{list}");
        assert!(list.contains(">&#60;html&#62;</li>") && list.contains(">entities</li>"), "{list}");
        assert!(!list.contains("fourth"), "{list}");
    }
    page(&app, &format!("/courses/{}", hidden.slug), 404).await;
    let gone = page(&app, "/courses/no-such-course", 404).await;
    assert!(gone.contains("href=\"/courses\"") && gone.contains("noindex"), "{gone}");
}

#[tokio::test]
async fn the_catalogue_is_filtered_and_paged_by_its_address() {
    let app = app().await;
    let (author, admin) = (app.instructor("Ada").await, app.admin("Max").await);
    let shelf = category(&app, &admin, "Knots & ropes").await;
    for n in 0..30 {
        let level = if n % 2 == 0 { "beginner" } else { "advanced" };
        let mut body = json!({ "title": format!("Course {n:02}"), "description": "x", "level": level });
        if n < 3 {
            body["category_id"] = json!(shelf);
        }
        let course = draft_of(&app, &author, &body, &[1]).await;
        let _ = app.post(course.path("publish")).by(&author).send().await.expect(200);
    }
    let cards = |html: &str| html.matches("<article").count();
    let first = page(&app, "/courses?sort=title", 200).await;
    assert_eq!(cards(&first), 24);
    assert!(first.contains("Course 00") && !first.contains("Course 24"), "{first}");
    let (_, rest) = first.split_once("href=\"/courses?sort=title&#38;cursor=").expect("a link to more");
    let next = format!("/courses?sort=title&cursor={}", rest.split('"').next().unwrap());
    let second = page(&app, &next, 200).await;
    assert_eq!(cards(&second), 6);
    assert!(second.contains("Course 24") && second.contains("href=\"/courses?sort=title\""), "{second}");

    for (query, count) in [
        ("level=advanced", 15),
        ("category=knots-ropes", 3),
        ("category=knots-ropes&level=advanced", 1),
        ("price=paid", 0),
        ("level=&category=&price=&sort=", 24),
        // What nobody can read is left out: links are edited, and sent with more behind them.
        ("level=genius&cursor=%00&utm_source=mail&sort=worst", 24),
        ("category=nowhere", 0),
    ] {
        let found = page(&app, &format!("/courses?{query}"), 200).await;
        assert_eq!(cards(&found), count, "{query}");
    }
    let chosen = page(&app, "/courses?level=advanced", 200).await;
    assert!(chosen.contains("<option value=\"advanced\" selected>"), "{chosen}");
}

#[tokio::test]
async fn pages_speak_the_readers_language_and_are_of_one_school() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let course = published(&app, &author, "Knots", &[1]).await;
    let path = format!("/courses/{}", course.slug);
    let german = app.get(&path).header("accept-language", "de-AT,de;q=0.9").send().await.expect(200);
    assert!(german.text().contains("<html lang=\"de\""));
    assert!(german.header("vary").unwrap().contains("accept-language"));
    let _ = app.get(&path).to_other_school().send().await.expect(404);
    let there = app.get("/courses").to_other_school().send().await.expect(200);
    assert!(!there.text().contains("Knots"));
}

#[tokio::test]
async fn the_sitemap_names_what_is_published() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let course = published(&app, &author, "Knots", &[1]).await;
    let hidden = draft(&app, &author, "Ropes", &[1]).await;
    let map = app.get("/sitemap.xml").send().await.expect(200);
    assert_eq!(map.header("content-type"), Some("application/xml"));
    let map = map.text();
    for path in ["/", "/courses", &format!("/courses/{}", course.slug)] {
        assert!(map.contains(&format!("<loc>https://lectern.test{path}</loc>")), "{path} in {map}");
    }
    assert!(!map.contains(&hidden.slug), "{map}");
}

/// What everybody gets alike and a cache may hand out.
const SHARED: [&str; 7] =
    ["/", "/courses", "/courses/knots", "/sitemap.xml", "/v1/courses", "/v1/courses/knots", "/v1/categories"];

fn tag(answer: &Answer) -> &str {
    answer.header("etag").expect("an ETag")
}

#[tokio::test]
async fn what_caches_may_keep_says_so_and_has_not_changed_for_who_has_it() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let course = published(&app, &author, "Knots", &[1]).await;
    for path in SHARED {
        let answer = app.get(path).send().await.expect(200);
        let cache = answer.header("cache-control").unwrap();
        assert!(
            cache.starts_with("public, max-age=0, s-maxage=60, stale-while-revalidate="),
            "{path}: {cache}"
        );
        let known = app.get(path).header("if-none-match", &format!("\"x\", {}", tag(&answer))).send().await;
        let known = known.expect(304);
        assert_eq!((tag(&known), known.text().len()), (tag(&answer), 0), "{path}");
        let other = app.get(path).header("if-none-match", "W/\"0\"").send().await.expect(200);
        assert_eq!(tag(&other), tag(&answer), "{path}");
    }
    let before = app.get("/courses/knots").send().await.expect(200);
    let own = app.get(format!("/v1/courses/{}", course.id)).by(&author).send().await.expect(200);
    let edit = app.patch(format!("/v1/courses/{}", course.id)).by(&author).if_match(own.rev());
    let _ = edit.json(&json!({ "title": "Bends" })).send().await.expect(200);
    let after = app.get("/courses/knots").header("if-none-match", tag(&before)).send().await.expect(200);
    assert_ne!(tag(&after), tag(&before));
}

#[tokio::test]
async fn r27_what_caches_may_keep_holds_nothing_of_whoever_asks() {
    let app = app().await;
    let (author, admin) = (app.instructor("Ada").await, app.admin("Max").await);
    let _ = published(&app, &author, "Knots", &[1]).await;
    for path in SHARED {
        let nobody = app.get(path).send().await.expect(200);
        for somebody in [&author, &admin] {
            let answer = app.get(path).by(somebody).send().await.expect(200);
            assert_eq!(answer.header("cache-control"), Some("private, no-store"), "{path}");
            // The cookie of the site comes with every request of a browser, and changes nothing.
            let with_cookie = app.get(path).header("cookie", "__Host-lectern-session=lrt_x").send().await;
            assert_eq!(with_cookie.expect(200).text(), nobody.text(), "{path}");
        }
        for refused in ["Bearer nonsense", "Basic YTpi"] {
            let answer = app.get(path).header("authorization", refused).send().await;
            assert_ne!(
                answer.header("cache-control").map(|cache| cache.contains("public")),
                Some(true),
                "{path}"
            );
        }
    }
    // A revocation shows at once.
    let verify = app.get("/v1/verify/LEC-2026-000000").send().await;
    assert_eq!(verify.header("cache-control"), Some("no-store"));
}

#[tokio::test]
async fn every_route_that_caches_may_keep_is_among_those_that_were_asked() {
    let shared: Vec<String> = registry::all()
        .endpoints
        .iter()
        .filter(|entry| entry.shared_seconds.is_some())
        .map(|entry| entry.route.path.replace("{slug}", "knots").replace("{course_id}", "knots"))
        .collect();
    let mut asked = SHARED.map(str::to_owned).to_vec();
    asked.sort();
    let mut sorted = shared.clone();
    sorted.sort();
    assert_eq!(sorted, asked);
}

#[tokio::test]
async fn r28_the_edge_is_believed_with_its_secret_alone() {
    let app = app_with(&[("EDGE_SECRET", "swordfish")]).await;
    let author = app.instructor("Ada").await;
    let _ = published(&app, &author, "Knots", &[1]).await;
    let told = |secret: Option<&str>, host: &str| {
        let request = app
            .get("/v1/courses/knots")
            .header("x-lectern-host", host)
            .header("x-lectern-address", "198.51.100.1");
        secret.into_iter().fold(request, |request, secret| request.header("x-lectern-edge", secret))
    };
    let _ = told(Some("swordfish"), "localhost").send().await.expect(200);
    let _ = told(Some("swordfish"), testkit::OTHER_HOST).send().await.expect(404);
    let _ = told(Some("password"), testkit::OTHER_HOST).send().await.expect(200);
    let _ = told(None, testkit::OTHER_HOST).send().await.expect(200);
    // Nor does another address help whoever tries passwords.
    let guess = |n: usize, secret: Option<&str>| {
        let body = json!({ "email": format!("nobody{n}@example.org"), "password": "wrong wrong wrong" });
        let request =
            app.post("/v1/auth/login").json(&body).header("x-lectern-address", &format!("198.51.100.{n}"));
        secret.into_iter().fold(request, |request, secret| request.header("x-lectern-edge", secret))
    };
    let mut statuses = Vec::new();
    for n in 0..12 {
        statuses.push(guess(n, None).send().await.status);
    }
    assert_eq!(statuses[11], 429, "{statuses:?}");
    for n in 100..112 {
        assert_eq!(guess(n, Some("swordfish")).send().await.status, 401);
    }
}

#[tokio::test]
async fn pages_of_one_person_are_one_page_that_a_script_draws() {
    let app = app().await;
    for path in [
        "/sign-in",
        "/register",
        "/learn",
        "/learn/crs_1",
        "/lessons/les_1",
        "/recordings",
        "/recordings/new",
        "/recordings/rec_1",
        "/certificates",
        "/profile/",
    ] {
        let answer = app.get(path).header("accept", BROWSER).send().await.expect(200);
        let html = answer.text();
        assert!(
            html.contains("/assets/test/app.js") && html.contains("noindex") && html.contains("<noscript>"),
            "{html}"
        );
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
    for path in ["/nowhere", "/learn/a/b", "/wp-admin"] {
        let html = page(&app, path, 404).await;
        assert!(html.contains("href=\"/courses\""), "{html}");
    }
    // A program asks for no page, and the API answers nobody with one.
    app.get("/sign-in").send().await.refused(404, "not_found");
    app.get("/v1/nowhere").header("accept", BROWSER).send().await.refused(404, "not_found");
}
