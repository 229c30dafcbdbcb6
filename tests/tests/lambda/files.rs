//! The files in `events/`: one for each operation, as the description says, one for each schedule and stream, and no others.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use serde_json::{Value, json};
use tripsage_emulators::{
    Template,
    template::{EventSource, Place, RouteTable},
};

use crate::event::operations;

/// The description of the product.
pub fn document() -> Value {
    serde_json::from_str(&tripsage_local::openapi().to_json().unwrap()).unwrap()
}

/// The events as they are in the files.
pub fn read(name: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(folder().join(name)).unwrap()).unwrap()
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../events")
}

fn routes() -> RouteTable {
    let template = Template::load(&tripsage_local::default_template()).unwrap();
    template.resolve(&BTreeMap::new(), &Place::local("dev")).unwrap().routes
}

/// The events of schedules, by the names of their files.
pub fn scheduled() -> BTreeMap<String, Value> {
    let template = Template::load(&tripsage_local::default_template()).unwrap();
    let resources = template.document()["Resources"].as_object().unwrap();
    let schedules = resources
        .iter()
        .filter(|(_, resource)| resource["Type"] == "AWS::Scheduler::Schedule");
    let event = |(id, schedule): (&String, &Value)| {
        let target = &schedule["Properties"]["Target"];
        let function = target["Arn"]["Fn::GetAtt"][0].as_str().unwrap();
        let binary = &resources[function]["Metadata"]["BuildProperties"]["Binary"];
        let name = id.strip_suffix("Schedule").expect("a schedule is named after its job");
        let file = format!(
            "{}-{}{}.json",
            binary.as_str().unwrap(),
            name[..1].to_lowercase(),
            &name[1..]
        );
        (file, serde_json::from_str(target["Input"].as_str().unwrap()).unwrap())
    };
    schedules.map(event).collect()
}

/// The events of streams, by the names of their files: a vote, and a view, of an itinerary.
pub fn fed() -> BTreeMap<String, Value> {
    let template = Template::load(&tripsage_local::default_template()).unwrap();
    let stack = template.resolve(&BTreeMap::new(), &Place::local("dev")).unwrap();
    let event = |source: &EventSource| {
        let itinerary = "3f2b8a52-6c1e-4a52-9d3e-0c5b1f7a9e10";
        let user = "8d0f9c1e-52a7-4b0e-8d6c-9e1f2a3b4c5d";
        let vote = json!({
            "sk": { "S": format!("VOTE#{user}") }, "kind": { "S": "itinerary" }, "id": { "S": itinerary },
            "user": { "S": user }, "value": { "N": "1" }, "previous": { "N": "0" }, "version": { "N": "1" },
            "at": { "S": "2027-03-03T10:00:00Z" }, "nonce": { "S": "5b1f7a9e-6c1e-4a52-9d3e-3f2b8a520c5b" },
        });
        let view = json!({
            "sk": { "S": format!("VIEW#{}", "0".repeat(64)) }, "kind": { "S": "itinerary" }, "id": { "S": itinerary },
            "version": { "N": "1" }, "at": { "S": "2027-03-03T10:00:00Z" }, "nonce": { "S": "6c1e7a9e-5b1f-4a52-9d3e-3f2b8a520c5b" },
        });
        let records = [vote, view].into_iter().enumerate().map(|(index, mut row)| {
            row["pk"] = json!({ "S": format!("ITINERARY#{itinerary}") });
            json!({
                "eventID": format!("{index:032x}"), "eventName": "INSERT", "eventVersion": "1.1", "eventSource": "aws:dynamodb",
                "awsRegion": "eu-west-1", "eventSourceARN": source.stream,
                "dynamodb": {
                    "ApproximateCreationDateTime": 1_803_981_600, "Keys": { "pk": row["pk"], "sk": row["sk"] },
                    "NewImage": row, "SequenceNumber": format!("{:021}", 100 + index), "SizeBytes": 200,
                    "StreamViewType": "NEW_AND_OLD_IMAGES",
                },
            })
        });
        let event = json!({ "Records": records.collect::<Vec<_>>() });
        (format!("{}-records.json", source.binary), event)
    };
    stack.event_sources.iter().map(event).collect()
}

#[test]
fn every_operation_and_schedule_has_its_event_and_there_are_no_others() {
    let (document, routes, folder) = (document(), routes(), folder());
    let update = std::env::var_os("UPDATE").is_some();
    let mut expected = BTreeSet::new();
    let requests = operations(&document);
    let requests = requests
        .iter()
        .map(|operation| (operation.file(), operation.event(&document, &routes)));
    for (file, event) in requests.chain(scheduled()).chain(fed()) {
        let text = serde_json::to_string_pretty(&event).unwrap() + "\n";
        if update {
            fs::write(folder.join(&file), &text).unwrap();
        }
        let committed = fs::read_to_string(folder.join(&file)).unwrap_or_default();
        assert!(
            committed == text,
            "events/{file} is out of date: UPDATE=1 cargo test -p tripsage-tests --test lambda"
        );
        assert!(expected.insert(file), "two operations have one file");
    }
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(&folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if update && !expected.contains(&name) {
            fs::remove_file(folder.join(&name)).unwrap();
        } else {
            found.insert(name);
        }
    }
    assert_eq!(found, expected);
}
