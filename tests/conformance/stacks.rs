//! The stacks as a whole: how they fit together, and how large they may get.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::{
    nothing_wrong,
    repository::domains,
    template::{Template, reference},
};

#[test]
fn no_logical_id_stands_in_two_templates() {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for template in Template::all() {
        for (id, _) in template.resources() {
            places.entry(id.to_owned()).or_default().push(template.file.clone());
        }
    }
    let wrong: Vec<_> = places
        .iter()
        .filter(|(_, files)| files.len() > 1)
        .map(|(id, files)| format!("{id} stands in {}", files.join(" and ")))
        .collect();
    nothing_wrong(&wrong, "rename one: sam local would send its calls to the other");
}

#[test]
fn every_stack_is_far_below_500_resources() {
    let mut wrong = Vec::new();
    for template in Template::all() {
        let count = template.resources().count();
        if count >= 300 {
            wrong.push(format!("{} has {count} resources", template.file));
        }
    }
    nothing_wrong(
        &wrong,
        "split the domain: CloudFormation takes 500, and a full stack cannot be rearranged",
    );
}

#[test]
fn every_domain_is_a_stack_and_gets_the_parameters_that_its_template_declares() {
    let root = Template::root();
    let mut wrong = Vec::new();
    let mut found = BTreeSet::new();
    for (id, stack) in root.of_type("AWS::CloudFormation::Stack") {
        let url = stack["Properties"]["TemplateURL"].as_str().unwrap_or_default();
        let Some(domain) = url.strip_prefix("infra/").and_then(|file| file.strip_suffix(".yaml")) else {
            wrong.push(format!("{id} is made of {url}"));
            continue;
        };
        found.insert(domain.to_owned());
        let names =
            |value: &Value| value.as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect();
        let given: BTreeSet<String> = names(&stack["Properties"]["Parameters"]);
        let declared: BTreeSet<String> = names(&Template::of(domain).body["Parameters"]);
        wrong.extend(
            given.difference(&declared).map(|name| format!("{id} gives {name}, which {url} does not have")),
        );
        wrong.extend(declared.difference(&given).map(|name| format!("{id} does not give {name}")));
    }
    let missing = domains().into_iter().filter(|domain| !found.contains(*domain));
    wrong.extend(missing.map(|domain| format!("there is no stack of infra/{domain}.yaml")));
    nothing_wrong(&wrong, "see the other stacks in template.yaml");
}

#[test]
fn the_api_comes_first_so_that_sam_local_finds_the_routes_of_nested_stacks() {
    // The parsed template is sorted by name, so look at the text.
    let text = crate::repository::read("template.yaml");
    let resources = text.split_once("\nResources:\n").map(|(_, resources)| resources).unwrap_or_default();
    let first = resources.lines().find(|line| line.starts_with("    Type: "));
    assert_eq!(first, Some("    Type: AWS::ApiGatewayV2::Api"), "move the API before every other resource");
}

#[test]
fn r28_requests_are_throttled_and_sign_in_on_its_own_but_not_so_low_that_one_machine_uses_it_up() {
    let root = Template::root();
    let stage = root.properties("ApiStage");
    let limits = |settings: &Value| {
        settings["ThrottlingRateLimit"].is_object() && settings["ThrottlingBurstLimit"].is_object()
    };
    assert!(limits(&stage["DefaultRouteSettings"]), "give ApiStage DefaultRouteSettings with both limits");
    let routes: Vec<_> = local::registry().endpoints.iter().map(|entry| entry.route.to_string()).collect();
    for (route, settings) in stage["RouteSettings"].as_object().into_iter().flatten() {
        assert!(
            routes.contains(route),
            "ApiStage has settings for {route}, which does not exist: deploying would fail"
        );
        assert!(limits(settings), "give {route} both limits");
    }
    for route in ["POST /v1/auth/login", "POST /v1/auth/register"] {
        let settings = &stage["RouteSettings"][route];
        assert_eq!(
            settings["ThrottlingRateLimit"],
            reference("SignInThrottlingRate"),
            "a flood of {route} is not to use up what other routes have"
        );
    }
    let default = |name: &str| root.body["Parameters"][name]["Default"].as_u64().unwrap_or_default();
    for name in ["Rate", "Burst"] {
        let (sign_in, rest) = (format!("SignInThrottling{name}"), format!("Throttling{name}"));
        assert!(default(&sign_in) >= default(&rest), "{sign_in} shuts everybody out before the table does");
    }
}

