//! Rule F13: state survives what people do to a stack.

use serde_json::{Value, json};

use crate::template::{Template, attribute, reference, substituted};

#[test]
fn f13_the_table_survives_mistakes() {
    let root = Template::root();
    let tables: Vec<_> = root.of_type("AWS::DynamoDB::Table").collect();
    let [(_, table)] = tables.as_slice() else { panic!("template.yaml must have exactly one table") };
    for policy in ["DeletionPolicy", "UpdateReplacePolicy"] {
        assert_eq!(table[policy], "Retain", "set {policy}: Retain");
    }
    let properties = &table["Properties"];
    assert_eq!(properties["DeletionProtectionEnabled"], true, "protect the table from being deleted");
    let recovery = &properties["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"];
    assert_eq!(*recovery, true, "switch point-in-time recovery on");
    let encryption = &properties["SSESpecification"];
    assert!(
        encryption.is_null(),
        "the key that AWS owns encrypts at no charge; KMS bills each use of {encryption}"
    );
}

#[test]
fn f13_the_table_is_the_one_that_the_code_expects() {
    let root = Template::root();
    let table = root.properties("Table");
    let key = |name: &str| {
        json!([
            { "AttributeName": format!("{name}PK"), "KeyType": "HASH" },
            { "AttributeName": format!("{name}SK"), "KeyType": "RANGE" },
        ])
    };
    assert_eq!(table["KeySchema"], key(""), "the store writes PK and SK");
    let index = json!([{
        "IndexName": store::GSI1,
        "KeySchema": key("GSI1"),
        "Projection": { "ProjectionType": "ALL" },
    }]);
    assert_eq!(table["GlobalSecondaryIndexes"], index, "the store queries {}", store::GSI1);
    assert_eq!(table["TimeToLiveSpecification"], json!({ "AttributeName": "ttl", "Enabled": true }));
    assert_eq!(table["StreamSpecification"], json!({ "StreamViewType": "NEW_AND_OLD_IMAGES" }));
    assert_eq!(table["BillingMode"], "PAY_PER_REQUEST", "an idle school costs nothing");
}

#[test]
fn f13_the_bucket_survives_mistakes_and_is_nobodys_else() {
    let root = Template::root();
    let buckets: Vec<_> = root.of_type("AWS::S3::Bucket").collect();
    let [(id, bucket)] = buckets.as_slice() else { panic!("template.yaml must have exactly one bucket") };
    assert_eq!(bucket["DeletionPolicy"], "Retain", "set DeletionPolicy: Retain");
    assert_eq!(bucket["UpdateReplacePolicy"], "Retain", "set UpdateReplacePolicy: Retain");
    let properties = &bucket["Properties"];
    for block in ["BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"] {
        assert_eq!(properties["PublicAccessBlockConfiguration"][block], true, "set {block}");
    }
    let owner = json!([{ "ObjectOwnership": "BucketOwnerEnforced" }]);
    assert_eq!(properties["OwnershipControls"]["Rules"], owner, "switch ACLs off");
    let encryption = &properties["BucketEncryption"];
    assert!(encryption.is_null(), "S3 encrypts at no charge; KMS bills each use of {encryption}");
    let rules = properties["LifecycleConfiguration"]["Rules"].as_array().cloned().unwrap_or_default();
    let aborts =
        |rule: &Value| rule["AbortIncompleteMultipartUpload"].is_object() && rule["Status"] == "Enabled";
    assert!(rules.iter().any(aborts), "unfinished uploads are billed and seen by nobody");
    let denied = json!([{
        "Sid": "TlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [attribute(id, "Arn"), substituted(&format!("${{{id}.Arn}}/*"))],
        "Condition": { "Bool": { "aws:SecureTransport": false } },
    }, {
        "Sid": "TheEdge",
        "Effect": "Allow",
        "Principal": { "Service": "cloudfront.amazonaws.com" },
        "Action": "s3:GetObject",
        "Resource": substituted(&format!("${{{id}.Arn}}/videos/*")),
        "Condition": { "StringEquals": { "AWS:SourceArn": attribute("Site", "Outputs.DistributionArn") } },
    }]);
    let policies: Vec<_> =
        root.of_type("AWS::S3::BucketPolicy").map(|(_, policy)| &policy["Properties"]).collect();
    let [policy] = policies.as_slice() else { panic!("template.yaml must have exactly one bucket policy") };
    assert_eq!(policy["Bucket"], reference(id));
    assert_eq!(
        policy["PolicyDocument"]["Statement"], denied,
        "nothing but the refusal of plain HTTP, and videos for our own distribution"
    );
}

/// A link is the permission, and it takes no cookie along: whatever page follows one may read what it leads to, and send
/// what it was signed for.
#[test]
fn f20_pages_may_fetch_and_send_files_that_they_have_links_to() {
    let root = Template::root();
    let (_, bucket) = root.of_type("AWS::S3::Bucket").next().expect("a bucket");
    let cors = &bucket["Properties"]["CorsConfiguration"]["CorsRules"];
    assert_eq!(cors.as_array().map(Vec::len), Some(1), "{cors}");
    assert_eq!(cors[0]["AllowedOrigins"], json!(["*"]));
    assert_eq!(cors[0]["AllowedMethods"], json!(["GET", "PUT"]));
    assert_eq!(cors[0]["AllowedHeaders"], json!(["content-type", "if-none-match", "range"]));
    // What an upload in parts is ended with.
    assert!(cors[0]["ExposedHeaders"].as_array().expect("headers").contains(&json!("etag")), "{cors}");
}

/// A path may name people, and a query may hold the code of a certificate.
#[test]
fn r32_the_access_log_has_neither_paths_nor_queries() {
    let root = Template::root();
    let (_, stage) = root.of_type("AWS::ApiGatewayV2::Stage").next().expect("a stage");
    let format = stage["Properties"]["AccessLogSettings"]["Format"].as_str().expect("a format");
    for secret in ["path", "Path", "query", "Query", "sourceIp", "authorizer", "userAgent"] {
        assert!(!format.contains(secret), "{secret} is in {format}");
    }
}
