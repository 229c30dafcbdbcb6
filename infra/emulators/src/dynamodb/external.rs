//! Tables in a DynamoDB that somebody else runs: AWS's own DynamoDB Local, as a second opinion beside the embedded one.

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};

use crate::StartError;
use crate::template::{Place, Table};

/// Makes the tables, for the owner of `access_key`: DynamoDB Local keeps the tables of different keys apart.
pub(crate) async fn create_tables(
    url: &str,
    access_key: &str,
    place: &Place,
    tables: &[Table],
) -> Result<(), StartError> {
    for table in tables {
        let failed = |reason: String| StartError::Resource {
            resource: format!("table {}", table.logical_id),
            reason,
        };
        call(url, access_key, place, "CreateTable", &table.create)
            .await
            .map_err(failed)?;
        if let Some(attribute) = &table.time_to_live {
            let expiry = json!({
                "TableName": table.name,
                "TimeToLiveSpecification": { "AttributeName": attribute, "Enabled": true },
            });
            call(url, access_key, place, "UpdateTimeToLive", &expiry)
                .await
                .map_err(failed)?;
        }
    }
    Ok(())
}

async fn call(url: &str, access_key: &str, place: &Place, operation: &str, body: &Value) -> Result<(), String> {
    // It reads whose tables are meant from the credential, and does not check the signature.
    let scope = format!("{access_key}/20260101/{}/dynamodb/aws4_request", place.region);
    let request = Request::post(url)
        .header("content-type", "application/x-amz-json-1.0")
        .header("x-amz-target", format!("DynamoDB_20120810.{operation}"))
        .header("x-amz-date", "20260101T000000Z")
        .header(
            "authorization",
            format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0"),
        )
        .body(Full::new(Bytes::from(body.to_string())))
        .map_err(|error| error.to_string())?;
    let client = Client::builder(TokioExecutor::new()).build_http();
    let answer = client
        .request(request)
        .await
        .map_err(|error| format!("{url} does not answer: {error}"))?;
    let status = answer.status();
    let body = answer
        .into_body()
        .collect()
        .await
        .map_err(|error| error.to_string())?
        .to_bytes();
    match status.is_success() {
        true => Ok(()),
        false => Err(format!("{operation}: {status} {}", String::from_utf8_lossy(&body))),
    }
}
