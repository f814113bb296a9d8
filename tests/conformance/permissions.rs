//! What the roles of all templates may do.

use serde_json::{Value, json};

use crate::{
    deploy_role::deploy_statements,
    nothing_wrong,
    template::{Template, substituted},
};

pub(crate) fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().flat_map(strings).collect(),
        other => vec![other.as_str().map_or_else(|| other.to_string(), str::to_owned)],
    }
}

pub(crate) fn one_or_many(value: &Value) -> Vec<&Value> {
    value.as_array().map_or_else(|| vec![value], |items| items.iter().collect())
}

/// One allowed thing.
pub(crate) struct Grant {
    pub(crate) action: String,
    pub(crate) resource: Value,
}

/// The grants of a role's inline policies, those under a condition too.
pub(crate) fn grants(role: &Value) -> Vec<Grant> {
    let mut grants = Vec::new();
    for policy in role["Policies"].as_array().into_iter().flatten() {
        for statement in one_or_many(&policy["PolicyDocument"]["Statement"]) {
            let chosen = &statement["Fn::If"][1];
            let statement = if chosen.is_null() { statement } else { chosen };
            for action in strings(&statement["Action"]) {
                for resource in one_or_many(&statement["Resource"]) {
                    grants.push(Grant { action: action.clone(), resource: resource.clone() });
                }
            }
        }
    }
    grants
}

/// `!Sub …/folder/*`: all that is in something that has a name; or MediaConvert's jobs, which are named as they come.
fn is_folder(resource: &Value) -> bool {
    let text = resource["Fn::Sub"].as_str().unwrap_or_default();
    let named = |folder: &str| folder.contains('/') || folder.ends_with(":jobs");
    text.strip_suffix("/*").is_some_and(|folder| named(folder) && !folder.contains('*'))
}

/// The condition that mail goes out in the name of the deployment's own sender.
fn from_own_sender() -> Value {
    json!({ "StringLike": { "ses:FromAddress": substituted("*${MailIdentity}") } })
}

/// Actions of which IAM knows no resource type.
const WITHOUT_RESOURCE: [&[&str]; 2] =
    [&["dynamodb:ListStreams"], &["mediaconvert:Probe", "mediaconvert:SearchJobs"]];

#[test]
fn no_policy_has_a_wildcard() {
    fn walk(place: &str, value: &Value, wrong: &mut Vec<String>) {
        match value {
            // The wider the better.
            Value::Object(members) if members.get("Effect").is_some_and(|effect| effect == "Deny") => {}
            Value::Object(members)
                if WITHOUT_RESOURCE.iter().any(|actions| members.get("Action") == Some(&json!(actions))) => {}
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

/// What CloudFormation calls to set each property of what is state. The role has no `dynamodb:*` or `s3:*` there, which would
/// read what is in it.
const SETS: [(&str, &str, &str); 15] = [
    ("AWS::DynamoDB::Table", "AttributeDefinitions", "dynamodb:UpdateTable"),
    ("AWS::DynamoDB::Table", "BillingMode", "dynamodb:UpdateTable"),
    ("AWS::DynamoDB::Table", "DeletionProtectionEnabled", "dynamodb:UpdateTable"),
    ("AWS::DynamoDB::Table", "GlobalSecondaryIndexes", "dynamodb:UpdateTable"),
    ("AWS::DynamoDB::Table", "KeySchema", "dynamodb:CreateTable"),
    ("AWS::DynamoDB::Table", "PointInTimeRecoverySpecification", "dynamodb:UpdateContinuousBackups"),
    ("AWS::DynamoDB::Table", "StreamSpecification", "dynamodb:UpdateTable"),
    ("AWS::DynamoDB::Table", "TableName", "dynamodb:CreateTable"),
    ("AWS::DynamoDB::Table", "TimeToLiveSpecification", "dynamodb:UpdateTimeToLive"),
    ("AWS::S3::Bucket", "BucketName", "s3:CreateBucket"),
    ("AWS::S3::Bucket", "CorsConfiguration", "s3:PutBucketCORS"),
    ("AWS::S3::Bucket", "LifecycleConfiguration", "s3:PutLifecycleConfiguration"),
    ("AWS::S3::Bucket", "NotificationConfiguration", "s3:PutBucketNotification"),
    ("AWS::S3::Bucket", "OwnershipControls", "s3:PutBucketOwnershipControls"),
    ("AWS::S3::Bucket", "PublicAccessBlockConfiguration", "s3:PutBucketPublicAccessBlock"),
];

#[test]
fn the_deploy_role_sets_every_property_of_table_and_bucket() {
    let allowed: Vec<String> = deploy_statements()
        .iter()
        .filter(|statement| statement["Effect"] == "Allow")
        .filter(|statement| {
            let resources = one_or_many(&statement["Resource"]);
            ["table/lectern-${Stage}", ":s3:::lectern-${Stage}-${AWS::AccountId}"]
                .iter()
                .any(|name| resources.iter().any(|resource| resource.to_string().contains(name)))
        })
        .flat_map(|statement| strings(&statement["Action"]))
        .collect();
    let mut wrong = Vec::new();
    for template in Template::all() {
        for (id, resource) in template.resources() {
            let kind = resource["Type"].as_str().unwrap_or_default();
            if !SETS.iter().any(|(state, ..)| *state == kind) {
                continue;
            }
            for property in resource["Properties"].as_object().into_iter().flatten().map(|(name, _)| name) {
                match SETS.iter().find(|(of, name, _)| *of == kind && name == property) {
                    None => wrong.push(format!("{id}: SETS does not say what sets {property}")),
                    Some((.., action)) if !allowed.iter().any(|allowed| allowed == action) => {
                        wrong.push(format!("{id}: {property} is set by {action}, which is not allowed"));
                    }
                    Some(_) => {}
                }
            }
        }
    }
    nothing_wrong(
        &wrong,
        "AWS's reference of the resource's type says what it calls; see infra/github/deploy-role.yaml",
    );
}
