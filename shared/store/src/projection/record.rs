//! Records of the table's stream, in the form in which Lambda is given them.

use std::collections::HashMap;

use serde::{Deserialize, de::DeserializeOwned};
use serde_dynamo::{AttributeValue, Item};

use crate::StoreError;

/// The event is not one of this table's stream.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a record of the stream: {0}")]
pub struct Foreign(String);

/// That something was stored, changed or removed.
#[derive(Debug, Clone)]
pub struct Record {
    pub(super) event: String,
    pub(super) sk: String,
    sequence: String,
    before: Option<Item>,
    after: Option<Item>,
}

#[derive(Deserialize)]
struct Envelope {
    #[serde(rename = "eventID")]
    event_id: String,
    #[serde(rename = "eventSource")]
    event_source: String,
    #[serde(rename = "eventSourceARN")]
    event_source_arn: String,
    dynamodb: Images,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Images {
    keys: HashMap<String, AttributeValue>,
    sequence_number: String,
    new_image: Option<Item>,
    old_image: Option<Item>,
}

impl Record {
    /// Reads a record of the stream of this table.
    ///
    /// # Errors
    /// When it is of another shape, or of another source.
    pub fn parse(record: &serde_json::Value, table: &str) -> Result<Self, Foreign> {
        let envelope = Envelope::deserialize(record).map_err(|error| Foreign(error.to_string()))?;
        let stream = format!(":table/{table}/stream/");
        if envelope.event_source != "aws:dynamodb" || !envelope.event_source_arn.contains(&stream) {
            return Err(Foreign(format!("it comes from {:?}", envelope.event_source_arn)));
        }
        let Images {
            mut keys,
            sequence_number: sequence,
            new_image: after,
            old_image: before,
        } = envelope.dynamodb;
        let mut key = |name: &str| match keys.remove(name) {
            Some(AttributeValue::S(text)) => Ok(text),
            _ => Err(Foreign(format!("it has no key {name}"))),
        };
        let (_, sk) = (key("pk")?, key("sk")?);
        let well_formed = !envelope.event_id.is_empty() && sequence.bytes().all(|byte| byte.is_ascii_digit());
        if !well_formed || sequence.is_empty() || (before.is_none() && after.is_none()) {
            return Err(Foreign("it has no id, no number or no image".to_owned()));
        }
        Ok(Self {
            event: envelope.event_id,
            sk,
            sequence,
            before,
            after,
        })
    }

    /// Where in the stream it stands.
    pub fn sequence(&self) -> &str {
        &self.sequence
    }

    /// The row as it was and as it is.
    pub(super) fn images<T: DeserializeOwned>(&self) -> Result<(Option<T>, Option<T>), StoreError> {
        let read = |image: &Option<Item>| -> Result<Option<T>, StoreError> {
            Ok(image.clone().map(serde_dynamo::from_item).transpose()?)
        };
        Ok((read(&self.before)?, read(&self.after)?))
    }

    /// Whether there was no such row before.
    pub(super) fn is_new(&self) -> bool {
        self.before.is_none()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn record() -> serde_json::Value {
        json!({
            "eventID": "1", "eventName": "INSERT", "eventVersion": "1.1", "eventSource": "aws:dynamodb", "awsRegion": "eu-west-1",
            "eventSourceARN": "arn:aws:dynamodb:eu-west-1:000000000000:table/community/stream/2026-11-20T00:00:00.000",
            "dynamodb": {
                "Keys": { "pk": { "S": "ITINERARY#1" }, "sk": { "S": "VOTE#2" } }, "SequenceNumber": "42",
                "NewImage": { "pk": { "S": "ITINERARY#1" }, "sk": { "S": "VOTE#2" }, "value": { "N": "1" } },
                "SizeBytes": 10, "StreamViewType": "NEW_AND_OLD_IMAGES", "ApproximateCreationDateTime": 1.0,
            },
        })
    }

    #[test]
    fn a_record_has_its_images() {
        #[derive(Deserialize)]
        struct Vote {
            value: i8,
        }
        let record = Record::parse(&record(), "community").unwrap();
        assert_eq!((record.sk.as_str(), record.sequence()), ("VOTE#2", "42"));
        let (before, after) = record.images::<Vote>().unwrap();
        assert!(before.is_none() && record.is_new());
        assert_eq!(after.unwrap().value, 1);
    }

    #[test]
    fn what_comes_from_elsewhere_is_refused() {
        let changed = |pointer: &str, value: serde_json::Value| {
            let mut record = record();
            *record.pointer_mut(pointer).unwrap() = value;
            Record::parse(&record, "community")
        };
        assert!(changed("/eventSource", json!("aws:sqs")).is_err());
        assert!(
            changed(
                "/eventSourceARN",
                json!("arn:aws:dynamodb:eu-west-1:0:table/identity/stream/1")
            )
            .is_err()
        );
        assert!(changed("/eventID", json!("")).is_err());
        assert!(changed("/dynamodb/SequenceNumber", json!("a")).is_err());
        assert!(changed("/dynamodb/Keys", json!({ "pk": { "N": "1" } })).is_err());
        assert!(changed("/dynamodb/NewImage", json!(null)).is_err());
        assert!(Record::parse(&json!({ "body": "{}", "requestContext": {} }), "community").is_err());
        assert!(Record::parse(&record(), "identity").is_err());
    }
}
