//! GET /v1/courses

use domain::catalog::{
    CategoryId, CourseCard, CourseDescription, CourseId, CourseStatus, Slug, Sort, listing_positions,
};
use kernel::{Currency, Id, Money, Timestamp};
use proptest::prelude::{Just, Strategy, any, prop, prop_oneof};
use serde_json::json;
use store::keys::{self, CoursePointer};
use testkit::{TestApp, redacted};
use tests::{CourseFixture, app, draft, published, text};

use crate::catalog::{
    catalogue::{LEVELS, View, assert_lists, assert_no_ghosts, shelve},
    count_enrollment::{consume, enrolled},
    random::Random,
    support::{Fixture, card, category, pairs, stored},
};

const BASE: i64 = 1_768_000_000_000;

/// Titles that are hard to sort: equal but for case, one the beginning of the other, equal for long.
fn titles() -> impl Strategy<Value = String> {
    let long = format!("Everything about the things that one should really know about {}", "sorting");
    let hard =
        ["Rust", "rust", "RUST for two", "Rust!", "Rust \"quoted\"", "C", "C#", "C# in depth", "C in depth"];
    let hard = hard.into_iter().chain(["Äpfel", "zebra", "日本語", "🦀", "~"]).map(str::to_owned);
    let hard = hard.chain(["b", "a", "a a"].map(|end| format!("{long} {end}"))).collect::<Vec<_>>();
    prop_oneof![prop::sample::select(hard), "[A-Za-z0-9#][A-Za-z0-9 #!'äÉ~-]{0,30}[A-Za-z0-9]"]
}

fn cards(categories: Vec<CategoryId>) -> impl Strategy<Value = Vec<CourseCard>> {
    let card = (
        titles(),
        prop::sample::select(&LEVELS[..]),
        prop::option::of(prop::sample::select(categories)),
        prop_oneof![Just(0), 1..10_000i64],
        prop::bool::weighted(0.85),
        prop_oneof![0..4u32, any::<u32>()],
        (prop_oneof![Just(0), Just(450), 0..=500u16], 0..20u32),
        0..20i64,
    );
    let card = card.prop_map(|(title, level, category_id, amount, is_published, enrolled, rating, age)| {
        CourseCard {
            id: CourseId::generate(Timestamp::from_millis(BASE)),
            author_id: Id::generate(Timestamp::from_millis(BASE)),
            author_name: "Ada Example".to_owned(),
            title: title.into(),
            slug: Slug::of("", "course"),
            description: CourseDescription::default(),
            level: Some(level),
            category_id,
            tags: Vec::new(),
            price: Money { amount, currency: Currency::USD },
            status: if is_published { CourseStatus::Published } else { CourseStatus::Draft },
            lesson_count: 1,
            duration_minutes: 10,
            enrollment_count: enrolled,
            rating_hundredths: rating.0,
            rating_count: rating.1,
            created_at: Timestamp::from_millis(BASE + age * 86_400_000),
            published_at: None,
        }
    });
    prop::collection::vec(card, 40)
}

/// A school with about forty courses in two categories.
async fn random_school() -> (TestApp, Vec<CourseCard>, Vec<CategoryId>) {
    let app = app().await;
    let mut random = Random::new();
    let categories: Vec<CategoryId> = (0..2).map(|_| app.app().id()).collect();
    let cards = random.value(cards(categories.clone()));
    shelve(&app, &cards).await;
    (app, cards, categories)
}

async fn holds_to_the_model(sort: Sort) {
    let (app, cards, categories) = random_school().await;
    assert_lists(&app, &cards, sort, &categories).await;
    assert_no_ghosts(&app, &cards).await;
}

#[tokio::test]
async fn every_list_by_creation_is_what_plain_sorting_gives() {
    holds_to_the_model(Sort::CreatedAt).await;
}

#[tokio::test]
async fn every_list_by_popularity_is_what_plain_sorting_gives() {
    holds_to_the_model(Sort::Popularity).await;
}

