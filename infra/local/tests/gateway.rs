//! The gateway, over HTTP, in front of small functions that tell what they saw.
#![allow(clippy::unwrap_used, reason = "the whole crate is a test")]

use std::path::PathBuf;

use axum::Router;
use axum::body::Bytes;
use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::{any, get, post};
use lambda_http::RequestExt;
use lambda_http::request::RequestContext;
use reqwest::Client;
use serde_json::{Value, json};
use tripsage_local::{Function, Product, ProductError, ProductOptions};
use tripsage_runtime::Runtime;

const TEMPLATE: &str = r#"
Parameters: { Stage: { Type: String, Default: dev }, PublicUrl: { Type: String, Default: "" } }
Globals:
  Function:
    Environment:
      Variables:
        STAGE: !Ref Stage
        PUBLIC_URL: !Ref PublicUrl
        TABLE_IDENTITY: !Ref T
        TABLE_TRAVEL: !Ref T
        TABLE_OPERATIONS: !Ref T
        TABLE_VAULT: !Ref T
        TABLE_COMMUNITY: !Ref T
        UPSTASH_SECRET: !Ref UpstashSecret
Resources:
  T:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{ AttributeName: pk, AttributeType: S }]
      KeySchema: [{ AttributeName: pk, KeyType: HASH }]
  UpstashSecret: { Type: AWS::SecretsManager::Secret, Properties: { SecretString: "{}" } }
  Echo:
    Type: AWS::Serverless::Function
    Metadata: { BuildProperties: { Binary: echo } }
  Elsewhere:
    Type: AWS::Serverless::Function
    Metadata: { BuildProperties: { Binary: elsewhere } }
  ToEcho:
    Type: AWS::ApiGatewayV2::Integration
    Properties: { IntegrationType: AWS_PROXY, PayloadFormatVersion: "2.0", IntegrationUri: !GetAtt Echo.Arn }
  ToElsewhere:
    Type: AWS::ApiGatewayV2::Integration
    Properties: { IntegrationType: AWS_PROXY, PayloadFormatVersion: "2.0", IntegrationUri: !GetAtt Elsewhere.Arn }
  EchoRoute:
    Type: AWS::ApiGatewayV2::Route
    Properties: { RouteKey: "ANY /echo/{proxy+}", Target: !Sub "integrations/${ToEcho}" }
  OwnRoute:
    Type: AWS::ApiGatewayV2::Route
    Properties: { RouteKey: GET /echo/own, Target: !Sub "integrations/${ToEcho}" }
  ElsewhereRoute:
    Type: AWS::ApiGatewayV2::Route
    Properties: { RouteKey: GET /elsewhere, Target: !Sub "integrations/${ToElsewhere}" }
"#;

async fn describe(request: Request) -> axum::Json<Value> {
    let context = match request.request_context_ref() {
        Some(RequestContext::ApiGatewayV2(context)) => json!(context),
        _ => Value::Null,
    };
    let headers: HeaderMap = request.headers().clone();
    let headers: serde_json::Map<String, Value> = headers
        .iter()
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into()))
        .collect();
    axum::Json(json!({
        "context": context,
        "headers": headers,
        "path": request.uri().path(),
        "query": request.uri().query(),
    }))
}

fn echo(runtime: &Runtime) -> Router {
    let public_url = runtime.config().public_url.clone();
    Router::new()
        .route("/echo/public-url", get(|| async { public_url }))
        .route("/echo/body", post(|body: Bytes| async { body }))
        .route(
            "/echo/panic",
            get(|| async {
                if true {
                    panic!("on purpose")
                }
            }),
        )
        .route("/echo/large", get(|| async { vec![b'x'; 6 * 1024 * 1024 + 1] }))
        .route(
            "/echo/headers",
            get(|| async { [("connection", "x-gone"), ("x-gone", "1"), ("x-kept", "2")] }),
        )
        .route("/echo/{*rest}", any(describe))
}

