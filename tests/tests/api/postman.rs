//! The Postman collection: a journey through the product, and every operation, made from `openapi.json`.

use std::path::PathBuf;

use serde_json::{Map, Value, json};

fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("postman").join(name)
}

/// Method, path, and the operation.
fn operations(document: &Value) -> Vec<(String, String, &Value)> {
    let paths = document["paths"].as_object().unwrap();
    let all = paths.iter().flat_map(|(path, methods)| {
        let methods = methods.as_object().unwrap().iter();
        let operations = methods.filter(|(_, operation)| operation["operationId"].is_string());
        operations.map(move |(method, operation)| (method.to_uppercase(), path.clone(), operation))
    });
    all.collect()
}

/// The address; `values` fills the path, and what is left becomes a variable of Postman.
fn url(path: &str, values: &Map<String, Value>, query: &Map<String, Value>) -> Value {
    let mut variables = Vec::new();
    let segments = path.trim_start_matches('/').split('/').map(|segment| {
        let Some(name) = segment.strip_prefix('{').and_then(|segment| segment.strip_suffix('}')) else {
            return segment.to_owned();
        };
        let value = values
            .get(name)
            .cloned()
            .unwrap_or_else(|| json!(format!("{{{{{name}}}}}")));
        variables.push(json!({ "key": name, "value": value }));
        format!(":{name}")
    });
    let segments: Vec<String> = segments.into_iter().collect();
    let query: Vec<Value> = query
        .iter()
        .map(|(key, value)| json!({ "key": key, "value": value }))
        .collect();
    let text: Vec<String> = query
        .iter()
        .map(|pair| format!("{}={}", pair["key"].as_str().unwrap(), pair["value"].as_str().unwrap()))
        .collect();
    let mut raw = format!("{{{{base_url}}}}/{}", segments.join("/"));
    if !text.is_empty() {
        raw = format!("{raw}?{}", text.join("&"));
    }
    json!({ "raw": raw, "host": ["{{base_url}}"], "path": segments, "query": query, "variable": variables })
}

fn auth(who: &str) -> Value {
    let token = match who {
        "nobody" => return json!({ "type": "noauth" }),
        "author" => "{{author_token}}",
        _ => "{{access_token}}",
    };
    json!({ "type": "bearer", "bearer": [{ "key": "token", "value": token, "type": "string" }] })
}

fn body(value: &Value) -> Value {
    let raw = serde_json::to_string_pretty(value).unwrap();
    json!({ "mode": "raw", "raw": raw, "options": { "raw": { "language": "json" } } })
}

fn script(step: &Value) -> Vec<String> {
    let statuses = match &step["expect"] {
        Value::Array(statuses) => statuses.clone(),
        status => vec![status.clone()],
    };
    let mut lines = vec![
        "const response = pm.response.json();".to_owned(),
        format!(
            "pm.test('{}', () => pm.expect(pm.response.code, pm.response.text()).to.be.oneOf({}));",
            step["name"].as_str().unwrap().replace('\'', "\\'"),
            json!(statuses)
        ),
        "pm.test('the envelope', () => pm.expect(response.status).to.equal(pm.response.code < 400 ? 'success' : 'error'));"
            .to_owned(),
    ];
    if let Some(text) = step["says"].as_str() {
        lines.push(format!(
            "pm.test('says it', () => pm.expect(pm.response.text()).to.include({}));",
            json!(text)
        ));
    }
    for (variable, place) in step["keep"].as_object().into_iter().flatten() {
        let place = place
            .as_str()
            .unwrap()
            .split('.')
            .map(|part| match part.parse::<usize>() {
                Ok(index) => format!("[{index}]"),
                Err(_) => format!(".{part}"),
            });
        lines.push(format!(
            "pm.environment.set('{variable}', response{});",
            place.collect::<String>()
        ));
    }
    lines
}

