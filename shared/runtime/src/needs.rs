//! What a function needs of AWS. The templates are written from it, and tests hold it to what they saw functions take.

use crate::{Function, Queues, Service, ServiceEntry, SignIn, Trigger};

/// What a feature's function needs beyond what follows from its kind, its access and its budget: a feature that reads the
/// table, or that takes messages, says nothing.
#[derive(Clone, Copy, Debug)]
pub struct Needs {
    /// What it does on the table, besides `GetItem` and, where a caller signs in, `BatchGetItem`.
    pub table: &'static [Table],
    /// Folders of the bucket.
    pub files: &'static [Files],
    /// Whether it sends mail.
    pub mails: bool,
    /// What it does with jobs of MediaConvert.
    pub jobs: &'static [Jobs],
    /// Whether it sends events to the queues of their subscribers.
    pub publishes: bool,
    /// What it asks the app for, made when its function starts. The variables of its environment follow from it:
    /// `SCHOOL_NAME` is the template's parameter `SchoolName`.
    pub services: &'static [ServiceEntry],
    /// In MB, which decides the share of a CPU too.
    pub memory: u32,
    /// In seconds. A call gives up after 4.5 by itself, and what a queue delivers has 30.
    pub timeout: Option<u32>,
    /// How many messages of its queue it takes at once; they share the timeout.
    pub batch: u32,
    /// How many of it may work on its queue at once; AWS takes no less than two.
    pub concurrency: u32,
    /// The template's parameter that says how much of the account's concurrency is its own.
    pub reserves: Option<&'static str>,
}

impl Needs {
    /// What most need.
    pub const NOTHING: Self = Self {
        table: &[],
        files: &[],
        mails: false,
        jobs: &[],
        publishes: false,
        services: &[],
        memory: 256,
        timeout: None,
        batch: 10,
        concurrency: 5,
        reserves: None,
    };

    /// Nothing but these actions on the table.
    #[must_use]
    pub const fn table(actions: &'static [Table]) -> Self {
        Self { table: actions, ..Self::NOTHING }
    }
}

/// An action on the table, as IAM authorises it: a transaction is what is in it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Table {
    BatchGet,
    BatchWrite,
    Check,
    Delete,
    Get,
    Put,
    Query,
    /// A query of an index.
    QueryIndex(&'static str),
    Update,
}

impl Table {
    fn action(self) -> &'static str {
        match self {
            Self::BatchGet => "dynamodb:BatchGetItem",
            Self::BatchWrite => "dynamodb:BatchWriteItem",
            Self::Check => "dynamodb:ConditionCheckItem",
            Self::Delete => "dynamodb:DeleteItem",
            Self::Get => "dynamodb:GetItem",
            Self::Put => "dynamodb:PutItem",
            Self::Query | Self::QueryIndex(_) => "dynamodb:Query",
            Self::Update => "dynamodb:UpdateItem",
        }
    }

    /// Whether it changes items, or holds them still for a transaction that does.
    #[must_use]
    pub fn writes(self) -> bool {
        !matches!(self, Self::BatchGet | Self::Get | Self::Query | Self::QueryIndex(_))
    }
}

