//! What operators run on a deployed stage, tried with stand-ins for AWS and for what reads samconfig.toml and template.yaml.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

use std::{
    fs,
    io::Write,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use serde_json::{Value, json};

use crate::template::Template;

/// What AWS answers where a test says nothing else. A table is there while there is a file `table`.
const AWS: &str = r#"
  "sts "*) echo 123456789012 ;;
  "dynamodb list-tables "*) [ ! -e table ] || echo lectern-staging ;;
  "dynamodb delete-table "*) rm table ;;
  "dynamodb restore-table-from-backup "*) touch table ;;
  "dynamodb import-table "*) touch table && echo arn:import ;;
  "dynamodb describe-import "*ImportStatus*) echo "COMPLETED 12" ;;
  "dynamodb describe-table "*TableStatus) echo ACTIVE ;;
  "dynamodb describe-table "*StreamEnabled) echo None ;;
  "dynamodb describe-table "*) echo "True id-of-old arn:table None" ;;
  "dynamodb describe-time-to-live "*) echo DISABLED ;;
  "s3api list-buckets "*) echo lectern-staging-123456789012 ;;
  "s3 ls "*) echo "2026-11-21 10:00:00 12 BACKUP/table/AWSDynamoDB/01/manifest-summary.json" ;;
  "s3 cp --only-show-errors s3://"*) echo "${4##*/}" >"$5" ;;
  "ssm get-parameters "*) name=${4##*/} && echo "${name}" ;;
"#;

/// Reads the stage's settings; of the template only that there are files.
const PYTHON: &str = r#"#!/bin/bash
cat >/dev/null
case "${*:2}" in
  "staging stack_name "*) echo lectern-staging ;;
  "staging region "*) echo eu-central-1 ;;
  "staging parameter_overrides Stage") echo staging ;;
esac
"#;

struct Desk(PathBuf);

impl Desk {
    /// With what AWS answers before all else, as cases of `case`.
    fn new(name: &str, answers: &str) -> Self {
        let desk = Self(std::env::temp_dir().join(format!("lectern-desk-{name}-{}", std::process::id())));
        let _ = fs::remove_dir_all(&desk.0);
        for script in ["backup", "deploy", "kept", "restore", "stage"] {
            desk.put(&format!("scripts/{script}"), &crate::repository::read(&format!("scripts/{script}")));
        }
        desk.put("scripts/build", "#!/bin/bash\necho build >>log\n");
        desk.put("scripts/venv", "#!/bin/bash\n");
        desk.put("target/venv/sam/bin/python", PYTHON);
        desk.put("bin/sleep", "#!/bin/bash\necho sleep >>log\n");
        desk.put("bin/aws", &format!("#!/bin/bash\necho \"$*\" >>log\ncase \"$*\" in\n{answers}{AWS}esac\n"));
        desk
    }

    fn with_table(self) -> Self {
        self.put("table", "");
        self
    }

