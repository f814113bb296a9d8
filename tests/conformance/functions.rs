//! The registry and the templates: each function with its route and logs.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{
    nothing_wrong,
    repository::{Function, functions},
    template::{Template, attribute, reference, substituted},
};

const BLOCK: &str =
    "make the block like its neighbours in infra/<domain>.yaml; scripts/new-function writes one";

const ENVIRONMENT: [&str; 9] = [
    "TABLE_NAME",
    "TOKEN_ISSUER",
    "TOKEN_PUBLIC_KEYS",
    "ACCESS_TOKEN_SECONDS",
    "REFRESH_TOKEN_SECONDS",
    "SCHOOL_HOSTS",
    "ALLOWED_ORIGINS",
    "CALLS_PER_MINUTE",
    "APP_VERSION",
];
const SIGNING_ENVIRONMENT: [&str; 2] = ["TOKEN_KEY_ID", "TOKEN_PRIVATE_KEY"];

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
            properties["Timeout"].as_u64().is_some_and(|seconds| (5..=60).contains(&seconds)),
            "has no sane Timeout",
        );
        check(properties["MemorySize"].is_u64(), "has no MemorySize");
        // A stage takes up to 16 characters.
        check("lectern--".len() + 16 + name.len() <= 64, "has a name that is longer than AWS takes");
    });
    nothing_wrong(&wrong, BLOCK);
}

#[test]
fn every_route_leads_to_its_function_and_no_other_exists() {
    let mut wrong = wrong_in_blocks(|function, template, check| {
        let Some(entry) = function.endpoint else { return };
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
    });
    let routes: BTreeSet<_> =
        local::registry().endpoints.iter().map(|entry| entry.route.to_string()).collect();
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
        let Some(entry) = function.endpoint else { return };
        let id = function.names.type_name();
        let permission = template.properties(&format!("{id}Permission"));
        let source = format!(
            "arn:${{AWS::Partition}}:execute-api:${{AWS::Region}}:${{AWS::AccountId}}:${{ApiId}}/$default/{}{}",
            entry.route.method.as_str(),
            entry.route.path
        );
        check(permission["FunctionName"] == reference(id), "has no permission of its own");
        check(permission["Action"] == "lambda:InvokeFunction", "permits another action");
        check(permission["Principal"] == "apigateway.amazonaws.com", "permits another principal");
        check(
            permission["SourceArn"] == substituted(&source),
            &format!("is not permitted to exactly {source}"),
        );
    });
    nothing_wrong(&wrong, BLOCK);
}

#[test]
fn every_function_has_the_environment_that_its_configuration_reads() {
    let wrong = wrong_in_blocks(|function, template, check| {
        let properties = template.function(function.names.type_name());
        let names = properties["Environment"]["Variables"].as_object().cloned().unwrap_or_default();
        let signs = function.endpoint.is_some_and(|entry| entry.signs_tokens);
        for name in ENVIRONMENT {
            check(names.contains_key(name), &format!("has no {name}"));
        }
        for name in SIGNING_ENVIRONMENT {
            check(!signs || names.contains_key(name), &format!("signs tokens and has no {name}"));
        }
        for name in names.keys() {
            let known = ENVIRONMENT.contains(&name.as_str()) || SIGNING_ENVIRONMENT.contains(&name.as_str());
            check(known, &format!("has {name}, which nothing reads"));
        }
    });
    nothing_wrong(
        &wrong,
        "the variables are read in shared/runtime/src/config.rs and set in each template's Globals",
    );
}

#[test]
fn only_functions_that_sign_tokens_have_the_private_key() {
    let wrong = wrong_in_blocks(|function, template, check| {
        let properties = template.function(function.names.type_name());
        let signs = function.endpoint.is_some_and(|entry| entry.signs_tokens);
        let text = properties.to_string();
        let key = &properties["Environment"]["Variables"]["TOKEN_PRIVATE_KEY"];
        if signs {
            let secret = "{{resolve:secretsmanager:${TokenPrivateKeySecret}:SecretString}}";
            check(*key == substituted(secret), "does not take the private key from the secret");
        } else {
            let silent = !text.contains("TOKEN_PRIVATE_KEY") && !text.contains("resolve:secretsmanager");
            check(silent, "signs no tokens and could read the private key");
        }
    });
    nothing_wrong(&wrong, "SIGNS_TOKENS says who signs; nobody else may have TOKEN_PRIVATE_KEY");
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
fn every_consumer_is_fed_by_a_queue_and_nothing_else_is() {
    let mut wrong = wrong_in_blocks(|function, template, check| {
        let id = function.names.type_name();
        let mapped = template.of_type("AWS::Lambda::EventSourceMapping").any(|(_, mapping)| {
            let properties = &mapping["Properties"];
            let queue = properties["EventSourceArn"]["Fn::GetAtt"][0].as_str().unwrap_or_default();
            properties["FunctionName"] == reference(id)
                && template.resource(queue)["Type"] == "AWS::SQS::Queue"
        });
        check(mapped == function.is_consumer, "is a consumer without a queue, or no consumer but has one");
    });
    for template in Template::all() {
        for (id, mapping) in template.of_type("AWS::Lambda::EventSourceMapping") {
            let fed: &Value = &mapping["Properties"]["FunctionName"];
            let names = |function: &Function| *fed == reference(function.names.type_name());
            if !functions().iter().any(names) {
                wrong.push(format!("{}: {id} feeds {fed}, which is no feature", template.file));
            }
            if mapping["Properties"]["EventSourceArn"] == attribute("Table", "StreamArn") {
                wrong.push(format!("{}: {id} reads the table's stream past the outbox", template.file));
            }
        }
    }
    nothing_wrong(&wrong, "see CountEnrollment in infra/catalog.yaml: queue, dead letters, mapping, alarm");
}
