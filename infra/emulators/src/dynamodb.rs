//! DynamoDB: the embedded engine `dynoxide-rs` behind its own HTTP server, with the tables of the template.
//!
//! Differences from AWS that matter to us: signatures are not checked, reads are always consistent, transactions never
//! conflict (one writer at a time), nothing throttles, and idempotency tokens are forgotten on restart.

pub(crate) mod external;
mod stream;

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;
use std::time::Duration;

use dynoxide::Database;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::StartError;
use crate::serve::{self, Server};
use crate::template::{EventSource, Table};

pub use stream::Stream;

/// AWS deletes expired items within days; a minute shows the effect while somebody is watching.
const SWEEP_EVERY: Duration = Duration::from_secs(60);

/// A running DynamoDB.
pub struct DynamoDb {
    database: Database,
    url: String,
    server: Server,
    sweeper: Sweeper,
}

impl DynamoDb {
    /// Opens or creates the database (in memory without a file), brings it up to the table definitions and serves it.
    /// Tables and indexes that are missing are added; nothing is ever dropped.
    ///
    /// # Errors
    /// When the file cannot be opened, or holds a table whose keys differ from the definition.
    pub fn start(listener: TcpListener, file: Option<&Path>, tables: &[Table]) -> Result<Self, StartError> {
        let database = match file {
            None => Database::memory(),
            Some(path) => {
                stream::prepare(path)?;
                Database::new(&path.to_string_lossy())
            }
        };
        let database = database.map_err(|error| failed("opening the database", error))?;
        for table in tables {
            bring_up(&database, table)?;
        }
        let url = serve::url(&listener)?;
        let served = database.clone();
        let server = Server::spawn(|stopped| async move {
            if let Err(error) = dynoxide::server::serve_with_shutdown(listener, served, stopped.wait()).await {
                tracing::error!(error, "the local DynamoDB stopped");
            }
        });
        let sweeper = Sweeper::start(database.clone());
        Ok(Self {
            database,
            url,
            server,
            sweeper,
        })
    }

    /// Where it listens.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The engine itself, for what has no place in the wire protocol: backups, sweeping expired items now.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// The stream that an event source mapping reads.
    pub fn stream(&self, source: &EventSource) -> Stream {
        Stream {
            database: self.database.clone(),
            table: source.table.clone(),
            arn: source.stream.clone(),
        }
    }

    /// Stops serving.
    pub async fn stop(self) {
        drop(self.sweeper);
        self.server.stop().await;
    }
}

struct Sweeper(JoinHandle<()>);

impl Sweeper {
    fn start(database: Database) -> Self {
        Self(tokio::spawn(async move {
            loop {
                tokio::time::sleep(SWEEP_EVERY).await;
                let database = database.clone();
                match tokio::task::spawn_blocking(move || database.sweep_ttl()).await {
                    Ok(Ok(0)) => {}
                    Ok(Ok(removed)) => tracing::info!(removed, "removed expired items"),
                    Ok(Err(error)) => tracing::error!(%error, "cannot remove expired items"),
                    Err(error) => tracing::error!(%error, "cannot remove expired items"),
                }
            }
        }))
    }
}

impl Drop for Sweeper {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn bring_up(database: &Database, table: &Table) -> Result<(), StartError> {
    let doing = |what: &str| format!("table {} ({what})", table.logical_id);
    let existing = database
        .list_tables(request(json!({ "ExclusiveStartTableName": null }))?)
        .map_err(|error| failed(&doing("list"), error))?;
    if existing.table_names.contains(&table.name) {
        bring_up_existing(database, table)?;
    } else {
        database
            .create_table(request(table.create.clone())?)
            .map_err(|error| failed(&doing("create"), error))?;
    }
    if let Some(attribute) = &table.time_to_live {
        let wanted = json!({
            "TableName": table.name,
            "TimeToLiveSpecification": { "AttributeName": attribute, "Enabled": true },
        });
        let described = database
            .describe_time_to_live(request(json!({ "TableName": table.name }))?)
            .map_err(|error| failed(&doing("time to live"), error))?;
        let described = serde_json::to_value(described).unwrap_or_default();
        if described["TimeToLiveDescription"]["TimeToLiveStatus"] != "ENABLED" {
            database
                .update_time_to_live(request(wanted)?)
                .map_err(|error| failed(&doing("time to live"), error))?;
        }
    }
    Ok(())
}

fn bring_up_existing(database: &Database, table: &Table) -> Result<(), StartError> {
    let doing = |what: &str| format!("table {} ({what})", table.logical_id);
    let described = database
        .describe_table(request(json!({ "TableName": table.name }))?)
        .map_err(|error| failed(&doing("describe"), error))?;
    let described = serde_json::to_value(described).unwrap_or_default();
    let described = &described["Table"];
    if described["KeySchema"] != table.create["KeySchema"] {
        return Err(StartError::Resource {
            resource: format!("table {}", table.logical_id),
            reason: "the data directory holds it with another key; move the directory away".to_owned(),
        });
    }
    let names = |indexes: &Value| -> BTreeSet<String> {
        let indexes = indexes.as_array().into_iter().flatten();
        indexes
            .filter_map(|index| index["IndexName"].as_str().map(str::to_owned))
            .collect()
    };
    let present = names(&described["GlobalSecondaryIndexes"]);
    let mut keys = key_attributes(described);
    for index in described["GlobalSecondaryIndexes"].as_array().into_iter().flatten() {
        keys.extend(key_attributes(index));
    }
    for index in table.create["GlobalSecondaryIndexes"].as_array().into_iter().flatten() {
        if index["IndexName"].as_str().is_some_and(|name| present.contains(name)) {
            continue;
        }
        // UpdateTable refuses definitions of attributes that no key uses, so each step defines what exists by then.
        keys.extend(key_attributes(index));
        let definitions = table.create["AttributeDefinitions"].as_array().into_iter().flatten();
        let definitions: Vec<&Value> = definitions
            .filter(|definition| {
                definition["AttributeName"]
                    .as_str()
                    .is_some_and(|name| keys.contains(name))
            })
            .collect();
        let update = json!({
            "TableName": table.name,
            "AttributeDefinitions": definitions,
            "GlobalSecondaryIndexUpdates": [{ "Create": index }],
        });
        database
            .update_table(request(update)?)
            .map_err(|error| failed(&doing("add index"), error))?;
    }
    let stream = &table.create["StreamSpecification"];
    if !stream.is_null() && described["StreamSpecification"]["StreamEnabled"] != true {
        let update = json!({ "TableName": table.name, "StreamSpecification": stream });
        database
            .update_table(request(update)?)
            .map_err(|error| failed(&doing("enable stream"), error))?;
    }
    Ok(())
}

fn key_attributes(holder: &Value) -> BTreeSet<String> {
    let schema = holder["KeySchema"].as_array().into_iter().flatten();
    schema
        .filter_map(|element| element["AttributeName"].as_str().map(str::to_owned))
        .collect()
}

fn request<T: DeserializeOwned>(body: Value) -> Result<T, StartError> {
    serde_json::from_value(body).map_err(|error| failed("reading a table definition", error))
}

fn failed(doing: &str, error: impl fmt::Display) -> StartError {
    // The engine tags validation messages with a prefix meant for its own server.
    let reason = error.to_string().replace("VALIDATION:", "");
    StartError::Resource {
        resource: doing.to_owned(),
        reason,
    }
}