async fn start() -> (Product, tempfile::TempDir) {
    let (template, directory) = template(TEMPLATE);
    let functions = vec![Function {
        binary: "echo",
        router: echo,
        openapi: Default::default,
    }];
    let options = ProductOptions {
        template: Some(template),
        functions,
        ..ProductOptions::default()
    };
    (Product::start(options).await.unwrap(), directory)
}

fn template(text: &str) -> (PathBuf, tempfile::TempDir) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("template.yaml");
    std::fs::write(&path, text).unwrap();
    (path, directory)
}

async fn seen(request: reqwest::RequestBuilder) -> Value {
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), 200);
    response.json().await.unwrap()
}

#[tokio::test]
async fn a_function_sees_what_api_gateway_would_tell_it() {
    let (product, _directory) = start().await;
    let request = Client::new()
        .get(format!("{}/echo/a%20b/c?x=1&x=2&y=%2F", product.url()))
        .header("user-agent", "test/1")
        .header("cookie", "a=1; b=2")
        .header("cookie", "c=3")
        .header("x-twice", "1")
        .header("x-twice", "2")
        .header("connection", "x-private")
        .header("x-private", "secret");
    let seen = seen(request).await;
    assert_eq!(seen["path"], "/echo/a%20b/c");
    assert_eq!(seen["query"], "x=1&x=2&y=%2F");
    assert_eq!(seen["headers"]["cookie"], "a=1; b=2; c=3");
    assert_eq!(seen["headers"]["x-twice"], "1,2");
    assert!(seen["headers"].get("x-private").is_none() && seen["headers"].get("connection").is_none());
    let context = &seen["context"];
    assert_eq!(context["http"]["sourceIp"], "127.0.0.1");
    assert_eq!(context["http"]["method"], "GET");
    assert_eq!(context["http"]["path"], "/echo/a%20b/c");
    assert_eq!(context["http"]["userAgent"], "test/1");
    assert_eq!(context["stage"], "$default");
    assert_eq!(context["routeKey"], "ANY /echo/{proxy+}");
    assert_eq!(context["requestId"].as_str().unwrap().len(), 36);
    assert_eq!(
        format!("http://{}", context["domainName"].as_str().unwrap()),
        product.url()
    );
    assert!(context["timeEpoch"].as_i64().unwrap() > 1_700_000_000_000);
    assert!(context["time"].as_str().unwrap().ends_with(" +0000"));
    assert!(context.get("authorizer").is_none());

    let forged = Client::new()
        .get(format!("{}/echo/own", product.url()))
        .header("x-forwarded-for", "8.8.8.8");
    let forged = self::seen(forged).await;
    assert_eq!(forged["context"]["routeKey"], "GET /echo/own");
    assert_eq!(
        forged["context"]["http"]["sourceIp"], "127.0.0.1",
        "the source is the connection, not a header"
    );
    product.shutdown().await;
}

#[tokio::test]
async fn bodies_arrive_byte_for_byte_up_to_10_megabytes() {
    let (product, _directory) = start().await;
    let client = Client::new();
    let url = format!("{}/echo/body", product.url());
    for body in [
        vec![],
        b"{\"a\":\"\\u00e9 \xc3\xa9\"}".to_vec(),
        vec![0xff, 0xfe, 0, 1],
        vec![b'x'; 1024 * 1024],
    ] {
        let response = client
            .post(&url)
            .header("content-type", "application/json")
            .body(body.clone())
            .send()
            .await
            .unwrap();
        assert_eq!(response.bytes().await.unwrap(), body);
    }
    let large = client
        .post(&url)
        .body(vec![b'x'; 10 * 1024 * 1024 + 1])
        .send()
        .await
        .unwrap();
    assert_eq!(large.status(), 413);
    assert_eq!(
        large.json::<Value>().await.unwrap(),
        json!({ "message": "Request Entity Too Large" })
    );
}

