//! What GitHub may do in an account, and what functions may do at most. scripts/check-policies holds each statement to
//! what AWS documents of its actions.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{
    nothing_wrong,
    permissions::{Grant, grants, one_or_many, strings},
    template::{Template, attribute, reference, substituted},
};

fn statements(policy: &Value) -> Vec<Value> {
    policy["PolicyDocument"]["Statement"].as_array().cloned().unwrap_or_default()
}

/// All that the deploy role is allowed and refused.
pub(crate) fn deploy_statements() -> Vec<Value> {
    let role = Template::deploy_role();
    ["DeployPolicy", "DeployStatePolicy"].iter().flat_map(|id| statements(role.properties(id))).collect()
}

/// The only statement of the deploy role that allows an action.
fn only_statement_of(action: &str) -> Value {
    let allows = |statement: &Value| {
        statement["Effect"] == "Allow" && strings(&statement["Action"]).iter().any(|found| found == action)
    };
    let mut found = deploy_statements();
    found.retain(allows);
    assert_eq!(found.len(), 1, "{action} is in {} statements", found.len());
    found.remove(0)
}

#[test]
fn only_the_workflow_of_the_stage_in_its_repository_takes_the_role() {
    let role = Template::deploy_role();
    let provider = "token.actions.githubusercontent.com";
    let trust = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Principal": { "Federated": substituted(&format!(
                "arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:oidc-provider/{provider}"
            )) },
            "Condition": { "StringEquals": {
                format!("{provider}:aud"): "sts.amazonaws.com",
                format!("{provider}:sub"): substituted("repo:${Repository}:environment:${Stage}"),
            } },
        }],
    });
    let properties = role.properties("DeployRole");
    assert_eq!(properties["AssumeRolePolicyDocument"], trust);
    assert_eq!(
        properties["ManagedPolicyArns"],
        json!([reference("DeployPolicy"), reference("DeployStatePolicy")])
    );
    assert!(properties["Policies"].is_null(), "nothing beside these two");
    assert_eq!(
        properties["RoleName"],
        substituted("github-deploy-lectern-${Stage}"),
        "not one that it may change"
    );
    let from = role.properties("Provider");
    assert_eq!(from["Url"], format!("https://{provider}"));
    assert_eq!(from["ClientIdList"], json!(["sts.amazonaws.com"]));
    // With a wildcard in them, the name of another repository or stage would fit.
    assert_eq!(role.body["Parameters"]["Repository"]["AllowedPattern"], "[^/*]+/[^/*]+");
    assert_eq!(role.body["Parameters"]["Stage"], {
        let mut stage = Template::root().body["Parameters"]["Stage"].clone();
        let stage_of_role = stage.as_object_mut().expect("a parameter");
        stage_of_role.remove("Default");
        stage_of_role.insert(
            "Description".to_owned(),
            json!("Of samconfig.toml; the environment in GitHub has the same name"),
        );
        stage
    });
}

#[test]
fn the_deploy_role_makes_no_role_without_the_boundary_and_never_takes_it_away() {
    let bounded = json!({ "StringEquals": { "iam:PermissionsBoundary": reference("FunctionBoundary") } });
    let to_lambda = json!({ "StringEquals": { "iam:PassedToService": "lambda.amazonaws.com" } });
    let roles = substituted("arn:${AWS::Partition}:iam::${AWS::AccountId}:role/lectern-${Stage}-*");
    // All that it may do in IAM, and on which condition.
    let wanted = [
        ("CreateRole", &bounded),
        ("PutRolePermissionsBoundary", &bounded),
        ("PutRolePolicy", &bounded),
        ("UpdateAssumeRolePolicy", &bounded),
        ("PassRole", &to_lambda),
        ("DeleteRole", &Value::Null),
        ("DeleteRolePolicy", &Value::Null),
        ("GetRole", &Value::Null),
        ("GetRolePolicy", &Value::Null),
        ("ListAttachedRolePolicies", &Value::Null),
        ("ListRolePolicies", &Value::Null),
        ("TagRole", &Value::Null),
        ("UntagRole", &Value::Null),
        ("ListPolicies", &Value::Null),
    ];
    for (action, condition) in wanted {
        let statement = only_statement_of(&format!("iam:{action}"));
        assert_eq!(statement["Condition"], *condition, "iam:{action}");
        if action != "ListPolicies" {
            assert_eq!(statement["Resource"], roles, "iam:{action}");
        }
    }
    let wanted: BTreeSet<String> = wanted.iter().map(|(action, _)| format!("iam:{action}")).collect();
    let all = deploy_statements();
    let found = all.iter().flat_map(|statement| strings(&statement["Action"]));
    let found: BTreeSet<String> =
        found.filter(|action| action.starts_with("iam:") || action == "*").collect();
    assert_eq!(found, wanted, "anything else in IAM could lift the boundary");
    assert!(
        all.iter().all(|statement| statement["NotAction"].is_null() && statement["NotResource"].is_null())
    );
}

