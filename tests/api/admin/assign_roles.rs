//! PUT /v1/admin/users/{user_id}/roles

use domain::identity::{
    Role::{self, Admin, Instructor, Student},
    UserRolesChanged,
};
use kernel::UserId;
use serde_json::{Value, json};
use testkit::{Moment, Person, TestApp, every_crash_point};
use tests::{app, change_account};

use crate::admin::setup::{account, assign, roles, with_body};

const COURSE: &str = "/v1/courses";

/// What making a course answers: it asks for the instructor's role.
async fn makes_a_course(app: &TestApp, person: &Person, title: &str) -> u16 {
    let body = json!({ "title": title, "description": "All about it.", "level": "beginner" });
    app.post(COURSE).by(person).json(&body).send().await.status
}

#[tokio::test]
async fn an_admin_makes_somebody_an_instructor() {
    let app = app().await;
    let (admin, ada) = (app.admin("Root").await, app.student("Ada").await);
    let answer = assign(&app, &admin, ada.id, &[Student, Instructor]).send().await.expect(200);
    insta::assert_json_snapshot!(answer.snapshot());
    let me = app.get("/v1/me").by(&ada).send().await.json(200);
    assert_eq!(me, answer.json);
}

#[tokio::test]
async fn a_change_writes_the_account_and_one_event() {
    let app = app().await;
    let (admin, ada) = (app.admin("Root").await, app.student("Ada").await);
    let items = app.dump().await.len();
    let request = assign(&app, &admin, ada.id, &[Instructor]).header("x-correlation-id", "click-9");
    let _ = request.send().await.expect(200);
    assert_eq!(account(&app, ada.id).await.rev, 2);
    assert_eq!(app.dump().await.len(), items + 1);
    let [event] = app.outbox("").await.try_into().unwrap();
    assert_eq!((event.event_type.as_str(), event.version), ("user.roles_changed", 1));
    assert_eq!((event.actor, event.correlation_id.as_str()), (Some(admin.id), "click-9"));
    let expected =
        UserRolesChanged { user_id: ada.id, before: vec![Student], after: vec![Student, Instructor] };
    assert_eq!(event.data::<UserRolesChanged>().unwrap(), expected);
}

#[tokio::test]
async fn roles_are_kept_once_in_order_and_everybody_stays_a_student() {
    let app = app().await;
    let (admin, ada) = (app.admin("Root").await, app.student("Ada").await);
    for (given, kept) in [
        (vec![Instructor, Instructor, Instructor], vec![Student, Instructor]),
        (vec![Admin, Instructor, Student], vec![Student, Instructor, Admin]),
        (vec![Admin], vec![Student, Admin]),
        (vec![Student], vec![Student]),
    ] {
        let answer = assign(&app, &admin, ada.id, &given).send().await.json(200);
        assert_eq!(answer["roles"], json!(kept));
        assert_eq!(roles(&app, ada.id).await, kept);
    }
}

#[tokio::test]
async fn what_an_account_has_already_is_not_written_again() {
    let app = app().await;
    let (admin, ada) = (app.admin("Root").await, app.instructor("Ada").await);
    let before = app.dump().await;
    for same in [vec![Student, Instructor], vec![Instructor, Student], vec![Instructor]] {
        let _ = assign(&app, &admin, ada.id, &same).send().await.expect(200);
    }
    assert_eq!(app.dump().await, before);
}

#[tokio::test]
async fn r23_a_role_counts_from_the_next_call_and_so_does_its_loss() {
    let app = app().await;
    let (admin, ada) = (app.admin("Root").await, app.student("Ada").await);
    assert_eq!(makes_a_course(&app, &ada, "Before").await, 403);
    let _ = assign(&app, &admin, ada.id, &[Instructor]).send().await.expect(200);
    // With the very token that was refused.
    assert_eq!(makes_a_course(&app, &ada, "During").await, 201);
    let _ = assign(&app, &admin, ada.id, &[Student]).send().await.expect(200);
    assert_eq!(makes_a_course(&app, &ada, "After").await, 403);
}

#[tokio::test]
async fn r23_an_admin_who_is_none_any_more_is_refused_at_once() {
    let app = app().await;
    let (root, deputy, ada) =
        (app.admin("Root").await, app.student("Deputy").await, app.student("Ada").await);
    assign(&app, &deputy, ada.id, &[Instructor]).send().await.refused(403, "forbidden");
    let _ = assign(&app, &root, deputy.id, &[Admin]).send().await.expect(200);
    let _ = assign(&app, &deputy, ada.id, &[Instructor]).send().await.expect(200);
    let _ = assign(&app, &root, deputy.id, &[Student]).send().await.expect(200);
    assign(&app, &deputy, ada.id, &[Student]).send().await.refused(403, "forbidden");
    assign(&app, &deputy, deputy.id, &[Admin]).send().await.refused(403, "forbidden");
    assert_eq!(roles(&app, ada.id).await, [Student, Instructor]);
}

