//! What functions may do: exactly what their features take, on exactly those resources.

use serde_json::{Value, json};

use crate::{
    deploy_role::deploy_statements,
    nothing_wrong,
    repository::{Function, functions, read},
    template::{Template, attribute, reference, substituted},
};

/// What Lambda does in a function's name to read the table's stream for it.
const STREAM: [&str; 4] =
    ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"];
/// What Lambda does in a function's name to take messages for it.
const RECEIVE: [&str; 3] = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];

/// One allowed thing.
pub(crate) struct Grant {
    pub(crate) action: String,
    pub(crate) resource: Value,
    /// The condition under which it is granted.
    only_if: Option<String>,
}

pub(crate) fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().flat_map(strings).collect(),
        other => vec![other.as_str().map_or_else(|| other.to_string(), str::to_owned)],
    }
}

pub(crate) fn one_or_many(value: &Value) -> Vec<&Value> {
    value.as_array().map_or_else(|| vec![value], |items| items.iter().collect())
}

/// The grants of a role's inline policies.
pub(crate) fn grants(role: &Value) -> Vec<Grant> {
    let mut grants = Vec::new();
    for policy in role["Policies"].as_array().into_iter().flatten() {
        for statement in one_or_many(&policy["PolicyDocument"]["Statement"]) {
            let condition = statement["Fn::If"][0].as_str().map(str::to_owned);
            let statement = if condition.is_some() { &statement["Fn::If"][1] } else { statement };
            for action in strings(&statement["Action"]) {
                for resource in one_or_many(&statement["Resource"]) {
                    let (resource, only_if) = (resource.clone(), condition.clone());
                    grants.push(Grant { action: action.clone(), resource, only_if });
                }
            }
        }
    }
    grants
}

fn role_of(function: &Function, template: &Template) -> Value {
    template.properties(&format!("{}Role", function.names.type_name())).clone()
}

/// Calls `check` with every function and its grants, and collects what is wrong.
fn wrong_in_grants(mut check: impl FnMut(&Function, &[Grant], &mut dyn FnMut(bool, &str))) -> Vec<String> {
    let mut wrong = Vec::new();
    for function in functions() {
        let template = Template::of(function.names.domain());
        let grants = grants(&role_of(&function, template));
        check(&function, &grants, &mut |holds, what| {
            if !holds {
                wrong.push(format!("{}: {}Role {what}", template.file, function.names.type_name()));
            }
        });
    }
    wrong
}

/// `!Sub …/folder/*`: all that is in something that has a name.
fn is_folder(resource: &Value) -> bool {
    let text = resource["Fn::Sub"].as_str().unwrap_or_default();
    text.strip_suffix("/*").is_some_and(|folder| folder.contains('/') && !folder.contains('*'))
}

/// `!Sub` the ARN of a queue of this deployment.
fn queue(name: &str) -> Value {
    let account = "${AWS::Region}:${AWS::AccountId}";
    substituted(&format!("arn:${{AWS::Partition}}:sqs:{account}:lectern-${{Stage}}-{name}"))
}

/// The queues that a function may send to: its own for dead letters, and those of the subscribers if it publishes.
fn outgoing(function: &Function) -> Vec<Value> {
    let mut queues = Vec::new();
    if function.is_consumer() || function.is_stream_reader() {
        queues.push(attribute(&format!("{}DeadLetters", function.names.type_name()), "Arn"));
    }
    if read(&function.file()).contains("publish::publish") {
        let mut names: Vec<&str> =
            events::SUBSCRIPTIONS.iter().flat_map(|(_, to)| to.iter().copied()).collect();
        names.sort_unstable();
        names.dedup();
        queues.extend(names.into_iter().map(queue));
    }
    queues
}

/// The condition that mail goes out in the name of the deployment's own sender.
fn from_own_sender() -> Value {
    json!({ "StringLike": { "ses:FromAddress": substituted("*${MailIdentity}") } })
}