/// The nested stacks that make something of a type.
fn stacks_with(kind: &str) -> impl Iterator<Item = (&'static str, &'static Value)> {
    let makes = move |stack: &Value| {
        let file = stack["Properties"]["TemplateURL"].as_str().unwrap_or_default();
        Template::named(file).of_type(kind).next().is_some()
    };
    Template::root().of_type("AWS::CloudFormation::Stack").filter(move |(_, stack)| makes(stack))
}

#[test]
fn every_role_has_the_boundary_where_the_deployment_has_one() {
    let mut wrong = Vec::new();
    let boundary =
        json!({ "Fn::If": ["HasBoundary", reference("PermissionsBoundary"), reference("AWS::NoValue")] });
    let given = json!({ "Fn::Not": [{ "Fn::Equals": [reference("PermissionsBoundary"), ""] }] });
    for template in Template::all() {
        let mut roles = template.of_type("AWS::IAM::Role").peekable();
        if roles.peek().is_some() && template.body["Conditions"]["HasBoundary"] != given {
            wrong.push(format!("{} has another condition HasBoundary", template.file));
        }
        let without = roles.filter(|(_, role)| role["Properties"]["PermissionsBoundary"] != boundary);
        wrong.extend(without.map(|(id, _)| format!("{}: {id}", template.file)));
    }
    for (id, stack) in stacks_with("AWS::IAM::Role") {
        if stack["Properties"]["Parameters"]["PermissionsBoundary"] != reference("PermissionsBoundary") {
            wrong.push(format!("template.yaml: {id} does not pass it on"));
        }
    }
    nothing_wrong(&wrong, "add the line that the other roles begin with, or GitHub cannot deploy");
}

/// What a resource of a role is in the words of the boundary, which knows neither stacks nor regions.
fn bounded(resource: &Value) -> String {
    let text = match resource {
        Value::String(text) => text.clone(),
        other => match (other["Ref"].as_str(), other["Fn::Sub"].as_str(), &other["Fn::GetAtt"][0]) {
            (Some("TableArn"), ..) => "dynamodb:table/lectern-${Stage}".to_owned(),
            (Some("TranscoderRole"), ..) => {
                "iam::${AWS::AccountId}:role/lectern-${Stage}-TranscoderRole-*".to_owned()
            }
            (Some("TableStreamArn"), ..) => "dynamodb:table/lectern-${Stage}/stream/*".to_owned(),
            (_, Some(text), _) => text.to_owned(),
            (.., Value::String(id)) if id.ends_with("Logs") => {
                "logs:log-group:/aws/lambda/lectern-${Stage}-*".to_owned()
            }
            (.., Value::String(id)) if id.ends_with("Queue") || id.ends_with("DeadLetters") => {
                "sqs:lectern-${Stage}-*".to_owned()
            }
            _ => panic!("{other} is unknown here"),
        },
    };
    let text = text
        .replace("arn:${AWS::Partition}:", "")
        .replace(":${AWS::Region}:${AWS::AccountId}:", ":")
        .replace(":*:${AWS::AccountId}:", ":")
        .replace("${TableArn}/index/GSI1", "dynamodb:table/lectern-${Stage}/index/*")
        .replace("${Bucket.Arn}", "s3:::${BucketName}")
        .replace("s3:::${BucketName}", "s3:::lectern-${Stage}-${AWS::AccountId}")
        .replace("configuration-set/${MailConfigurationSet}", "configuration-set/lectern-${Stage}");
    if let Some((parameters, _)) = text.split_once("-private-key") {
        // Of each key a parameter.
        return format!("{}*", &parameters[..=parameters.rfind('/').unwrap_or_default()]);
    }
    match text.split_once("lectern-${Stage}-") {
        Some((service @ "sqs:", _)) => format!("{service}lectern-${{Stage}}-*"),
        Some((service @ "s3:::", file)) if file.contains('/') => {
            format!("{service}lectern-${{Stage}}-${{AWS::AccountId}}/*")
        }
        _ => text,
    }
}

