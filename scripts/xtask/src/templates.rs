//! The SAM templates: a block for each function of the registry, made of what its feature needs, and a stack for each
//! domain and one for the edge before them. What is state, or belongs to nobody, is written by hand in template.yaml.

use std::collections::{BTreeMap, BTreeSet};

use runtime::{Config, EndpointEntry, Function, Grant, MAX_RECEIVES, Registry, Resource, Source, Trigger};

use crate::{Result, generated::Generated, names, source};

const DOMAIN: &str = include_str!("../templates/domain.yaml");
const API: &str = include_str!("../templates/api.yaml");
const FUNCTION: &str = include_str!("../templates/function.yaml");
const ROUTE: &str = include_str!("../templates/route.yaml");
const ONE_ROUTE: &str = include_str!("../templates/one_route.yaml");
const QUEUE: &str = include_str!("../templates/queue.yaml");
const TOPIC: &str = include_str!("../templates/topic.yaml");
const RULE: &str = include_str!("../templates/rule.yaml");
const STREAM: &str = include_str!("../templates/stream.yaml");
const SCHEDULE: &str = include_str!("../templates/schedule.yaml");
const STACK: &str = include_str!("../templates/stack.yaml");
const EDGE: &str = include_str!("../templates/site.yaml");
const ORIGIN: &str = include_str!("../templates/origin.yaml");
const BEHAVIOR: &str = include_str!("../templates/behavior.yaml");

const ROOT: &str = "template.yaml";
/// The stack of the edge.
const SITE: &str = "site";
/// Between these two lines of the root template stand the stacks, and the APIs of domains that have one of their own.
const BEGIN: &str = "  # The stacks, written by `cargo run --bin xtask -- templates`.\n";
const END: &str = "  # End of the stacks.\n";

/// Parameters of the domains' templates that are no text.
const NUMBERS: [&str; 6] = [
    "AccessTokenSeconds",
    "LogRetentionDays",
    "RefreshTokenSeconds",
    "RegistrationsPerHour",
    "ThrottlingBurst",
    "ThrottlingRate",
];

/// The one that is shown to nobody who looks at a stack.
const SECRET: &str = "EdgeSecret";

/// What the root passes to a domain for a parameter that it lacks itself.
const GIVEN: [(&str, &str); 12] = [
    ("AlarmTopicArn", "!Ref AlarmTopic"),
    ("AllowedOrigins", "!Join [\",\", !Ref AllowedOrigins]"),
    ("ApiId", "!Ref Api"),
    ("BucketName", "!Ref Bucket"),
    ("FilesHost", "!GetAtt Bucket.RegionalDomainName"),
    ("PublicUrl", "!GetAtt Site.Outputs.Url"),
    ("TableArn", "!GetAtt Table.Arn"),
    ("TableName", "!Ref Table"),
    ("TableStreamArn", "!GetAtt Table.StreamArn"),
    ("MailFeedbackTopicArn", "!Ref MailFeedbackTopic"),
    ("TranscoderRole", "!GetAtt TranscoderRole.Arn"),
    ("VideoKeyId", "!GetAtt Site.Outputs.VideoKeyId"),
];

/// Every template that has to do with functions, and what the relay must know of them.
pub(crate) fn of(registry: &Registry) -> Result<Generated> {
    let domains: BTreeSet<&str> =
        registry.functions().iter().map(|function| function.names.domain()).collect();
    for entry in registry.endpoints.iter().filter(|entry| registry.apart.contains(entry.names.domain())) {
        let prefix = format!("/v1/{}/", entry.names.domain());
        if !entry.route.path.starts_with(&prefix) {
            return Err(format!(
                "{} does not begin with {prefix}, by which requests find the API that its domain has of its own",
                entry.route
            ));
        }
    }
    let mut templates: BTreeMap<&str, String> =
        domains.into_iter().map(|domain| (domain, domain_template(registry, domain))).collect();
    templates.insert(SITE, edge(registry));
    let root = source::read(ROOT)?;
    let (before, rest) = root.split_once(BEGIN).ok_or("template.yaml has no place for stacks")?;
    let (_, after) = rest.split_once(END).ok_or("template.yaml has no end of the place for stacks")?;
    let root = format!("{before}{BEGIN}{}{END}{after}", stacks(registry, &templates));
    let mut all: BTreeMap<String, String> =
        templates.into_iter().map(|(domain, text)| (format!("infra/{domain}.yaml"), text)).collect();
    all.insert(ROOT.to_owned(), root);
    let mut files = BTreeMap::from([
        (names::FILE.to_owned(), names::of(&all)?),
        ("functions/events/src/subscriptions.rs".to_owned(), subscriptions(registry)),
    ]);
    files.extend(all);
    Ok(Generated { chore: "templates", files })
}

