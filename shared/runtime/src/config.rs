use std::{collections::BTreeMap, fmt, time::Duration};

/// A variable of the environment is missing or malformed.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("environment variable {name} {problem}")]
pub struct ConfigError {
    /// Which one.
    pub name: String,
    /// What is wrong with it.
    pub problem: &'static str,
}

/// As displayed, because this is what an operator sees of it when it ends a function's `main`.
impl fmt::Debug for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Names of the DynamoDB tables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tables {
    /// Users, credentials, sessions, one-time codes, preferences.
    pub identity: String,
    /// Trips, members, versions, templates.
    pub travel: String,
    /// Audit, idempotency, throttles, jobs.
    pub operations: String,
    /// Users' own provider keys, sealed.
    pub vault: String,
    /// Itineraries, ratings, travel intel, groups, guides, and the catalogue of them.
    pub community: String,
}

/// What the environment says to a function. `template.yaml` sets it; see there for what each variable means.
#[derive(Debug, Clone)]
pub struct Config {
    /// Name of the function.
    pub function: &'static str,
    /// `dev`, `staging` or `prod`.
    pub stage: String,
    /// Address that clients use, without a trailing slash.
    pub public_url: String,
    /// Origins of browsers that may call.
    pub allowed_origins: Vec<String>,
    /// AWS region.
    pub region: String,
    /// Names of the tables.
    pub tables: Tables,
    /// Id of the secret with the address and the token of Upstash.
    pub upstash_secret: String,
    /// How long a call of Redis may take before the request goes on without it.
    pub redis_timeout: Duration,
    /// Requests a minute that one caller may make to read.
    pub reads_per_minute: u32,
    /// Requests a minute that one caller may make to change something.
    pub writes_per_minute: u32,
    /// Requests of any kind that one caller may make to the auth function in a minute.
    pub auth_per_minute: u32,
    /// Attempts to sign in that one address may make in five minutes.
    pub logins_per_5_minutes: u32,
    /// Accounts that one address may register in ten minutes.
    pub registrations_per_10_minutes: u32,
    /// Mails that one address may cause in ten minutes.
    pub mails_per_10_minutes: u32,
    /// Operations of one kind on their own provider keys that one user may do in a minute.
    pub key_operations_per_minute: u32,
    variables: BTreeMap<String, String>,
}

/// Variables that only some functions have; [`Config::required`] reads them.
const FUNCTION_VARIABLES: [&str; 23] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_ENDPOINT_URL_DYNAMODB",
    "AWS_ENDPOINT_URL_SECRETS_MANAGER",
    "AWS_ENDPOINT_URL_SESV2",
    "AWS_ENDPOINT_URL_KMS",
    "SIGNING_SECRET",
    "TOKEN_SECRET",
    "OAUTH_SECRET",
    "MAIL_FROM",
    "PASSWORD_MIN_LENGTH",
    "GITHUB_URL",
    "GOOGLE_URL",
    "KEYS_KMS_KEY",
    "SAFETY_KMS_KEY",
    "PROVIDER_SECRET",
    "DUFFEL_URL",
    "PLACES_URL",
    "OPEN_METEO_URL",
    "OPENWEATHER_URL",
    "AIRBNB_MCP_URL",
    "AIRBNB_MCP_COMMAND",
];