/// Both ways: a function that does something new needs the boundary first, and what no function does is not in it.
#[test]
fn the_boundary_is_the_sum_of_what_functions_do() {
    let pairs = |grants: Vec<Grant>| -> BTreeSet<(String, String)> {
        grants.into_iter().map(|grant| (grant.action, bounded(&grant.resource))).collect()
    };
    let done: BTreeSet<_> = Template::all()
        .iter()
        .flat_map(|template| template.of_type("AWS::IAM::Role"))
        .flat_map(|(_, role)| pairs(grants(&role["Properties"])))
        .collect();
    let role = Template::deploy_role();
    let boundary = role.properties("FunctionBoundary");
    assert_eq!(
        boundary["ManagedPolicyName"],
        substituted("lectern-${Stage}-boundary"),
        "scripts/deploy looks for it"
    );
    let (in_clear, rest): (Vec<Value>, Vec<Value>) =
        statements(boundary).into_iter().partition(|statement| statement["Sid"] == "SigningKeysInClear");
    assert_eq!(
        in_clear,
        [json!({
            "Sid": "SigningKeysInClear",
            "Effect": "Allow",
            "Action": "kms:Decrypt",
            "Resource": substituted("arn:${AWS::Partition}:kms:*:${AWS::AccountId}:key/*"),
            "Condition": { "StringLike": { "kms:ViaService": "ssm.*.amazonaws.com" } },
        })],
        "what AWS's own key lets SSM do, and no more"
    );
    let allowed = pairs(grants(&json!({ "Policies": [{ "PolicyDocument": { "Statement": rest } }] })));
    let missing =
        done.difference(&allowed).map(|(action, resource)| format!("{action} on {resource} is missing"));
    let actions = |pairs: &BTreeSet<(String, String)>,
                   part: fn(&(String, String)) -> &String|
     -> BTreeSet<String> { pairs.iter().map(|pair| part(pair).clone()).collect() };
    // A statement has all its actions on all its resources, so each is looked for by itself.
    let spare_actions = actions(&allowed, |pair| &pair.0)
        .difference(&actions(&done, |pair| &pair.0))
        .cloned()
        .collect::<Vec<_>>();
    let spare_resources = actions(&allowed, |pair| &pair.1)
        .difference(&actions(&done, |pair| &pair.1))
        .cloned()
        .collect::<Vec<_>>();
    let spare = [spare_actions, spare_resources].concat();
    let wrong: Vec<String> =
        missing.chain(spare.iter().map(|it| format!("{it} is what no function needs"))).collect();
    nothing_wrong(&wrong, "see FunctionBoundary in infra/github/deploy-role.yaml");
    assert!(rest.iter().all(|statement| statement["Effect"] == "Allow" && statement["Condition"].is_null()));
}

