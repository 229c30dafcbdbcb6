use std::collections::BTreeMap;

use super::*;

fn resolve(text: &str, parameters: &[(&str, &str)]) -> Result<Stack, TemplateError> {
    let parameters: BTreeMap<String, String> = parameters
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect();
    Template::parse(text)?.resolve(&parameters, &Place::local("dev"))
}

/// A function whose variable `V` has the given value, among resources that it may refer to.
fn variable(value: &str, parameters: &[(&str, &str)]) -> Result<Option<String>, String> {
    let text = format!(
        r#"
Parameters:
  Stage: {{ Type: String, Default: dev, AllowedValues: [dev, prod] }}
  Limit: {{ Type: Number, Default: 8 }}
  Origins: {{ Type: String, Default: "" }}
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
  IsDev: !Not [!Condition IsProd]
  HasOrigins: !Not [!Equals [!Ref Origins, ""]]
  Both: !And [!Condition IsDev, !Condition HasOrigins]
  Either: !Or [!Condition IsProd, !Condition HasOrigins]
  Loop: !Not [!Condition Loop]
Globals:
  Function:
    Environment: {{ Variables: {{ V: from globals, SHARED: !Ref Stage }} }}
Resources:
  Api: {{ Type: AWS::ApiGatewayV2::Api }}
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{{ AttributeName: pk, AttributeType: S }}]
      KeySchema: [{{ AttributeName: pk, KeyType: HASH }}]
  Key: {{ Type: AWS::KMS::Key }}
  Secret: {{ Type: AWS::SecretsManager::Secret, Properties: {{ Name: app/secret }} }}
  Queue: {{ Type: AWS::SQS::Queue }}
  OnlyProd: {{ Type: AWS::KMS::Key, Condition: IsProd }}
  F:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/f
      Environment: {{ Variables: {{ V: {value} }} }}
"#
    );
    let stack = resolve(&text, parameters).map_err(|error| error.to_string())?;
    assert_eq!(
        stack.functions[0].environment["SHARED"],
        if parameters.is_empty() { "dev" } else { parameters[0].1 }
    );
    Ok(stack.functions[0].environment.get("V").cloned())
}