#[tokio::test]
async fn every_list_by_rating_is_what_plain_sorting_gives() {
    holds_to_the_model(Sort::Rating).await;
}

#[tokio::test]
async fn every_list_by_title_is_what_plain_sorting_gives() {
    holds_to_the_model(Sort::Title).await;
}

#[tokio::test]
async fn a_published_course_is_listed_with_its_card() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    published(&app, &author, "Rust from the first line", &[2, 1]).await;
    insta::assert_json_snapshot!(app.get("/v1/courses").send().await.snapshot());
}

#[tokio::test]
async fn drafts_are_in_no_list() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    draft(&app, &author, "Not yet", &[1]).await;
    for path in
        ["/v1/courses", "/v1/courses?level=beginner", "/v1/courses?price=free", "/v1/courses?sort=title"]
    {
        // Not even its author finds it here.
        for request in [app.get(path), app.get(path).by(&author)] {
            assert_eq!(request.send().await.json(200), json!({ "items": [], "next_cursor": null }));
        }
    }
}

#[tokio::test]
async fn another_school_has_its_own_catalogue() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    published(&app, &author, "Rust", &[1]).await;
    let there = app.get("/v1/courses").to_other_school().send().await.json(200);
    assert_eq!(there["items"], json!([]));
}

#[tokio::test]
async fn the_newest_come_first_and_titles_from_a_to_z_unless_asked_otherwise() {
    let (app, cards, _) = random_school().await;
    let newest = View { level: None, category: None, price: None, sort: Sort::CreatedAt, ascending: false };
    let best = View { sort: Sort::Rating, ..newest };
    let by_title = View { sort: Sort::Title, ascending: true, ..newest };
    for (path, view) in [
        ("/v1/courses?limit=100", newest),
        ("/v1/courses?limit=100&sort=created_at", newest),
        ("/v1/courses?limit=100&sort=rating", best),
        ("/v1/courses?limit=100&sort=title", by_title),
    ] {
        let page = app.get(path).send().await.json(200);
        let ids: Vec<String> =
            page["items"].as_array().unwrap().iter().map(|item| text(item, "id")).collect();
        assert_eq!(ids, view.of(&cards).into_iter().map(|(id, _)| id).collect::<Vec<_>>(), "{path}");
    }
    // A page has twenty items unless asked otherwise.
    assert_eq!(app.get("/v1/courses").send().await.json(200)["items"].as_array().unwrap().len(), 20);
}

#[tokio::test]
async fn pages_of_any_size_hold_every_course_once_and_in_order() {
    let (app, cards, categories) = random_school().await;
    let all = View { level: None, category: None, price: None, sort: Sort::Title, ascending: true };
    let some = View { level: Some(LEVELS[0]), sort: Sort::Rating, ascending: false, ..all };
    let few = View { category: Some(categories[0]), sort: Sort::Popularity, ..some };
    for view in [all, some, few] {
        let wanted = view.of(&cards);
        // A whole number of pages, one item more than that, and one page that is just full.
        for limit in [1, 3, wanted.len().div_ceil(2).max(1), wanted.len().max(1)] {
            let (mut found, mut cursor) = (Vec::new(), String::new());
            loop {
                let page = app.get(format!("{}{cursor}", view.path(limit))).send().await.json(200);
                let items = page["items"].as_array().unwrap();
                found.extend(items.iter().map(|item| (text(item, "id"), text(item, "title"))));
                let Some(next) = page["next_cursor"].as_str() else {
                    break;
                };
                assert_eq!(items.len(), limit, "a page before the last is full");
                assert!(found.len() < wanted.len(), "no empty page at the end");
                cursor = format!("&cursor={next}");
            }
            assert_eq!(found, wanted, "{view:?} by {limit}");
        }
    }
}

