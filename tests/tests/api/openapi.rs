use std::path::Path;

use tripsage_tests::Api;

#[test]
fn the_committed_description_is_what_the_code_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../openapi.json");
    let current = tripsage_local::openapi().to_pretty_json().unwrap() + "\n";
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &current).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap();
    assert!(
        committed == current,
        "openapi.json is out of date: UPDATE=1 cargo test -p tripsage-tests openapi"
    );
}

#[test]
fn every_reference_leads_somewhere() {
    fn visit(document: &serde_json::Value, part: &serde_json::Value) {
        match part {
            serde_json::Value::Object(fields) => {
                if let Some(target) = fields.get("$ref").and_then(serde_json::Value::as_str) {
                    assert!(document.pointer(target.trim_start_matches('#')).is_some(), "{target}");
                }
                fields.values().for_each(|field| visit(document, field));
            }
            serde_json::Value::Array(entries) => entries.iter().for_each(|entry| visit(document, entry)),
            _ => {}
        }
    }
    let document = serde_json::to_value(tripsage_local::openapi()).unwrap();
    visit(&document, &document);
}

#[tokio::test]
async fn the_description_is_served_as_json_and_yaml_and_as_a_page() {
    let api = Api::start().await;
    assert_eq!(
        api.get("/openapi.json").await.expect(200).body["info"]["title"],
        "TripSage"
    );
    assert!(api.get("/openapi.yaml").await.expect(200).text.contains("openapi: 3.1"));
    assert_eq!(api.get("/docs").await.expect(308).header("location"), "/docs/");
    let page = api.get("/docs/").await.expect(200);
    assert!(page.header("content-type").starts_with("text/html"));
    for file in ["swagger-ui-bundle.js", "swagger-ui.css", "swagger-initializer.js"] {
        api.get(&format!("/docs/{file}")).await.expect(200);
    }
    api.get("/docs/nothing.js").await.refused(404, "NOT_FOUND");
}

/// Functions are described one by one, and put together by name: two different things under one name would hide each
/// other.
#[test]
fn no_name_means_two_things() {
    let mut known = std::collections::BTreeMap::new();
    let mut clashes = Vec::new();
    for function in tripsage_local::FUNCTIONS {
        let document = serde_json::to_value((function.openapi)()).unwrap();
        for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
            let (first, other) = known.entry(name.clone()).or_insert((function.binary, schema.clone()));
            if other != schema {
                clashes.push(format!("{name} of {} and of {first}", function.binary));
            }
        }
    }
    assert!(clashes.is_empty(), "{clashes:?}");
}