    fn put(&self, path: &str, text: &str) {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn run(&self, script: &str, words: &[&str], answer: &str) -> Output {
        let mut command = Command::new(self.0.join("scripts").join(script));
        let path = format!("{}:/usr/bin:/bin", self.0.join("bin").display());
        command.args(words).current_dir(&self.0).env_clear().env("PATH", path).env("HOME", &self.0);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // Whoever asks nothing may be gone by now.
        let _ = child.stdin.take().unwrap().write_all(answer.as_bytes());
        child.wait_with_output().unwrap()
    }

    fn log(&self) -> String {
        fs::read_to_string(self.0.join("log")).unwrap_or_default()
    }

    /// Which of these calls were made, in the order of the log.
    fn calls(&self, of: &[&str]) -> Vec<String> {
        let log = self.log();
        let known = log.lines().filter_map(|line| of.iter().find(|call| line.contains(*call)));
        known.map(|call| (*call).to_owned()).collect()
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[track_caller]
fn succeeded(output: &Output, with: &str) {
    assert!(output.status.success() && said(output).contains(with), "{}", said(output));
}

#[track_caller]
fn failed(output: &Output, with: &str) {
    assert!(!output.status.success() && said(output).contains(with), "{}", said(output));
}

const STEPS: [&str; 8] = [
    "delete-table",
    "restore-table-from-backup",
    "import-table",
    "stream.json",
    "expiry.json",
    "recovery.json",
    "s3 sync",
    "protection.json",
];
const ALL_SETTINGS: [&str; 4] = ["stream.json", "expiry.json", "recovery.json", "protection.json"];

/// DynamoDB keeps what is deleted now as well, as the newest.
const KEPT: &str = r#""dynamodb list-backups "*) if [ -e table ]; then echo "arn:lost 2026-11-01T09:00:00"; else echo "arn:now 2026-11-22"; fi ;;"#;

#[test]
fn f13_the_table_that_was_deleted_comes_back_and_not_the_one_that_it_replaces() {
    let desk = Desk::new("deleted", KEPT).with_table();
    let refused = desk.run("restore", &["staging", "--deleted"], "no\n");
    failed(&refused, "2026-11-01T09:00:00: arn:lost");
    assert_eq!(desk.calls(&STEPS), Vec::<String>::new(), "{}", desk.log());
    succeeded(&desk.run("restore", &["staging", "--deleted"], "staging\n"), "now ./scripts/deploy staging");
    assert!(
        desk.log().contains("--target-table-name lectern-staging --backup-arn arn:lost"),
        "{}",
        desk.log()
    );
    let steps = ["delete-table", "restore-table-from-backup"].iter().chain(&ALL_SETTINGS);
    assert_eq!(desk.calls(&STEPS), steps.map(|step| (*step).to_owned()).collect::<Vec<_>>());
}

#[test]
fn f13_nothing_is_deleted_where_aws_keeps_no_table() {
    let desk = Desk::new("none-kept", "\"dynamodb list-backups \"*) echo None ;;").with_table();
    failed(
        &desk.run("restore", &["staging", "--deleted", "--yes"], ""),
        "AWS keeps no table lectern-staging",
    );
    assert_eq!(desk.calls(&STEPS), Vec::<String>::new());
}

#[test]
fn f13_a_restore_of_a_deleted_table_that_was_cut_off_goes_on() {
    let half = r#""dynamodb describe-table "*RestoreSummary*) echo "False id arn:table arn:lost" ;;"#;
    let desk = Desk::new("deleted-again", half).with_table();
    succeeded(&desk.run("restore", &["staging", "--deleted"], ""), "going on");
    assert_eq!(desk.calls(&STEPS), ALL_SETTINGS);
}

/// An hour of an import, and AWS's own waits would have given up after twenty minutes.
#[test]
fn f13_an_import_takes_as_long_as_it_takes() {
    let slow = r#""dynamodb describe-import "*) n=$(grep -c describe-import log); if [ "$n" -lt 180 ]; then echo "IN_PROGRESS $n"; else echo COMPLETED; fi ;;"#;
    let desk = Desk::new("slow", slow);
    let done = desk.run("restore", &["staging", "BACKUP"], "");
    succeeded(&done, "the import of the table: IN_PROGRESS 179");
    assert_eq!(desk.calls(&["sleep"]).len(), 179);
    // Protection comes last: a table that has it is whole.
    assert_eq!(desk.calls(&STEPS)[..2], ["import-table", "stream.json"]);
    assert_eq!(desk.calls(&STEPS)[4..], ["s3 sync", "protection.json"]);
}

#[test]
fn f13_an_import_that_fails_says_where_to_look() {
    let desk = Desk::new("failed", "\"dynamodb describe-import \"*) echo FAILED ;;");
    failed(
        &desk.run("restore", &["staging", "BACKUP"], ""),
        "describe-import --import-arn arn:import says why",
    );
    assert_eq!(desk.calls(&STEPS), ["import-table"]);
}

#[test]
fn f13_a_restore_that_was_cut_off_goes_on_and_deletes_nothing() {
    let half = r#"
      "dynamodb describe-table "*StreamEnabled) echo True ;;
      "dynamodb describe-table "*RestoreSummary*) echo "False id-of-new arn:table None" ;;
      "dynamodb list-imports "*) echo arn:import ;;
      "dynamodb describe-import "*TableId) echo id-of-new ;;"#;
    let desk = Desk::new("again", half).with_table();
    succeeded(&desk.run("restore", &["staging", "BACKUP"], ""), "going on");
    // What is on already cannot be switched on.
    assert_eq!(desk.calls(&STEPS), ["expiry.json", "recovery.json", "s3 sync", "protection.json"]);
}

#[test]
fn f13_a_table_that_is_another_one_is_replaced_only_when_somebody_says_so() {
    for (name, id) in [("other", "id-of-old"), ("whole", "id-of-new")] {
        // Of another import; and of this one, but whole since, and used.
        let protected = if name == "whole" { "True" } else { "False" };
        let answers = format!(
            "\"dynamodb describe-table \"*RestoreSummary*) echo \"{protected} {id} arn:table None\" ;;\n\
             \"dynamodb list-imports \"*) echo arn:import ;;\n\"dynamodb describe-import \"*TableId) echo id-of-new ;;\n"
        );
        let desk = Desk::new(name, &answers).with_table();
        failed(&desk.run("restore", &["staging", "BACKUP"], "no\n"), "nothing was changed");
        assert_eq!(desk.calls(&STEPS), Vec::<String>::new());
        succeeded(&desk.run("restore", &["staging", "BACKUP"], "staging\n"), "now ./scripts/deploy");
        assert_eq!(desk.calls(&STEPS)[..2], ["delete-table", "import-table"]);
    }
}

