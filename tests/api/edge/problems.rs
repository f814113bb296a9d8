//! What is wrong with a request is told at once, and in the words of the reference.

use domain::catalog::CategoryId;
use jsonschema::Validator;
use serde_json::{Value, json};
use testkit::Answer;
use tests::{app, draft, published, text};

/// The pointers and codes of a refusal, sorted.
#[track_caller]
fn told(answer: &Answer) -> Vec<(String, String)> {
    let mut told = answer.refused(422, "validation_failed");
    told.sort();
    told
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(pointer, code)| ((*pointer).to_owned(), (*code).to_owned())).collect()
}

#[tokio::test]
async fn r22_a_registration_hears_of_all_its_fields_at_once() {
    let app = app().await;
    let body = json!({ "email": "x", "password": "short", "first_name": "", "last_name": "" });
    let answer = app.post("/v1/auth/register").json(&body).send().await;
    let wrong = [
        ("/email", "invalid_email"),
        ("/first_name", "too_short"),
        ("/last_name", "too_short"),
        ("/password", "too_short"),
    ];
    assert_eq!(told(&answer), pairs(&wrong));
    assert_eq!((answer.cost.writes, answer.cost.hashes), (0, 0));
    // Of one field the reader is told one kind of thing: a form that fits once the length does.
    let long = format!("{}.example", "a".repeat(260));
    let answer = app.post("/v1/auth/password/forgot").json(&json!({ "email": long })).send().await;
    assert_eq!(told(&answer), pairs(&[("/email", "too_long")]));
    assert!(app.dump().await.is_empty());
}

#[tokio::test]
async fn r22_whoever_writes_hears_of_all_fields_at_once() {
    let app = app().await;
    let (author, admin) = (app.instructor("Ada").await, app.admin("Max").await);
    let course = published(&app, &author, "Knots", &[1]).await;
    let path = format!("/v1/courses/{}", course.id);
    let before = app.dump().await;
    let rev = app.get(&path).by(&author).send().await.rev();
    let category = CategoryId::generate(app.app().now()).to_string();
    let wrong = json!({
        "title": "", "slug": "Foo Bar", "language": "english!", "level": "guru", "category_id": category,
        "price": { "amount": -1 },
    });
    let of_course = [
        ("/category_id", "unknown_category"),
        ("/language", "invalid_language"),
        ("/level", "not_allowed"),
        ("/price/amount", "too_small"),
        ("/slug", "invalid_slug"),
        ("/title", "too_short"),
    ];
    let of_lesson = [("/content", "too_long"), ("/duration_minutes", "too_large"), ("/title", "too_short")];
    let lesson = json!({ "title": " ", "content": "\u{e9}".repeat(40_000), "duration_minutes": 1441 });
    let mut new_lesson = lesson.clone();
    new_lesson["content_type"] = json!("text");
    let template = json!({
        "heading": "", "statement": "has finished", "accent": "blue", "logo": "R0lGODlh", "signatory_name": "a\tb",
    });
    let of_template = [
        ("/accent", "invalid_color"),
        ("/heading", "too_short"),
        ("/logo", "not_an_image"),
        ("/signatory_name", "control_character"),
    ];
    let shelf = json!({ "name": "", "slug": "Foo Bar", "sort_order": 10_001 });
    let of_shelf = [("/name", "too_short"), ("/slug", "invalid_slug"), ("/sort_order", "too_large")];
    let profile = json!({ "headline": "", "username": "a b c", "phone": "12345678", "timezone": "Nowhere" });
    let of_profile = [
        ("/headline", "too_short"),
        ("/phone", "invalid_phone"),
        ("/timezone", "invalid_timezone"),
        ("/username", "invalid_username"),
    ];
    let answers = [
        (app.post("/v1/courses").by(&author).json(&wrong).send().await, &of_course[..]),
        (app.patch(&path).by(&author).if_match(rev).json(&wrong).send().await, &of_course),
        (
            app.post(format!("/v1/modules/{}/lessons", course.modules[0]))
                .by(&author)
                .json(&new_lesson)
                .send()
                .await,
            &of_lesson,
        ),
        (
            app.patch(format!("/v1/lessons/{}", course.lessons[0]))
                .by(&author)
                .if_match(1)
                .json(&lesson)
                .send()
                .await,
            &of_lesson,
        ),
        (
            app.put(course.path("certificate-template")).by(&author).if_match(0).json(&template).send().await,
            &of_template,
        ),
        (
            app.post(course.path("certificate-template/preview")).by(&author).json(&template).send().await,
            &of_template,
        ),
        (app.post("/v1/admin/categories").by(&admin).json(&shelf).send().await, &of_shelf),
        (app.patch("/v1/me").by(&author).json(&profile).send().await, &of_profile),
    ];
    for (answer, wrong) in answers {
        assert_eq!(told(&answer), pairs(wrong), "{}", answer.what);
    }
    assert_eq!(app.dump().await, before);
}