#[tokio::test]
async fn a_cursor_of_another_list_is_refused() {
    let app = app().await;
    let (author, admin) = (app.instructor("Ada").await, app.admin("Max").await);
    let shelf = category(&app, &admin, "Programming").await;
    for title in ["One", "Two", "Three"] {
        published(&app, &author, title, &[1]).await;
    }
    let page = app.get("/v1/courses?limit=1").send().await.json(200);
    let cursor = text(&page, "next_cursor");
    let another_size =
        app.get(format!("/v1/courses?limit=7&sort=created_at&cursor={cursor}")).send().await.json(200);
    assert_eq!(another_size["items"].as_array().unwrap().len(), 2);

    let category = format!("category={shelf}");
    for other in ["level=beginner", &category, "price=free", "sort=title", "sort=rating", "order=asc"] {
        app.get(format!("/v1/courses?{other}&cursor={cursor}")).send().await.refused(400, "invalid_cursor");
    }
    app.get(format!("/v1/courses?cursor={cursor}"))
        .to_other_school()
        .send()
        .await
        .refused(400, "invalid_cursor");
    let own = app.get(format!("/v1/instructor/courses?cursor={cursor}")).by(&author).send().await;
    own.refused(400, "invalid_cursor");
    for forged in ["x", "AQ", "!!!", &cursor[..12], &cursor.replace(&cursor[..4], "AAAA")] {
        app.get(format!("/v1/courses?cursor={forged}")).send().await.refused(400, "invalid_cursor");
    }
}

#[tokio::test]
async fn a_wrong_parameter_is_named() {
    let app = app().await;
    for (query, pointer, code) in [
        ("limit=0", "?limit", "too_small"),
        ("limit=101", "?limit", "too_large"),
        ("limit=-1", "?limit", "too_small"),
        ("limit=abc", "?limit", "wrong_type"),
        ("limit=1.5", "?limit", "wrong_type"),
        ("limit=", "?limit", "wrong_type"),
        ("limit=99999999999999999999", "?limit", "wrong_type"),
        ("limit=1&limit=2", "?limit", "repeated"),
        ("level=expert", "?level", "not_allowed"),
        ("level=Beginner", "?level", "not_allowed"),
        ("price=cheap", "?price", "not_allowed"),
        ("sort=price", "?sort", "not_allowed"),
        ("order=up", "?order", "not_allowed"),
        ("category=", "?category", "invalid_value"),
        ("category=%23", "?category", "invalid_value"),
        ("category=crs_00000000000070008000000000000000", "?category", "invalid_value"),
        ("category=x&category=y", "?category", "repeated"),
        ("cursor=", "?cursor", "too_short"),
        ("status=draft", "?status", "unknown_field"),
        ("author_id=x", "?author_id", "unknown_field"),
    ] {
        let answer = app.get(format!("/v1/courses?{query}")).send().await;
        assert_eq!(answer.refused(400, "invalid_query"), pairs(&[(pointer, code)]), "{query}");
    }
    let answer = app.get("/v1/courses?limit=abc").send().await;
    assert_eq!(answer.json["errors"][0]["detail"], "must be integer, not string");
    for limit in [1, 100] {
        let _ = app.get(format!("/v1/courses?limit={limit}")).send().await.expect(200);
    }
}

#[tokio::test]
async fn a_category_is_given_by_id_or_slug_and_an_unknown_one_is_empty() {
    let app = app().await;
    let (author, admin) = (app.instructor("Ada").await, app.admin("Max").await);
    let shelf = category(&app, &admin, "Data & Statistics").await;
    let body = json!({ "title": "SQL", "description": "Ask.", "level": "beginner", "category_id": shelf });
    let course = tests::draft_of(&app, &author, &body, &[1]).await;
    let _ = app.post(course.path("publish")).by(&author).send().await.expect(200);
    published(&app, &author, "Without a shelf", &[1]).await;

    let ids = async |category: &str| {
        let page = app.get(format!("/v1/courses?category={category}")).send().await.json(200);
        page["items"].as_array().unwrap().iter().map(|item| text(item, "id")).collect::<Vec<_>>()
    };
    assert_eq!(ids(&shelf).await, [course.id.as_str()]);
    assert_eq!(ids("data-statistics").await, [course.id.as_str()]);
    let absent: CategoryId = app.app().id();
    for unknown in ["no-such-shelf", &absent.to_string(), "any"] {
        assert!(ids(unknown).await.is_empty(), "{unknown}");
    }
    let other = app.get(format!("/v1/courses?category={}", course.id)).send().await;
    other.refused(400, "invalid_query");
    let hint = other.json["errors"][0]["detail"].as_str().unwrap();
    assert!(hint.starts_with("must be cat_") && hint.contains("slug"), "{hint}");
}

