//! What the suites of this crate share: a small template, and SDK clients that know only an environment.

use std::collections::BTreeMap;

use aws_credential_types::Credentials;
use tripsage_emulators::{Cloud, CloudOptions, Template};

pub const TEMPLATE: &str = r#"
Parameters:
  Stage: { Type: String, Default: dev }
Resources:
  F:
    Type: AWS::Serverless::Function
    Metadata: { BuildProperties: { Binary: f } }
    Properties:
      Environment:
        Variables:
          TABLE: !Ref Things
          PLAIN: !Ref Plain
          RANDOM: !Ref Random
          UPSTASH_SECRET: !Ref UpstashSecret
          KEY: !Ref Key
          KEY_ARN: !GetAtt Key.Arn
  Things:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{ AttributeName: pk, AttributeType: S }, { AttributeName: sk, AttributeType: S }]
      KeySchema: [{ AttributeName: pk, KeyType: HASH }, { AttributeName: sk, KeyType: RANGE }]
      TimeToLiveSpecification: { AttributeName: expires_at, Enabled: true }
  Plain: { Type: AWS::SecretsManager::Secret, Properties: { SecretString: "{}" } }
  Random:
    Type: AWS::SecretsManager::Secret
    Properties: { GenerateSecretString: { PasswordLength: 48, ExcludePunctuation: true } }
  UpstashSecret: { Type: AWS::SecretsManager::Secret, Properties: { SecretString: "{}" } }
  Key: { Type: AWS::KMS::Key, Properties: { EnableKeyRotation: true } }
  KeyAlias: { Type: AWS::KMS::Alias, Properties: { AliasName: alias/vault, TargetKeyId: !Ref Key } }
"#;

pub async fn start(options: CloudOptions) -> Cloud {
    Cloud::start(&Template::parse(TEMPLATE).unwrap(), options)
        .await
        .unwrap()
}

pub fn environment(cloud: &Cloud) -> BTreeMap<String, String> {
    cloud.environment("f").unwrap()
}

pub fn credentials(environment: &BTreeMap<String, String>) -> Credentials {
    Credentials::from_keys(
        &environment["AWS_ACCESS_KEY_ID"],
        &environment["AWS_SECRET_ACCESS_KEY"],
        None,
    )
}

/// A client of one service, made from nothing but the environment of a function.
#[macro_export]
macro_rules! client {
    ($sdk:ident, $environment:expr, $endpoint:literal) => {{
        let environment = &$environment;
        let config = $sdk::Config::builder()
            .behavior_version($sdk::config::BehaviorVersion::latest())
            .region($sdk::config::Region::new(environment["AWS_REGION"].clone()))
            .credentials_provider($crate::support::credentials(environment))
            .endpoint_url(&environment[$endpoint])
            .build();
        $sdk::Client::from_conf(config)
    }};
}