#[tokio::test]
async fn a_suspended_admin_is_refused_at_once() {
    let app = app().await;
    let (admin, ada) = (app.admin("Root").await, app.student("Ada").await);
    let stored = account(&app, admin.id).await;
    let mut suspended = stored.value;
    suspended.is_active = false;
    let school = app.school();
    let mut change = app.store().transaction(&school);
    change.replace(&store::keys::user(&school, admin.id), &suspended, stored.rev);
    change.commit().await.unwrap();
    assign(&app, &admin, ada.id, &[Instructor]).send().await.refused(401, "invalid_token");
    assert_eq!(roles(&app, ada.id).await, [Student]);
}

#[tokio::test]
async fn nobody_but_an_admin_assigns_roles() {
    let app = app().await;
    let ada = app.student("Ada").await;
    let before = app.dump().await;
    let path = format!("/v1/admin/users/{}/roles", ada.id);
    let body = json!({ "roles": ["admin"] });
    app.put(&path).json(&body).send().await.refused(401, "unauthenticated");
    app.put(&path).bearer("x").json(&body).send().await.refused(401, "invalid_token");
    app.put(&path).by(&ada).json(&body).send().await.refused(403, "forbidden");
    assert_eq!(app.dump().await, before);
    let alan = app.instructor("Alan").await;
    app.put(&path).by(&alan).json(&body).send().await.refused(403, "forbidden");
    // Whoever may not do it does not learn what is wrong with it, nor who exists.
    app.put(&path).by(&alan).json(&json!({})).send().await.refused(403, "forbidden");
    let nobody = UserId::generate(app.app().now());
    app.put(format!("/v1/admin/users/{nobody}/roles"))
        .by(&alan)
        .json(&body)
        .send()
        .await
        .refused(403, "forbidden");
    assert_eq!(roles(&app, ada.id).await, [Student]);
}

#[tokio::test]
async fn accounts_of_another_school_read_like_absent_ones() {
    let app = app().await;
    let (admin, ada) = (app.admin("Root").await, app.student("Ada").await);
    let other_admin = app.person(&"other".parse().unwrap(), "Root", &[Admin]).await;
    let before = app.dump().await;
    let foreign = assign(&app, &other_admin, ada.id, &[Admin]).send().await;
    foreign.refused(404, "not_found");
    // A foreign host does not make them a foreign admin.
    assign(&app, &other_admin, ada.id, &[Admin])
        .header("host", "localhost")
        .send()
        .await
        .refused(404, "not_found");
    assign(&app, &admin, other_admin.id, &[Student]).to_other_school().send().await.refused(404, "not_found");
    let absent = assign(&app, &admin, UserId::generate(app.app().now()), &[Admin]).send().await;
    absent.refused(404, "not_found");
    assert_eq!(foreign.json["detail"], absent.json["detail"]);
    for id in [
        "nobody",
        "usr_",
        "usr_0",
        &ada.id.to_string().to_uppercase(),
        &ada.id.to_string()[4..],
        "%00",
        "..%2f",
    ] {
        let request =
            app.put(format!("/v1/admin/users/{id}/roles")).by(&admin).json(&json!({ "roles": ["admin"] }));
        let answer = request.send().await;
        answer.refused(400, "invalid_path");
    }
    assert_eq!(app.dump().await, before);
}

#[tokio::test]
async fn what_is_wrong_with_the_body_is_named() {
    let app = app().await;
    let (admin, ada) = (app.admin("Root").await, app.student("Ada").await);
    let before = app.dump().await;
    let four = json!({ "roles": ["student", "student", "student", "student"] });
    for (body, status, pointer, violation) in [
        (json!({}), 400, "/roles", "missing"),
        (json!({ "roles": "admin" }), 400, "/roles", "wrong_type"),
        (json!({ "roles": null }), 400, "/roles", "wrong_type"),
        (json!({ "roles": [1] }), 400, "/roles/0", "wrong_type"),
        (json!({ "roles": ["admin"], "is_active": false }), 400, "/is_active", "unknown_field"),
        (json!(["admin"]), 400, "", "wrong_type"),
        (json!({ "roles": [] }), 422, "/roles", "too_few"),
        (four, 422, "/roles", "too_many"),
        (json!({ "roles": ["student", "owner"] }), 422, "/roles/1", "not_allowed"),
        (json!({ "roles": ["Admin"] }), 422, "/roles/0", "not_allowed"),
        (json!({ "roles": [""] }), 422, "/roles/0", "not_allowed"),
    ] {
        let code = if status == 400 { "invalid_body" } else { "validation_failed" };
        let violations = with_body(&app, &admin, ada.id, &body).send().await.refused(status, code);
        assert_eq!(violations, [(pointer.to_owned(), violation.to_owned())], "{body}");
    }
    assert_eq!(app.dump().await, before);
}

