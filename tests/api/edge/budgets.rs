//! What a route costs does not grow with the school: every route of the learner loop makes the same calls and consumes
//! the same capacity among a thousand items and among many more.

use std::collections::BTreeMap;

use domain::catalog::{CourseId, LessonId};
use kernel::UserId;
use serde_json::{Value, json};
use store::Meter;
use testkit::{Person, TestApp, TestRequest};
use tests::{CourseFixture, app, enroll, fill, is_full, published, text};

/// Does one of everything and notes what it cost.
async fn costs(items: usize) -> BTreeMap<String, Meter> {
    let app = app().await;
    let (author, admin) = (app.instructor("Author").await, app.admin("Admin").await);
    fill(&app, &author, items);
    let course = published(&app, &author, "Rust from the first line", &[2, 1]).await;
    let learner = app.student("Learner").await;

    let mut costs = BTreeMap::new();
    let account = json!({ "email": "new@example.org", "password": "a long enough one", "first_name": "N", "last_name": "N" });
    let mut tokens = Value::Null;
    let login = json!({ "email": "new@example.org", "password": "a long enough one" });
    for (name, body) in [("register", &account), ("login", &login)] {
        let answer = app.post(format!("/v1/auth/{name}")).json(body).send().await;
        costs.insert(name.to_owned(), answer.cost);
        tokens = answer.json;
    }
    let refresh = json!({ "refresh_token": text(&tokens, "refresh_token") });
    costs.insert(
        "refresh".to_owned(),
        app.post("/v1/auth/refresh").json(&refresh).send().await.expect(200).cost,
    );
    let roles = app.put(format!("/v1/admin/users/{}/roles", learner.id)).by(&admin);
    costs.insert(
        "roles".to_owned(),
        roles.json(&json!({ "roles": ["instructor"] })).send().await.expect(200).cost,
    );

    for query in ["", "?sort=title&level=beginner&price=free", "?sort=popularity&order=asc&limit=40"] {
        let page = app.get(format!("/v1/courses{query}")).send().await.expect(200);
        costs.insert(format!("list{query}"), page.cost);
    }
    let first = app.get("/v1/courses?sort=title&limit=20").send().await.json(200);
    let next = format!("/v1/courses?sort=title&limit=20&cursor={}", text(&first, "next_cursor"));
    costs.insert("list, second page".to_owned(), app.get(next).send().await.expect(200).cost);
    authoring(&app, &author, &course, &mut costs).await;
    learning(&app, &learner, &course, &mut costs).await;
    costs
}

async fn authoring(
    app: &TestApp,
    author: &Person,
    course: &CourseFixture,
    costs: &mut BTreeMap<String, Meter>,
) {
    let mut note = |name: &str, cost| costs.insert(name.to_owned(), cost);
    note("own courses", app.get("/v1/instructor/courses").by(author).send().await.expect(200).cost);
    let created =
        app.post("/v1/courses").by(author).json(&json!({ "title": "A new one" })).send().await.expect(201);
    note("create course", created.cost);
    let shown = app.get(format!("/v1/courses/{}", course.slug)).by(author).send().await.expect(200);
    note("show course", shown.cost);
    let body = json!({ "title": "Rust from the very first line" });
    let edited = app.patch(format!("/v1/courses/{}", course.id)).by(author).if_match(shown.rev()).json(&body);
    note("edit course", edited.send().await.expect(200).cost);
    let module =
        app.post(course.path("modules")).by(author).json(&json!({ "title": "M" })).send().await.expect(201);
    note("add module", module.cost);
    let lesson = json!({ "title": "L", "content_type": "text" });
    let lesson =
        app.post(format!("/v1/modules/{}/lessons", text(&module.json, "id"))).by(author).json(&lesson);
    note("add lesson", lesson.send().await.expect(201).cost);
    let draft = tests::draft(app, author, "To publish", &[1]).await;
    note("publish", app.post(draft.path("publish")).by(author).send().await.expect(200).cost);
}

