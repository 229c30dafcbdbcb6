use std::{
    sync::{Arc, OnceLock},
    time::Duration,
};

use aws_credential_types::Credentials;
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::{behavior_version::BehaviorVersion, http::SharedHttpClient};
use aws_smithy_types::{retry::RetryConfig, timeout::TimeoutConfig};

use crate::{Config, Mailer, Secrets};

/// Clients of what a function talks to, each made when it is first asked for.
///
/// They are configured by hand rather than by `aws-config`: a Lambda function always has its credentials and region
/// in the environment, and the search of the other places costs start-up time and a megabyte.
pub struct Clients {
    config: Arc<Config>,
    aws_http: OnceLock<SharedHttpClient>,
    dynamodb: OnceLock<aws_sdk_dynamodb::Client>,
    kms: OnceLock<aws_sdk_kms::Client>,
    secrets: OnceLock<Secrets>,
    mailer: OnceLock<Mailer>,
    http: OnceLock<reqwest::Client>,
}

/// Attempts at a call of AWS, the first included.
const ATTEMPTS: u32 = 3;

macro_rules! aws_config {
    ($sdk:ident, $clients:expr, $endpoint:literal, $timeout:expr) => {{
        let config = &$clients.config;
        let mut builder = $sdk::Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region($sdk::config::Region::new(config.region.clone()))
            .credentials_provider($clients.credentials())
            .http_client($clients.aws_http())
            .retry_config(
                RetryConfig::standard()
                    .with_max_attempts(ATTEMPTS)
                    .with_max_backoff(Duration::from_secs(1)),
            )
            .timeout_config(
                TimeoutConfig::builder()
                    .connect_timeout(Duration::from_secs(1))
                    .operation_attempt_timeout($timeout)
                    .operation_timeout($timeout * 3)
                    .build(),
            );
        if let Some(url) = config.optional($endpoint) {
            builder = builder.endpoint_url(url);
        }
        $sdk::Client::from_conf(builder.build())
    }};
}

impl Clients {
    pub(crate) fn new(config: Arc<Config>) -> Self {
        Self {
            config,
            aws_http: OnceLock::new(),
            dynamodb: OnceLock::new(),
            kms: OnceLock::new(),
            secrets: OnceLock::new(),
            mailer: OnceLock::new(),
            http: OnceLock::new(),
        }
    }

    /// DynamoDB.
    pub fn dynamodb(&self) -> &aws_sdk_dynamodb::Client {
        self.dynamodb.get_or_init(|| {
            aws_config!(
                aws_sdk_dynamodb,
                self,
                "AWS_ENDPOINT_URL_DYNAMODB",
                Duration::from_secs(2)
            )
        })
    }

    /// KMS. Whoever asks is told within two seconds that it does not answer.
    pub fn kms(&self) -> &aws_sdk_kms::Client {
        self.kms
            .get_or_init(|| aws_config!(aws_sdk_kms, self, "AWS_ENDPOINT_URL_KMS", Duration::from_millis(600)))
    }

    /// Secrets Manager.
    pub fn secrets(&self) -> &Secrets {
        self.secrets.get_or_init(|| {
            Secrets::new(aws_config!(
                aws_sdk_secretsmanager,
                self,
                "AWS_ENDPOINT_URL_SECRETS_MANAGER",
                Duration::from_secs(2)
            ))
        })
    }

    /// SES.
    pub fn mailer(&self) -> &Mailer {
        self.mailer.get_or_init(|| {
            let from = self.config.optional("MAIL_FROM").map(str::to_owned);
            Mailer::new(
                aws_config!(aws_sdk_sesv2, self, "AWS_ENDPOINT_URL_SESV2", Duration::from_secs(3)),
                from,
            )
        })
    }

    /// HTTP to whoever is not AWS; redirects are never followed.
    pub fn http(&self) -> &reqwest::Client {
        self.http.get_or_init(|| {
            reqwest::Client::builder()
                .connect_timeout(Duration::from_secs(1))
                .timeout(Duration::from_secs(5))
                .pool_idle_timeout(Duration::from_secs(50))
                .redirect(reqwest::redirect::Policy::none())
                .user_agent("TripSage")
                .build()
                .unwrap_or_default()
        })
    }

    fn credentials(&self) -> Credentials {
        let variable = |name| self.config.optional(name).unwrap_or_default();
        let token = self.config.optional("AWS_SESSION_TOKEN").map(str::to_owned);
        Credentials::new(
            variable("AWS_ACCESS_KEY_ID"),
            variable("AWS_SECRET_ACCESS_KEY"),
            token,
            None,
            "environment",
        )
    }

    /// One connection pool for all AWS clients.
    fn aws_http(&self) -> SharedHttpClient {
        self.aws_http
            .get_or_init(|| {
                Builder::new()
                    .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
                    .build_https()
            })
            .clone()
    }
}