#[test]
fn no_policy_has_a_wildcard() {
    fn walk(place: &str, value: &Value, wrong: &mut Vec<String>) {
        match value {
            // The wider the better.
            Value::Object(members) if members.get("Effect").is_some_and(|effect| effect == "Deny") => {}
            // An action without a resource type.
            Value::Object(members) if members.get("Action") == Some(&json!(["dynamodb:ListStreams"])) => {}
            // SES asks for recipients' identities too, so the sender is what holds the function back.
            Value::Object(members) if members.get("Condition") == Some(&from_own_sender()) => {
                let actions = json!(["ses:SendEmail", "ses:SendRawEmail"]);
                if members["Action"] != actions {
                    wrong.push(format!("{place} allows more than {actions}"));
                }
            }
            Value::Object(members) => {
                for (name, member) in members {
                    let place = format!("{place}/{name}");
                    let names = ["Action", "NotAction", "Resource", "NotResource", "SourceArn", "Principal"];
                    let wild = |member: &&Value| member.to_string().contains('*') && !is_folder(member);
                    if names.contains(&name.as_str()) && one_or_many(member).iter().any(wild) {
                        wrong.push(format!("{place} is {member}"));
                    }
                    if name.starts_with("Not") && names.contains(&name.as_str()) {
                        wrong.push(format!("{place} allows everything else"));
                    }
                    walk(&place, member, wrong);
                }
            }
            Value::Array(items) => {
                for (n, item) in items.iter().enumerate() {
                    walk(&format!("{place}/{n}"), item, wrong);
                }
            }
            _ => {}
        }
    }
    let mut wrong = Vec::new();
    for template in Template::all() {
        walk(&template.file, &template.body["Resources"], &mut wrong);
        for (id, role) in template.of_type("AWS::IAM::Role") {
            if !role["Properties"]["ManagedPolicyArns"].is_null() {
                wrong.push(format!(
                    "{}: {id} has managed policies, which are full of wildcards",
                    template.file
                ));
            }
        }
    }
    nothing_wrong(&wrong, "name each action and each resource");
}

#[test]
fn every_function_has_a_role_of_its_own() {
    let mut wrong = Vec::new();
    for function in functions() {
        let template = Template::of(function.names.domain());
        let id = function.names.type_name();
        let properties = template.function(id);
        if properties["Role"] != attribute(&format!("{id}Role"), "Arn") {
            wrong.push(format!("{}: {id} has another role than {id}Role", template.file));
        }
        if !properties["Policies"].is_null() {
            wrong.push(format!("{}: {id} has Policies beside its role", template.file));
        }
        let lambda = json!({ "Version": "2012-10-17", "Statement": [{
            "Effect": "Allow",
            "Principal": { "Service": "lambda.amazonaws.com" },
            "Action": "sts:AssumeRole",
        }] });
        if role_of(&function, template)["AssumeRolePolicyDocument"] != lambda {
            wrong.push(format!("{}: {id}Role can be taken by others than Lambda", template.file));
        }
    }
    nothing_wrong(
        &wrong,
        "SAM's own role may write every log group of the account, so each function brings one",
    );
}

#[test]
fn a_function_may_touch_only_the_table_its_files_its_queues_and_its_logs() {
    let wrong = wrong_in_grants(|function, grants, check| {
        let id = function.names.type_name();
        let logs = attribute(&format!("{id}Logs"), "Arn");
        let (table, index) = (reference("TableArn"), substituted("${TableArn}/index/GSI1"));
        let stream = reference("TableStreamArn");
        let files =
            |domain: &str| substituted(&format!("arn:${{AWS::Partition}}:s3:::${{BucketName}}/{domain}/*"));
        let own = files(function.names.domain());
        let ses = |rest: &str| {
            substituted(&format!("arn:${{AWS::Partition}}:ses:${{AWS::Region}}:${{AWS::AccountId}}:{rest}"))
        };
        let mails = [ses("identity/*"), ses("configuration-set/${MailConfigurationSet}")];
        let outgoing = outgoing(function);
        for Grant { action, resource, .. } in grants {
            let fits = match action.as_str() {
                "logs:CreateLogStream" | "logs:PutLogEvents" => *resource == logs,
                "dynamodb:Query" => [&table, &index].contains(&resource),
                "dynamodb:ListStreams" => *resource == "*",
                action if STREAM.contains(&action) => *resource == stream,
                action if action.starts_with("dynamodb:") => *resource == table,
                "sqs:SendMessage" => outgoing.contains(resource),
                action if RECEIVE.contains(&action) => *resource == attribute(&format!("{id}Queue"), "Arn"),
                // A certificate goes out with its mail.
                "s3:GetObject" if function.names.domain() == "mail" => *resource == files("certificates"),
                "s3:GetObject" | "s3:PutObject" => *resource == own,
                "ses:SendEmail" | "ses:SendRawEmail" => {
                    function.names.domain() == "mail" && mails.contains(resource)
                }
                _ => false,
            };
            check(fits, &format!("has {action} on {resource}"));
        }
        let mut needs = |action: &str, resource: Option<&Value>, needed: bool| {
            let fits =
                |grant: &&Grant| grant.action == action && resource.is_none_or(|one| grant.resource == *one);
            let granted = grants.iter().any(|grant| fits(&grant));
            check(granted == needed, &format!("lacks {action}, or has it for nothing"));
        };
        needs("logs:CreateLogStream", None, true);
        needs("logs:PutLogEvents", None, true);
        RECEIVE.iter().for_each(|action| needs(action, None, function.is_consumer()));
        STREAM.iter().for_each(|action| needs(action, None, function.is_stream_reader()));
        outgoing.iter().for_each(|queue| needs("sqs:SendMessage", Some(queue), true));
        needs("dynamodb:Query", Some(&index), read(&function.file()).contains("GSI1"));
    });
    nothing_wrong(&wrong, "grant what the feature takes, and nothing for later");
}

