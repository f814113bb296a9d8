//! What features say of their functions, from which the templates are written.

use std::collections::BTreeSet;

use runtime::{Config, Function, Resource, Trigger};

use crate::{
    nothing_wrong,
    repository::{feature_file, functions, read, sources},
};

/// A stage takes up to 16 characters.
const LONGEST_STAGE: &str = "a-stage-of-sixte";

fn wrong_in_functions(mut check: impl FnMut(&Function, &mut dyn FnMut(bool, &str))) -> Vec<String> {
    let mut wrong = Vec::new();
    for function in functions() {
        check(&function, &mut |holds, what| {
            if !holds {
                wrong.push(format!("{} {what}", function.names.function()));
            }
        });
    }
    wrong
}

#[test]
fn every_name_is_its_own_and_fits_into_what_aws_takes() {
    let mut names: Vec<_> = functions().iter().map(|function| function.names.function()).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count, "two functions have one name");
    let wrong = wrong_in_functions(|function, check| {
        let name = function.names.function();
        check(format!("lectern-{LONGEST_STAGE}-{name}").len() <= 64, "is longer than Lambda takes");
        check(format!("lectern-{LONGEST_STAGE}-{name}-dead-letters").len() <= 80, "is longer than SQS takes");
        let words = name.split('-').all(|word| {
            !word.is_empty()
                && word.bytes().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit())
        });
        check(words && name.contains('-'), "is not <domain>-<verb>-<noun>");
    });
    nothing_wrong(&wrong, "NAME of the feature");
}

#[test]
fn a_function_may_write_only_if_its_budget_has_writes() {
    let wrong = wrong_in_functions(|function, check| {
        let Trigger::Route(entry) = function.trigger else { return };
        let writes = function.table().iter().any(|action| action.writes());
        let budget = entry.budget;
        check(
            writes == (budget.writes > 0),
            "may write though its budget has no writes, or the other way round",
        );
        let touches = budget.reads + budget.writes > 0;
        check(touches || function.table().is_empty(), "may touch the table though its budget is empty");
    });
    nothing_wrong(&wrong, "BUDGET and NEEDS of a feature tell the same story");
}

#[test]
fn whoever_waits_longer_than_others_says_why() {
    let mut wrong = wrong_in_functions(|function, check| {
        let Trigger::Route(entry) = function.trigger else { return };
        let says = read(&feature_file(function.names)).contains("const WAVES: u32");
        let usual = if entry.budget.writes > 0 { 3 } else { 2 };
        check(says == (entry.waves > usual), "has WAVES of its own though it waits for no more than others");
    });
    for (path, code) in sources("functions") {
        let lines: Vec<_> = code.lines().map(str::trim).collect();
        let bare = lines.windows(2).filter(|pair| {
            pair[1].contains("const WAVES: u32 = ")
                && !pair[1].contains("::WAVES")
                && !pair[0].starts_with("//")
        });
        wrong.extend(bare.map(|pair| format!("{path}: {}", pair[1])));
    }
    nothing_wrong(&wrong, "read together what does not depend on the other, or say above WAVES why not");
}

/// AWS takes no less than two. A new account runs ten functions at once, of which people waiting for an answer need some.
#[test]
fn r8_what_a_queue_hands_to_a_function_leaves_each_message_its_time_and_people_their_share() {
    let wrong = wrong_in_functions(|function, check| {
        if !matches!(function.trigger, Trigger::Queue(_)) {
            return;
        }
        let needs = function.needs;
        check((2..=5).contains(&needs.concurrency), "has a concurrency outside of 2 to 5");
        // A call of an SDK gives up after three and a half; the time that one does not need is the next one's.
        check(function.timeout() >= 3 * needs.batch, "leaves each message of a batch less than 3 seconds");
    });
    nothing_wrong(&wrong, "NEEDS of the feature");
}

/// A new version changes the functions whose code changed, and the one that says which version it is.
#[test]
fn f13_no_variable_of_a_version_reaches_a_function_that_does_not_tell_it() {
    let wrong = wrong_in_functions(|function, check| {
        let tells = function.names.function() == "platform-check-health";
        check(
            tells || !function.variables().contains(&"APP_VERSION"),
            "changes with every version, whatever its code does",
        );
    });
    nothing_wrong(&wrong, "only GET /v1/health tells the version");
    assert!(!Config::VARIABLES.contains(&"APP_VERSION"));
}

#[test]
fn f13_only_who_signs_may_read_a_key() {
    let readers: Vec<_> = functions()
        .iter()
        .filter(|function| function.grants().iter().any(|grant| matches!(grant.on, Resource::Key(_))))
        .map(|function| function.names.function())
        .collect();
    let wanted = [
        "certificates-render-certificate",
        "identity-login",
        "identity-refresh",
        "identity-register",
        // Checks by the key that it would sign with.
        "video-get-playlist",
        "video-get-recording",
        "video-get-video",
        "video-list-my-recordings",
    ];
    assert_eq!(BTreeSet::from_iter(readers), BTreeSet::from(wanted));
}

/// API Gateway gives up after 30 seconds, and a client before.
#[test]
fn every_function_ends_in_time() {
    let wrong = wrong_in_functions(|function, check| {
        let most = if matches!(function.trigger, Trigger::Route(_)) { 10 } else { 900 };
        check((5..=most).contains(&function.timeout()), "has no sane timeout");
        check((128..=1769).contains(&function.needs.memory), "has no sane memory; one CPU is 1769 MB");
    });
    nothing_wrong(&wrong, "NEEDS of the feature");
}

/// Whose messages come one by one: a rendering of a stranger's may take too much memory, a mail that is cut off is in doubt,
/// and MediaConvert takes few orders a second.
#[test]
fn r8_no_message_takes_another_with_it() {
    let alone: Vec<_> = functions()
        .into_iter()
        .filter(|function| matches!(function.trigger, Trigger::Queue(_)) && function.needs.batch == 1)
        .map(|function| function.names.function())
        .collect();
    assert_eq!(alone, ["video-start-transcoding", "certificates-render-certificate", "mail-send-mail"]);
}