#[tokio::test]
async fn the_gateway_answers_itself_where_aws_does() {
    let (product, _directory) = start().await;
    let client = Client::new();
    for (path, status, message) in [
        ("/", 404, "Not Found"),
        ("/echo", 404, "Not Found"),
        ("/elsewhere", 503, "Service Unavailable"),
        ("/echo/panic", 500, "Internal Server Error"),
        ("/echo/large", 500, "Internal Server Error"),
    ] {
        let response = client.get(format!("{}{path}", product.url())).send().await.unwrap();
        assert_eq!(response.status(), status, "{path}");
        assert_eq!(response.headers()["apigw-requestid"].len(), 36);
        assert_eq!(
            response.json::<Value>().await.unwrap(),
            json!({ "message": message }),
            "{path}"
        );
    }
    let post = client
        .post(format!("{}/elsewhere", product.url()))
        .send()
        .await
        .unwrap();
    assert_eq!(post.status(), StatusCode::NOT_FOUND.as_u16(), "a route has its method");
    let headers = client
        .get(format!("{}/echo/headers", product.url()))
        .send()
        .await
        .unwrap();
    assert!(headers.headers().get("x-gone").is_none());
    assert_eq!(headers.headers()["x-kept"], "2");
    let host = client
        .get(format!("{}/echo/x", product.url()))
        .header("host", "a b")
        .send()
        .await
        .unwrap();
    assert_eq!(host.status(), 400);
}

#[tokio::test]
async fn functions_are_told_the_address_that_clients_use() {
    let (product, _directory) = start().await;
    let told = reqwest::get(format!("{}/echo/public-url", product.url()))
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert_eq!(told, product.url());
}

#[tokio::test]
async fn mails_are_shown_as_json_and_as_a_page() {
    let (product, _directory) = start().await;
    let environment = product.cloud().environment("echo").unwrap();
    let credentials = aws_credential_types::Credentials::from_keys("local", "local", None);
    let config = aws_sdk_sesv2::Config::builder()
        .behavior_version(aws_sdk_sesv2::config::BehaviorVersion::latest())
        .region(aws_sdk_sesv2::config::Region::new(environment["AWS_REGION"].clone()))
        .credentials_provider(credentials)
        .endpoint_url(&environment["AWS_ENDPOINT_URL_SESV2"])
        .build();
    use aws_sdk_sesv2::types::{Body, Content, Destination, EmailContent, Message};
    let content = |text: &str| Content::builder().data(text).build().unwrap();
    for subject in ["first", "second"] {
        let body = Body::builder().text(content("code 123456")).build();
        let message = Message::builder().subject(content(subject)).body(body).build();
        aws_sdk_sesv2::Client::from_conf(config.clone())
            .send_email()
            .from_email_address("no-reply@example.com")
            .destination(Destination::builder().to_addresses("ann@example.com").build())
            .content(EmailContent::builder().simple(message).build())
            .send()
            .await
            .unwrap();
    }
    let url = format!("{}/_local/mail", product.url());
    let mails: Value = reqwest::get(&url).await.unwrap().json().await.unwrap();
    assert_eq!(mails["mails"][0]["subject"], "second");
    assert_eq!(mails["mails"][1]["to"], json!(["ann@example.com"]));
    let page = Client::new()
        .get(&url)
        .header("accept", "text/html,*/*")
        .send()
        .await
        .unwrap();
    assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
    assert!(page.text().await.unwrap().contains("<h2>second</h2>"));
}

#[tokio::test]
async fn template_and_functions_must_agree() {
    let functions = || {
        vec![Function {
            binary: "unheard-of",
            router: echo,
            openapi: Default::default,
        }]
    };
    let (path, _directory) = template(TEMPLATE);
    let options = ProductOptions {
        template: Some(path),
        functions: functions(),
        ..ProductOptions::default()
    };
    let error = Product::start(options).await.unwrap_err();
    assert_eq!(error.to_string(), "function unheard-of is not in the template");

    let (path, _directory) = template(&TEMPLATE.replace("        STAGE: !Ref Stage\n", ""));
    let functions = vec![Function {
        binary: "echo",
        router: echo,
        openapi: Default::default,
    }];
    let options = ProductOptions {
        template: Some(path),
        functions,
        ..ProductOptions::default()
    };
    let error = Product::start(options).await.unwrap_err();
    assert!(matches!(error, ProductError::Config { .. }));
    assert!(
        error.to_string().contains("echo") && error.to_string().contains("STAGE"),
        "{error}"
    );
}