/// Small accounts refuse to reserve any.
#[test]
fn r28_functions_that_hash_passwords_reserve_concurrency_only_where_a_parameter_says_so() {
    let (root, identity) = (Template::root(), Template::of("identity"));
    assert_eq!(root.body["Parameters"]["SignInConcurrency"]["Default"], "");
    let reserved =
        json!({ "Fn::If": ["ReservesSignIn", reference("SignInConcurrency"), reference("AWS::NoValue")] });
    let given = json!({ "Fn::Not": [{ "Fn::Equals": [reference("SignInConcurrency"), ""] }] });
    assert_eq!(identity.body["Conditions"]["ReservesSignIn"], given);
    for id in ["Login", "Register"] {
        assert_eq!(identity.function(id)["ReservedConcurrentExecutions"], reserved, "{id}");
    }
}

/// One for all functions: an alarm for each would cost $0.10 a month per function while nobody learns.
#[test]
fn whatever_fails_raises_an_alarm_and_no_alarm_is_of_one_function() {
    let root = Template::root();
    let metrics = ["AWS/Lambda Errors", "AWS/Lambda Throttles", "AWS/ApiGateway 5xx"];
    for metric in metrics {
        let heard = root.of_type("AWS::CloudWatch::Alarm").any(|(_, alarm)| {
            let alarm = &alarm["Properties"];
            let of =
                [&alarm["Namespace"], &alarm["MetricName"]].map(|name| name.as_str().unwrap_or_default());
            of.join(" ") == metric
                && alarm["Threshold"] == 0
                && alarm["ComparisonOperator"] == "GreaterThanThreshold"
                && alarm["AlarmActions"] == json!([reference("AlarmTopic")])
        });
        assert!(heard, "template.yaml has no alarm of {metric} that anybody hears");
    }
    let alone = |alarm: &Value| alarm["Properties"]["Dimensions"].to_string().contains("FunctionName");
    let alarms = Template::all().iter().flat_map(|template| template.of_type("AWS::CloudWatch::Alarm"));
    let wrong: Vec<_> = alarms.filter(|(_, alarm)| alone(alarm)).map(|(id, _)| id.to_owned()).collect();
    nothing_wrong(&wrong, "FunctionErrorsAlarm in template.yaml is for every function");
}

/// SES publishes the rate of the whole account, reviews a sender at 5 % and stops one at 10 %.
#[test]
fn mail_that_bounces_raises_an_alarm_before_ses_looks_at_the_sender() {
    let mail = Template::of("mail");
    let bounces = mail.of_type("AWS::CloudWatch::Alarm").find_map(|(_, alarm)| {
        Some(&alarm["Properties"]).filter(|alarm| alarm["MetricName"] == "Reputation.BounceRate")
    });
    let alarm = bounces.expect("infra/mail.yaml has an alarm of the bounce rate");
    assert_eq!(alarm["Namespace"], "AWS/SES");
    assert!(alarm["Dimensions"].is_null(), "the metric has none");
    assert_eq!(alarm["AlarmActions"], json!([reference("AlarmTopicArn")]));
    assert_eq!(alarm["ComparisonOperator"], "GreaterThanThreshold");
    assert!(alarm["Threshold"].as_f64().is_some_and(|rate| (0.01..0.05).contains(&rate)));
    assert_eq!(alarm["TreatMissingData"], "ignore", "the rate stays what it was while no mail is sent");
}

#[test]
fn api_gateway_and_the_local_gateway_answer_preflights_alike() {
    let origin = "https://app.example";
    let config = runtime::Config::from_lookup(|name| match name {
        "TOKEN_PUBLIC_KEYS" => Some(r#"{"keys":[]}"#.to_owned()),
        "ALLOWED_ORIGINS" => Some(origin.to_owned()),
        _ => Some("1".to_owned()).filter(|_| matches!(name, "TABLE_NAME" | "TOKEN_ISSUER")),
    })
    .expect("complete");
    let answer = runtime::gateway::preflight(&config, Some(origin));
    let list = |name: &str| -> Value {
        let value = answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        value.split(", ").collect()
    };
    let root = Template::root();
    let cors = &root.properties("Api")["CorsConfiguration"];
    for (property, header) in [
        ("AllowMethods", "access-control-allow-methods"),
        ("AllowHeaders", "access-control-allow-headers"),
        ("ExposeHeaders", "access-control-expose-headers"),
    ] {
        assert_eq!(
            cors[property],
            list(header),
            "{property} in template.yaml and shared/runtime/src/cors.rs"
        );
    }
    assert_eq!(json!([cors["MaxAge"].to_string()]), list("access-control-max-age"));
    assert_eq!(cors["AllowCredentials"], true);
    assert_eq!(cors["AllowOrigins"], reference("AllowedOrigins"));
}
