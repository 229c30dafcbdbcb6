//! The files in `events/`: one for each operation, as the description says, one for each schedule, and no others.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;
use tripsage_emulators::{
    Template,
    template::{Place, RouteTable},
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

#[test]
fn every_operation_and_schedule_has_its_event_and_there_are_no_others() {
    let (document, routes, folder) = (document(), routes(), folder());
    let update = std::env::var_os("UPDATE").is_some();
    let mut expected = BTreeSet::new();
    let requests = operations(&document);
    let requests = requests
        .iter()
        .map(|operation| (operation.file(), operation.event(&document, &routes)));
    for (file, event) in requests.chain(scheduled()) {
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