#[tokio::test]
async fn an_admin_keeps_their_own_role_until_another_takes_it() {
    let app = app().await;
    let (root, deputy) = (app.admin("Root").await, app.admin("Deputy").await);
    for without in [vec![Student], vec![Instructor], vec![Student, Instructor]] {
        assign(&app, &root, root.id, &without).send().await.refused(409, "own_admin_role");
    }
    assert_eq!(account(&app, root.id).await.rev, 1);
    let more = assign(&app, &root, root.id, &[Admin, Instructor]).send().await.json(200);
    assert_eq!(more["roles"], json!(["student", "instructor", "admin"]));
    let _ = assign(&app, &deputy, root.id, &[Instructor]).send().await.expect(200);
    assert_eq!(roles(&app, root.id).await, [Student, Instructor]);
}

#[tokio::test]
async fn a_role_is_all_that_changes() {
    let app = app().await;
    let (admin, ada) = (app.admin("Root").await, app.student("Ada").await);
    let profile = json!({ "username": "ada", "headline": "Analyst", "interests": ["engines"] });
    let _ = app.patch("/v1/me").by(&ada).json(&profile).send().await.expect(200);
    let mut expected: Value = app.get("/v1/me").by(&ada).send().await.json(200);
    let before = account(&app, ada.id).await.value;
    let answer = assign(&app, &admin, ada.id, &[Instructor]).send().await.json(200);
    expected["roles"] = json!(["student", "instructor"]);
    expected["rev"] = json!(3);
    assert_eq!(answer, expected);
    let mut after = account(&app, ada.id).await.value;
    after.roles = before.roles.clone();
    assert_eq!(after, before);
}

/// A fresh school with its admin and somebody else.
async fn office() -> (TestApp, Person, Person) {
    let app = app().await;
    let (admin, ada) = (app.admin("Root").await, app.student("Ada").await);
    (app, admin, ada)
}

#[tokio::test]
async fn f1_a_crash_leaves_role_and_event_together_and_repeating_completes_it_once() {
    let new: [Role; 1] = [Instructor];
    let points = every_crash_point(
        office,
        |(app, _, _)| app,
        async |(app, admin, ada)| drop(assign(app, admin, ada.id, &new).send().await),
        async |(app, admin, ada), point| {
            let done = roles(app, ada.id).await.contains(&Instructor);
            assert_eq!(done, point.call == point.of && point.moment == Moment::AfterCommit, "{point:?}");
            assert_eq!(app.outbox("user.roles_changed").await.len(), usize::from(done), "{point:?}");
            let _ = assign(app, admin, ada.id, &new).send().await.expect(200);
            assert_eq!(roles(app, ada.id).await, [Student, Instructor], "{point:?}");
            assert_eq!(app.outbox("user.roles_changed").await.len(), 1, "{point:?}");
        },
    )
    .await;
    assert_eq!(points, 6, "it reads caller and account, and writes");
}

#[tokio::test]
async fn a_lost_reply_changes_the_role_once() {
    for call in 1..=3 {
        let (app, admin, ada) = office().await;
        app.tap().break_at(call, Moment::AfterCommit);
        let _ = assign(&app, &admin, ada.id, &[Instructor]).send().await.expect(200);
        assert_eq!(app.tap().calls(), 4);
        assert_eq!(account(&app, ada.id).await.rev, 2);
        assert_eq!(app.outbox("user.roles_changed").await.len(), 1);
    }
}

/// Admins know people by their addresses, and anybody can register any.
#[tokio::test]
async fn whoever_has_not_shown_that_the_address_is_theirs_gets_no_role() {
    let app = app().await;
    let (admin, ada) = (app.admin("Root").await, app.student("Ada").await);
    let confirm =
        async |confirmed: bool| change_account(&app, ada.id, |user| user.email_verified = confirmed).await;
    confirm(false).await;
    let before = app.dump().await;
    for given in [vec![Instructor], vec![Student, Admin], vec![Instructor, Admin]] {
        assign(&app, &admin, ada.id, &given).send().await.refused(409, "email_unconfirmed");
    }
    let _ = assign(&app, &admin, ada.id, &[Student]).send().await.expect(200);
    assert_eq!(app.dump().await, before);
    // What somebody has, they keep, and it can be taken from them.
    confirm(true).await;
    let _ = assign(&app, &admin, ada.id, &[Instructor, Admin]).send().await.expect(200);
    confirm(false).await;
    let _ = assign(&app, &admin, ada.id, &[Instructor, Admin]).send().await.expect(200);
    let _ = assign(&app, &admin, ada.id, &[Instructor]).send().await.expect(200);
    assign(&app, &admin, ada.id, &[Instructor, Admin]).send().await.refused(409, "email_unconfirmed");
    assert_eq!(roles(&app, ada.id).await, [Student, Instructor]);
}