fn journey(document: &Value, steps: &[Value]) -> Vec<Value> {
    let operations = operations(document);
    let mut folders: Vec<Value> = Vec::new();
    for step in steps {
        if let Some(name) = step["folder"].as_str() {
            folders.push(json!({ "name": name, "item": [] }));
            continue;
        }
        let id = step["operation"].as_str().unwrap();
        let operation = operations.iter().find(|(.., operation)| operation["operationId"] == id);
        let (method, path, operation) = operation.unwrap_or_else(|| panic!("there is no operation {id}"));
        for status in step["expect"].as_array().unwrap_or(&vec![step["expect"].clone()]) {
            assert!(
                operation["responses"].get(status.to_string()).is_some(),
                "{id} does not document {status}"
            );
        }
        let nothing = Map::new();
        let fields = |name: &str| step[name].as_object().unwrap_or(&nothing).clone();
        // The clients of old know the paths without a version.
        let path = path.replacen("/api/v1/", "/api/", 1);
        let mut request = json!({
            "method": method,
            "auth": auth(step["as"].as_str().unwrap_or("test")),
            "url": url(&path, &fields("path"), &fields("query")),
        });
        if step["body"].is_object() {
            request["header"] = json!([{ "key": "Content-Type", "value": "application/json" }]);
            request["body"] = body(&step["body"]);
        }
        let event = json!([{ "listen": "test", "script": { "type": "text/javascript", "exec": script(step) } }]);
        let item = json!({ "name": step["name"], "request": request, "event": event });
        folders.last_mut().expect("a folder")["item"]
            .as_array_mut()
            .unwrap()
            .push(item);
    }
    folders
}

fn reference(document: &Value) -> Vec<Value> {
    let mut folders: Vec<Value> = Vec::new();
    for (method, path, operation) in operations(document) {
        let tag = operation["tags"][0].as_str().unwrap_or("other");
        let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
        let required = parameters
            .iter()
            .filter(|one| one["in"] == "query" && one["required"] == true);
        let query = required.map(|one| {
            let name = one["name"].as_str().unwrap().to_owned();
            let value = json!(format!("{{{{{name}}}}}"));
            (name, value)
        });
        let mut request = json!({ "method": method, "url": url(&path, &Map::new(), &query.collect()) });
        if operation["security"].as_array().is_none_or(Vec::is_empty) {
            request["auth"] = auth("nobody");
        }
        if operation["requestBody"]["content"].get("application/json").is_some() {
            request["header"] = json!([{ "key": "Content-Type", "value": "application/json" }]);
            request["body"] = body(&json!({}));
        }
        let item = json!({ "name": operation["summary"].as_str().unwrap_or(&path), "request": request });
        let at = folders
            .iter()
            .position(|folder| folder["name"] == tag)
            .unwrap_or_else(|| {
                folders.push(json!({ "name": tag, "item": [] }));
                folders.len() - 1
            });
        folders[at]["item"].as_array_mut().unwrap().push(item);
    }
    folders
}

fn collection(document: &Value, name: &str, items: &[Value]) -> Value {
    json!({
        "info": {
            "name": format!("TripSage: {name}"),
            "description": document["info"]["description"],
            "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
        },
        "auth": auth("test"),
        "variable": [{ "key": "base_url", "value": "http://localhost:8080" }],
        "item": items,
    })
}

#[test]
fn the_committed_collections_are_made_from_the_description() {
    let document = serde_json::to_value(tripsage_local::openapi()).unwrap();
    let steps = std::fs::read_to_string(file("journey.json")).unwrap();
    let steps: Vec<Value> = serde_json::from_str(&steps).unwrap();
    let values = [
        ("base_url", "http://localhost:8080"),
        ("run", "1"),
        ("access_token", ""),
        ("refresh_token", ""),
        ("author_token", ""),
    ];
    let values = values.map(|(key, value)| json!({ "key": key, "value": value, "enabled": true }));
    let environment = json!({ "name": "TripSage local", "values": values });
    for (name, made) in [
        (
            "tripsage.journey.postman_collection.json",
            collection(&document, "a journey", &journey(&document, &steps)),
        ),
        (
            "tripsage.postman_collection.json",
            collection(&document, "every operation", &reference(&document)),
        ),
        ("tripsage.postman_environment.json", environment),
    ] {
        let made = serde_json::to_string_pretty(&made).unwrap() + "\n";
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(file(name), &made).unwrap();
        }
        let committed = std::fs::read_to_string(file(name)).unwrap_or_default();
        assert!(
            committed == made,
            "{name} is out of date: UPDATE=1 cargo test -p tripsage-tests postman"
        );
    }
}