#[test]
fn intrinsics_resolve_to_what_the_laptop_has() {
    let cases = [
        ("plain", "plain"),
        ("8", "8"),
        ("true", "true"),
        ("!Ref Stage", "dev"),
        ("{ Ref: Stage }", "dev"),
        ("!Ref Limit", "8"),
        ("!Ref AWS::Region", "eu-west-1"),
        ("!Ref Table", "tripsage-dev-Table"),
        (
            "!GetAtt Table.Arn",
            "arn:aws:dynamodb:eu-west-1:000000000000:table/tripsage-dev-Table",
        ),
        (
            "{ Fn::GetAtt: [Table, Arn] }",
            "arn:aws:dynamodb:eu-west-1:000000000000:table/tripsage-dev-Table",
        ),
        (
            r#"!Sub "https://${Api}.${AWS::Region}.${AWS::URLSuffix}/${!literal}""#,
            "https://local.eu-west-1.amazonaws.com/${literal}",
        ),
        (
            r#"!Sub ["${Where}/${Table.Arn}", { Where: !Ref Stage }]"#,
            "dev/arn:aws:dynamodb:eu-west-1:000000000000:table/tripsage-dev-Table",
        ),
        (r#"!Join ["-", [a, !Ref Stage, !Ref Limit]]"#, "a-dev-8"),
        ("!If [IsProd, yes, no]", "no"),
        ("{ Fn::If: [IsDev, !Ref Stage, no] }", "dev"),
        ("!If [Both, 1, 0]", "0"),
        ("!If [Either, 1, 0]", "0"),
    ];
    for (value, expected) in cases {
        assert_eq!(variable(value, &[]), Ok(Some(expected.to_owned())), "{value}");
    }
    assert_eq!(
        variable("!If [IsProd, yes, no]", &[("Stage", "prod")]),
        Ok(Some("yes".to_owned()))
    );
    assert_eq!(
        variable("!If [Either, 1, 0]", &[("Stage", "prod")]),
        Ok(Some("1".to_owned()))
    );
    assert_eq!(
        variable("!If [Both, 1, 0]", &[("Stage", "dev"), ("Origins", "x")]),
        Ok(Some("1".to_owned()))
    );
    assert_eq!(
        variable("!Ref AWS::NoValue", &[]),
        Ok(None),
        "NoValue also hides the global"
    );
    assert!(
        variable("!Ref Secret", &[])
            .unwrap()
            .unwrap()
            .starts_with("arn:aws:secretsmanager:eu-west-1:000000000000:secret:app/secret-")
    );
    assert_eq!(variable("!Ref Key", &[]).unwrap().unwrap().len(), 36);
}

#[test]
fn what_is_wrong_is_named_in_one_line() {
    let cases = [
        ("!Ref Nowhere", "Nowhere is neither a parameter nor a resource"),
        (
            "!Ref Queue",
            "Ref of Queue (AWS::SQS::Queue) means nothing to the local cloud",
        ),
        ("!Ref OnlyProd", "OnlyProd is not created: its condition does not hold"),
        ("!GetAtt Table.Nonsense", "attribute Nonsense of Table"),
        ("!Sub \"${Stage\"", "${ without its }"),
        ("!If [Unknown, 1, 0]", "condition Unknown is not defined"),
        ("!If [Loop, 1, 0]", "refers to itself"),
        ("!Cidr [a, b]", "Fn::Cidr is not supported"),
        ("[1, 2]", "must be text"),
    ];
    for (value, expected) in cases {
        let error = variable(value, &[]).unwrap_err();
        assert!(error.contains(expected), "{value}: {error}");
        assert_eq!(error.lines().count(), 1);
    }
    let error = variable("!Ref Nowhere", &[]).unwrap_err();
    assert!(error.starts_with("Resources.F.Environment.Variables.V: "), "{error}");
    assert!(
        variable("x", &[("Stage", "test")])
            .unwrap_err()
            .contains("Parameters.Stage: \"test\" is not among")
    );
    assert!(
        variable("x", &[("Stagee", "dev")])
            .unwrap_err()
            .contains("Parameters.Stagee: is not a parameter")
    );
}

#[test]
fn a_document_that_is_no_template_is_refused() {
    for (text, expected) in [
        ("Resources: [", "YAML: "),
        ("just text", "Resources: is missing"),
        ("Resources: {}", "at least one resource"),
        ("Resources: { A: { Type: x }, A: { Type: y } }", "duplicate"),
        ("Resources: { A: !GetAtt B }", "names no attribute"),
    ] {
        let error = Template::parse(text).unwrap_err().to_string();
        assert!(error.contains(expected), "{text}: {error}");
    }
    let error = Template::load(Path::new("no/such/template.yaml"))
        .unwrap_err()
        .to_string();
    assert!(error.starts_with("no/such/template.yaml: "), "{error}");
    assert!(
        resolve("Resources: { T: { Type: AWS::DynamoDB::Table } }", &[])
            .unwrap_err()
            .to_string()
            .contains("is missing")
    );
    assert!(
        resolve("Resources: { T: { Properties: {} } }", &[])
            .unwrap_err()
            .to_string()
            .contains("has no Type")
    );
}

#[test]
fn the_projects_own_template_resolves() {
    let template = Template::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../template.yaml")).unwrap();
    let stack = template
        .resolve(
            &BTreeMap::from([("PublicUrl".to_owned(), "http://127.0.0.1:8080".to_owned())]),
            &Place::local("dev"),
        )
        .unwrap();
    let auth = stack
        .functions
        .iter()
        .find(|function| function.binary == "auth")
        .unwrap();
    assert_eq!(auth.environment["PUBLIC_URL"], "http://127.0.0.1:8080");
    assert_eq!(auth.environment["TABLE_IDENTITY"], "tripsage-dev-IdentityTable");
    assert!(auth.environment["SIGNING_SECRET"].starts_with("arn:aws:secretsmanager:"));
    let identity = stack
        .tables
        .iter()
        .find(|table| table.logical_id == "IdentityTable")
        .unwrap();
    assert_eq!(identity.time_to_live.as_deref(), Some("expires_at"));
    assert_eq!(identity.create["KeySchema"].as_array().unwrap().len(), 2);
    let travel = stack
        .tables
        .iter()
        .find(|table| table.logical_id == "TravelTable")
        .unwrap();
    assert_eq!(
        travel.create["StreamSpecification"]["StreamViewType"],
        "NEW_AND_OLD_IMAGES"
    );
    assert_eq!(
        stack.routes.find("POST", "/api/v1/auth/login").unwrap().function,
        "auth"
    );
}

const PETS: &str = r#"
Resources:
  Pets:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: target/lambda/pets/bootstrap.zip
      Events:
        Nightly: { Type: ScheduleV2, Properties: { ScheduleExpression: rate(1 day) } }
  Rest:
    Type: AWS::Serverless::Function
    Metadata: { BuildProperties: { Binary: rest } }
  ToPets:
    Type: AWS::ApiGatewayV2::Integration
    Properties: { IntegrationType: AWS_PROXY, PayloadFormatVersion: "2.0", IntegrationUri: !GetAtt Pets.Arn }
  ToRest:
    Type: AWS::ApiGatewayV2::Integration
    Properties:
      IntegrationType: AWS_PROXY
      PayloadFormatVersion: "2.0"
      IntegrationUri: !Sub "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Rest.Arn}/invocations"
  Dog1: { Type: AWS::ApiGatewayV2::Route, Properties: { RouteKey: GET /pets/dog/1, Target: !Sub "integrations/${ToPets}" } }
  Dog:
    Type: AWS::ApiGatewayV2::Route
    Properties: { RouteKey: "GET /pets/dog/{id}", Target: !Join [/, [integrations, !Ref ToPets]] }
  AnyDog:
    Type: AWS::ApiGatewayV2::Route
    Properties: { RouteKey: "ANY /pets/dog/{id}", Target: !Sub "integrations/${ToPets}" }
  Others:
    Type: AWS::ApiGatewayV2::Route
    Properties: { RouteKey: "ANY /pets/{proxy+}", Target: !Sub "integrations/${ToPets}" }
  Default: { Type: AWS::ApiGatewayV2::Route, Properties: { RouteKey: $default, Target: !Sub "integrations/${ToRest}" } }
"#;

#[test]
fn routes_are_chosen_as_api_gateway_does() {
    let stack = resolve(PETS, &[]).unwrap();
    assert_eq!(stack.functions[0].binary, "pets");
    let key = |method: &str, path: &str| stack.routes.find(method, path).unwrap().key();
    assert_eq!(key("GET", "/pets/dog/1"), "GET /pets/dog/1");
    assert_eq!(key("GET", "/pets/dog/2"), "GET /pets/dog/{id}");
    assert_eq!(key("POST", "/pets/dog/2"), "ANY /pets/dog/{id}");
    assert_eq!(
        key("POST", "/pets/dog/1"),
        "ANY /pets/dog/{id}",
        "the more specific path has no such method"
    );
    assert_eq!(key("GET", "/pets/cat"), "ANY /pets/{proxy+}");
    assert_eq!(key("GET", "/pets/dog/2/toys"), "ANY /pets/{proxy+}");
    assert_eq!(
        key("GET", "/pets"),
        "$default",
        "a greedy variable needs something to take"
    );
    assert_eq!(key("GET", "/pets/"), "$default");
    assert_eq!(key("DELETE", "/"), "$default");
    assert_eq!(stack.routes.find("DELETE", "/").unwrap().function, "rest");
    assert_eq!(stack.routes.find("GET", "/pets/cat").unwrap().function, "pets");

    let without_default = RouteTable::new(
        stack
            .routes
            .routes()
            .iter()
            .filter(|route| route.path != "$default")
            .cloned()
            .collect(),
    );
    assert!(without_default.find("GET", "/pets").is_none());
}

#[test]
fn a_broken_route_is_named_in_one_line() {
    let cases = [
        (
            "GET /pets/dog/1",
            "\"GET /pets/dog/{id}\"",
            ".Properties: GET /pets/dog/{id} is already a route of pets",
        ),
        (
            "GET /pets/dog/1",
            "get /pets",
            "Resources.Dog1.Properties.RouteKey: \"get /pets\" is neither",
        ),
        ("GET /pets/dog/1", "GET pets", "is neither $default nor a method"),
        ("GET /pets/dog/1", "[]", "RouteKey: must be text"),
        (
            "integrations/${ToRest}",
            "integrations/${Nowhere}",
            "Resources.Default.Properties.Target: Nowhere is neither a parameter nor a resource",
        ),
        (
            "integrations/${ToRest}",
            "integrations/${Rest}",
            "Resources.Default.Properties.Target: \"integrations/tripsage-dev-Rest\" is not integrations/",
        ),
        ("integrations/${ToRest}", "${ToRest}", "Target: \"ToRest\" is not"),
        (
            "!GetAtt Pets.Arn",
            "!GetAtt Cats.Arn",
            "Resources.ToPets.Properties.IntegrationUri: Cats is neither",
        ),
        (
            "!GetAtt Pets.Arn",
            "https://example.com",
            "IntegrationUri: \"https://example.com\" is not the Arn of a function",
        ),
        (
            "AWS_PROXY, PayloadFormatVersion: \"2.0\"",
            "AWS_PROXY, PayloadFormatVersion: \"1.0\"",
            "PayloadFormatVersion: the local cloud knows 2.0 only, not \"1.0\"",
        ),
        (
            "IntegrationType: AWS_PROXY, ",
            "",
            "Resources.ToPets.Properties.IntegrationType: must be text",
        ),
        (
            "Type: ScheduleV2",
            "Type: HttpApi",
            "Resources.Pets.Properties.Events.Nightly: HttpApi events are not read",
        ),
    ];
    for (right, wrong, expected) in cases {
        let error = resolve(&PETS.replacen(right, wrong, 1), &[]).unwrap_err().to_string();
        assert!(error.contains(expected), "{wrong}: {error}");
        assert_eq!(error.lines().count(), 1);
    }
}

/// A table with a stream that feeds a function with this mapping and these permissions.
fn mapped(mapping: &str, statements: &str) -> Result<Stack, TemplateError> {
    let text = format!(
        r#"
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{{ AttributeName: pk, AttributeType: S }}]
      KeySchema: [{{ AttributeName: pk, KeyType: HASH }}]
      StreamSpecification: {{ StreamViewType: NEW_AND_OLD_IMAGES }}
  Failures: {{ Type: AWS::SQS::Queue }}
  Counter:
    Type: AWS::Serverless::Function
    Metadata: {{ BuildProperties: {{ Binary: counter }} }}
    Properties: {{ Role: !GetAtt Role.Arn }}
  Role:
    Type: AWS::IAM::Role
    Properties:
      Policies: [{{ PolicyName: p, PolicyDocument: {{ Statement: [{statements}] }} }}]
  Source:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      FunctionName: !Ref Counter
      EventSourceArn: !GetAtt Table.StreamArn
      StartingPosition: TRIM_HORIZON
      FunctionResponseTypes: [ReportBatchItemFailures]
      BatchSize: 10
      MaximumRetryAttempts: 3
      MaximumRecordAgeInSeconds: 3600
      DestinationConfig: {{ OnFailure: {{ Destination: !GetAtt Failures.Arn }} }}
{mapping}
"#
    );
    resolve(&text, &[])
}

