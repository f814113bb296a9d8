//! One course, made, published, found, taken and completed; then the machine is switched off and on.

use serde_json::{Value, json};
use smoke::Taken;
use tests::text;

use crate::server::{Server, data_dir};

#[tokio::test]
async fn a_course_is_made_published_taken_and_completed_and_outlives_a_restart() {
    let data = data_dir();
    let server = Server::start(&data, &[]).await;
    let admin = server.sign_in(&data, "admin").await;
    let Taken { course, learner_id, learner, .. } = server.school_day(&admin, async |_| ()).await;
    let learner = server.api.sign_in(&learner.email, &learner.password).await.unwrap();
    let progress = format!("GET /v1/courses/{course}/progress");
    let paid = server.call("GET /v1/courses?price=paid", None, None, 200).await;
    let refused = server
        .call(
            &format!("POST /v1/courses/{}/enroll", text(&paid["items"][0], "id")),
            Some(&learner),
            None,
            402,
        )
        .await;
    assert_eq!(refused["price"], paid["items"][0]["price"]);

    let roles = format!("PUT /v1/admin/users/{learner_id}/roles");
    server.call(&roles, Some(&admin), Some(json!({ "roles": ["instructor"] })), 200).await;
    server.call("GET /v1/instructor/courses", Some(&learner), None, 200).await;

    assert_eq!(server.interrupt().await, 0);
    let server = Server::start(&data, &[]).await;
    assert_eq!(server.call(&progress, Some(&learner), None, 200).await["enrollment"]["status"], "completed");
    assert_eq!(server.interrupt().await, 0);
    std::fs::remove_dir_all(data).unwrap();
}

#[tokio::test]
async fn the_demo_school_looks_real() {
    let data = data_dir();
    let server = Server::start(&data, &[]).await;
    let courses = server.call("GET /v1/courses?sort=popularity", None, None, 200).await;
    let items = courses["items"].as_array().unwrap();
    assert_eq!(items.len(), 6);
    let counts: Vec<u64> = items.iter().map(|card| card["enrollment_count"].as_u64().unwrap()).collect();
    assert!(counts.windows(2).all(|pair| pair[0] >= pair[1]) && counts[0] > 10, "{counts:?}");
    let categories = server.call("GET /v1/categories", None, None, 200).await;
    let numbers: Vec<&Value> =
        categories["items"].as_array().unwrap().iter().map(|shelf| &shelf["course_count"]).collect();
    assert_eq!(numbers, [2, 2, 2]);
    let instructors: std::collections::BTreeSet<&str> =
        items.iter().map(|card| card["instructor"]["name"].as_str().unwrap()).collect();
    assert_eq!(instructors.len(), 3);
    let mut films = 0;
    for card in items {
        let course = server.call(&format!("GET /v1/courses/{}", text(card, "slug")), None, None, 200).await;
        let previews = course["modules"][0]["lessons"].as_array().unwrap().iter();
        let previews: Vec<_> = previews.take_while(|lesson| lesson["is_preview"] == true).collect();
        assert!(!previews.is_empty(), "{}", card["title"]);
        for preview in previews {
            let lesson =
                server.call(&format!("GET /v1/lessons/{}", text(preview, "id")), None, None, 200).await;
            if let Some(video) = lesson["video_id"].as_str() {
                let film = server.call(&format!("GET /v1/videos/{video}"), None, None, 200).await;
                assert_eq!(
                    (&film["duration_seconds"], &film["captions"][0]["language"]),
                    (&json!(28.0), &json!("en"))
                );
                films += 1;
            } else {
                assert!(text(&lesson, "content").split_whitespace().count() > 200, "{}", card["title"]);
            }
        }
    }
    let ffmpeg = std::process::Command::new("ffmpeg").arg("-version").output();
    assert_eq!(films, u32::from(ffmpeg.is_ok()), "one, where it can be made");
    let learner = server.sign_in(&data, "learner").await;
    let mine = server.call("GET /v1/me/courses", Some(&learner), None, 200).await;
    let percents: Vec<u64> = mine["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|own| own["completion_percent"].as_u64().unwrap())
        .collect();
    assert!(percents.contains(&100) && percents.iter().any(|percent| *percent < 100), "{percents:?}");
    assert_eq!(server.interrupt().await, 0);
    std::fs::remove_dir_all(data).unwrap();
}

#[tokio::test]
async fn an_empty_school_has_no_logins_and_reset_begins_anew() {
    let data = data_dir();
    let server = Server::start(&data, &["--no-seed"]).await;
    assert_eq!(server.call("GET /v1/courses", None, None, 200).await["items"], json!([]));
    assert!(!data.join("demo.json").exists());
    let account = json!({ "email": "a@example.org", "password": "a long enough one", "first_name": "A", "last_name": "A" });
    let first = server.call("POST /v1/auth/register", None, Some(account.clone()), 201).await;
    let token = server.token_mailed_to("a@example.org", "/verify-email").await;
    let access = text(&first, "access_token");
    server.call("POST /v1/auth/email/verify", Some(&access), Some(json!({ "token": token })), 204).await;
    assert_eq!(server.interrupt().await, 0);
    let server = Server::start(&data, &["--no-seed", "--admin", "a@example.org"]).await;
    let shelf = json!({ "name": "Programming" });
    server.call("POST /v1/admin/categories", Some(&access), Some(shelf), 201).await;
    assert_eq!(server.interrupt().await, 0);
    std::fs::write(data.join("not-ours.txt"), "kept").unwrap();
    let server = Server::start(&data, &["--no-seed", "--reset"]).await;
    server.call("POST /v1/auth/register", None, Some(account), 201).await;
    assert_eq!(server.interrupt().await, 0);
    assert_eq!(std::fs::read_to_string(data.join("not-ours.txt")).unwrap(), "kept");
    std::fs::remove_dir_all(data).unwrap();
}