/// Which functions' queues get which events.
fn subscriptions(registry: &Registry) -> String {
    let rows: String = registry
        .subscriptions()
        .iter()
        .map(|(event, functions)| format!("    (\"{event}\", &{functions:?}),\n"))
        .collect();
    format!(
        "//! Written by `cargo run --bin xtask -- templates` from what consumers subscribe to.\n\n\
         /// Which functions' queues get which events. What nobody subscribes to is dropped.\n\
         #[rustfmt::skip]\n\
         pub const SUBSCRIPTIONS: &[(&str, &[&str])] = &[\n{rows}];\n"
    )
}

/// `text` with each name replaced. A line that is a name alone takes several lines, or none.
fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut filled = text.to_owned();
    for (name, value) in values {
        let name = format!("__{name}__");
        filled = filled.replace(&format!("{name}\n"), &with_newline(value)).replace(&name, value);
    }
    filled
}

fn with_newline(value: &str) -> String {
    if value.is_empty() { String::new() } else { format!("{}\n", value.trim_end_matches('\n')) }
}

fn domain_template(registry: &Registry, domain: &str) -> String {
    let functions: Vec<Function> =
        registry.functions().into_iter().filter(|function| function.names.domain() == domain).collect();
    let blocks: Vec<String> = functions.iter().map(|function| block(registry, function)).collect();
    let resources = blocks.join("\n");
    let variables: String = Config::VARIABLES.iter().map(|name| variable(name, 8)).collect();
    let mut conditions =
        BTreeSet::from(["  HasBoundary: !Not [!Equals [!Ref PermissionsBoundary, \"\"]]\n".to_owned()]);
    if resources.contains("- CountsCalls\n") {
        conditions.insert("  CountsCalls: !Not [!Equals [!Ref CallsPerMinute, \"\"]]\n".to_owned());
    }
    for parameter in functions.iter().filter_map(|function| function.needs.reserves) {
        conditions.insert(format!("  Has{parameter}: !Not [!Equals [!Ref {parameter}, \"\"]]\n"));
    }
    let conditions: String = conditions.into_iter().collect();
    let about = registry.tags.iter().find(|(package, _)| *package == domain).map_or("", |(_, about)| about);
    let filled = fill(
        DOMAIN,
        &[
            ("DOMAIN", domain),
            ("ABOUT", about),
            ("CONDITIONS", &conditions),
            ("VARIABLES", &variables),
            ("RESOURCES", &resources),
        ],
    );
    let parameters: String = parameters(&filled).iter().map(|name| declaration(name)).collect();
    fill(&filled, &[("PARAMETERS", &parameters)])
}

/// The API of a domain that has one of its own. It leads what it does not know to the fallback.
fn api(registry: &Registry, domain: &str) -> String {
    let fallback = registry.fallback.as_ref().map(|entry| &entry.names);
    let stack = fallback.map_or_else(String::new, |names| stack_of(names.domain()));
    let fallback = fallback.map_or("", |names| names.function());
    let api = api_of(domain);
    fill(API, &[("API", &*api), ("DOMAIN", domain), ("STACK", &stack), ("FALLBACK", fallback)])
}

/// The distribution, which knows the APIs apart by how their paths begin.
fn edge(registry: &Registry) -> String {
    let (mut parameters, mut origins, mut behaviors) = (String::new(), String::new(), String::new());
    for domain in &registry.apart {
        let host = format!("{}Host", api_of(domain));
        parameters += &declaration(&host);
        origins += &fill(ORIGIN, &[("DOMAIN", domain), ("HOST", &host)]);
        behaviors += &fill(BEHAVIOR, &[("DOMAIN", domain)]);
    }
    fill(EDGE, &[("PARAMETERS", &*parameters), ("ORIGINS", &origins), ("BEHAVIORS", &behaviors)])
}

/// `AdminApi`
fn api_of(domain: &str) -> String {
    format!("{}Api", stack_of(domain))
}

