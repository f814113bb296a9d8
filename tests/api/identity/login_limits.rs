//! What holds a login back, and what does not (R28): many at the same moment, in virtual time.

use std::time::Duration;

use kernel::Code;
use store::{RateLimit, TURNS};
use testkit::{Answer, TestApp};
use tokio::time::Instant;

use crate::identity::setup::{
    EMAIL, PASSWORD, WRONG, change_account, count, login, race, registered, registration, shared_app,
    with_status,
};

/// Guesses from one address, before the limit answers instead.
const GUESSES: usize = 10;
const IP: &str = "198.51.100.1";
/// As login has it.
const PER_ADDRESS: RateLimit = RateLimit { name: "login-address", burst: 10, per_seconds: 120 };

fn email(number: usize) -> String {
    format!("p{number}@example.org")
}

async fn school_of(people: usize) -> &'static TestApp {
    let app = shared_app().await;
    for number in 0..people {
        registered(app, &email(number)).await;
    }
    app
}

fn hashes(answers: &[Answer]) -> u32 {
    answers.iter().map(|answer| answer.cost.hashes).sum()
}

async fn hold(app: &TestApp) -> kernel::Result<()> {
    app.store().hold_token(&app.school(), PER_ADDRESS, IP, || app.app().now()).await
}

#[tokio::test]
async fn r28_of_two_hundred_wrong_guesses_at_forty_accounts_at_once_from_one_address_ten_are_evaluated() {
    let app = school_of(40).await;
    app.use_virtual_time();
    let guesses = (0..200).map(|n| login(app, &email(n % 40), WRONG).from_ip(IP));
    let answers = race(guesses).await;
    let evaluated = with_status(&answers, 401);
    assert_eq!(evaluated + with_status(&answers, 429), 200);
    // One more in the twelve seconds that one takes to come back, if the losers wait that long.
    assert!((GUESSES..=GUESSES + 1).contains(&evaluated), "{evaluated} were evaluated");
    assert_eq!(hashes(&answers) as usize, evaluated, "a refused call hashes nothing");
    for refused in answers.iter().filter(|answer| answer.status == 429) {
        assert!(refused.header("retry-after").is_some());
        assert!(refused.cost.writes <= 3 + TURNS, "{:?}", refused.cost);
    }
}

#[tokio::test]
async fn r28_sixty_right_sign_ins_at_once_behind_one_address_all_pass() {
    let app = school_of(60).await;
    app.use_virtual_time();
    let begun = Instant::now();
    let answers = race((0..60).map(|n| login(app, &email(n), PASSWORD).from_ip(IP))).await;
    assert_eq!(with_status(&answers, 200), 60, "{answers:#?}");
    // Only waiting takes time here.
    let waited = begun.elapsed();
    assert!((Duration::from_millis(200)..Duration::from_secs(4)).contains(&waited), "{waited:?}");
    // They left nothing behind.
    for _ in 0..GUESSES {
        hold(app).await.unwrap();
    }
    assert_eq!(hold(app).await.unwrap_err().code(), Code::RATE_LIMITED);
}

#[tokio::test]
async fn r28_an_address_takes_ten_guesses_at_whichever_accounts_and_the_next_costs_a_write() {
    let app = school_of(1).await;
    app.use_virtual_time();
    for n in 0..GUESSES {
        let guess = login(app, &format!("nobody{n}@example.org"), WRONG).from_ip(IP).send().await;
        guess.refused(401, "invalid_credentials");
    }
    let begun = Instant::now();
    let answer = login(app, &email(0), PASSWORD).from_ip(IP).send().await;
    answer.refused(429, "rate_limited");
    // Nobody holds a token, so there is nothing to wait for.
    assert_eq!(begun.elapsed(), Duration::ZERO);
    assert_eq!((answer.cost.reads, answer.cost.writes, answer.cost.hashes), (0, 1, 0));
    let wait: i64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=12).contains(&wait), "{wait}");
    // Another address does not wait with it.
    let _ = login(app, &email(0), PASSWORD).from_ip("198.51.100.2").send().await.expect(200);
    app.clock().advance(wait);
    let _ = login(app, &email(0), PASSWORD).from_ip(IP).send().await.expect(200);
}

