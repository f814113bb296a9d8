//! The stacks as a whole: how they fit together, and how large they may get.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::{
    nothing_wrong,
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

/// What of a resource changes the API: routes and integrations, the stage that deploys them, or a stack that has some.
fn changes_the_api(resource: &Value) -> bool {
    let kind = resource["Type"].as_str().unwrap_or_default();
    let inner = resource["Properties"]["TemplateURL"].as_str().map(Template::named);
    match kind.strip_prefix("AWS::ApiGatewayV2::") {
        Some(part) => !["Api", "DomainName", "ApiMapping"].contains(&part),
        // Without the parameter it has an API of its own.
        None => inner.is_some_and(|template| template.body["Parameters"]["ApiId"].is_object()),
    }
}

/// The resources that come before one: those that it names.
fn before(resource: &Value) -> BTreeSet<String> {
    fn named(value: &Value, names: &mut BTreeSet<String>) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| named(item, names)),
            Value::Object(members) => {
                for (name, member) in members {
                    match (name.as_str(), member) {
                        ("Ref" | "DependsOn", Value::String(id)) => names.extend([id.clone()]),
                        ("Fn::GetAtt", member) => names.extend(member[0].as_str().map(str::to_owned)),
                        ("DependsOn", Value::Array(ids)) => {
                            names.extend(ids.iter().filter_map(Value::as_str).map(str::to_owned));
                        }
                        _ => named(member, names),
                    }
                }
            }
            _ => {}
        }
    }
    let mut names = BTreeSet::new();
    named(resource, &mut names);
    names
}

/// API Gateway refuses a change of an API while another is under way, and then a deployment fails by chance.
#[test]
fn f13_whatever_changes_the_api_comes_one_after_the_other() {
    let root = Template::root();
    let comes_after = |later: &str, earlier: &str| {
        let (mut seen, mut open) = (BTreeSet::new(), vec![later.to_owned()]);
        while let Some(id) = open.pop() {
            if id == earlier {
                return true;
            }
            open.extend(before(root.resource(&id)).into_iter().filter(|id| seen.insert(id.clone())));
        }
        false
    };
    let changing: Vec<&str> =
        root.resources().filter(|(_, resource)| changes_the_api(resource)).map(|(id, _)| id).collect();
    assert!(changing.len() > 5, "the stacks with routes and the stage: {changing:?}");
    let mut wrong = Vec::new();
    for (n, one) in changing.iter().enumerate() {
        for other in &changing[..n] {
            if !comes_after(one, other) && !comes_after(other, one) {
                wrong.push(format!("{one} and {other} would change the API at the same time"));
            }
        }
    }
    nothing_wrong(
        &wrong,
        "see stacks() in scripts/xtask/src/templates.rs; ApiStage waits for the last of them",
    );
}

/// As many as AWS lets an API have.
const MOST_OF_AN_API: usize = 300;

#[test]
fn an_api_has_room_for_its_routes_and_integrations() {
    let root = Template::root();
    let mut counts: BTreeMap<(String, &str), usize> = BTreeMap::new();
    for part in ["Route", "Integration"] {
        let kind = format!("AWS::ApiGatewayV2::{part}");
        for (_, own) in root.of_type(&kind) {
            *counts.entry((own["Properties"]["ApiId"].to_string(), part)).or_default() += 1;
        }
        for (_, stack) in root.of_type("AWS::CloudFormation::Stack") {
            let template = Template::named(stack["Properties"]["TemplateURL"].as_str().unwrap_or_default());
            for (id, inner) in template.of_type(&kind) {
                let parameter = inner["Properties"]["ApiId"]["Ref"].as_str();
                let parameter = parameter.unwrap_or_else(|| panic!("{id} has no !Ref as its ApiId"));
                let api = match &stack["Properties"]["Parameters"][parameter] {
                    Value::Null => format!("{parameter} in {}", template.file), // its own
                    given => given.to_string(),
                };
                *counts.entry((api, part)).or_default() += 1;
            }
        }
    }
    let endpoints = registry::all().endpoints.len();
    assert!(counts.values().sum::<usize>() >= 2 * endpoints, "a route and an integration each: {counts:?}");
    let full = counts.iter().filter(|(_, count)| **count > MOST_OF_AN_API);
    let wrong: Vec<_> =
        full.map(|((api, part), count)| format!("{api} has {count} resources of {part}")).collect();
    nothing_wrong(
        &wrong,
        "AWS takes 300 routes and 300 integrations: give a domain an API of its own, `.apart(\"…\")` in infra/registry/src/lib.rs",
    );
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
    let routes: Vec<_> = registry::all().endpoints.iter().map(|entry| entry.route.to_string()).collect();
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
    let reserved = json!({ "Fn::If": ["HasSignInConcurrency", reference("SignInConcurrency"), reference("AWS::NoValue")] });
    let given = json!({ "Fn::Not": [{ "Fn::Equals": [reference("SignInConcurrency"), ""] }] });
    assert_eq!(identity.body["Conditions"]["HasSignInConcurrency"], given);
    for id in ["IdentityLogin", "IdentityRegister"] {
        assert_eq!(identity.function(id)["ReservedConcurrentExecutions"], reserved, "{id}");
    }
}