fn declaration(parameter: &str) -> String {
    let kind = if NUMBERS.contains(&parameter) { "Number" } else { "String" };
    let told = if parameter == SECRET { ", NoEcho: true" } else { "" };
    format!("  {parameter}: {{ Type: {kind}{told} }}\n")
}

/// What a template refers to without having it.
fn parameters(template: &str) -> BTreeSet<&str> {
    let is_defined = |name: &str| template.contains(&format!("\n  {name}:\n"));
    let refs = template.split("!Ref ").skip(1).chain(template.split("${").skip(1));
    refs.filter_map(|rest| {
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
        // `AWS::Region` and the like are everywhere.
        (!rest[end..].starts_with("::")).then_some(&rest[..end])
    })
    .filter(|name| !is_defined(name))
    .collect()
}

/// `TableName` of `TABLE_NAME`.
fn parameter_of(variable: &str) -> String {
    let word = |word: &str| word[..1].to_owned() + &word[1..].to_lowercase();
    variable.split('_').filter(|part| !part.is_empty()).map(word).collect()
}

/// Where SSM has the private half of the key that `TOKEN_KEY_PARAMETER` names; scripts/deploy makes it.
fn key(variable: &str) -> String {
    let name = variable.trim_end_matches("_KEY_PARAMETER").to_lowercase();
    format!("/lectern/${{Stage}}/{name}-private-key")
}

/// A line of an environment.
fn variable(name: &str, indent: usize) -> String {
    let value = match name {
        "QUEUE_URL_PREFIX" => {
            "!Sub https://sqs.${AWS::Region}.${AWS::URLSuffix}/${AWS::AccountId}/lectern-${Stage}-".to_owned()
        }
        name if name.ends_with("_KEY_PARAMETER") => format!("!Sub {}", key(name)),
        name => format!("!Ref {}", parameter_of(name)),
    };
    format!("{:indent$}{name}: {value}\n", "")
}

fn block(registry: &Registry, function: &Function) -> String {
    let id = function.names.logical_id();
    let name = function.names.function();
    let trigger = match function.trigger {
        Trigger::Route(entry) => entry.route.to_string(),
        Trigger::Queue(entry) => entry.events.iter().map(|(event, _)| *event).collect::<Vec<_>>().join(", "),
        Trigger::Stream(_) => "the table's stream".to_owned(),
        Trigger::Schedule(entry) => entry.expression.to_owned(),
    };
    let trigger = match function.trigger {
        Trigger::Queue(entry) => entry.heard.map_or(trigger, |(source, _)| described(source)),
        _ => trigger,
    };
    let statements: String = function.grants().iter().map(|grant| statement(registry, grant)).collect();
    let mut text = fill(
        FUNCTION,
        &[("TRIGGER", &trigger), ("PROPERTIES", &properties(function)), ("STATEMENTS", &statements)],
    );
    match function.trigger {
        Trigger::Route(entry) => text += &fill(ROUTE, &[("ROUTES", &routes(&entry))]),
        Trigger::Queue(entry) => {
            text += &fill(
                QUEUE,
                &[
                    ("VISIBILITY", &(6 * function.timeout()).to_string()),
                    ("RECEIVES", &MAX_RECEIVES.to_string()),
                    ("BATCH", &function.needs.batch.to_string()),
                    ("CONCURRENCY", &function.needs.concurrency.to_string()),
                ],
            );
            text += &entry.heard.map_or_else(String::new, |(source, _)| feed(source));
        }
        Trigger::Stream(_) => text += STREAM,
        Trigger::Schedule(entry) => text += &fill(SCHEDULE, &[("EXPRESSION", entry.expression)]),
    }
    fill(&text, &[("ID", &id), ("FUNCTION", name)])
}

/// What its function's block has to say beside its name.
fn properties(function: &Function) -> String {
    let mut lines = vec![
        format!("      MemorySize: {}\n", function.needs.memory),
        format!("      Timeout: {}\n", function.timeout()),
    ];
    if let Some(parameter) = function.needs.reserves {
        lines.push(format!(
            "      ReservedConcurrentExecutions: !If [Has{parameter}, !Ref {parameter}, !Ref AWS::NoValue]\n"
        ));
    }
    let variables = function.variables();
    if !variables.is_empty() {
        lines.push("      Environment:\n        Variables:\n".to_owned());
        lines.extend(variables.into_iter().map(|name| variable(name, 10)));
    }
    lines.concat()
}

