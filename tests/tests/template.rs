//! Rules that the SAM template keeps, beside those that `sam validate --lint` knows.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "tests"
)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    process::Command,
};

use serde_json::{Value, json};
use tripsage_emulators::Template;
use tripsage_local::{FUNCTIONS, default_template};

fn template() -> Value {
    Template::load(&default_template()).unwrap().document().clone()
}

fn resources<'a>(template: &'a Value, kind: &str) -> BTreeMap<&'a str, &'a Value> {
    let all = template["Resources"].as_object().unwrap().iter();
    all.filter(|(_, resource)| resource["Type"] == kind)
        .map(|(id, resource)| (id.as_str(), resource))
        .collect()
}

/// The value, or the values of a list.
fn each(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(items) => items.iter().collect(),
        Value::Null => Vec::new(),
        one => vec![one],
    }
}

/// Every statement of every role and of every key policy, with where it stands.
fn statements(template: &Value) -> Vec<(String, &Value)> {
    let mut found = Vec::new();
    for (id, role) in resources(template, "AWS::IAM::Role") {
        assert!(
            role["Properties"].get("ManagedPolicyArns").is_none(),
            "{id}: managed policies grant more than is listed here"
        );
        for policy in each(&role["Properties"]["Policies"]) {
            found.extend(
                each(&policy["PolicyDocument"]["Statement"])
                    .into_iter()
                    .map(|statement| (id.to_owned(), statement)),
            );
        }
    }
    for (id, key) in resources(template, "AWS::KMS::Key") {
        let policy = &key["Properties"]["KeyPolicy"];
        found.extend(
            each(&policy["Statement"])
                .into_iter()
                .map(|statement| (id.to_owned(), statement)),
        );
    }
    found
}

fn binary(function: &Value) -> &str {
    function["Metadata"]["BuildProperties"]["Binary"].as_str().unwrap()
}

#[test]
fn actions_are_named_one_by_one() {
    let template = template();
    for (at, statement) in statements(&template) {
        assert!(
            statement.get("NotAction").is_none() && statement.get("NotResource").is_none(),
            "{at}"
        );
        for action in each(&statement["Action"]) {
            let action = action.as_str().unwrap();
            assert!(!action.contains('*'), "{at}: {action}");
            assert_ne!(action, "dynamodb:Scan", "{at}: nothing reads a whole table");
        }
    }
}

#[test]
fn only_what_knows_no_resources_is_granted_without_one() {
    let template = template();
    let roles = statements(&template).into_iter().filter(|(at, _)| at.ends_with("Role"));
    for (at, statement) in roles {
        for resource in each(&statement["Resource"]) {
            if resource == "*" {
                // Neither knows resources.
                let known = [
                    json!(["xray:PutTraceSegments", "xray:PutTelemetryRecords"]),
                    json!("dynamodb:ListStreams"),
                ];
                assert!(known.contains(&statement["Action"]), "{at}");
            } else {
                assert!(!resource.to_string().contains('*'), "{at}: {resource}");
            }
        }
    }
}

#[test]
fn keys_rotate_and_name_who_may_use_them() {
    let template = template();
    for (id, key) in resources(&template, "AWS::KMS::Key") {
        assert_eq!(key["Properties"]["EnableKeyRotation"], true, "{id}");
        assert_eq!(key["DeletionPolicy"], "Retain", "{id}");
        for statement in each(&key["Properties"]["KeyPolicy"]["Statement"]) {
            let principal = &statement["Principal"];
            assert!(
                principal.is_object() && !principal.to_string().contains('*'),
                "{id}: {principal}"
            );
            // Whoever administers a key does not thereby use it.
            let uses = each(&statement["Action"]).iter().any(|action| *action == "kms:Decrypt");
            assert_eq!(uses, statement.get("Condition").is_some(), "{id}: {statement}");
        }
    }
}

