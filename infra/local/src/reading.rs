//! Demo reading matter about the safety of women. Only moderators write it through the API, and nobody becomes one there:
//! so it is put into the local table directly.

use jiff::Timestamp;
use serde::Deserialize;
use tripsage_domain::{
    ids::ResourceId,
    safety_resource::{Category, Content, Helpline, Resource, Urgency},
};
use tripsage_runtime::{Ports, Runtime};
use tripsage_store::{Db, StoreError, Transaction};

use crate::{Product, seed::SeedError};

#[derive(Deserialize)]
struct Demo {
    title: String,
    description: String,
    content: String,
    category: Category,
    urgency: Urgency,
    pinned: bool,
    featured: bool,
    helplines: Vec<(String, String, String)>,
}

/// Makes the demo reading matter, unless there is any.
///
/// # Errors
/// When the table does not answer, or the bundled data is not what this program reads.
pub async fn seed(product: &Product) -> Result<(), SeedError> {
    let unusable = |error: &dyn std::fmt::Display| SeedError::Data(error.to_string());
    let environment = product
        .cloud()
        .environment("safety")
        .ok_or_else(|| SeedError::Data("the template has no safety function".to_owned()))?;
    let ports = Ports::system();
    let (now, entropy) = (ports.clock.now(), ports.entropy.clone());
    let runtime =
        Runtime::new("safety", &|name| environment.get(name).cloned(), ports).map_err(|error| unusable(&error))?;
    let db = Db::new(&runtime);
    let stored = |error: StoreError| unusable(&error);
    if !db.list_resources().await.map_err(stored)?.is_empty() {
        return Ok(());
    }
    let demo: Vec<Demo> =
        serde_json::from_str(include_str!("../data/resources.json")).map_err(|error| unusable(&error))?;
    for one in demo {
        let resource = resource(ResourceId::random(&*entropy), one, now);
        let transaction = Transaction::inserting_resource(&resource).map_err(stored)?;
        db.commit(transaction).await.map_err(stored)?;
    }
    Ok(())
}

fn resource(id: ResourceId, demo: Demo, now: Timestamp) -> Resource {
    let helplines = demo.helplines.into_iter().map(|(country, service, number)| Helpline {
        country,
        service,
        number,
    });
    Resource {
        id,
        content: Content {
            title: demo.title,
            description: demo.description,
            content: demo.content,
            category: demo.category,
            target_region: None,
            target_countries: Vec::new(),
            travel_types: Vec::new(),
            external_links: Vec::new(),
            helplines: helplines.collect(),
            urgency: demo.urgency,
            language: "en".to_owned(),
            featured: demo.featured,
            pinned: demo.pinned,
        },
        created_at: now,
        updated_at: now,
        version: 1,
    }
}