/// The route, and HEAD beside a GET that everybody may read: it shares the integration, since an API has only so many.
fn routes(entry: &EndpointEntry) -> String {
    let of = |method: &str, route: &str| {
        let source = match route.split_once(' ') {
            Some((method, path)) => format!("$default/{method}{path}"),
            None => format!("$default/{route}"),
        };
        fill(ONE_ROUTE, &[("METHOD", method), ("ROUTE", route), ("SOURCE", &source)])
    };
    let head = entry.answers_head().then(|| of("Head", &format!("HEAD {}", entry.route.path)));
    of("", &entry.route.to_string()) + &head.unwrap_or_default()
}

fn described(source: Source) -> String {
    match source {
        Source::Topic { name, .. } => format!("the topic {name}"),
        Source::Created(folder) => format!("files that come into being below {folder}/"),
        Source::Pattern(pattern) => format!("EventBridge: {pattern}"),
    }
}

/// What leads the messages of a source to the queue.
fn feed(source: Source) -> String {
    match source {
        Source::Topic { name, filter } => {
            let parameter = parameter_of(&format!("{}_TOPIC_ARN", name.replace('-', "_").to_uppercase()));
            fill(TOPIC, &[("SOURCE", &parameter), ("FILTER", filter)])
        }
        Source::Created(folder) => {
            let detail = format!(
                "{{ bucket: {{ name: [!Ref BucketName] }}, object: {{ key: [{{ prefix: {folder}/ }}] }} }}"
            );
            let pattern = format!("{{ source: [aws.s3], detail-type: [Object Created], detail: {detail} }}");
            fill(RULE, &[("PATTERN", &pattern)])
        }
        Source::Pattern(pattern) => fill(RULE, &[("PATTERN", pattern)]),
    }
}

fn statement(registry: &Registry, grant: &Grant) -> String {
    let actions = grant.actions.join(", ");
    let lines = |value: &[String]| {
        let items: String = value.iter().map(|value| format!("                  - {value}\n")).collect();
        format!("                Resource:\n{items}")
    };
    let one = |value: &str| format!("                Resource: {value}\n");
    let sqs = "arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:lectern-${Stage}-";
    let ses = "arn:${AWS::Partition}:ses:${AWS::Region}:${AWS::AccountId}:";
    if grant.if_calls_are_counted {
        return format!(
            "              - !If\n                - CountsCalls\n                \
             - {{ Effect: Allow, Action: [{actions}], Resource: !Ref TableArn }}\n                - !Ref AWS::NoValue\n"
        );
    }
    let resource = match &grant.on {
        Resource::Logs => one("!GetAtt __ID__Logs.Arn"),
        Resource::Queue => one("!GetAtt __ID__Queue.Arn"),
        Resource::DeadLetters => one("!GetAtt __ID__DeadLetters.Arn"),
        Resource::SubscribersQueues => {
            let queues: BTreeSet<&str> = registry.subscriptions().into_values().flatten().collect();
            lines(&queues.iter().map(|queue| format!("!Sub {sqs}{queue}")).collect::<Vec<_>>())
        }
        Resource::Stream => one("!Ref TableStreamArn"),
        Resource::Any => one("\"*\" # an action without a resource type"),
        Resource::Table => one("!Ref TableArn"),
        Resource::Index(index) => one(&format!("!Sub ${{TableArn}}/index/{index}")),
        Resource::Files(folder) => {
            one(&format!("!Sub arn:${{AWS::Partition}}:s3:::${{BucketName}}/{folder}/*"))
        }
        Resource::FileNames(folder) => {
            one("!Sub arn:${AWS::Partition}:s3:::${BucketName}")
                + &format!(
                    "                Condition:\n                  StringLike: {{ s3:prefix: {folder}/* }}\n"
                )
        }
        Resource::Key(variable) => one(&format!(
            "!Sub arn:${{AWS::Partition}}:ssm:${{AWS::Region}}:${{AWS::AccountId}}:parameter{}",
            key(variable)
        )),
        // The one that every account begins with.
        Resource::TranscoderQueue => {
            one("!Sub arn:${AWS::Partition}:mediaconvert:${AWS::Region}:${AWS::AccountId}:queues/Default")
        }
        Resource::TranscoderJobs => {
            one("!Sub arn:${AWS::Partition}:mediaconvert:${AWS::Region}:${AWS::AccountId}:jobs/*")
        }
        Resource::TranscoderRole => {
            one("!Ref TranscoderRole")
                + "                Condition:\n                  StringEquals: { iam:PassedToService: mediaconvert.amazonaws.com }\n"
        }
        // SES also asks for the recipient's identity, where the account has verified that too.
        Resource::Mail => {
            lines(&[
                format!("!Sub {ses}identity/*"),
                format!("!Sub {ses}configuration-set/${{MailConfigurationSet}}"),
            ]) + "                Condition:\n                  StringLike: { ses:FromAddress: !Sub \"*${MailIdentity}\" }\n"
        }
    };
    format!("              - Effect: Allow\n                Action: [{actions}]\n{resource}")
}