const READING: &str = "{ Effect: Allow, Action: [dynamodb:DescribeStream, dynamodb:GetRecords, dynamodb:GetShardIterator], \
                       Resource: !GetAtt Table.StreamArn }, \
                       { Effect: Allow, Action: dynamodb:ListStreams, Resource: \"*\" }";
const SENDING: &str = "{ Effect: Allow, Action: sqs:SendMessage, Resource: !GetAtt Failures.Arn }";

#[test]
fn a_mapping_says_which_stream_feeds_which_function() {
    let filter = r#"      FilterCriteria: { Filters: [{ Pattern: '{"dynamodb":{"Keys":{"sk":{"S":["A",{"prefix":"B#"}]}}}}' }] }"#;
    let stack = mapped(filter, &format!("{READING}, {SENDING}")).unwrap();
    let source = &stack.event_sources[0];
    assert_eq!(
        (source.binary.as_str(), source.table.as_str()),
        ("counter", "tripsage-dev-Table")
    );
    assert_eq!((source.batch_size, source.retries, source.bisects), (10, 3, false));
    assert_eq!(source.failures.as_deref(), Some("tripsage-dev-Failures"));
    let wanted: Vec<bool> = ["A", "AB", "B", "B#1"].map(|sk| source.wants(sk)).into();
    assert_eq!(wanted, [true, false, false, true]);
    assert!(mapped("", &format!("{READING}, {SENDING}")).unwrap().event_sources[0].wants("anything"));
}

#[test]
fn a_mapping_that_would_not_work_on_aws_does_not_work_here() {
    for (mapping, statements, expected) in [
        ("", READING.to_owned(), "does not allow sqs:SendMessage"),
        ("", SENDING.to_owned(), "does not allow dynamodb:DescribeStream"),
        (
            r#"      FilterCriteria: { Filters: [{ Pattern: '{"eventName":["INSERT"]}' }] }"#,
            format!("{READING}, {SENDING}"),
            "filters must be on the sort key",
        ),
    ] {
        let error = mapped(mapping, &statements).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
}