impl Config {
    pub(crate) fn read(function: &'static str, env: &dyn Fn(&str) -> Option<String>) -> Result<Self, ConfigError> {
        let optional = |name: &str| env(name).filter(|value| !value.is_empty());
        let required = |name: &str| {
            optional(name).ok_or_else(|| ConfigError {
                name: name.to_owned(),
                problem: "is not set",
            })
        };
        let number = |name: &str, default: u32| match optional(name) {
            None => Ok(default),
            Some(text) => match text.parse() {
                Ok(number) if number > 0 => Ok(number),
                _ => Err(ConfigError {
                    name: name.to_owned(),
                    problem: "is not a positive whole number",
                }),
            },
        };
        Ok(Self {
            function,
            stage: required("STAGE")?,
            public_url: required("PUBLIC_URL")?.trim_end_matches('/').to_owned(),
            allowed_origins: optional("ALLOWED_ORIGINS")
                .map(|list| {
                    list.split(',')
                        .map(|origin| origin.trim().to_owned())
                        .filter(|o| !o.is_empty())
                        .collect()
                })
                .unwrap_or_default(),
            region: required("AWS_REGION")?,
            tables: Tables {
                identity: required("TABLE_IDENTITY")?,
                travel: required("TABLE_TRAVEL")?,
                operations: required("TABLE_OPERATIONS")?,
                vault: required("TABLE_VAULT")?,
                community: required("TABLE_COMMUNITY")?,
            },
            upstash_secret: required("UPSTASH_SECRET")?,
            redis_timeout: Duration::from_millis(number("REDIS_TIMEOUT_MS", 250)?.into()),
            reads_per_minute: number("READS_PER_MINUTE", 90)?,
            writes_per_minute: number("WRITES_PER_MINUTE", 60)?,
            auth_per_minute: number("AUTH_PER_MINUTE", 120)?,
            logins_per_5_minutes: number("LOGINS_PER_5_MINUTES", 100)?,
            registrations_per_10_minutes: number("REGISTRATIONS_PER_10_MINUTES", 30)?,
            mails_per_10_minutes: number("MAILS_PER_10_MINUTES", 30)?,
            key_operations_per_minute: number("KEY_OPERATIONS_PER_MINUTE", 10)?,
            variables: FUNCTION_VARIABLES
                .iter()
                .filter_map(|name| optional(name).map(|value| ((*name).to_owned(), value)))
                .collect(),
        })
    }

    /// A variable that this function cannot do without.
    ///
    /// # Errors
    /// When it is not set.
    pub fn required(&self, name: &str) -> Result<&str, ConfigError> {
        self.optional(name).ok_or_else(|| ConfigError {
            name: name.to_owned(),
            problem: "is not set",
        })
    }

    /// A variable that may be absent.
    pub fn optional(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }

    /// Whether the address that clients use is an encrypted one, so that cookies may demand it.
    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }
}

#[expect(clippy::disallowed_methods, reason = "the one place that reads the environment")]
pub(crate) fn process_environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(changes: &[(&str, &str)]) -> Result<Config, ConfigError> {
        let mut variables: BTreeMap<&str, &str> = [
            ("STAGE", "dev"),
            ("PUBLIC_URL", "https://api.example.com/"),
            ("AWS_REGION", "eu-west-1"),
            ("TABLE_IDENTITY", "i"),
            ("TABLE_TRAVEL", "t"),
            ("TABLE_OPERATIONS", "o"),
            ("TABLE_VAULT", "v"),
            ("TABLE_COMMUNITY", "c"),
            ("UPSTASH_SECRET", "u"),
        ]
        .into();
        variables.extend(changes.iter().copied());
        Config::read("trips", &|name| variables.get(name).map(|v| (*v).to_owned()))
    }

    #[test]
    fn a_missing_or_malformed_variable_is_named() {
        for (name, value) in [
            ("STAGE", ""),
            ("TABLE_TRAVEL", ""),
            ("UPSTASH_SECRET", ""),
            ("READS_PER_MINUTE", "0"),
            ("REDIS_TIMEOUT_MS", "x"),
        ] {
            assert_eq!(read(&[(name, value)]).unwrap_err().name, name);
        }
    }

    #[test]
    fn lists_and_addresses_are_tidied() {
        let config = read(&[("ALLOWED_ORIGINS", "https://a.example, https://b.example,")]).unwrap();
        assert_eq!(config.allowed_origins, ["https://a.example", "https://b.example"]);
        assert_eq!(config.public_url, "https://api.example.com");
    }
}
