//! PUT /v1/admin/users/{user_id}/roles, when several changes come at the same moment (R5).

use std::collections::HashMap;

use domain::identity::{
    Role::{self, Admin, Instructor, Student},
    UserRolesChanged,
};
use serde_json::json;
use testkit::TestApp;
use tests::app;

use crate::admin::setup::{account, assign, race, roles};

/// An app that tasks can share.
async fn shared_app() -> &'static TestApp {
    Box::leak(Box::new(app().await))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r5_parallel_role_changes_and_profile_changes_lose_nothing() {
    let app = shared_app().await;
    let (admin, ada) = (app.admin("Root").await, app.student("Ada").await);
    let wanted: [&[Role]; 4] = [&[Instructor], &[Admin], &[Student], &[Instructor, Admin]];
    let fields = [
        ("headline", "Analyst"),
        ("company", "Engines"),
        ("occupation", "Mathematician"),
        ("username", "ada"),
    ];
    let mut requests = Vec::new();
    for (wanted, (field, value)) in wanted.iter().zip(fields) {
        requests.push(assign(app, &admin, ada.id, wanted));
        requests.push(app.patch("/v1/me").by(&ada).json(&json!({ field: value })));
    }
    for answer in race(requests).await {
        assert_eq!(answer.status, 200, "{} answered {}", answer.what, answer.text());
    }

    let account = account(app, ada.id).await;
    let me = app.get("/v1/me").by(&ada).send().await.json(200);
    for (field, value) in fields {
        assert_eq!(me["profile"][field], value, "{field}");
    }
    // The changes that were told lead from the first roles to the last without a gap: none overwrote another.
    let mut balance: HashMap<Vec<Role>, i32> = HashMap::new();
    let events = app.outbox("user.roles_changed").await;
    for event in &events {
        let change: UserRolesChanged = event.data().unwrap();
        assert_ne!(change.before, change.after);
        *balance.entry(change.before).or_default() -= 1;
        *balance.entry(change.after).or_default() += 1;
    }
    *balance.entry(vec![Student]).or_default() += 1;
    *balance.entry(account.value.roles.clone()).or_default() -= 1;
    assert!(balance.values().all(|balance| *balance == 0), "{balance:?}");
    // Each of the four profile changes and each role change that was told is one revision.
    assert_eq!(account.rev, 1 + 4 + u64::try_from(events.len()).unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r5_two_admins_who_dismiss_each_other_leave_one() {
    let app = shared_app().await;
    for round in 0..12 {
        let (one, other) =
            (app.admin(&format!("one{round}")).await, app.admin(&format!("other{round}")).await);
        let dismissals = [assign(app, &one, other.id, &[Student]), assign(app, &other, one.id, &[Student])];
        let answers = race(dismissals).await;
        let left = [roles(app, one.id).await, roles(app, other.id).await]
            .iter()
            .filter(|r| r.contains(&Admin))
            .count();
        let texts: Vec<String> = answers.iter().map(testkit::Answer::text).collect();
        assert_eq!(left, 1, "in round {round}: {texts:#?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn r5_an_admin_who_is_being_dismissed_does_not_take_the_role_back() {
    let app = shared_app().await;
    let root = app.admin("Root").await;
    for round in 0..12 {
        let deputy = app.admin(&format!("deputy{round}")).await;
        let dismissal = assign(app, &root, deputy.id, &[Student]);
        let more = assign(app, &deputy, deputy.id, &[Admin, Instructor]);
        let answers = race([dismissal, more]).await;
        assert_eq!(answers[0].status, 200, "{}", answers[0].text());
        assert!(matches!(answers[1].status, 200 | 403), "{}", answers[1].text());
        assert_eq!(roles(app, deputy.id).await, [Student], "in round {round}");
    }
}