async fn learning(
    app: &TestApp,
    learner: &Person,
    course: &CourseFixture,
    costs: &mut BTreeMap<String, Meter>,
) {
    let mut note = |name: String, cost| costs.insert(name, cost);
    note("enrol".to_owned(), app.post(course.path("enroll")).by(learner).send().await.expect(201).cost);
    note("my courses".to_owned(), app.get("/v1/me/courses").by(learner).send().await.expect(200).cost);
    note(
        "open course".to_owned(),
        app.get(format!("/v1/courses/{}", course.id)).by(learner).send().await.expect(200).cost,
    );
    for (n, lesson) in course.lessons.iter().enumerate() {
        let path = format!("/v1/lessons/{lesson}");
        note(format!("open lesson {n}"), app.get(path.clone()).by(learner).send().await.expect(200).cost);
        let saved = app.put(format!("{path}/progress")).by(learner).json(&json!({ "percent": 50 }));
        note(format!("save progress {n}"), saved.send().await.expect(200).cost);
        let done = app.post(format!("{path}/complete")).by(learner).send().await.expect(200);
        note(format!("complete lesson {n}"), done.cost);
    }
    note(
        "course progress".to_owned(),
        app.get(course.path("progress")).by(learner).send().await.expect(200).cost,
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_route_costs_more_in_a_large_school_than_in_a_small_one() {
    let items = if is_full() { 100_000 } else { 10_000 };
    let small = costs(1_000).await;
    let large = costs(items).await;
    assert!(small.len() > 25);
    for (name, cost) in &small {
        let at_size = large[name];
        assert_eq!((cost.reads, cost.writes), (at_size.reads, at_size.writes), "calls of {name}");
        assert!(
            (cost.capacity - at_size.capacity).abs() < 0.01,
            "{name} consumed {} among 1,000 items and {} among {items}",
            cost.capacity,
            at_size.capacity
        );
    }
    // The emulator must have told what it consumed, or the comparison above compares nothing.
    assert!(small.values().all(|cost| cost.capacity > 0.0), "{small:?}");
}

#[tokio::test]
async fn the_learner_loop_makes_no_call_too_many() {
    let app = app().await;
    let author = app.instructor("Author").await;
    let course = published(&app, &author, "Rust", &[2]).await;
    let learner = app.student("Learner").await;
    enroll(&app, &learner, &course).await;
    let lesson = format!("/v1/lessons/{}", course.lessons[0]);
    let (new, paths) = (app.student("New").await, [course.path("enroll"), course.path("progress")]);
    let open = |named: &str| app.get(format!("/v1/courses/{named}"));
    let save = |percent: u32| {
        app.put(format!("{lesson}/progress")).by(&learner).json(&json!({ "percent": percent }))
    };
    let measure = async |request: TestRequest<'_>, reads: u32, writes: u32| {
        let answer = request.send().await;
        assert!(answer.status < 300, "{}: {}", answer.what, answer.text());
        assert_eq!((answer.cost.reads, answer.cost.writes), (reads, writes), "{}", answer.what);
    };
    // Each in a process that has just started.
    for (request, reads, writes) in [
        (app.get("/v1/courses"), 1, 0),
        (open(&course.id), 2, 0),
        (open(&course.id).by(&learner), 4, 0),
        (open(&course.slug).by(&learner), 5, 0),
        (app.post(&paths[0]).by(&new), 1, 1),
        (app.get(&lesson).by(&learner), 2, 0),
        (save(5), 2, 1),
        (app.get(format!("{lesson}/progress")).by(&learner), 2, 0),
        (app.post(format!("{lesson}/complete")).by(&learner), 4, 1),
        (app.get(&paths[1]).by(&learner), 3, 0),
    ] {
        app.app().forget();
        measure(request, reads, writes).await;
    }
    // And where its course and author are known.
    let _ = (open(&course.id).send().await, app.get(&lesson).by(&learner).send().await);
    for (request, reads, writes) in [
        (open(&course.id).by(&new), 3, 0),
        (app.get(&lesson).by(&new), 1, 0),
        (save(5).by(&new), 1, 1),
        (app.get(format!("{lesson}/progress")).by(&new), 1, 0),
        (app.post(format!("{lesson}/complete")).by(&new), 3, 1),
    ] {
        measure(request, reads, writes).await;
    }
}

#[tokio::test]
async fn what_a_process_remembers_is_only_where_it_looks_first() {
    let app = app().await;
    let (author, other) = (app.instructor("Author").await, app.instructor("Other").await);
    let course = published(&app, &author, "Rust", &[1, 1]).await;
    let another = published(&app, &other, "Knots", &[1]).await;
    let learner = app.student("Learner").await;
    enroll(&app, &learner, &course).await;
    let (lesson, to_another) = (course.lessons[0].parse().unwrap(), another.id.parse().unwrap());
    app.app().remembered::<LessonId, CourseId>().keep(lesson, to_another);
    app.app().remembered::<CourseId, UserId>().keep(course.id.parse().unwrap(), other.id);
    let path = format!("/v1/lessons/{lesson}");
    let shown = app.get(format!("/v1/courses/{}", course.id)).by(&learner).send().await.json(200);
    assert_eq!(shown["instructor"]["id"], json!(author.id));
    for wrong in [true, false] {
        if wrong {
            app.app().remembered::<LessonId, CourseId>().keep(lesson, to_another);
        }
        let _ = app.get(&path).by(&learner).send().await.expect(200);
        let report = json!({ "percent": if wrong { 40 } else { 50 } });
        let _ = app.put(format!("{path}/progress")).by(&learner).json(&report).send().await.expect(200);
        let progress = app.get(course.path("progress")).by(&learner).send().await.json(200);
        assert_eq!(progress["lessons"][0]["percent"], report["percent"]);
    }
    // Nor does it open a course to whoever is enrolled in another.
    let stranger = app.student("Stranger").await;
    enroll(&app, &stranger, &another).await;
    for path in [path.clone(), format!("{path}/progress")] {
        app.app().remembered::<LessonId, CourseId>().keep(lesson, to_another);
        let _ = app.get(path).by(&stranger).send().await.expect(403);
    }
}
