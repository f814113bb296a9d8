//! The registry and the templates: each function with its route and logs.

use std::collections::BTreeSet;

use runtime::{EndpointEntry, Method};
use serde_json::{Value, json};

use crate::{
    nothing_wrong,
    repository::{Function, Trigger, functions, read},
    template::{Template, attribute, reference, substituted},
};

const BLOCK: &str =
    "make the block like its neighbours in infra/<domain>.yaml; scripts/new-function writes one";

/// What every function has.
const ENVIRONMENT: [&str; 11] = [
    "TABLE_NAME",
    "TOKEN_ISSUER",
    "TOKEN_PUBLIC_KEYS",
    "ACCESS_TOKEN_SECONDS",
    "REFRESH_TOKEN_SECONDS",
    "SCHOOL_HOSTS",
    "SCHOOL_NAME",
    "PUBLIC_URL",
    "ALLOWED_ORIGINS",
    "CALLS_PER_MINUTE",
    "APP_VERSION",
];

/// What a function has besides, by what its code and its role say.
fn own_environment(function: &Function) -> BTreeSet<&'static str> {
    let code = read(&function.file());
    let granted = testkit::granted(function.names, false);
    let takes = |service: &str| granted.iter().any(|action| action.starts_with(service));
    let needs = [
        (takes("s3:"), &["BUCKET_NAME"][..]),
        (takes("sqs:SendMessage"), &["QUEUE_URL_PREFIX"]),
        (takes("ses:"), &["MAIL_SENDER", "MAIL_CONFIGURATION_SET", "HOME_URL"]),
        (code.contains("certificate_keys"), &["CERTIFICATE_PUBLIC_KEYS"]),
        (code.contains("registrations_per_hour"), &["REGISTRATIONS_PER_HOUR"]),
    ];
    let keys = KEYS.into_iter().filter(|key| key.signs(function)).flat_map(|key| key.variables);
    needs
        .into_iter()
        .filter(|(needed, _)| *needed)
        .flat_map(|(_, names)| names.iter().copied())
        .chain(keys)
        .collect()
}