#[test]
fn only_the_auth_function_writes_the_public_keys() {
    let template = template();
    let keyring = json!({
        "Effect": "Deny",
        "Action": ["dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem"],
        "Resource": { "Fn::GetAtt": ["IdentityTable", "Arn"] },
        "Condition": { "ForAnyValue:StringEquals": { "dynamodb:LeadingKeys": ["SIGNING"] } },
    });
    for (_, function) in resources(&template, "AWS::Serverless::Function") {
        let role = function["Properties"]["Role"]["Fn::GetAtt"][0].as_str().unwrap();
        let denied = statements(&template)
            .iter()
            .any(|(at, statement)| at == role && **statement == keyring);
        assert_eq!(denied, binary(function) != "auth", "{role}");
    }
}

#[test]
fn provider_keys_are_sealed_by_one_function_and_opened_by_those_who_call_providers() {
    let template = template();
    let mut uses: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (at, statement) in statements(&template) {
        let actions: Vec<&str> = each(&statement["Action"])
            .iter()
            .filter_map(|action| action.as_str())
            .collect();
        let opens = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo"];
        if !at.ends_with("Role") || !actions.iter().any(|action| action.starts_with("kms:")) {
            continue;
        }
        assert!(!statement["Resource"].to_string().contains('*'), "{at}");
        // Only a service makes data keys, on behalf of a function: to encrypt what it keeps.
        let makes_keys = actions.iter().any(|action| action.starts_with("kms:GenerateDataKey"));
        let via_service = statement["Condition"]["StringEquals"].get("kms:ViaService").is_some();
        assert!(!makes_keys || via_service, "{at}");
        if each(&statement["Resource"])
            .iter()
            .any(|id| id["Fn::GetAtt"][0] == "ProviderKeysKey")
        {
            assert!(actions.iter().all(|action| opens.contains(action)), "{at}: {actions:?}");
            let condition = json!({ "StringEquals": {
                "kms:EncryptionContext:purpose": "byok", "kms:EncryptionContext:stage": { "Ref": "Stage" },
            } });
            assert_eq!(statement["Condition"], condition, "{at}");
            let short = actions
                .iter()
                .map(|action| action.trim_start_matches("kms:").to_owned());
            uses.entry(at).or_default().extend(short);
        }
    }
    let expected = [
        ("BookingsRole", vec!["Decrypt"]),
        ("IntegrationsRole", vec!["Decrypt"]),
        ("KeysRole", vec!["Encrypt", "Decrypt"]),
        ("SchedulerRole", vec!["Decrypt", "ReEncryptFrom", "ReEncryptTo"]),
        ("SearchRole", vec!["Decrypt"]),
    ];
    let expected = expected.map(|(role, actions)| (role.to_owned(), actions.into_iter().map(str::to_owned).collect()));
    assert_eq!(uses, BTreeMap::from(expected));
}

#[test]
fn secrets_go_to_whom_they_concern() {
    let template = template();
    for (at, statement) in statements(&template) {
        if statement["Action"] == "secretsmanager:GetSecretValue" {
            let ids: Vec<_> = each(&statement["Resource"])
                .iter()
                .map(|id| id["Fn::GetAtt"][0].as_str().unwrap())
                .collect();
            match at.as_str() {
                "AuthRole" => assert_eq!(ids, ["UpstashSecret", "SigningSecret", "TokenSecret", "OAuthSecret"]),
                // They ask providers on the stage's account.
                "SearchRole" | "IntegrationsRole" | "SchedulerRole" => {
                    assert_eq!(ids, ["UpstashSecret", "ProviderSecret"], "{at}");
                }
                _ => assert_eq!(ids, ["UpstashSecret"], "{at}"),
            }
        }
    }
}

#[test]
fn tables_are_kept_whatever_happens_to_the_stack() {
    let template = template();
    let tables = resources(&template, "AWS::DynamoDB::Table");
    assert!(!tables.is_empty());
    for (id, table) in tables {
        let properties = &table["Properties"];
        assert_eq!(table["DeletionPolicy"], "Retain", "{id}");
        assert_eq!(table["UpdateReplacePolicy"], "Retain", "{id}");
        assert_eq!(properties["BillingMode"], "PAY_PER_REQUEST", "{id}");
        assert_eq!(
            properties["DeletionProtectionEnabled"]["Fn::If"],
            json!(["IsProd", true, false]),
            "{id}"
        );
        assert_eq!(properties["SSESpecification"]["SSEEnabled"], true, "{id}");
        assert_eq!(
            properties["TimeToLiveSpecification"],
            json!({ "AttributeName": "expires_at", "Enabled": true }),
            "{id}"
        );
        let recovery = &properties["PointInTimeRecoverySpecification"];
        assert_eq!(
            *recovery,
            json!({ "PointInTimeRecoveryEnabled": true, "RecoveryPeriodInDays": 35 }),
            "{id}"
        );
    }
}