/// What a function does with the files below a folder of the bucket: `certificates` are those of `certificates/*`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Files {
    /// As of each of these: also what whoever follows a link that it made does in its name.
    Read(&'static str),
    Write(&'static str),
    /// Lists what has arrived of a file that comes in parts; who begins and ends one writes.
    ListParts(&'static str),
    /// Lists the files themselves.
    List(&'static str),
    Remove(&'static str),
}

/// What a function does with jobs of MediaConvert.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Jobs {
    /// Orders them, once each, for files that it has looked into.
    Order,
    /// Asks what became of one.
    Look,
}

/// One statement of a function's role.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Grant {
    /// As IAM names them.
    pub actions: Vec<&'static str>,
    pub on: Resource,
    /// Only where the deployment counts calls: `CALLS_PER_MINUTE`.
    pub if_calls_are_counted: bool,
}

/// What a function may touch.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Resource {
    Logs,
    Queue,
    DeadLetters,
    SubscribersQueues,
    Stream,
    /// Actions that IAM knows no resource for.
    Any,
    Table,
    Index(&'static str),
    Files(&'static str),
    /// What the files of a folder are called.
    FileNames(&'static str),
    Mail,
    /// Where jobs wait to be transcoded.
    TranscoderQueue,
    TranscoderJobs,
    /// What MediaConvert reads and writes files as.
    TranscoderRole,
    /// The parameter that a variable of its environment names: `TOKEN_KEY_PARAMETER` is
    /// `/lectern/<stage>/token-private-key`.
    Key(&'static str),
}

impl Function {
    /// What it does on the table.
    #[must_use]
    pub fn table(&self) -> Vec<Table> {
        let mut actions = self.needs.table.to_vec();
        match self.trigger {
            Trigger::Route(entry) => {
                // A connection is opened during Init by a GetItem, also for those that only write.
                actions.extend((entry.budget.reads + entry.budget.writes > 0).then_some(Table::Get));
                actions.extend((entry.sign_in != SignIn::Never).then_some(Table::BatchGet));
            }
            Trigger::Queue(_) | Trigger::Stream(_) | Trigger::Schedule(_) => actions.push(Table::Get),
        }
        actions.sort_unstable();
        actions.dedup();
        actions
    }

    /// The statements of its role, always in the same order.
    #[must_use]
    pub fn grants(&self) -> Vec<Grant> {
        let mut grants = Vec::new();
        let mut grant = |actions: &[&'static str], on: Resource| {
            if !actions.is_empty() {
                grants.push(Grant { actions: actions.to_vec(), on, if_calls_are_counted: false });
            }
        };
        grant(&["logs:CreateLogStream", "logs:PutLogEvents"], Resource::Logs);
        // What Lambda does in the function's name to bring it its messages or the table's stream.
        match self.trigger {
            Trigger::Queue(_) => {
                let receive = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"];
                grant(&receive, Resource::Queue);
            }
            Trigger::Stream(_) => {
                let read = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"];
                grant(&read, Resource::Stream);
                grant(&["dynamodb:ListStreams"], Resource::Any);
            }
            Trigger::Route(_) | Trigger::Schedule(_) => {}
        }
        let table = self.table();
        let is_of_index = |action: &Table| matches!(action, Table::QueryIndex(_));
        let on_table: Vec<_> =
            table.iter().filter(|action| !is_of_index(action)).map(|action| action.action()).collect();
        grant(&on_table, Resource::Table);
        for action in &table {
            if let Table::QueryIndex(index) = action {
                grant(&[action.action()], Resource::Index(index));
            }
        }
        for files in self.needs.files {
            match files {
                Files::Read(folder) => grant(&["s3:GetObject"], Resource::Files(folder)),
                Files::Write(folder) => grant(&["s3:PutObject"], Resource::Files(folder)),
                Files::ListParts(folder) => {
                    grant(&["s3:ListMultipartUploadParts"], Resource::Files(folder));
                }
                Files::List(folder) => grant(&["s3:ListBucket"], Resource::FileNames(folder)),
                Files::Remove(folder) => grant(&["s3:DeleteObject"], Resource::Files(folder)),
            }
        }
        if self.has_dead_letters() {
            grant(&["sqs:SendMessage"], Resource::DeadLetters);
        }
        if self.needs.publishes {
            grant(&["sqs:SendMessage"], Resource::SubscribersQueues);
        }
        if self.needs.mails {
            // The second one where a file is attached.
            grant(&["ses:SendEmail", "ses:SendRawEmail"], Resource::Mail);
        }
        for jobs in self.needs.jobs {
            match jobs {
                Jobs::Order => {
                    grant(&["mediaconvert:CreateJob"], Resource::TranscoderQueue);
                    grant(&["mediaconvert:Probe", "mediaconvert:SearchJobs"], Resource::Any);
                    grant(&["iam:PassRole"], Resource::TranscoderRole);
                }
                Jobs::Look => grant(&["mediaconvert:GetJob"], Resource::TranscoderJobs),
            }
        }
        for variable in self.variables().into_iter().filter(|name| name.ends_with("_KEY_PARAMETER")) {
            grant(&["ssm:GetParameters"], Resource::Key(variable));
        }
        if self.counts_calls() && !table.contains(&Table::Put) {
            let put = Table::Put.action();
            grants.push(Grant { actions: vec![put], on: Resource::Table, if_calls_are_counted: true });
        }
        grants
    }

    /// Whether it takes a token for each call of a known caller, where the deployment counts them.
    #[must_use]
    pub fn counts_calls(&self) -> bool {
        matches!(self.trigger, Trigger::Route(entry) if entry.sign_in != SignIn::Never)
    }

    /// Whether it has a queue for what it gave up.
    #[must_use]
    pub fn has_dead_letters(&self) -> bool {
        matches!(self.trigger, Trigger::Queue(_) | Trigger::Stream(_))
    }

    /// In seconds.
    #[must_use]
    pub fn timeout(&self) -> u32 {
        self.needs.timeout.unwrap_or(match self.trigger {
            Trigger::Route(_) | Trigger::Stream(_) => 10,
            Trigger::Queue(_) => 30,
            Trigger::Schedule(_) => 300,
        })
    }

    /// The variables of its environment beside those that all have.
    #[must_use]
    pub fn variables(&self) -> Vec<&'static str> {
        let own = self.needs.services.iter().flat_map(|service| service.variables.iter().copied());
        // Whoever takes messages may bury them.
        let buries = if self.has_dead_letters() { Queues::VARIABLES } else { &[] };
        let mut names = buries.to_vec();
        for name in own {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }
}