/// A host in SchoolHosts that leads nowhere would be a school that nobody reaches; scripts/deploy looks at each host.
#[test]
fn schools_with_hosts_need_a_domain_that_leads_to_them() {
    let root = Template::root();
    let (empty, not) =
        (|name| json!({ "Fn::Equals": [reference(name), ""] }), |it| json!({ "Fn::Not": [it] }));
    let reached = json!([{
        "Assert": { "Fn::Or": [empty("SchoolHosts"), not(empty("DomainName")), not(empty("SchoolsDomain"))] },
        "AssertDescription": "SchoolHosts needs a domain that leads here, SchoolsDomain or DomainName",
    }]);
    assert_eq!(root.body["Rules"]["SchoolsCanBeReached"]["Assertions"], reached);
    let [domain, schools, certificate] = ["DomainName", "SchoolsDomain", "CertificateArn"];
    let no_domain = json!({ "Fn::And": [empty(domain), empty(schools), empty(certificate)] });
    let one = json!({ "Fn::Or": [not(empty(domain)), not(empty(schools))] });
    assert_eq!(
        root.body["Rules"]["DomainsAndCertificate"]["Assertions"][0]["Assert"],
        json!({ "Fn::Or": [no_domain, { "Fn::And": [not(empty(certificate)), one] }] })
    );
    let given = &root.resource("Site")["Properties"]["Parameters"];
    for name in [domain, schools, certificate] {
        assert_eq!(given[name], reference(name), "the distribution has to know of {name}");
    }
    let site = Template::named("infra/site.yaml");
    let distribution = &site.properties("Distribution")["DistributionConfig"];
    let alias =
        |condition: &str, name| json!({ "Fn::If": [condition, reference(name), reference("AWS::NoValue")] });
    assert_eq!(
        distribution["Aliases"],
        json!([alias("HasDomain", domain), alias("HasSchoolsDomain", schools)])
    );
    for (condition, name) in
        [("HasDomain", domain), ("HasSchoolsDomain", schools), ("HasCertificate", certificate)]
    {
        assert_eq!(site.body["Conditions"][condition], not(empty(name)));
    }
    assert_eq!(distribution["ViewerCertificate"]["Fn::If"][0], "HasCertificate");
}

/// The header that functions believe is added by the distribution alone, and a problem document is nobody else's page.
#[test]
fn r28_the_distribution_says_whose_host_and_address_it_is_beside_the_secret_and_changes_no_answer() {
    let (root, site) = (Template::root(), Template::named("infra/site.yaml"));
    assert_eq!(root.body["Parameters"]["EdgeSecret"]["NoEcho"], true);
    let distribution = &site.properties("Distribution")["DistributionConfig"];
    assert!(
        distribution["CustomErrorResponses"]
            .as_array()
            .is_some_and(|all| all.iter().all(|one| one["ResponsePagePath"].is_null())),
        "they would stand in the place of problem documents"
    );
    let origins = distribution["Origins"].as_array().expect("origins");
    let secret = json!({ "Fn::Select": [0, { "Fn::Split": [",", reference("EdgeSecret")] }] });
    for origin in origins {
        let told = json!([{ "HeaderName": "x-lectern-edge", "HeaderValue": secret }]);
        let expected = if origin["Id"] == "api" { told } else { Value::Null };
        assert_eq!(origin["OriginCustomHeaders"], expected, "{}", origin["Id"]);
    }
    let code = site.properties("Viewers")["FunctionCode"].as_str().expect("a script");
    let edge = crate::repository::read("shared/runtime/src/edge.rs");
    for header in ["x-lectern-host", "x-lectern-address"] {
        assert!(
            code.contains(&format!("headers['{header}'] = {{ value: ")) && edge.contains(header),
            "{header}"
        );
    }
    let key =
        &site.properties("CachePolicy")["CachePolicyConfig"]["ParametersInCacheKeyAndForwardedToOrigin"];
    assert_eq!(
        key["HeadersConfig"]["Headers"],
        json!(["x-lectern-host", "authorization", "accept", "accept-language", "origin"]),
        "what an answer may depend on"
    );
    assert_eq!(key["QueryStringsConfig"]["QueryStringBehavior"], "all");
}

