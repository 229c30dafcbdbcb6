//! The generator and the walks at a size that tests can afford.

use tripsage_runtime::Ports;

use crate::{
    data::{Data, Size},
    filling,
    product::{Client, Start},
    walk,
};

const SMALL: Size = Size {
    itineraries: 300,
    ratings: 900,
    travellers: 30,
};

#[tokio::test(flavor = "multi_thread")]
async fn walks_show_what_looking_at_everything_gives() {
    let mut said = Vec::new();
    let until = Ports::system().clock.now();
    let result = walk::run(&mut said, 4, SMALL, until).await;
    assert!(result.is_ok(), "{result:?}\n{}", String::from_utf8_lossy(&said));
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_those_of_the_product() {
    let product = Start::default().run().await.unwrap();
    // Older than what reconciliation leaves alone.
    let until = Ports::system().clock.now() - jiff::SignedDuration::from_hours(1);
    let data = Data::generate(4, SMALL, until);
    filling::fill(&product, &data).unwrap();

    let report = product.run_job(scheduler::Job::Reconcile).await.unwrap().unwrap();
    assert_eq!((report.done, report.failed), (0, 0), "there is nothing to mend");

    let client = Client::new(product.url());
    let one = &data.published[0];
    let detail = client
        .get(&format!("/api/v1/itineraries/{}", one.itinerary.id))
        .await
        .unwrap();
    assert_eq!(detail["data"]["title"], one.itinerary.content.title.as_str());
    let ratings = format!("/api/v1/safety-ratings?itinerary_id={}&per_page=100", one.itinerary.id);
    let ratings = client.get(&ratings).await.unwrap();
    assert_eq!(ratings["data"].as_array().unwrap().len(), one.ratings.len());
}
