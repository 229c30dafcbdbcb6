//! Walks through filtered and sorted lists while others vote, rate and publish, and compares what they show with what
//! looking at every itinerary gives.

use std::{
    cmp::Reverse,
    collections::HashSet,
    io::Write,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use jiff::Timestamp;
use serde_json::{Value, json};
use tripsage_domain::itinerary::{Content, Difficulty};
use tripsage_store::itineraries::StandingRow;

use crate::{
    Failure,
    chance::Chance,
    data::{Data, Published, Size},
    filling,
    product::{Client, Start, new_itinerary},
};

/// Somewhat longer than it takes until what moves counts, so that walks that are under way see how well it is kept from
/// them.
const MEANWHILE: Duration = Duration::from_secs(5);

/// Who write while others walk.
const WRITERS: usize = 4;

/// A list, and how to make it by looking at everything.
struct List {
    query: &'static str,
    matches: fn(&Published) -> bool,
    /// The measure that sorts it, the largest first; what was published last comes first among equals.
    measure: fn(&[i64; 7]) -> i64,
}

const LISTS: [List; 5] = [
    List {
        query: "destination=tokyo&women_safe=true&sort=top-rated",
        matches: |one| goes_to(one, "Tokyo") && content(one).women_safe_certified,
        measure: |measures| measures[1],
    },
    List {
        query: "destination=paris&difficulty=easy&sort=trending",
        matches: |one| goes_to(one, "Paris") && content(one).difficulty == Some(Difficulty::Easy),
        measure: |measures| measures[0],
    },
    List {
        query: "activity=food&women_safe=true&sort=most-helpful",
        matches: |one| does(one, "food") && content(one).women_safe_certified,
        measure: |measures| measures[2],
    },
    List {
        query: "search=long%20weekend&activity=hiking&sort=newest",
        matches: |one| content(one).title.contains("long weekend") && does(one, "hiking"),
        measure: |_| 0,
    },
    List {
        query: "min_safety_score=4.5&activity=food&sort=trending",
        matches: |one| standing(one).measures()[4] >= 450 && does(one, "food"),
        measure: |measures| measures[0],
    },
];

fn content(one: &Published) -> &Content {
    &one.itinerary.content
}

fn goes_to(one: &Published, city: &str) -> bool {
    content(one).destination.starts_with(city)
}

fn does(one: &Published, tag: &str) -> bool {
    content(one).activity_tags.iter().any(|known| known == tag)
}

fn standing(one: &Published) -> StandingRow {
    let mut row = StandingRow::new(&one.itinerary);
    (row.counts, row.background) = (one.counts, one.background);
    row
}

impl List {
    /// What looking at everything gives.
    fn expected(&self, data: &Data) -> Vec<String> {
        let mut found: Vec<_> = data
            .published
            .iter()
            .filter(|one| (self.matches)(one))
            .map(|one| {
                let rank = Reverse((self.measure)(&standing(one).measures()));
                (rank, Reverse(one.itinerary.published_at), one.itinerary.id.to_string())
            })
            .collect();
        found.sort();
        found.into_iter().map(|(_, _, id)| id).collect()
    }
}

/// A walk that has begun.
struct Walk {
    shown: Vec<String>,
    next: Option<String>,
}

impl Walk {
    async fn begin(client: &Client, list: &List) -> Result<Self, Failure> {
        let mut walk = Self {
            shown: Vec::new(),
            next: None,
        };
        let page = client.get(&format!("/api/v1/itineraries?{}", list.query)).await?;
        walk.take(&page)?;
        Ok(walk)
    }

    async fn finish(mut self, client: &Client, list: &List) -> Result<Vec<String>, Failure> {
        while let Some(cursor) = self.next.take() {
            let page = client
                .get(&format!("/api/v1/itineraries?{}&cursor={cursor}", list.query))
                .await?;
            self.take(&page)?;
        }
        Ok(self.shown)
    }

    fn take(&mut self, page: &Value) -> Result<(), Failure> {
        let entries = page["data"].as_array().ok_or("a page without entries")?;
        let ids = entries.iter().filter_map(|entry| entry["id"].as_str());
        self.shown.extend(ids.map(str::to_owned));
        self.next = page["pagination"]["next_cursor"].as_str().map(str::to_owned);
        Ok(())
    }
}

/// What others do meanwhile.
struct Writers {
    stop: Arc<AtomicBool>,
    written: Arc<AtomicUsize>,
    tasks: Vec<tokio::task::JoinHandle<Result<Vec<String>, String>>>,
}

impl Writers {
    async fn start(client: &Client, data: &Data) -> Result<Self, Failure> {
        let (stop, written) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
        let ids: Arc<[String]> = data.published.iter().map(|one| one.itinerary.id.to_string()).collect();
        let mut tasks = Vec::new();
        for number in 0..WRITERS {
            let client = client.signed_in(&format!("writer{number}")).await?;
            let (stop, written, ids) = (Arc::clone(&stop), Arc::clone(&written), Arc::clone(&ids));
            tasks.push(tokio::spawn(async move {
                let (mut chance, mut made) = (Chance::new(number as u64), Vec::new());
                while !stop.load(Ordering::Relaxed) {
                    let wrote = write(&client, &mut chance, &ids, &mut made).await;
                    wrote.map_err(|error| error.to_string())?;
                    written.fetch_add(1, Ordering::Relaxed);
                }
                Ok(made)
            }));
        }
        Ok(Self { stop, written, tasks })
    }

    /// How many writes there were, and what was published.
    async fn stop(self) -> Result<(usize, HashSet<String>), Failure> {
        self.stop.store(true, Ordering::Relaxed);
        let mut made = HashSet::new();
        for task in self.tasks {
            made.extend(task.await??);
        }
        Ok((self.written.load(Ordering::Relaxed), made))
    }
}

async fn write(client: &Client, chance: &mut Chance, ids: &[String], made: &mut Vec<String>) -> Result<(), Failure> {
    let id = &ids[chance.skewed(ids.len())];
    match chance.below(10) {
        0 => {
            let answer = client
                .post("/api/v1/itineraries", &new_itinerary("Tokyo, Japan"))
                .await?;
            made.extend(answer["data"]["id"].as_str().map(str::to_owned));
        }
        1..=3 => {
            let rating = json!({ "overall_safety_score": 1 + chance.below(5) });
            client
                .post(&format!("/api/v1/itineraries/{id}/rating"), &rating)
                .await?;
        }
        _ => {
            client
                .post(&format!("/api/v1/itineraries/{id}/upvote"), &json!({}))
                .await?;
        }
    }
    Ok(())
}

/// Checks every list twice: walks that began before anybody wrote must show exactly what was there, in the order of then;
/// walks that begin while others write must show each of them once too.
///
/// # Errors
/// When a walk shows anything else, or the product refuses.
pub async fn run(out: &mut dyn Write, seed: u64, size: Size, until: Timestamp) -> Result<(), Failure> {
    let product = Start {
        streams: true,
        ..Start::default()
    }
    .run()
    .await?;
    let data = Data::generate(seed, size, until);
    let rows = filling::fill(&product, &data)?;
    writeln!(
        out,
        "{} itineraries, {} ratings, {rows} rows",
        size.itineraries, size.ratings
    )?;
    let client = Client::new(product.url());
    let mut walks = Vec::new();
    for list in &LISTS {
        walks.push(Walk::begin(&client, list).await?);
    }
    let writers = Writers::start(&client, &data).await?;
    tokio::time::sleep(MEANWHILE).await;
    let mut wrong = 0;
    for (list, walk) in LISTS.iter().zip(walks) {
        let (shown, expected) = (walk.finish(&client, list).await?, list.expected(&data));
        let same = shown == expected;
        wrong += usize::from(!same);
        let verdict = if same {
            "the same, in the same order"
        } else {
            "DIFFERENT"
        };
        writeln!(
            out,
            "{}: {} of {} ids, {verdict}",
            list.query,
            shown.len(),
            expected.len()
        )?;
    }
    let mut later = Vec::new();
    // Ratings change who belongs to the last list.
    for list in LISTS.iter().take(LISTS.len() - 1) {
        let shown = Walk::begin(&client, list).await?.finish(&client, list).await?;
        later.push((list, shown));
    }
    let (written, made) = writers.stop().await?;
    for (list, shown) in later {
        let once: HashSet<&String> = shown.iter().collect();
        let known: HashSet<&String> = shown.iter().filter(|id| !made.contains(*id)).collect();
        let same = once.len() == shown.len() && known == list.expected(&data).iter().collect();
        wrong += usize::from(!same);
        let verdict = if same { "each once" } else { "DIFFERENT" };
        writeln!(out, "{}, begun meanwhile: {} ids, {verdict}", list.query, shown.len())?;
    }
    writeln!(out, "{written} votes, ratings and itineraries were written meanwhile")?;
    product.shutdown().await;
    if wrong > 0 || written == 0 {
        return Err(format!("{wrong} walks differ, {written} writes").into());
    }
    Ok(())
}