#[tokio::test]
async fn popularity_and_rating_are_shown_as_they_are_counted() {
    let app = app().await;
    let author = app.instructor("Ada").await;
    let course = published(&app, &author, "Rust", &[1]).await;
    let school = app.school();
    let before = stored(&app, &keys::course_card(&school, course.course_id())).await;
    let rated = CourseCard {
        enrollment_count: 1_234,
        rating_hundredths: 467,
        rating_count: 89,
        ..before.value.clone()
    };
    let mut change = app.store().transaction(&school);
    change.replace_card(&before, &rated);
    change.commit().await.unwrap();
    let page = redacted(&app.get("/v1/courses").send().await.json(200));
    let item = &page["items"][0];
    assert_eq!((&item["enrollment_count"], &item["rating_count"]), (&json!(1_234), &json!(89)));
    assert_eq!(item["average_rating"], json!(4.67));
}

/// Makes of a course's places what an earlier version wrote there: its id alone.
async fn place_by_id_alone(app: &TestApp, course: &CourseFixture) {
    let (school, card) = (app.school(), card(app, course).await);
    let mut change = app.store().transaction(&school);
    for position in listing_positions(&card) {
        let pointer = CoursePointer { target: card.id };
        change
            .put_over(&keys::listing(&school, &position), &card)
            .put_over(&keys::slug(&school, &card.slug), &pointer);
    }
    let items = change.into_items().expect("well-formed values");
    let places = items.chunks(2).map(|pair| {
        let mut pointer = pair[1].clone();
        pointer.extend(["PK", "SK"].map(|name| (name.to_owned(), pair[0][name].clone())));
        pointer
    });
    app.import(places.collect());
}

#[tokio::test]
async fn what_an_earlier_version_placed_is_shown_and_carries_its_card_after_the_next_change() {
    let app = app().await;
    let (author, admin) = (app.instructor("Ada").await, app.admin("Max").await);
    let shelf = category(&app, &admin, "Programming").await;
    let mut courses = Vec::new();
    for title in ["One", "Two", "Three"] {
        let body =
            json!({ "title": title, "description": "Ask.", "level": "beginner", "category_id": shelf });
        let course = tests::draft_of(&app, &author, &body, &[1]).await;
        let _ = app.post(course.path("publish")).by(&author).send().await.expect(200);
        courses.push(course);
    }
    let list = async || app.get("/v1/courses?category=programming&sort=title").send().await.expect(200);
    let today = list().await;
    assert_eq!(today.cost.reads, 2, "what the slug names, and the page");
    for course in &courses[..2] {
        place_by_id_alone(&app, course).await;
    }
    let then = list().await;
    assert_eq!((then.json, then.cost.reads), (today.json.clone(), 3));
    for page in ["/", "/courses?category=programming&sort=title", "/sitemap.xml"] {
        let page = app.get(page).send().await.expect(200).text();
        assert!(courses.iter().all(|course| page.contains(&format!("/courses/{}", course.slug))), "{page}");
    }
    for course in &courses[..2] {
        consume(&app, enrolled(&app, course.course_id())).await.unwrap();
    }
    let now = list().await;
    assert_eq!(now.cost.reads, 2);
    let counts: Vec<_> =
        now.json["items"].as_array().unwrap().iter().map(|item| item["enrollment_count"].clone()).collect();
    assert_eq!(counts, [1, 0, 1], "One, Three, Two");
}