/// SES publishes the rates of the whole account. It reviews a sender of whose mails 5 % bounce, or 0.1 % are called spam,
/// and stops one at the double.
#[test]
fn mail_that_nobody_wants_raises_an_alarm_before_ses_looks_at_the_sender() {
    let root = Template::root();
    for (metric, reviewed) in [("Reputation.BounceRate", 0.05), ("Reputation.ComplaintRate", 0.001)] {
        let alarm = root
            .of_type("AWS::CloudWatch::Alarm")
            .find_map(|(_, alarm)| Some(&alarm["Properties"]).filter(|alarm| alarm["MetricName"] == metric));
        let alarm = alarm.unwrap_or_else(|| panic!("template.yaml has no alarm of {metric}"));
        assert_eq!(alarm["Namespace"], "AWS/SES");
        assert!(alarm["Dimensions"].is_null(), "the metric has none");
        assert_eq!(alarm["AlarmActions"], json!([reference("AlarmTopic")]));
        assert_eq!(alarm["ComparisonOperator"], "GreaterThanThreshold");
        let threshold = alarm["Threshold"].as_f64().expect("a number");
        assert!((reviewed / 5.0..reviewed).contains(&threshold), "{metric}: {threshold}");
        assert_eq!(alarm["TreatMissingData"], "ignore", "the rate stays what it was while no mail is sent");
    }
}

/// A relay that knows of a queue before the queue is there would find none, and its event would come again for all.
#[test]
fn the_relay_is_deployed_after_the_queues_that_it_sends_to() {
    let with_queues = Template::all().iter().filter(|template| {
        template.of_type("AWS::SQS::QueuePolicy").count() > 0
            || template
                .of_type("AWS::Lambda::EventSourceMapping")
                .any(|(_, mapping)| mapping["Properties"]["EventSourceArn"]["Fn::GetAtt"][0].is_string())
    });
    let files: BTreeSet<&str> = with_queues.map(|template| template.file.as_str()).collect();
    assert!(files.len() > 2, "{files:?}");
    let root = Template::root();
    let stacks = root.of_type("AWS::CloudFormation::Stack");
    let with_queues: BTreeSet<String> = stacks
        .filter(|(_, stack)| files.contains(stack["Properties"]["TemplateURL"].as_str().unwrap_or_default()))
        .map(|(id, _)| id.to_owned())
        .collect();
    let waits: BTreeSet<String> =
        serde_json::from_value(root.resource("Events")["DependsOn"].clone()).expect("a list");
    assert_eq!(waits, with_queues);
}

#[tokio::test]
async fn api_gateway_and_the_local_gateway_answer_preflights_alike() {
    let origin = "https://app.example";
    let app = tests::app_with(&[("ALLOWED_ORIGINS", origin)]).await;
    let preflight = app.request("OPTIONS", "/v1/courses").header("origin", origin);
    let answer = preflight.send().await.expect(204);
    let list = |name: &str| -> Value { answer.header(name).unwrap_or_default().split(", ").collect() };
    let apis = Template::all().iter().flat_map(|template| template.of_type("AWS::ApiGatewayV2::Api"));
    for (id, api) in apis {
        let cors = &api["Properties"]["CorsConfiguration"]["Fn::If"];
        assert_eq!((&cors[0], &cors[2]), (&json!("HasOrigins"), &reference("AWS::NoValue")), "{id}");
        let cors = &cors[1];
        for (property, header) in [
            ("AllowMethods", "access-control-allow-methods"),
            ("AllowHeaders", "access-control-allow-headers"),
            ("ExposeHeaders", "access-control-expose-headers"),
        ] {
            assert_eq!(cors[property], list(header), "{property} of {id} and in shared/runtime/src/cors.rs");
        }
        assert_eq!(json!([cors["MaxAge"].to_string()]), list("access-control-max-age"), "{id}");
        assert_eq!(cors["AllowCredentials"], true, "{id}");
        let split = json!({ "Fn::Split": [",", reference("AllowedOrigins")] }); // of a parameter that is a text
        assert!([&reference("AllowedOrigins"), &split].contains(&&cors["AllowOrigins"]), "{id}");
    }
}

