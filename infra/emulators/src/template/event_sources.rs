//! Which stream feeds which function: `AWS::Lambda::EventSourceMapping`.
//!
//! Of filters this knows the one shape that the template uses: sort keys, whole or by their beginning. Anything else is
//! an error, because a filter that is silently left out would let tests pass that fail on AWS.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use super::intrinsics::{Resolver, scalar};
use super::{Access, Function, Table, TemplateError};

/// A function that is given the records of a table's stream.
#[derive(Debug, Clone)]
pub struct EventSource {
    /// Its id in the template.
    pub logical_id: String,
    /// The binary of the function.
    pub binary: String,
    /// The name of the table.
    pub table: String,
    /// The ARN of the table's stream.
    pub stream: String,
    /// Records that the function is given at most at once.
    pub batch_size: usize,
    /// How often records that failed come again.
    pub retries: usize,
    /// How old records may become that keep failing.
    pub maximum_age: Duration,
    /// Whether a batch that failed comes again in halves.
    pub bisects: bool,
    /// The name of the queue that is told of records that are given up.
    pub failures: Option<String>,
    filters: Vec<KeyFilter>,
}

#[derive(Debug, Clone)]
enum KeyFilter {
    Is(String),
    BeginsWith(String),
}

impl EventSource {
    /// Whether the function is given records of rows with this sort key.
    pub fn wants(&self, sk: &str) -> bool {
        let matches = |filter: &KeyFilter| match filter {
            KeyFilter::Is(text) => sk == text,
            KeyFilter::BeginsWith(prefix) => sk.starts_with(prefix),
        };
        self.filters.is_empty() || self.filters.iter().any(matches)
    }
}

pub(super) fn of(
    resolver: &Resolver,
    functions: &[Function],
    tables: &[Table],
) -> Result<Vec<EventSource>, TemplateError> {
    let mut found = Vec::new();
    for (id, resource) in resolver.resources("AWS::Lambda::EventSourceMapping")? {
        let at = format!("Resources.{id}.Properties");
        let properties = resolver.resolve(&at, &resource["Properties"])?;
        let text = |name: &str| properties[name].as_str().map(str::to_owned);
        let name = text("FunctionName");
        let mut function = None;
        for candidate in functions {
            if Some(resolver.text(&at, &json!({ "Ref": candidate.logical_id }))?) == name {
                function = Some(candidate);
            }
        }
        let function =
            function.ok_or_else(|| TemplateError::new(&at, "FunctionName is not a function of this template"))?;
        let stream = text("EventSourceArn").unwrap_or_default();
        let mut table = None;
        for candidate in tables {
            let of_table = json!({ "Fn::GetAtt": [candidate.logical_id, "StreamArn"] });
            if resolver.text(&at, &of_table)? == stream && candidate.create.get("StreamSpecification").is_some() {
                table = Some(candidate);
            }
        }
        let table = table
            .ok_or_else(|| TemplateError::new(&at, "EventSourceArn is not a stream of a table of this template"))?;
        // Lambda's own default is to try for ever: a mapping has to say how often.
        let number = |name: &str| {
            let number = scalar(&properties[name]).and_then(|text| text.parse::<usize>().ok());
            number.ok_or_else(|| TemplateError::new(&at, format!("{name} must be a number, not negative")))
        };
        let reports = properties["FunctionResponseTypes"] == json!(["ReportBatchItemFailures"]);
        if !reports || properties["StartingPosition"] != "TRIM_HORIZON" {
            let reason = "the local cloud knows mappings from TRIM_HORIZON that report failures of single records";
            return Err(TemplateError::new(&at, reason));
        }
        let failures = properties["DestinationConfig"]["OnFailure"]["Destination"].as_str();
        let source = EventSource {
            logical_id: id.to_owned(),
            binary: function.binary.clone(),
            table: table.name.clone(),
            stream,
            batch_size: number("BatchSize")?.max(1),
            retries: number("MaximumRetryAttempts")?,
            maximum_age: Duration::from_secs(number("MaximumRecordAgeInSeconds")? as u64),
            bisects: scalar(&properties["BisectBatchOnFunctionError"]).is_some_and(|flag| flag == "true"),
            failures: failures.map(|arn| arn.rsplit(':').next().unwrap_or(arn).to_owned()),
            filters: filters(&at, &properties["FilterCriteria"])?,
        };
        permitted(&at, function, &source, failures)?;
        found.push(source);
    }
    Ok(found)
}

/// Lambda reads the stream, and reports what is given up, in the role of the function.
fn permitted(at: &str, function: &Function, source: &EventSource, failures: Option<&str>) -> Result<(), TemplateError> {
    let Some(grants) = &function.grants else {
        return Ok(());
    };
    let on_stream = ["DescribeStream", "GetRecords", "GetShardIterator"].map(|action| (action, source.stream.as_str()));
    let mut needed: Vec<(String, &str)> = on_stream
        .into_iter()
        .map(|(action, resource)| (format!("dynamodb:{action}"), resource))
        .collect();
    needed.push(("dynamodb:ListStreams".to_owned(), "*"));
    needed.extend(failures.map(|queue| ("sqs:SendMessage".to_owned(), queue)));
    for (action, resource) in needed {
        let access = Access {
            action,
            resource: resource.to_owned(),
            context: BTreeMap::new(),
        };
        if !grants.allow(&access) {
            let reason = format!(
                "the role of {} does not allow {} on {resource}",
                function.binary, access.action
            );
            return Err(TemplateError::new(at, reason));
        }
    }
    Ok(())
}

fn filters(at: &str, criteria: &Value) -> Result<Vec<KeyFilter>, TemplateError> {
    let unknown = || TemplateError::new(format!("{at}.FilterCriteria"), "filters must be on the sort key");
    let mut found = Vec::new();
    for filter in criteria["Filters"].as_array().into_iter().flatten() {
        let pattern = filter["Pattern"].as_str().ok_or_else(unknown)?;
        let pattern: Value = serde_json::from_str(pattern).map_err(|_| unknown())?;
        let rules = pattern["dynamodb"]["Keys"]["sk"]["S"].as_array().ok_or_else(unknown)?;
        if pattern != json!({ "dynamodb": { "Keys": { "sk": { "S": rules } } } }) {
            return Err(unknown());
        }
        for rule in rules {
            found.push(match rule {
                Value::String(text) => KeyFilter::Is(text.clone()),
                rule => {
                    let prefix = rule["prefix"].as_str().ok_or_else(unknown)?;
                    KeyFilter::BeginsWith(prefix.to_owned())
                }
            });
        }
    }
    Ok(found)
}