/// Functions read a key when they start, and nothing in a template changes with one.
#[test]
fn f13_keys_that_were_put_back_are_deployed() {
    let desk = Desk::new("keys", "\"ssm get-parameters \"*token*) echo another ;;").with_table();
    let done = desk.run("restore", &["staging", "BACKUP", "--keys", "--yes"], "");
    succeeded(&done, "now ./scripts/deploy staging");
    assert_eq!(desk.calls(&["put-parameter", "delete-table"]), ["put-parameter", "put-parameter"]);
}

#[test]
fn f13_a_backup_waits_for_its_export() {
    let slow = r#"
      "dynamodb export-table-to-point-in-time "*) echo arn:export ;;
      "dynamodb describe-export "*) n=$(grep -c describe-export log); if [ "$n" -lt 99 ]; then echo IN_PROGRESS; else echo COMPLETED; fi ;;
      "s3api list-buckets "*backups*) echo lectern-staging-backups-123456789012 ;;"#;
    let desk = Desk::new("export", slow).with_table();
    succeeded(&desk.run("backup", &["staging"], ""), "kept: ./scripts/restore staging ");
    assert_eq!(desk.calls(&["sleep"]).len(), 98);
}

/// Its functions have other logical ids, and their names are taken.
#[test]
fn f13_a_stage_that_cannot_be_updated_in_place_stops_before_anything_is_built() {
    let old = r#"
      "cloudformation list-stacks "*) echo UPDATE_COMPLETE ;;
      "cloudformation describe-stacks "*) echo '[{"ParameterKey": "TokenPrivateKeySecret", "ParameterValue": "lectern/staging/token-private-key"}]' ;;"#;
    let desk = Desk::new("old", old).with_table();
    let refused = desk.run("deploy", &["staging"], "");
    failed(&refused, "cannot be updated in place");
    failed(&refused, "  ./scripts/backup staging\n  ./scripts/destroy staging\n  ./scripts/deploy staging");
    assert_eq!(desk.calls(&["build", "put-parameter", "create-change-set"]), Vec::<String>::new());
}

/// CloudFormation takes a setting that an import names for done, whatever there is.
#[test]
fn f13_what_is_taken_over_is_told_as_it_is_so_that_the_update_sees_the_rest() {
    let desk = Desk::new("kept", "");
    desk.put("template.yaml", &Template::root().body.to_string());
    desk.put("samcli/yamlhelper.py", "import json\nyaml_parse = json.loads\n");
    let kept = |stream: Value, expiry: &str, recovery: &str, protected: bool| -> Value {
        let table =
            json!({ "Table": { "StreamSpecification": stream, "DeletionProtectionEnabled": protected } });
        let expiry =
            json!({ "TimeToLiveDescription": { "TimeToLiveStatus": expiry, "AttributeName": "ttl" } });
        let recovery = json!({ "PointInTimeRecoveryDescription": { "PointInTimeRecoveryStatus": recovery } });
        desk.put("table.json", &table.to_string());
        desk.put("expiry.json", &expiry.to_string());
        desk.put("recovery.json", &json!({ "ContinuousBackupsDescription": recovery }).to_string());
        let mut command = Command::new("python3");
        let folder: &Path = &desk.0;
        command.arg("-B").arg(folder.join("scripts/kept")).arg("--as-it-is").arg(folder);
        let done = command.args(["Table", "Bucket"]).env("PYTHONPATH", folder).output().unwrap();
        assert!(done.status.success(), "{}", said(&done));
        serde_json::from_slice(&done.stdout).unwrap()
    };
    let root = Template::root();
    let whole = kept(
        json!({ "StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES" }),
        "ENABLED",
        "ENABLED",
        true,
    );
    assert_eq!(whole["Resources"]["Table"], *root.resource("Table"), "nothing is left to do");
    let mut bucket = root.resource("Bucket").clone();
    bucket["Properties"] = json!({ "BucketName": root.properties("Bucket")["BucketName"] });
    assert_eq!(whole["Resources"]["Bucket"], bucket, "everything is left to do");

    let other =
        kept(json!({ "StreamEnabled": true, "StreamViewType": "KEYS_ONLY" }), "DISABLED", "DISABLED", false);
    let table = &other["Resources"]["Table"]["Properties"];
    assert_eq!(table["StreamSpecification"], json!({ "StreamViewType": "KEYS_ONLY" }));
    assert_eq!(table["PointInTimeRecoverySpecification"], json!({ "PointInTimeRecoveryEnabled": false }));
    assert!(
        table["TimeToLiveSpecification"].is_null() && table["DeletionProtectionEnabled"].is_null(),
        "{table}"
    );
    assert!(kept(Value::Null, "DISABLED", "DISABLED", true)["Resources"]["Table"]["Properties"]["StreamSpecification"].is_null());
    assert_eq!(table["KeySchema"], root.properties("Table")["KeySchema"]);
}
