//! Writes the data into the embedded DynamoDB, past its wire protocol and past its streams: a million rows in a minute.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue as Sdk;
use dynoxide::{AttributeValue, Database, ImportOptions};
use tripsage_domain::ids::UserId;
use tripsage_local::Product;
use tripsage_store::{Transaction, filling, keys::Table};

use crate::{
    Failure,
    chance::Chance,
    data::{Data, Published},
};

/// Itineraries, with what was said of them, that are written at once.
const CHUNK: usize = 200;

type Items = HashMap<Table, Vec<HashMap<String, AttributeValue>>>;

/// Fills an empty product; gives the number of rows.
///
/// # Errors
/// When the product does not use the embedded engine, or the engine refuses.
pub fn fill(product: &Product, data: &Data) -> Result<usize, Failure> {
    let engine = product
        .cloud()
        .dynamodb_engine()
        .ok_or("only the embedded DynamoDB can be filled")?;
    let database = engine.database();
    let mut rows = 0;
    database.enable_bulk_loading()?;
    let mut items = Items::new();
    for (user, contributed) in &data.travellers {
        add(&mut items, Transaction::default().inserting_user(user, None, None)?);
        add(&mut items, filling::traveller(contributed)?);
    }
    rows += write(product, database, items)?;
    // Only tells rows apart that a retry must not take for its own.
    let mut nonces = Chance::new(0);
    for chunk in data.published.chunks(CHUNK) {
        let mut items = Items::new();
        for one in chunk {
            add_itinerary(&mut items, one, &mut nonces)?;
        }
        rows += write(product, database, items)?;
    }
    database.disable_bulk_loading()?;
    Ok(rows)
}

fn add_itinerary(items: &mut Items, one: &Published, nonces: &mut Chance) -> Result<(), Failure> {
    add(items, filling::itinerary(&one.itinerary, one.counts, one.background)?);
    let mut times: HashMap<UserId, _> = HashMap::new();
    for (rating, votes) in &one.ratings {
        let (by, at) = (rating.by, rating.created_at);
        times.insert(by, at);
        add(items, filling::rating(rating, *votes)?);
        add(items, filling::view(one.itinerary.id, by, at, nonces.uuid())?);
    }
    for upvote in &one.upvotes {
        let at = times.get(&upvote.by).copied().unwrap_or(one.itinerary.created_at);
        let vote = filling::upvote(upvote.by, upvote.subject, upvote.itinerary, at, nonces.uuid())?;
        add(items, vote);
    }
    Ok(())
}

fn add(items: &mut Items, transaction: Transaction) {
    for (table, item) in transaction.into_items() {
        let item = item.into_iter().map(|(name, value)| (name, converted(value)));
        items.entry(table).or_default().push(item.collect());
    }
}

fn write(product: &Product, database: &Database, items: Items) -> Result<usize, Failure> {
    let mut rows = 0;
    for (table, items) in items {
        let (function, variable) = match table {
            Table::Identity => ("auth", "TABLE_IDENTITY"),
            Table::Community => ("itineraries", "TABLE_COMMUNITY"),
            other => return Err(format!("nothing is made for {other:?}").into()),
        };
        let environment = product.cloud().environment(function).unwrap_or_default();
        let name = environment
            .get(variable)
            .ok_or_else(|| format!("{function} has no {variable}"))?;
        rows += database
            .import_items(name, items, ImportOptions::default())?
            .items_imported;
    }
    Ok(rows)
}

fn converted(value: Sdk) -> AttributeValue {
    match value {
        Sdk::S(text) => AttributeValue::S(text),
        Sdk::N(number) => AttributeValue::N(number),
        Sdk::Bool(set) => AttributeValue::BOOL(set),
        Sdk::B(bytes) => AttributeValue::B(bytes.into_inner()),
        Sdk::Ss(texts) => AttributeValue::SS(texts),
        Sdk::Ns(numbers) => AttributeValue::NS(numbers),
        Sdk::Bs(many) => AttributeValue::BS(many.into_iter().map(|bytes| bytes.into_inner()).collect()),
        Sdk::L(list) => AttributeValue::L(list.into_iter().map(converted).collect()),
        Sdk::M(map) => AttributeValue::M(map.into_iter().map(|(name, value)| (name, converted(value))).collect()),
        // `Null`, and what a later version of DynamoDB may add, which the store does not write.
        _ => AttributeValue::NULL(true),
    }
}

/// Lets the scheduler write the boards, as it does every hour.
///
/// # Errors
/// When it cannot.
pub async fn rank(product: &Product) -> Result<(), Failure> {
    let report = product
        .run_job(scheduler::Job::Rank)
        .await
        .ok_or("the template has no scheduler")?;
    report?;
    Ok(())
}