#[test]
fn a_function_may_write_only_if_its_budget_has_writes() {
    const WRITES: [&str; 5] = [
        "dynamodb:PutItem",
        "dynamodb:UpdateItem",
        "dynamodb:DeleteItem",
        "dynamodb:ConditionCheckItem",
        "dynamodb:BatchWriteItem",
    ];
    const READS: [&str; 3] = ["dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query"];
    let wrong = wrong_in_grants(|function, grants, check| {
        let always = |actions: &[&str]| {
            let hit = |grant: &&Grant| grant.only_if.is_none() && actions.contains(&grant.action.as_str());
            grants.iter().any(|grant| hit(&grant))
        };
        for grant in grants.iter().filter(|grant| grant.action.starts_with("dynamodb:")) {
            let known = [&WRITES[..], &READS, &STREAM].concat().contains(&grant.action.as_str());
            check(known, &format!("has {}, which nothing here calls", grant.action));
        }
        let (touches, writes) = match function.endpoint() {
            Some(entry) => (entry.budget.reads + entry.budget.writes > 0, entry.budget.writes > 0),
            None => (true, true),
        };
        check(
            always(&WRITES) == writes,
            "may write though its budget has no writes, or may not though it has",
        );
        // Even a function that only writes connects during Init by reading an item that is never there.
        check(
            always(&["dynamodb:GetItem"]) == touches,
            "may read though its budget is empty, or lacks GetItem",
        );
    });
    nothing_wrong(&wrong, "the BUDGET of a feature and the actions of its role tell the same story");
}

#[test]
fn calls_can_be_counted_wherever_a_caller_is_known() {
    let wrong = wrong_in_grants(|function, grants, check| {
        let counts =
            function.endpoint().is_some() && !read(&function.file()).contains("type Access = Public;");
        let granted = |action: &str, only_if: Option<&str>| {
            grants.iter().any(|grant| grant.action == action && grant.only_if.as_deref() == only_if)
        };
        let put = "dynamodb:PutItem";
        let may_put = granted(put, None) || granted(put, Some("CountsCalls"));
        check(!counts || may_put, "cannot count calls when CallsPerMinute is set");
        check(!counts || granted("dynamodb:BatchGetItem", None), "cannot read account and session");
        check(counts || !granted(put, Some("CountsCalls")), "may count calls of callers it does not know");
        check(!(granted(put, None) && granted(put, Some("CountsCalls"))), "has PutItem twice");
        let conditions = grants.iter().filter_map(|grant| grant.only_if.as_deref());
        check(conditions.into_iter().all(|condition| condition == "CountsCalls"), "has an unknown condition");
    });
    nothing_wrong(
        &wrong,
        "a function with an Access other than Public takes a token per call: GetItem and PutItem",
    );
}

/// Whoever deploys from GitHub may handle every kind of thing that the templates make.
#[test]
fn the_deploy_role_knows_every_service_of_the_templates() {
    let statements = deploy_statements();
    let actions: Vec<String> =
        statements.iter().flat_map(|statement| strings(&statement["Action"])).collect();
    let mut wrong = Vec::new();
    for template in Template::all() {
        for (id, resource) in template.resources() {
            let kind = resource["Type"].as_str().unwrap_or_default();
            let service = match kind.split("::").nth(1).unwrap_or_default() {
                "ApiGatewayV2" => "apigateway".to_owned(),
                "Serverless" => "lambda".to_owned(),
                service => service.to_lowercase(),
            };
            if !actions.iter().any(|action| action.starts_with(&format!("{service}:"))) {
                wrong.push(format!(
                    "{}: {id} is a {kind}, and nothing of {service} is allowed",
                    template.file
                ));
            }
        }
    }
    nothing_wrong(&wrong, "see infra/github/deploy-role.yaml");
}