/// A stack for each domain, in an order that CloudFormation can follow.
fn stacks(registry: &Registry, templates: &BTreeMap<&str, String>) -> String {
    let functions = registry.functions();
    let of = |domain: &str| -> Vec<&Function> {
        functions.iter().filter(|function| function.names.domain() == domain).collect()
    };
    let has_routes = |domain: &str| {
        let mut functions = of(domain).into_iter();
        !registry.apart.contains(domain)
            && functions.any(|function| matches!(function.trigger, Trigger::Route(_)))
    };
    let has_queues =
        |domain: &str| of(domain).iter().any(|function| matches!(function.trigger, Trigger::Queue(_)));
    let mut domains: Vec<&str> = Vec::new();
    for function in &functions {
        if !domains.contains(&function.names.domain()) {
            domains.push(function.names.domain());
        }
    }
    let mut text: String = registry.apart.iter().map(|domain| api(registry, domain) + "\n").collect();
    if let Some(site) = templates.get(SITE) {
        text += &stack(registry, SITE, "", site);
    }
    for (n, domain) in domains.iter().enumerate() {
        let mut after = Vec::new();
        // API Gateway refuses changes of one API at the same time, so whoever has routes waits for the one before. The first
        // domain comes last: the API's stage waits for it alone.
        if has_routes(domain) {
            after.extend(domains[n + 1..].iter().find(|next| has_routes(next)).map(|next| stack_of(next)));
        }
        // What publishes begins when the queues are there, new ones too.
        if of(domain).iter().any(|function| function.needs.publishes) {
            let others = domains.iter().filter(|other| *other != domain && has_queues(other));
            after.extend(others.map(|other| stack_of(other)));
        }
        after.sort();
        let after = match after.as_slice() {
            [] => String::new(),
            [one] => format!("    DependsOn: {one}\n"),
            many => format!("    DependsOn: [{}]\n", many.join(", ")),
        };
        text += &stack(registry, domain, &after, &templates[domain]);
    }
    text
}

/// A nested stack, given all that its template refers to.
fn stack(registry: &Registry, domain: &str, after: &str, template: &str) -> String {
    let value = |name: &str| match name {
        "ApiId" if registry.apart.contains(domain) => format!("!Ref {}", api_of(domain)),
        name => given(name),
    };
    let parameters: String =
        parameters(template).iter().map(|name| format!("        {name}: {}\n", value(name))).collect();
    let stack = stack_of(domain);
    let values = [("STACK", &*stack), ("DOMAIN", domain), ("AFTER", after), ("PARAMETERS", &parameters)];
    fill(STACK, &values) + "\n"
}

/// `Catalog`
fn stack_of(domain: &str) -> String {
    parameter_of(&domain.to_uppercase())
}

fn given(parameter: &str) -> String {
    if let Some((_, value)) = GIVEN.iter().find(|(name, _)| *name == parameter) {
        return (*value).to_owned();
    }
    match parameter.strip_suffix("Host") {
        Some(api) => format!("!Sub ${{{api}}}.execute-api.${{AWS::Region}}.${{AWS::URLSuffix}}"),
        None => format!("!Ref {parameter}"),
    }
}

#[cfg(test)]
mod tests {
    use kernel::{Result, Timestamp};
    use runtime::{App, Listener, Needs, Schedule, Service, ServiceEntry, Table};

    use super::*;

    struct NoteCover;

    impl Listener for NoteCover {
        const NAME: &'static str = "catalog-note-cover";
        const SOURCE: Source = Source::Created("covers");
        const SAMPLE: &'static str = "{}";
        type Message = serde_json::Value;