/// A key whose private half only those who sign with it may have.
#[derive(Clone, Copy)]
struct PrivateKey {
    variables: [&'static str; 2],
    secret: &'static str,
    signs: fn(&Function) -> bool,
}

impl PrivateKey {
    fn signs(self, function: &Function) -> bool {
        (self.signs)(function)
    }
}

const KEYS: [PrivateKey; 2] = [
    PrivateKey {
        variables: ["TOKEN_KEY_ID", "TOKEN_PRIVATE_KEY"],
        secret: "TokenPrivateKeySecret",
        signs: |function| function.endpoint().is_some_and(|entry| entry.signs_tokens),
    },
    PrivateKey {
        variables: ["CERTIFICATE_KEY_ID", "CERTIFICATE_PRIVATE_KEY"],
        secret: "CertificatePrivateKeySecret",
        signs: |function| read(&function.file()).contains("service::<CertificateKey>()"),
    },
];

/// Calls `check` with every function of the registry that is in its domain's template, and collects what is wrong.
fn wrong_in_blocks(mut check: impl FnMut(&Function, &Template, &mut dyn FnMut(bool, &str))) -> Vec<String> {
    let mut wrong = Vec::new();
    for function in functions() {
        let template = Template::of(function.names.domain());
        let id = function.names.type_name();
        if template.resource(id).is_null() {
            continue; // said by another test
        }
        check(&function, template, &mut |holds, what| {
            if !holds {
                wrong.push(format!("{}: {id} {what}", template.file));
            }
        });
    }
    wrong
}

#[test]
fn every_function_is_in_the_template_of_its_domain_and_no_other_is() {
    let mut wrong = Vec::new();
    let wanted: BTreeSet<_> = functions()
        .iter()
        .map(|function| {
            (format!("infra/{}.yaml", function.names.domain()), function.names.type_name().to_owned())
        })
        .collect();
    let mut found = BTreeSet::new();
    for template in Template::all() {
        for kind in ["AWS::Serverless::Function", "AWS::Lambda::Function"] {
            found.extend(template.of_type(kind).map(|(id, _)| (template.file.clone(), id.to_owned())));
        }
    }
    wrong.extend(wanted.difference(&found).map(|(file, id)| format!("{file} has no function {id}")));
    wrong.extend(
        found.difference(&wanted).map(|(file, id)| format!("{file} has {id}, which is no feature there")),
    );
    nothing_wrong(&wrong, BLOCK);
}

#[test]
fn every_function_bears_its_name_and_runs_what_was_built_for_it() {
    let wrong = wrong_in_blocks(|function, template, check| {
        let (id, name) = (function.names.type_name(), function.names.function());
        let properties = template.function(id);
        check(
            properties["FunctionName"] == substituted(&format!("lectern-${{Stage}}-{name}")),
            "has another name",
        );
        check(properties["CodeUri"] == format!("../target/lambda/{name}/"), "has another CodeUri");
        check(
            template.resource(id)["Metadata"]["SkipBuild"] == true,
            "is built by SAM: set Metadata: SkipBuild",
        );
        check(properties["Handler"] == "bootstrap", "has another Handler than bootstrap");
        check(properties["Runtime"] == "provided.al2023", "has another Runtime than provided.al2023");
        check(
            properties["Architectures"] == json!([reference("Arch")]),
            "does not take its architecture from Arch",
        );
        check(
            properties["Timeout"].as_u64().is_some_and(|seconds| (5..=300).contains(&seconds)),
            "has no sane Timeout",
        );
        check(properties["MemorySize"].is_u64(), "has no MemorySize");
        // A stage takes up to 16 characters.
        check("lectern--".len() + 16 + name.len() <= 64, "has a name that is longer than AWS takes");
    });
    nothing_wrong(&wrong, BLOCK);
}

/// What everybody may read answers HEAD too.
fn head_of(entry: &EndpointEntry) -> Option<String> {
    let is_public = entry.route.method == Method::Get && entry.access == "public";
    is_public.then(|| format!("HEAD {}", entry.route.path))
}

#[test]
fn every_route_leads_to_its_function_and_no_other_exists() {
    let mut wrong = wrong_in_blocks(|function, template, check| {
        let Some(entry) = function.endpoint() else { return };
        let (id, name) = (function.names.type_name(), function.names.function());
        let integration = format!("{id}Integration");
        let route = template.properties(&format!("{id}Route"));
        check(route["RouteKey"] == entry.route.to_string(), &format!("is not routed as {}", entry.route));
        check(route["ApiId"] == reference("ApiId"), "has a route of another API");
        check(
            route["Target"] == substituted(&format!("integrations/${{{integration}}}")),
            "has another Target",
        );
        let integration = template.properties(&integration);
        let arn = format!(
            "arn:${{AWS::Partition}}:lambda:${{AWS::Region}}:${{AWS::AccountId}}:function:lectern-${{Stage}}-{name}"
        );
        check(integration["ApiId"] == reference("ApiId"), "has an integration of another API");
        check(integration["IntegrationType"] == "AWS_PROXY", "has another integration than AWS_PROXY");
        check(integration["IntegrationUri"] == substituted(&arn), "has an integration with another function");
        check(integration["PayloadFormatVersion"] == "2.0", "has another payload format than 2.0");
        // Routes and integrations of an API are limited, so HEAD has a route and shares the integration.
        let head = template.properties(&format!("{id}HeadRoute"));
        match head_of(&entry) {
            Some(key) => check(
                head["RouteKey"] == key
                    && head["ApiId"] == route["ApiId"]
                    && head["Target"] == route["Target"],
                &format!("has no {id}HeadRoute of {key} to the same integration"),
            ),
            None => check(head.is_null(), "answers HEAD, though not everybody may GET it"),
        }
    });
    let endpoints = functions().into_iter().filter_map(|function| function.endpoint());
    let routes: BTreeSet<_> =
        endpoints.flat_map(|entry| [Some(entry.route.to_string()), head_of(&entry)]).flatten().collect();
    for template in Template::all() {
        for (id, route) in template.of_type("AWS::ApiGatewayV2::Route") {
            let key = route["Properties"]["RouteKey"].as_str().unwrap_or_default();
            if !routes.contains(key) {
                wrong.push(format!("{}: {id} routes {key}, which is in no registry", template.file));
            }
        }
    }
    nothing_wrong(&wrong, BLOCK);
}

#[test]
fn only_its_own_route_may_invoke_a_function() {
    let wrong = wrong_in_blocks(|function, template, check| {
        let Some(entry) = function.endpoint() else { return };
        let id = function.names.type_name();
        let route = entry.route.to_string();
        let routes = [("Permission", Some(route)), ("HeadPermission", head_of(&entry))];
        for (name, route) in routes {
            let permission = template.properties(&format!("{id}{name}"));
            let Some(route) = route else {
                check(permission.is_null(), "permits HEAD without having it");
                continue;
            };
            let source = format!(
                "arn:${{AWS::Partition}}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{ApiId}}/$default/{}",
                route.replace(' ', "")
            );
            check(permission["FunctionName"] == reference(id), "has no permission of its own");
            check(permission["Action"] == "lambda:InvokeFunction", "permits another action");
            check(permission["Principal"] == "apigateway.amazonaws.com", "permits another principal");
            check(
                permission["SourceArn"] == substituted(&source),
                &format!("is not permitted to exactly {source}"),
            );
        }
    });
    nothing_wrong(&wrong, BLOCK);
}

#[test]
fn every_function_has_the_environment_that_its_configuration_reads() {
    let wrong = wrong_in_blocks(|function, template, check| {
        let properties = template.function(function.names.type_name());
        let names = properties["Environment"]["Variables"].as_object().cloned().unwrap_or_default();
        let mut wanted = own_environment(function);
        wanted.extend(ENVIRONMENT);
        for name in &wanted {
            check(names.contains_key(*name), &format!("has no {name}"));
        }
        for name in names.keys().filter(|name| !wanted.contains(name.as_str())) {
            check(false, &format!("has {name}, which nothing in it reads"));
        }
        let queues = &names.get("QUEUE_URL_PREFIX");
        let prefix = "https://sqs.${AWS::Region}.${AWS::URLSuffix}/${AWS::AccountId}/lectern-${Stage}-";
        check(queues.is_none_or(|url| *url == substituted(prefix)), "has another QUEUE_URL_PREFIX");
    });
    nothing_wrong(
        &wrong,
        "what all read (shared/runtime/src/config.rs) is in each template's Globals, the rest at its function",
    );
}

#[test]
fn only_functions_that_sign_have_the_private_key_and_only_the_one_they_sign_with() {
    let wrong = wrong_in_blocks(|function, template, check| {
        let properties = template.function(function.names.type_name());
        let text = properties.to_string();
        for key in KEYS {
            let [_, variable] = key.variables;
            if key.signs(function) {
                let secret = format!("{{{{resolve:secretsmanager:${{{}}}:SecretString}}}}", key.secret);
                let value = &properties["Environment"]["Variables"][variable];
                check(*value == substituted(&secret), &format!("does not take {variable} from the secret"));
            } else {
                let silent = !text.contains(variable) && !text.contains(key.secret);
                check(silent, &format!("does not sign with {variable} and could read it"));
            }
        }
        let signs = KEYS.iter().any(|key| key.signs(function));
        check(signs || !text.contains("resolve:secretsmanager"), "signs nothing and could read a secret");
    });
    nothing_wrong(&wrong, "KEYS in tests/conformance/functions.rs says who signs with what");
}

#[test]
fn every_function_keeps_its_logs_for_a_limited_time() {
    let wrong = wrong_in_blocks(|function, template, check| {
        let id = function.names.type_name();
        let logs = format!("{id}Logs");
        let group = template.properties(&logs);
        let name = format!("/aws/lambda/lectern-${{Stage}}-{}", function.names.function());
        check(group["LogGroupName"] == substituted(&name), "has no log group of its name");
        check(group["RetentionInDays"] == reference("LogRetentionDays"), "keeps its logs for ever");
        let logging = &template.function(id)["LoggingConfig"];
        check(logging["LogGroup"] == reference(&logs), "logs to another group");
        check(logging["LogFormat"] == "JSON", "does not log JSON");
    });
    nothing_wrong(&wrong, BLOCK);
}

#[test]
fn every_function_is_fed_by_what_its_feature_takes_and_by_nothing_else() {
    let mut wrong = wrong_in_blocks(|function, template, check| {
        let id = function.names.type_name();
        let feeds =
            template.of_type("AWS::Lambda::EventSourceMapping").map(|(_, mapping)| &mapping["Properties"]);
        let feeds: Vec<_> = feeds.filter(|mapping| mapping["FunctionName"] == reference(id)).collect();
        let fits = match (function.trigger, feeds.as_slice()) {
            (Trigger::Queue, [mapping]) => {
                let queue = mapping["EventSourceArn"]["Fn::GetAtt"][0].as_str().unwrap_or_default();
                template.resource(queue)["Type"] == "AWS::SQS::Queue"
            }
            (Trigger::Stream, [mapping]) => mapping["EventSourceArn"] == reference("TableStreamArn"),
            (Trigger::Route(_) | Trigger::Schedule(_), []) => true,
            _ => false,
        };
        check(fits, "is fed by no queue or stream though it takes one, or the other way round");
    });
    for template in Template::all() {
        for (id, mapping) in template.of_type("AWS::Lambda::EventSourceMapping") {
            let fed: &Value = &mapping["Properties"]["FunctionName"];
            let names = |function: &Function| *fed == reference(function.names.type_name());
            if !functions().iter().any(names) {
                wrong.push(format!("{}: {id} feeds {fed}, which is no feature", template.file));
            }
        }
    }
    nothing_wrong(&wrong, "see CountEnrollment in infra/catalog.yaml: queue, dead letters, mapping, alarm");
}

#[test]
fn every_schedule_is_ticked_by_a_rule_of_its_expression_alone() {
    let mut wrong = wrong_in_blocks(|function, template, check| {
        let Trigger::Schedule(entry) = function.trigger else { return };
        let id = function.names.type_name();
        let rule = template.properties(&format!("{id}Schedule"));
        check(rule["ScheduleExpression"] == entry.expression, "runs at other times than its feature says");
        check(rule["State"] == "ENABLED", "has a rule that is off");
        let targets = rule["Targets"].as_array().cloned().unwrap_or_default();
        let whole =
            targets.len() == 1 && targets[0]["Arn"] == attribute(id, "Arn") && targets[0]["Input"].is_null();
        check(whole, "is not the one target of its rule, with the whole event");
        let permission = template.properties(&format!("{id}Permission"));
        check(permission["FunctionName"] == reference(id), "has no permission of its own");
        check(permission["Principal"] == "events.amazonaws.com", "permits another principal");
        check(permission["SourceArn"] == attribute(&format!("{id}Schedule"), "Arn"), "permits another rule");
    });
    let known = |id: &str| {
        let is = |function: &Function| id == format!("{}Schedule", function.names.type_name());
        functions().iter().any(|function| matches!(function.trigger, Trigger::Schedule(_)) && is(function))
    };
    for template in Template::all() {
        let strays = template.of_type("AWS::Events::Rule").filter(|(id, _)| !known(id));
        wrong.extend(strays.map(|(id, _)| format!("{}: {id} ticks no feature", template.file)));
    }
    nothing_wrong(&wrong, "see SweepOutbox in infra/events.yaml: rule and permission");
}