#[test]
fn logs_end_and_are_encrypted() {
    let template = template();
    for (id, group) in resources(&template, "AWS::Logs::LogGroup") {
        assert_eq!(
            group["Properties"]["RetentionInDays"]["Fn::If"],
            json!(["IsProd", 400, 30]),
            "{id}"
        );
        assert!(group["Properties"].get("KmsKeyId").is_some(), "{id}");
    }
    let stages = resources(&template, "AWS::ApiGatewayV2::Stage");
    let format = stages["HttpStage"]["Properties"]["AccessLogSettings"]["Format"]
        .as_str()
        .unwrap();
    assert!(serde_json::from_str::<Value>(format).is_ok(), "{format}");
    for leak in [
        "$context.path",
        "$context.requestOverride",
        "queryString",
        "$context.authorizer",
        "Authorization",
    ] {
        assert!(!format.contains(leak), "{leak}");
    }
}

#[test]
fn functions_are_wired_to_the_api_and_nothing_is_left_over() {
    let template = template();
    let functions: BTreeSet<_> = resources(&template, "AWS::Serverless::Function").into_keys().collect();
    let integrated = resources(&template, "AWS::ApiGatewayV2::Integration");
    let integrated: BTreeSet<_> = integrated
        .values()
        .map(|at| at["Properties"]["IntegrationUri"]["Fn::GetAtt"][0].as_str().unwrap())
        .collect();
    let permitted = resources(&template, "AWS::Lambda::Permission");
    let permitted: BTreeSet<_> = permitted
        .values()
        .map(|at| at["Properties"]["FunctionName"]["Ref"].as_str().unwrap())
        .collect();
    let scheduled = resources(&template, "AWS::Scheduler::Schedule");
    let scheduled: BTreeSet<_> = scheduled
        .values()
        .map(|schedule| {
            schedule["Properties"]["Target"]["Arn"]["Fn::GetAtt"][0]
                .as_str()
                .unwrap()
        })
        .collect();
    let fed = resources(&template, "AWS::Lambda::EventSourceMapping");
    let fed: BTreeSet<_> = fed
        .values()
        .map(|source| source["Properties"]["FunctionName"]["Ref"].as_str().unwrap())
        .collect();
    assert_eq!(permitted, integrated, "API Gateway may invoke what it is to invoke");
    let started = &(&integrated | &scheduled) | &fed;
    assert_eq!(started, functions, "something starts every function");
    assert!(integrated.is_disjoint(&scheduled) && integrated.is_disjoint(&fed) && scheduled.is_disjoint(&fed));
    for (id, alarm) in resources(&template, "AWS::CloudWatch::Alarm") {
        assert_eq!(
            alarm["Properties"]["AlarmActions"],
            json!([{ "Ref": "Alarms" }]),
            "{id} tells somebody"
        );
    }
    let text = template.to_string();
    for id in functions {
        for metric in ["Errors", "Throttles"] {
            let watched =
                format!(r#""Dimensions":[{{"Name":"FunctionName","Value":{{"Ref":"{id}"}}}}],"MetricName":"{metric}""#);
            assert!(text.contains(&watched), "{id} is in the alarm on {metric}");
        }
    }
}

/// The defaults of Lambda would try a bad record for a day, keep those behind it waiting, and then drop them unheard.
#[test]
fn streams_are_read_from_the_beginning_and_what_fails_ends_in_a_queue_that_somebody_watches() {
    let template = template();
    let sources = resources(&template, "AWS::Lambda::EventSourceMapping");
    assert!(!sources.is_empty());
    for (id, source) in sources {
        let properties = &source["Properties"];
        assert_eq!(
            properties["StartingPosition"], "TRIM_HORIZON",
            "{id}: nothing written before it was made is lost"
        );
        assert_eq!(
            properties["FunctionResponseTypes"],
            json!(["ReportBatchItemFailures"]),
            "{id}"
        );
        assert_eq!(properties["BisectBatchOnFunctionError"], true, "{id}");
        let number = |name: &str| properties[name].as_u64().unwrap_or_else(|| panic!("{id}: {name}"));
        assert!(
            (1..=100).contains(&number("BatchSize")),
            "{id}: one call of BatchGetItem finds all markers"
        );
        assert!((1..=100).contains(&number("MaximumRetryAttempts")), "{id}");
        let age = number("MaximumRecordAgeInSeconds");
        assert!(
            (3600..86_400).contains(&age),
            "{id}: given up before the stream forgets it"
        );

        let queue = properties["DestinationConfig"]["OnFailure"]["Destination"]["Fn::GetAtt"][0]
            .as_str()
            .unwrap();
        let queues = resources(&template, "AWS::SQS::Queue");
        assert_eq!(
            queues[queue]["Properties"]["MessageRetentionPeriod"], 1_209_600,
            "{queue}: two weeks"
        );
        assert!(queues[queue]["Properties"].get("KmsMasterKeyId").is_some(), "{queue}");
        let table = properties["EventSourceArn"]["Fn::GetAtt"][0].as_str().unwrap();
        let stream = &resources(&template, "AWS::DynamoDB::Table")[table]["Properties"]["StreamSpecification"];
        assert_eq!(
            stream["StreamViewType"], "NEW_AND_OLD_IMAGES",
            "{table}: differences need both"
        );

        let alarms = resources(&template, "AWS::CloudWatch::Alarm");
        let watching = |metric: &str, dimension: Value| {
            let mut alarms = alarms.values().map(|alarm| &alarm["Properties"]);
            alarms.any(|alarm| alarm["MetricName"] == metric && alarm["Dimensions"][0]["Value"] == dimension)
        };
        let name = json!({ "Fn::GetAtt": [queue, "QueueName"] });
        assert!(watching("ApproximateNumberOfMessagesVisible", name), "{queue}");
        assert!(watching("IteratorAge", properties["FunctionName"].clone()), "{id}");
    }
}

#[test]
fn the_projector_is_told_of_the_rows_that_it_knows_and_of_no_others() {
    let template = template();
    let source = resources(&template, "AWS::Lambda::EventSourceMapping")["ProjectorSource"];
    let filters = source["Properties"]["FilterCriteria"]["Filters"].as_array().unwrap();
    let mut passed = Vec::new();
    for filter in filters {
        let pattern: Value = serde_json::from_str(filter["Pattern"].as_str().unwrap()).unwrap();
        passed.extend(pattern["dynamodb"]["Keys"]["sk"]["S"].as_array().unwrap().clone());
    }
    let known: Vec<Value> = tripsage_store::projection::sources()
        .map(|(sk, is_prefix)| if is_prefix { json!({ "prefix": sk }) } else { json!(sk) })
        .collect();
    assert_eq!(passed, known);
}

#[test]
fn every_function_folder_has_its_resource_and_every_resource_its_folder() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let folders: BTreeSet<String> = fs::read_dir(root.join("functions"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let template = template();
    let functions = resources(&template, "AWS::Serverless::Function");
    let defined: BTreeSet<String> = functions.values().map(|function| binary(function).to_owned()).collect();
    assert_eq!(folders, defined);
    for (id, function) in functions {
        let binary = binary(function);
        assert_eq!(function["Properties"]["CodeUri"], format!("functions/{binary}"), "{id}");
        assert_eq!(function["Metadata"]["BuildMethod"], "rust-cargolambda", "{id}");
        let events = fs::read_dir(root.join("events")).unwrap();
        let own = events.filter(|entry| {
            let name = entry.as_ref().unwrap().file_name();
            name.to_string_lossy().starts_with(&format!("{binary}-"))
        });
        assert!(own.count() > 0, "{binary} has events");
    }
    let integrations = resources(&template, "AWS::ApiGatewayV2::Integration");
    assert_eq!(
        FUNCTIONS.len(),
        integrations.len(),
        "what answers requests answers them on the laptop"
    );
}

#[test]
fn the_watcher_routes_as_the_api_does() {
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&metadata.stdout).unwrap();
    let router = &metadata["metadata"]["lambda"]["watch"]["router"];
    let watched: BTreeMap<String, String> = router
        .as_object()
        .unwrap()
        .iter()
        .map(|(path, function)| (path.clone(), function.as_str().unwrap().to_owned()))
        .collect();
    let stack = Template::load(&default_template())
        .unwrap()
        .resolve(&BTreeMap::new(), &tripsage_emulators::template::Place::local("dev"))
        .unwrap();
    let mut expected = BTreeMap::new();
    for route in stack.routes.routes() {
        assert!(route.method.is_none(), "the watcher's table is written without methods");
        if route.path == "$default" {
            // A wildcard does not match its own root.
            expected.insert("/".to_owned(), route.function.clone());
        }
        let path = route
            .path
            .replace("$default", "/{*rest}")
            .replace("{proxy+}", "{*rest}");
        expected.insert(path, route.function.clone());
    }
    assert_eq!(watched, expected);
}

/// One row for each function: what it may do with each table and with users' sealed keys, which secrets it reads,
/// whether it sends mails.
fn permission_table(template: &Value) -> String {
    let mut rows = String::new();
    for (_, function) in resources(template, "AWS::Serverless::Function") {
        let role = function["Properties"]["Role"]["Fn::GetAtt"][0].as_str().unwrap();
        let (mut tables, mut secrets, mut mails, mut sealed) = (BTreeMap::new(), Vec::new(), "", String::new());
        let own = statements(template)
            .into_iter()
            .filter(|(at, statement)| at == role && statement["Effect"] == "Allow");
        for (_, statement) in own {
            let names = each(&statement["Resource"])
                .into_iter()
                .filter_map(|id| id["Fn::GetAtt"][0].as_str());
            let actions: Vec<&str> = each(&statement["Action"])
                .into_iter()
                .map(|action| action.as_str().unwrap())
                .collect();
            if actions[0].starts_with("dynamodb:") {
                let short = |action: &&str| {
                    action
                        .trim_start_matches("dynamodb:")
                        .replace("Item", "")
                        .replace("Condition", "")
                };
                tables.extend(names.map(|name| {
                    (
                        name.to_owned(),
                        actions.iter().map(short).collect::<Vec<_>>().join(", "),
                    )
                }));
            } else if actions == ["secretsmanager:GetSecretValue"] {
                secrets.extend(names.map(|name| name.trim_end_matches("Secret").to_owned()));
            } else if actions == ["ses:SendEmail"] {
                mails = "yes";
            } else if names.eq(["ProviderKeysKey"]) {
                let short: Vec<_> = actions.iter().map(|action| action.trim_start_matches("kms:")).collect();
                sealed = short.join(", ");
            }
        }
        let on = |table: &str| tables.get(table).cloned().unwrap_or_default();
        let cells = [
            binary(function).to_owned(),
            on("IdentityTable"),
            on("TravelTable"),
            on("OperationsTable"),
            on("VaultTable"),
            sealed,
            secrets.join(", "),
            mails.to_owned(),
        ];
        rows += &format!("| {} |\n", cells.join(" | ").replace("  ", " "));
    }
    rows
}

#[test]
fn the_permissions_are_those_of_the_documentation() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/deploy.md");
    let expected = permission_table(&template());
    let text = fs::read_to_string(&path).unwrap();
    let (before, table) = text
        .split_once("| --- | --- | --- | --- | --- | --- | --- | --- |\n")
        .unwrap();
    let after: String = table
        .lines()
        .skip_while(|line| line.starts_with('|'))
        .map(|line| format!("{line}\n"))
        .collect();
    let current = format!("{before}| --- | --- | --- | --- | --- | --- | --- | --- |\n{expected}{after}");
    if std::env::var_os("UPDATE").is_some() {
        fs::write(&path, &current).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap();
    assert!(
        committed == current,
        "docs/deploy.md is out of date: UPDATE=1 cargo test -p tripsage-tests --test template"
    );
}
