use serde_json::{Value, json};
use tripsage_store::{keys::Table, personal_data::Entity};

use crate::Api;

/// A row as it is stored.
#[derive(Debug, Clone)]
pub struct Dumped {
    /// The logical id of its table.
    pub table: String,
    /// What kind it is.
    pub entity: Entity,
    /// Everything that it holds, its key included, in DynamoDB's own JSON.
    pub item: Value,
}

impl Dumped {
    /// Its key.
    pub fn key(&self) -> Value {
        json!({ "pk": self.item["pk"], "sk": self.item["sk"] })
    }
}

impl Api {
    /// Every row of every table that time to live would not have removed by now.
    pub async fn dump(&self) -> Vec<Dumped> {
        let mut rows = Vec::new();
        for definition in &self.cloud().stack().tables {
            let table = match definition.logical_id.as_str() {
                "IdentityTable" => Table::Identity,
                "TravelTable" => Table::Travel,
                "OperationsTable" => Table::Operations,
                "VaultTable" => Table::Vault,
                "CommunityTable" => Table::Community,
                other => panic!("a dump does not know {other}"),
            };
            let mut body = json!({ "TableName": definition.name });
            loop {
                let page = self.scan(&body).await;
                for item in page["Items"].as_array().unwrap() {
                    let text = |name: &str| item[name]["S"].as_str().unwrap().to_owned();
                    let expires = item["expires_at"]["N"].as_str().and_then(|n| n.parse::<i64>().ok());
                    if expires.is_some_and(|at| at <= self.now().as_second()) {
                        continue;
                    }
                    let entity = Entity::of(table, &text("pk"), &text("sk"))
                        .unwrap_or_else(|| panic!("a row of a kind that is not known: {item}"));
                    rows.push(Dumped {
                        table: definition.logical_id.clone(),
                        entity,
                        item: item.clone(),
                    });
                }
                if page["LastEvaluatedKey"].is_null() {
                    break;
                }
                body["ExclusiveStartKey"] = page["LastEvaluatedKey"].clone();
            }
        }
        rows
    }

    fn table_name(&self, table: &str) -> &str {
        let mut tables = self.cloud().stack().tables.iter();
        let definition = tables.find(|definition| definition.logical_id == table);
        &definition.expect("a table").name
    }

    /// Stores a row, past everything that the product makes sure of.
    pub async fn plant(&self, table: &str, item: &Value) {
        let body = json!({ "TableName": self.table_name(table), "Item": item });
        self.dynamodb("PutItem", &body).await;
    }

    /// Removes a stored row, past everything that the product makes sure of.
    pub async fn uproot(&self, row: &Dumped) {
        let body = json!({ "TableName": self.table_name(&row.table), "Key": row.key() });
        self.dynamodb("DeleteItem", &body).await;
    }

    /// Gives an attribute of a stored row another value, past everything that the product makes sure of.
    pub async fn overwrite(&self, table: &str, key: &Value, attribute: &str, value: &Value) {
        let body = json!({
            "TableName": self.table_name(table), "Key": key, "UpdateExpression": "SET #a = :v",
            "ExpressionAttributeNames": { "#a": attribute }, "ExpressionAttributeValues": { ":v": value },
        });
        self.dynamodb("UpdateItem", &body).await;
    }

    /// As nobody in particular: no function may do this.
    async fn scan(&self, body: &Value) -> Value {
        self.dynamodb("Scan", body).await
    }

    async fn dynamodb(&self, operation: &str, body: &Value) -> Value {
        let request = self
            .http
            .post(self.cloud().dynamodb().url())
            .header("x-amz-target", format!("DynamoDB_20120810.{operation}"))
            .header("content-type", "application/x-amz-json-1.0")
            .header(
                "authorization",
                "AWS4-HMAC-SHA256 Credential=local/20270303/eu-west-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0",
            )
            .header("x-amz-date", "20270303T100000Z")
            .body(body.to_string());
        let response = request.send().await.expect("the engine answers");
        let (status, text) = (response.status(), response.text().await.unwrap());
        assert!(status.is_success(), "{text}");
        serde_json::from_str(&text).unwrap()
    }
}
