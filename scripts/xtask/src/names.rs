//! Under which logical id each thing is deployed that has a name in AWS: infra/names.txt, which only grows.
//!
//! CloudFormation makes what is new before it deletes what is old. A thing that keeps its name and gets another logical id, or
//! another stack, is both: the name is taken, and no deployed stage can be updated any more.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Result, source};

pub(crate) const FILE: &str = "infra/names.txt";

/// The property that no second thing of a type can have: its name, or what it is put on, since deleting the old one then takes
/// away what the new one did.
const NAMED: [(&str, &str); 17] = [
    ("AWS::ApiGatewayV2::Api", "Name"),
    ("AWS::ApiGatewayV2::Route", "RouteKey"),
    ("AWS::ApiGatewayV2::Stage", "StageName"),
    ("AWS::CloudFormation::Stack", "TemplateURL"),
    ("AWS::CloudFront::Function", "Name"),
    ("AWS::DynamoDB::Table", "TableName"),
    ("AWS::Events::Rule", "Name"),
    ("AWS::Lambda::EventSourceMapping", "FunctionName"),
    ("AWS::Logs::LogGroup", "LogGroupName"),
    ("AWS::S3::Bucket", "BucketName"),
    ("AWS::S3::BucketPolicy", "Bucket"),
    ("AWS::SES::ConfigurationSet", "Name"),
    ("AWS::SNS::Topic", "TopicName"),
    ("AWS::SNS::TopicPolicy", "Topics"),
    ("AWS::SQS::Queue", "QueueName"),
    ("AWS::SQS::QueuePolicy", "Queues"),
    ("AWS::Serverless::Function", "FunctionName"),
];

/// The list with everything that these templates add to it. What they do not have any more stays: a stage may be many
/// versions behind.
pub(crate) fn of(templates: &BTreeMap<String, String>) -> Result<String> {
    // There is none before the first time.
    let list = source::read(FILE).unwrap_or_default();
    grown(&list, templates)
}

fn grown(list: &str, templates: &BTreeMap<String, String>) -> Result<String> {
    let known: BTreeMap<&str, &str> = list.lines().filter_map(|line| line.split_once(" = ")).collect();
    let mut lines: BTreeSet<String> = list.lines().map(str::to_owned).collect();
    for (file, template) in templates {
        for (name, id) in named(template) {
            let place = format!("{id} in {file}");
            if let Some(known) = known.get(name.as_str()).filter(|known| **known != place) {
                return Err(format!(
                    "{name} is deployed as {known}, and would be {place}: CloudFormation makes the new one before it deletes \
                     the old one, whose name is taken, so no stage could be updated. Give it its logical id and its stack \
                     back, or another name; if it was never deployed, delete its line in {FILE}"
                ));
            }
            lines.insert(format!("{name} = {place}"));
        }
    }
    Ok(lines.into_iter().map(|line| line + "\n").collect())
}

/// Type and name of each thing that has one, and its logical id.
fn named(template: &str) -> Vec<(String, &str)> {
    let resources = template.split_once("\nResources:\n").map_or("", |(_, resources)| resources);
    let mut found = Vec::new();
    let (mut id, mut kind, mut api) = ("", "", String::new());
    for line in resources.lines().take_while(|line| line.is_empty() || line.starts_with(' ')) {
        let text = line.trim_start();
        let Some((key, value)) = text.split_once(':') else { continue };
        let value = value.trim().trim_start_matches("!Sub ");
        match line.len() - text.len() {
            2 => (id, api) = (key, String::new()),
            4 if key == "Type" => kind = value,
            // Two APIs may both have a route or a stage of a name.
            6 if key == "ApiId" && !["!Ref Api", "!Ref ApiId"].contains(&value) => {
                api = format!(" of {}", value.trim_start_matches("!Ref "));
            }
            6 if NAMED.contains(&(kind, key)) => found.push((format!("{kind} {value}{api}"), id)),
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUEUE: &str = "AWS::SQS::Queue lectern-${Stage}-note = NoteQueue in infra/mail.yaml\n";

    fn templates(file: &str, id: &str, name: &str) -> BTreeMap<String, String> {
        let text = format!(
            "Parameters:\n  A: {{ Type: String }}\n\nResources:\n  # note: a queue\n  {id}:\n    Type: AWS::SQS::Queue\n    \
             Properties:\n      QueueName: !Sub lectern-${{Stage}}-{name}\n\nOutputs:\n  A:\n    Value: !Ref {id}\n"
        );
        BTreeMap::from([(format!("infra/{file}.yaml"), text)])
    }

    #[test]
    fn f13_a_new_name_is_added_and_one_that_is_gone_is_remembered() {
        assert_eq!(grown("", &templates("mail", "NoteQueue", "note")).unwrap(), QUEUE);
        assert_eq!(grown(QUEUE, &templates("mail", "NoteQueue", "note")).unwrap(), QUEUE);
        assert_eq!(grown(QUEUE, &BTreeMap::new()).unwrap(), QUEUE);
        let both = grown(QUEUE, &templates("mail", "OtherQueue", "other")).unwrap();
        assert_eq!(both.lines().count(), 2, "{both}");
    }

    #[test]
    fn f13_a_name_keeps_its_logical_id_and_its_stack() {
        for (file, id) in [("mail", "MailNoteQueue"), ("admin", "NoteQueue")] {
            let refused = grown(QUEUE, &templates(file, id, "note")).unwrap_err();
            assert!(
                refused.contains("is deployed as NoteQueue in infra/mail.yaml, and would be"),
                "{refused}"
            );
        }
    }
}