/// What is not limited to the stage's names, and why it cannot be.
#[test]
fn the_deploy_role_has_only_names_of_its_stage_but_for_what_has_no_names() {
    const NO_NAMES: [&str; 39] = [
        "cloudformation:GetTemplateSummary",
        "cloudformation:ListStacks",
        "cloudformation:ValidateTemplate",
        "cloudfront:CreateCachePolicy",
        "cloudfront:CreateConnectionGroup",
        "cloudfront:CreateDistribution",
        "cloudfront:CreateFunction",
        "cloudfront:CreateKeyGroup",
        "cloudfront:CreateOriginAccessControl",
        "cloudfront:CreatePublicKey",
        "cloudfront:CreateResponseHeadersPolicy",
        "cloudfront:DeleteKeyGroup",
        "cloudfront:DeletePublicKey",
        "cloudfront:GetKeyGroup",
        "cloudfront:GetPublicKey",
        "cloudfront:ListCachePolicies",
        "cloudfront:ListDistributions",
        "cloudfront:UpdateKeyGroup",
        "cloudfront:UpdatePublicKey",
        "dynamodb:ListTables",
        "iam:ListPolicies",
        "lambda:CreateEventSourceMapping",
        "lambda:ListEventSourceMappings",
        "logs:CreateLogDelivery",
        "logs:DeleteLogDelivery",
        "logs:DescribeIndexPolicies",
        "logs:DescribeLogGroups",
        "logs:DescribeResourcePolicies",
        "logs:GetLogDelivery",
        "logs:ListLogDeliveries",
        "logs:PutResourcePolicy",
        "logs:UpdateLogDelivery",
        "s3:ListAllMyBuckets",
        "ses:DescribeConfigurationSet",
        "sns:GetSubscriptionAttributes",
        "sns:ListSubscriptions",
        "sns:SetSubscriptionAttributes",
        "sns:Unsubscribe",
        "sqs:ListQueues",
    ];
    let mut wrong = Vec::new();
    for statement in deploy_statements() {
        if statement["Effect"] == "Deny" {
            continue;
        }
        for resource in one_or_many(&statement["Resource"]) {
            let text = resource["Fn::Sub"].as_str().or(resource.as_str()).unwrap_or_default();
            let actions = strings(&statement["Action"]);
            let fits = match text {
                "*" => actions.iter().all(|action| NO_NAMES.contains(&action.as_str())),
                text if text.contains(":apigateway:*::/") => true,
                text if text.ends_with(":event-source-mapping:*") => true,
                text if text.ends_with(":aws:transform/Serverless-2016-10-31") => true,
                // CloudFront makes up the ids of whatever but functions.
                text if text.contains(":cloudfront::") && text.ends_with("/*") => true,
                text => ["lectern-${Stage}", "lectern/${Stage}/"].iter().any(|name| text.contains(name)),
            };
            if !fits {
                wrong.push(format!("{} on {text}: {actions:?}", statement["Sid"]));
            }
        }
    }
    nothing_wrong(&wrong, "limit it to names that begin with lectern-<stage>, or add the action to NO_NAMES");
}

/// Production's role reaches no package of staging, and the other way round.
#[test]
fn packages_are_in_a_bucket_of_the_stage() {
    let packages = "arn:${AWS::Partition}:s3:::lectern-${Stage}-packages-${AWS::AccountId}";
    let statement = only_statement_of("s3:PutObject");
    let wanted = [packages.to_owned(), format!("{packages}/*")].map(|name| substituted(&name));
    assert_eq!(statement["Resource"], json!(wanted));
    let script = crate::repository::read("scripts/stage");
    assert!(script.contains("packages=lectern-$stage-packages-$account"), "scripts/stage has another bucket");
    let config = crate::repository::read("samconfig.toml");
    assert!(!config.contains("resolve_s3"), "SAM's own bucket is one for all stages");
}

/// Whoever reads a backup can sign in the school's name.
#[test]
fn f13_no_role_reaches_the_backups() {
    let script = crate::repository::read("scripts/stage");
    assert!(script.contains("backups=lectern-$stage-backups-$account"), "scripts/stage has another bucket");
    let boundary = statements(Template::deploy_role().properties("FunctionBoundary"));
    let mut wrong = Vec::new();
    for statement in deploy_statements().iter().chain(&boundary) {
        for resource in one_or_many(&statement["Resource"]) {
            let text = resource["Fn::Sub"].as_str().unwrap_or_default();
            let bucket =
                text.split_once(":s3:::").map(|(_, name)| name.split('/').next().unwrap_or_default());
            if bucket.is_some_and(|bucket| bucket.contains('*') || bucket.contains("backups")) {
                wrong.push(format!("{}: {text}", statement["Sid"]));
            }
        }
    }
    nothing_wrong(&wrong, "name the bucket: lectern-<stage>-* is the backups too");
}