#[tokio::test]
async fn r22_a_wrong_type_is_told_before_any_rule() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let body = json!({ "title": 7, "slug": "Foo Bar", "language": "" });
    let answer = app.post("/v1/courses").by(&author).json(&body).send().await;
    assert_eq!(answer.refused(400, "invalid_body"), pairs(&[("/title", "wrong_type")]));
}

/// What the reference says of a schema.
fn of_reference(name: &str) -> Validator {
    let document = runtime::openapi::document(&registry::all());
    let schema = json!({
        "$ref": format!("#/components/schemas/{name}"), "components": document["components"],
    });
    jsonschema::validator_for(&schema).unwrap()
}

#[tokio::test]
async fn r21_a_problem_has_the_members_that_its_schema_names() {
    let app = app().await;
    let (author, learner) = (app.instructor("Ada").await, app.student("Grace").await);
    let course = draft(&app, &author, "Knots", &[1]).await;
    let path = format!("/v1/courses/{}", course.id);
    let rev = app.get(&path).by(&author).send().await.rev();
    let price = json!({ "price": { "amount": 4900 } });
    let _ = app.patch(&path).by(&author).if_match(rev).json(&price).send().await.expect(200);
    let _ = app.post(course.path("publish")).by(&author).send().await.expect(200);
    let unpaid = app.post(course.path("enroll")).by(&learner).send().await.json(402);
    let schema = of_reference("PaymentRequiredProblem");
    assert!(schema.is_valid(&unpaid), "{unpaid}");
    let mut wrong = unpaid.clone();
    wrong["price"] = Value::Null;
    assert!(!schema.is_valid(&wrong), "{wrong}");
    wrong.as_object_mut().unwrap().remove("price");
    assert!(!schema.is_valid(&wrong), "{wrong}");

    // No operation tells of this one: any problem may have its member.
    let mut unrouted = app.request("DELETE", "/v1/me").send().await.json(405);
    let schema = of_reference("Problem");
    assert!(schema.is_valid(&unrouted), "{unrouted}");
    unrouted["allowed_methods"] = Value::Null;
    assert!(!schema.is_valid(&unrouted), "{unrouted}");
}

#[tokio::test]
async fn r21_what_is_edited_by_its_revision_shows_it_beside_itself() {
    let app = app().await;
    let (author, admin) = (app.instructor("Ada").await, app.admin("Max").await);
    let course = draft(&app, &author, "Knots", &[1]).await;
    let template = course.path("certificate-template");
    let look = json!({ "heading": "Diploma", "statement": "has finished", "accent": "#102030" });
    let roles = format!("/v1/admin/users/{}/roles", author.id);
    let roles = || app.put(&roles).by(&admin).json(&json!({ "roles": ["instructor", "admin"] }));
    for answer in [
        app.get("/v1/me").by(&author).send().await,
        app.patch("/v1/me").by(&author).json(&json!({ "headline": "Knots" })).send().await,
        app.get(&template).by(&author).send().await,
        app.put(&template).by(&author).if_match(0).json(&look).send().await,
        roles().send().await,
        roles().send().await,
    ] {
        assert_eq!(answer.json["rev"], answer.rev(), "{}", answer.what);
    }
    let body = json!({
        "email": "grace@example.org", "password": "correct horse battery staple", "first_name": "Grace",
        "last_name": "Hopper",
    });
    let new = app.post("/v1/auth/register").json(&body).send().await.json(201);
    assert_eq!(new["user"]["rev"], 1);
    let edit = app.patch("/v1/me").bearer(&text(&new, "access_token")).if_match(1);
    let _ = edit.json(&json!({ "headline": "Compilers" })).send().await.expect(200);
    let body = json!({ "refresh_token": new["refresh_token"] });
    assert_eq!(app.post("/v1/auth/refresh").json(&body).send().await.json(200)["user"]["rev"], 2);
    let body = json!({ "email": "grace@example.org", "password": "correct horse battery staple" });
    assert_eq!(app.post("/v1/auth/login").json(&body).send().await.json(200)["user"]["rev"], 2);
}