        async fn hear(_: &App, _: serde_json::Value) -> Result<()> {
            Ok(())
        }
    }

    /// What `NoteJob` signs with, and what it reads besides.
    struct Aside;

    impl Service for Aside {
        const VARIABLES: &'static [&'static str] = &["SCHOOL_NAME_ASIDE", "ASIDE_KEY_PARAMETER"];

        async fn start(_: &App) -> std::result::Result<Self, String> {
            Ok(Self)
        }
    }

    struct NoteJob;

    impl Listener for NoteJob {
        const NAME: &'static str = "video-note-job";
        const NEEDS: Needs =
            Needs { table: &[Table::Put], services: &[ServiceEntry::of::<Aside>()], ..Needs::NOTHING };
        const SOURCE: Source = Source::Pattern(r#"{ "source": ["aws.mediaconvert"] }"#);
        const SAMPLE: &'static str = "{}";
        type Message = serde_json::Value;

        async fn hear(_: &App, _: serde_json::Value) -> Result<()> {
            Ok(())
        }
    }

    struct PruneDrafts;

    impl Schedule for PruneDrafts {
        const NAME: &'static str = "catalog-prune-drafts";
        const EXPRESSION: &'static str = "rate(1 day)";

        async fn run(_: &App, _: Timestamp) -> Result<()> {
            Ok(())
        }
    }

    fn small() -> Registry {
        Registry::default().listener::<NoteCover>().listener::<NoteJob>().schedule::<PruneDrafts>()
    }

    #[test]
    fn what_a_listener_hears_is_led_to_its_queue_alone() {
        let text = domain_template(&small(), "catalog");
        let pattern = "EventPattern: { source: [aws.s3], detail-type: [Object Created], detail: { bucket: { name: [!Ref \
                       BucketName] }, object: { key: [{ prefix: covers/ }] } } }";
        assert!(text.contains(pattern), "{text}");
        assert!(text.contains("Arn: !GetAtt CatalogNoteCoverQueue.Arn"), "{text}");
        assert!(text.contains("ArnEquals: { aws:SourceArn: !GetAtt CatalogNoteCoverRule.Arn }"), "{text}");
        let text = domain_template(&small(), "video");
        assert!(text.contains("EventPattern: { \"source\": [\"aws.mediaconvert\"] }"), "{text}");
        assert!(!text.contains("catalog"), "{text}");
    }

    #[test]
    fn a_template_declares_what_it_refers_to_and_the_root_gives_it() {
        let registry = small();
        let text = domain_template(&registry, "video");
        for name in ["Arch", "AlarmTopicArn", "SchoolNameAside", "TableArn"] {
            assert!(text.contains(&format!("\n  {name}: {{ Type: String }}\n")), "{name}: {text}");
        }
        for name in ["ApiId", "BucketName", "VideoNoteJobQueue", "AWS"] {
            assert!(!text.contains(&format!("\n  {name}: {{ Type")), "{name}: {text}");
        }
        let text = stacks(
            &registry,
            &BTreeMap::from([("catalog", domain_template(&registry, "catalog")), ("video", text)]),
        );
        assert!(text.contains("        SchoolNameAside: !Ref SchoolNameAside\n"), "{text}");
        assert!(text.contains("        TableArn: !GetAtt Table.Arn\n"), "{text}");
        assert!(!text.contains("DependsOn"), "nothing here waits for another: {text}");
    }

    #[test]
    fn a_domain_apart_has_an_api_of_its_own_that_no_other_stack_waits_for() {
        let files = of(&registry::all().apart("admin")).unwrap().files;
        let others = of(&registry::all()).unwrap().files;
        assert_eq!(files["infra/admin.yaml"], others["infra/admin.yaml"], "its functions do not know");
        let root = &files["template.yaml"];
        let resource = |file: &str, name: &str| {
            let (_, rest) = files[file].split_once(&format!("\n  {name}:\n")).unwrap();
            rest.split("\n\n").next().unwrap().to_owned()
        };
        assert!(resource("template.yaml", "Admin").contains("ApiId: !Ref AdminApi\n"));
        assert!(!resource("template.yaml", "Admin").contains("DependsOn"));
        assert!(resource("template.yaml", "Identity").contains("DependsOn: Catalog\n"));
        assert!(!resource("template.yaml", "AdminApi").contains("ApiId: !Ref Api\n"));
        let fallback = "DependsOn: Platform # which has the function\n    Properties:\n      Action: lambda:InvokeFunction\n";
        assert!(root.contains(fallback), "{root}");
        assert!(root.contains("function:lectern-${Stage}-platform-answer-unrouted\n"), "{root}");
        for name in ["Stage $default", "Route $default"] {
            let name = format!("AWS::ApiGatewayV2::{name}");
            assert!(files[names::FILE].contains(&format!("{name} of AdminApi = ")), "{name}");
            assert!(files[names::FILE].contains(&format!("{name} = ")), "{name} of the other API");
        }
        let site = resource("template.yaml", "Site");
        assert!(site.contains("AdminApiHost: !Sub ${AdminApi}.execute-api."), "{site}");
        assert!(site.contains("        ApiHost: !Sub ${Api}.execute-api."), "{site}");
        let edge = &files["infra/site.yaml"];
        assert!(edge.contains("\n  AdminApiHost: { Type: String }\n"), "{edge}");
        // Its requests are treated as those to the API that all others share.
        for twice in ["HeaderName: x-lectern-edge", "CachePolicyId: !Ref CachePolicy", "!GetAtt Viewers."] {
            assert_eq!(edge.matches(twice).count(), 2, "{twice}");
        }
        assert!(edge.contains("- PathPattern: /v1/admin/*\n            TargetOriginId: admin\n"), "{edge}");
        let refused = of(&registry::all().apart("catalog")).err().unwrap_or_default();
        assert!(refused.contains("does not begin with /v1/catalog/"), "{refused}");
    }

    #[test]
    fn a_function_may_touch_what_it_says_and_no_more() {
        let text = domain_template(&small(), "video");
        let (_, role) = text.split_once("VideoNoteJobRole:\n").unwrap();
        let (role, _) = role.split_once("VideoNoteJobLogs:").unwrap();
        let actions: Vec<&str> =
            role.split("Action: [").skip(1).filter_map(|rest| rest.split(']').next()).collect();
        let wanted = [
            "logs:CreateLogStream, logs:PutLogEvents",
            "sqs:ReceiveMessage, sqs:DeleteMessage, sqs:GetQueueAttributes",
            "dynamodb:GetItem, dynamodb:PutItem",
            "sqs:SendMessage",
            "ssm:GetParameters",
        ];
        assert_eq!(actions, wanted);
        assert!(text.contains("ASIDE_KEY_PARAMETER: !Sub /lectern/${Stage}/aside-private-key\n"), "{text}");
        assert!(role.contains(":${AWS::AccountId}:parameter/lectern/${Stage}/aside-private-key\n"), "{role}");
    }

    /// The functions whose deployment differs, by what they have of their own and by what all have.
    fn changed(old: &Registry, new: &Registry) -> BTreeSet<String> {
        let blocks = |registry: &Registry| {
            let mut blocks = BTreeMap::new();
            let domains: BTreeSet<&str> =
                registry.functions().iter().map(|function| function.names.domain()).collect();
            for domain in domains {
                let text = domain_template(registry, domain);
                let (head, resources) = text.split_once("\nResources:\n").unwrap();
                let (_, globals) = head.split_once("\nGlobals:\n").unwrap();
                for block in resources.split("\n\n") {
                    let id = block.lines().nth(1).unwrap_or_default().trim_matches([' ', ':']).to_owned();
                    blocks.insert(id, format!("{globals}\n{block}"));
                }
            }
            blocks
        };
        let (old, new) = (blocks(old), blocks(new));
        let ids: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        ids.into_iter().filter(|id| old.get(*id) != new.get(*id)).cloned().collect()
    }

    #[test]
    fn what_did_not_change_is_not_deployed_again_and_what_did_is_alone() {
        let (old, mut new) = (registry::all(), registry::all());
        assert_eq!(changed(&old, &new), BTreeSet::new());
        new.endpoints[3].needs.memory += 1;
        let id = new.endpoints[3].names.logical_id();
        assert_eq!(changed(&old, &new), BTreeSet::from([id]));
    }

    #[test]
    fn a_line_that_is_a_name_takes_several_lines_or_none() {
        let filled = fill("a\n__X__\nb __Y__\n__Z__\nc\n", &[("X", "1\n2\n"), ("Y", "3"), ("Z", "")]);
        assert_eq!(filled, "a\n1\n2\nb 3\nc\n");
    }
}
