//! What an operation works with: the account that asks, the time, and what is remembered.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::cancellation::Cancellation;
use super::order::Order;
use super::refusal::Refusal;
use super::search::Search;
use super::stays::Stays;
use super::webhooks::Outbox;
use crate::chance;
use crate::exchange::{Answer, Asked};

/// Everything that is remembered.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct Book {
    serial: u64,
    /// By what stands for the token.
    accounts: BTreeMap<String, Account>,
}

/// What belongs to one account. Nobody else sees it.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Account {
    pub(super) searches: BTreeMap<String, Search>,
    pub(super) orders: Vec<Order>,
    pub(super) cancellations: Vec<Cancellation>,
    pub(super) payments: Vec<Value>,
    pub(super) stays: Stays,
    pub(super) outbox: Outbox,
}

impl Book {
    pub(super) fn account(&mut self, account: &str) -> &mut Account {
        self.accounts.entry(account.to_owned()).or_default()
    }

    /// What stands for each token that was ever used.
    pub(super) fn accounts(&self) -> Vec<String> {
        self.accounts.keys().cloned().collect()
    }

    /// Keeps an event, and its delivery where a webhook wants it.
    pub(super) fn emit(&mut self, account: &str, kind: &str, key: &str, object: Value, now: i64) -> String {
        let (event, delivery) = (self.id("wev", now), self.id("wed", now));
        self.account(account)
            .outbox
            .add(&event, &delivery, kind, key, object, now);
        event
    }

    pub(super) fn id(&mut self, prefix: &str, now: i64) -> String {
        self.serial += 1;
        let letters = chance::letters(&format!("{now} {}", self.serial), 16);
        format!("{prefix}_0000{letters}00")
    }
}

/// One request at work.
pub(super) struct Desk<'a> {
    pub(super) asked: &'a Asked,
    pub(super) account: String,
    pub(super) now: i64,
    pub(super) book: &'a mut Book,
    /// Set by a read that changes something all the same.
    pub(super) changed: bool,
}

impl Desk<'_> {
    pub(super) fn account(&mut self) -> &mut Account {
        self.book.account(&self.account)
    }

    /// A new identifier: `ord_0000…`.
    pub(super) fn id(&mut self, prefix: &str) -> String {
        self.book.id(prefix, self.now)
    }

    /// Tells the account's webhook of something.
    pub(super) fn emit(&mut self, kind: &str, key: &str, object: Value) {
        self.book.emit(&self.account, kind, key, object, self.now);
    }

    /// The `data` of the request's body.
    pub(super) fn data(&self) -> Result<Value, Refusal> {
        let body: Value = serde_json::from_slice(&self.asked.body)
            .map_err(|_| Refusal::request(400, "bad_request", "The request body is not valid JSON."))?;
        match body.get("data") {
            None => Err(Refusal::request(
                400,
                "missing_data_param",
                "The request body must have a 'data' key.",
            )),
            Some(data @ Value::Object(_)) => Ok(data.clone()),
            Some(_) => Err(Refusal::request(
                400,
                "malformed_data_param",
                "The 'data' of the request body must be an object.",
            )),
        }
    }
}

/// A successful answer.
#[derive(Debug)]
pub(super) struct Reply {
    status: u16,
    body: Option<Value>,
}

impl Reply {
    pub(super) fn ok(data: Value) -> Self {
        Self::status(200, data)
    }

    pub(super) fn created(data: Value) -> Self {
        Self::status(201, data)
    }

    pub(super) fn status(status: u16, data: Value) -> Self {
        Self {
            status,
            body: Some(json!({ "data": data })),
        }
    }

    pub(super) fn no_content() -> Self {
        Self {
            status: 204,
            body: None,
        }
    }

    /// The part of a list that the query asks for.
    pub(super) fn page(asked: &Asked, items: Vec<(String, Value)>) -> Result<Self, Refusal> {
        let bad = |message| Refusal::request(400, "bad_request", message);
        let limit = match asked.query("limit").map(str::parse) {
            None => 50,
            Some(Ok(limit @ 1..=200)) => limit,
            Some(_) => return Err(bad("limit must be from 1 to 200")),
        };
        let at = |cursor: &str| {
            let id = URL_SAFE_NO_PAD.decode(cursor).ok();
            let id = id.and_then(|bytes| String::from_utf8(bytes).ok());
            let found = items.iter().position(|(item, _)| Some(item) == id.as_ref());
            found.ok_or_else(|| bad("the cursor is not valid"))
        };
        let (start, end) = match (asked.query("after"), asked.query("before")) {
            (Some(_), Some(_)) => return Err(bad("after and before can't be combined")),
            (Some(after), None) => {
                let start = at(after)? + 1;
                (start, start + limit)
            }
            (None, Some(before)) => {
                let end = at(before)?;
                (end.saturating_sub(limit), end)
            }
            (None, None) => (0, limit),
        };
        let end = end.min(items.len());
        let cursor = |(id, _): &(String, Value)| URL_SAFE_NO_PAD.encode(id);
        let after = items
            .get(..end)
            .and_then(<[_]>::last)
            .filter(|_| end < items.len())
            .map(cursor);
        let before = items.get(start).filter(|_| start > 0).map(cursor);
        let data: Vec<&Value> = items.iter().take(end).skip(start).map(|(_, item)| item).collect();
        let meta = json!({ "limit": limit, "after": after, "before": before });
        Ok(Self {
            status: 200,
            body: Some(json!({ "data": data, "meta": meta })),
        })
    }

    pub(super) fn answer(&self) -> Answer {
        match &self.body {
            Some(body) => Answer::json(self.status, body),
            None => Answer::empty(self.status),
        }
    }
}

/// As Duffel writes an instant.
pub(super) fn timestamp(milliseconds: i64) -> String {
    Timestamp::from_millisecond(milliseconds).map_or_else(
        |_| String::new(),
        |time| time.strftime("%Y-%m-%dT%H:%M:%S%.6fZ").to_string(),
    )
}

pub(super) const MINUTE: i64 = 60_000;
pub(super) const HOUR: i64 = 60 * MINUTE;
pub(super) const DAY: i64 = 24 * HOUR;