/// Whoever may run something on a visitor's machine would call with their credentials.
#[test]
fn no_deployment_lets_pages_of_localhost_call_unless_told_to() {
    let default = &Template::root().body["Parameters"]["AllowedOrigins"]["Default"];
    assert_eq!(default, "", "the local cloud allows localhost by itself");
}

/// The list that only grows, by type and name: the logical id, and the file it is in.
fn names() -> BTreeMap<String, String> {
    let list = crate::repository::read("infra/names.txt");
    let names: BTreeMap<String, String> = list
        .lines()
        .map(|line| line.split_once(" = ").unwrap_or_else(|| panic!("infra/names.txt: {line}")))
        .map(|(name, place)| (name.to_owned(), place.to_owned()))
        .collect();
    assert_eq!(names.len(), list.lines().count(), "a name has two logical ids in infra/names.txt");
    names
}

#[test]
fn f13_whatever_has_a_name_is_in_the_list_that_keeps_its_logical_id() {
    let names = names();
    let mut wrong = Vec::new();
    for template in Template::all() {
        for (id, resource) in template.resources() {
            let kind = resource["Type"].as_str().unwrap_or_default();
            for (property, value) in resource["Properties"].as_object().into_iter().flatten() {
                let own = value["Fn::Sub"].as_str().filter(|text| text.contains("lectern-${Stage}"));
                let name = match property.as_str() {
                    "RouteKey" | "TemplateURL" => value.as_str(),
                    "FunctionName" if kind == "AWS::Lambda::Permission" => None, // whom it is about
                    property if property.ends_with("Name") => own,
                    _ => None,
                };
                let Some(name) = name else { continue };
                // Two APIs may both have a route of a name.
                let api = resource["Properties"]["ApiId"]["Ref"]
                    .as_str()
                    .filter(|api| !["Api", "ApiId"].contains(api));
                let api = api.map_or_else(String::new, |api| format!(" of {api}"));
                let (name, place) = (format!("{kind} {name}{api}"), format!("{id} in {}", template.file));
                if names.get(&name) != Some(&place) {
                    wrong.push(format!("{name} is {place}, and in the list {:?}", names.get(&name)));
                }
            }
        }
    }
    nothing_wrong(
        &wrong,
        "what is not in the list: cargo run --bin xtask -- templates. What is there under another logical id or in another \
         stack: CloudFormation makes the new one before it deletes the old one, whose name is taken, so no stage could be \
         updated; give it back the ones it had",
    );
}

/// What people made, what waits, and the address that certificates hold.
#[test]
fn f13_nothing_that_holds_state_disappears() {
    const STATE: [&str; 5] = [
        "AWS::ApiGatewayV2::Api",
        "AWS::ApiGatewayV2::DomainName",
        "AWS::DynamoDB::Table",
        "AWS::S3::Bucket",
        "AWS::SQS::Queue",
    ];
    let mut wrong = Vec::new();
    for (name, place) in names() {
        let Some(kind) = STATE.iter().find(|kind| name.starts_with(&format!("{kind} "))) else { continue };
        let (id, file) = place.split_once(" in ").unwrap_or_default();
        let template = Template::all().iter().find(|template| template.file == file);
        if template.is_none_or(|template| template.resource(id)["Type"] != **kind) {
            wrong.push(format!("{name}, {place}, is gone"));
        }
    }
    nothing_wrong(
        &wrong,
        "deploying deletes it with what it holds; if that is meant, empty it in every stage and delete its line in \
         infra/names.txt",
    );
}