#[tokio::test]
async fn r28_who_finds_no_token_waits_as_long_as_one_may_come_back_and_no_longer() {
    let app = school_of(1).await;
    app.use_virtual_time();
    for _ in 0..GUESSES {
        hold(app).await.unwrap();
    }
    let begun = Instant::now();
    let answer = login(app, &email(0), PASSWORD).from_ip(IP).send().await;
    answer.refused(429, "rate_limited");
    assert_eq!((answer.cost.reads, answer.cost.writes, answer.cost.hashes), (0, 2 + TURNS, 0));
    let waited = begun.elapsed();
    assert!((Duration::from_secs(1)..Duration::from_millis(4300)).contains(&waited), "{waited:?}");

    let waiting = tokio::spawn(login(app, &email(0), PASSWORD).from_ip(IP).send());
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(!waiting.is_finished());
    app.store().give_token_back(&app.school(), PER_ADDRESS, IP).await.unwrap();
    let _ = waiting.await.unwrap().expect(200);
    // Its token came back too.
    hold(app).await.unwrap();

    // As soon as the last is known to be spent, waiting ends.
    let waiting = tokio::spawn(login(app, &email(0), PASSWORD).from_ip(IP).send());
    tokio::time::sleep(Duration::from_secs(1)).await;
    for _ in 0..GUESSES {
        app.store().spend_token(&app.school(), PER_ADDRESS, IP).await.unwrap();
    }
    let begun = Instant::now();
    waiting.await.unwrap().refused(429, "rate_limited");
    assert!(begun.elapsed() < Duration::from_millis(500), "{:?}", begun.elapsed());
}

/// Waiting keeps a function busy for seconds, and functions are not without number.
#[tokio::test]
async fn r28_of_two_hundred_at_once_at_one_address_a_hundred_wait_and_the_others_are_told_at_once() {
    let app = school_of(1).await;
    app.use_virtual_time();
    for _ in 0..GUESSES {
        hold(app).await.unwrap();
    }
    let answers = race((0..200).map(|n| login(app, &email(n), PASSWORD).from_ip(IP))).await;
    assert_eq!(with_status(&answers, 429), 200);
    let at_once = answers.iter().filter(|answer| answer.cost.writes == 2).count();
    let after_waiting = answers.iter().filter(|answer| answer.cost.writes == 2 + TURNS).count();
    assert_eq!((at_once, after_waiting), (100, 100));
    // Ten seconds later others may, if there is something to wait for.
    app.clock().advance(10);
    while hold(app).await.is_ok() {}
    let answer = login(app, &email(0), PASSWORD).from_ip(IP).send().await;
    assert_eq!(answer.cost.writes, 2 + TURNS);
}

#[tokio::test]
async fn r28_an_account_that_is_closed_uses_up_nothing_of_the_address() {
    let app = school_of(1).await;
    for n in 0..5 {
        login(app, &email(0), WRONG)
            .from_ip(&format!("192.0.2.{n}"))
            .send()
            .await
            .refused(401, "invalid_credentials");
    }
    for _ in 0..2 * GUESSES {
        let answer = login(app, &email(0), WRONG).from_ip(IP).send().await;
        answer.refused(429, "rate_limited");
        assert_eq!(answer.cost.hashes, 0);
    }
    login(app, "nobody@example.org", WRONG).from_ip(IP).send().await.refused(401, "invalid_credentials");
}

#[tokio::test]
async fn r28_a_registration_over_the_limit_ends_before_the_password_is_hashed() {
    let app = tests::app_with(&[("REGISTRATIONS_PER_HOUR", "1")]).await;
    let register = |email| app.post("/v1/auth/register").json(&registration(email));
    assert_eq!(register(EMAIL).send().await.expect(201).cost.hashes, 1);
    let refused = register("grace@example.org").send().await;
    refused.refused(429, "rate_limited");
    assert_eq!(refused.cost.hashes, 0);
}

/// Work is what takes time, and counted it does not depend on who else uses the machine. What is hashed for nobody has
/// today's parameters: `r25_hashes_are_argon2id_with_19_mib_and_two_passes`.
#[tokio::test]
async fn r25_a_login_that_fails_does_the_same_work_whether_or_not_there_is_an_account() {
    let app = school_of(1).await;
    let suspended = registered(app, "suspended@example.org").await;
    change_account(app, suspended.id, |user| user.is_active = false).await;
    let before = count(app, "session").await;
    let mut seen = Vec::new();
    for (n, (email, password)) in [
        (email(0).as_str(), WRONG),
        ("nobody@example.org", WRONG),
        ("nobody-else@example.org", PASSWORD),
        ("suspended@example.org", PASSWORD),
        ("suspended@example.org", WRONG),
    ]
    .into_iter()
    .enumerate()
    {
        app.tap().reset();
        let answer = login(app, email, password).from_ip(&format!("192.0.2.{n}")).send().await;
        answer.refused(401, "invalid_credentials");
        // The second guess at an account finds its bucket in use, as the second at nobody's would.
        app.clock().advance(60);
        let (cost, operations) = (answer.cost, app.tap().operations());
        let headers: Vec<_> = answer.headers.keys().collect();
        seen.push(format!("{cost:?} {operations:?} {headers:?} {} {}", answer.body.len(), answer.snapshot()));
    }
    assert!(seen.iter().all(|one| *one == seen[0]), "{seen:#?}");
    assert!(seen[0].contains("hashes: 1"), "{}", seen[0]);
    assert_eq!(count(app, "session").await, before);
}