#[test]
fn f13_the_deploy_role_writes_over_no_key_and_deletes_none() {
    let all = deploy_statements();
    let allowed = all.iter().filter(|statement| statement["Effect"] == "Allow");
    let found: BTreeSet<String> = allowed
        .flat_map(|statement| strings(&statement["Action"]))
        .filter(|action| action.starts_with("ssm:"))
        .collect();
    let wanted = ["ssm:GetParameters", "ssm:PutParameter"];
    assert_eq!(found, BTreeSet::from(wanted.map(str::to_owned)));
    let denied: Vec<_> = all.iter().filter(|statement| statement["Effect"] == "Deny").collect();
    let [denied] = denied.as_slice() else { panic!("one refusal: {denied:?}") };
    assert_eq!(denied["Action"], "ssm:PutParameter");
    assert_eq!(denied["Resource"], "*");
    assert_eq!(denied["Condition"], json!({ "StringEquals": { "ssm:Overwrite": "true" } }));
}

/// A queue or topic is open to a service only for what is ours: without the condition, anybody's SNS or SES would do.
#[test]
fn a_queue_or_topic_is_open_to_one_service_on_behalf_of_one_thing() {
    let policy = |of: &str, thing: &Value, statement: Value| {
        let mut policy = json!({ "PolicyDocument": { "Version": "2012-10-17", "Statement": [statement] } });
        policy[of] = json!([thing]);
        policy
    };
    let mut queues = 0;
    for template in Template::all() {
        for (id, found) in template.of_type("AWS::SQS::QueuePolicy") {
            let function = id.strip_suffix("QueuePolicy").expect("named after its function");
            let queue = format!("{function}Queue");
            let subscription = format!("{function}Subscription");
            let mut subscriptions = template.of_type("AWS::SNS::Subscription");
            let topic = subscriptions
                .find(|(id, _)| *id == subscription)
                .map(|(_, it)| &it["Properties"]["TopicArn"]);
            let (service, source) = match topic {
                Some(topic) => ("sns", topic.clone()),
                None => ("events", attribute(&format!("{function}Rule"), "Arn")),
            };
            let statement = json!({
                "Effect": "Allow",
                "Principal": { "Service": format!("{service}.amazonaws.com") },
                "Action": "sqs:SendMessage",
                "Resource": attribute(&queue, "Arn"),
                "Condition": { "ArnEquals": { "aws:SourceArn": source } },
            });
            assert_eq!(found["Properties"], policy("Queues", &reference(&queue), statement), "{id}");
            queues += 1;
        }
    }
    assert!(queues > 0);
    let set = "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:configuration-set/${MailConfigurationSet}";
    let statement = json!({
        "Effect": "Allow",
        "Principal": { "Service": "ses.amazonaws.com" },
        "Action": "sns:Publish",
        "Resource": reference("MailFeedbackTopic"),
        "Condition": { "StringEquals": {
            "AWS:SourceAccount": reference("AWS::AccountId"),
            "AWS:SourceArn": substituted(set),
        } },
    });
    let topics: Vec<_> =
        Template::all().iter().flat_map(|template| template.of_type("AWS::SNS::TopicPolicy")).collect();
    let [(id, found)] = topics.as_slice() else { panic!("{} topics: state them here", topics.len()) };
    let wanted = policy("Topics", &reference("MailFeedbackTopic"), statement);
    assert_eq!((*id, &found["Properties"]), ("MailFeedbackTopicPolicy", &wanted));
}

#[test]
fn f13_every_log_ends() {
    let mut wrong = Vec::new();
    for template in Template::all() {
        for (id, group) in template.of_type("AWS::Logs::LogGroup") {
            if group["Properties"]["RetentionInDays"] != reference("LogRetentionDays") {
                wrong.push(format!("{}: {id}", template.file));
            }
        }
    }
    for (id, stack) in stacks_with("AWS::Logs::LogGroup") {
        if stack["Properties"]["Parameters"]["LogRetentionDays"] != reference("LogRetentionDays") {
            wrong.push(format!("template.yaml: {id} does not pass it on"));
        }
    }
    nothing_wrong(
        &wrong,
        "set RetentionInDays: !Ref LogRetentionDays: what has none is kept and billed for ever",
    );
    let days = &Template::root().body["Parameters"]["LogRetentionDays"];
    assert_eq!(days["Default"], 30);
    let most = days["AllowedValues"].as_array().into_iter().flatten().filter_map(Value::as_u64).max();
    assert_eq!(most, Some(365));
}
