//! A value for every schema of the description: its own example where it has one, else the plainest that fits.

use serde_json::{Map, Value, json};

/// Schemas that refer to themselves end here.
const MAX_DEPTH: usize = 8;

/// An example of `schema`, whose references lead into `document`.
pub fn example(document: &Value, schema: &Value) -> Value {
    at_depth(document, schema, 0)
}

fn at_depth(document: &Value, schema: &Value, depth: usize) -> Value {
    if depth > MAX_DEPTH {
        return Value::Null;
    }
    if let Some(reference) = schema["$ref"].as_str() {
        let pointer = reference.trim_start_matches('#');
        let target = document.pointer(pointer).expect("a reference leads somewhere");
        return at_depth(document, target, depth + 1);
    }
    let given = [
        &schema["example"],
        &schema["examples"][0],
        &schema["const"],
        &schema["default"],
        &schema["enum"][0],
    ];
    if let Some(value) = given.into_iter().find(|value| !value.is_null()) {
        return value.clone();
    }
    for choice in ["oneOf", "anyOf"] {
        if let Some(options) = schema[choice].as_array() {
            let option = options.iter().find(|option| option["type"] != "null");
            return option.map_or(Value::Null, |option| at_depth(document, option, depth + 1));
        }
    }
    if let Some(parts) = schema["allOf"].as_array() {
        let mut merged = Map::new();
        for part in parts {
            if let Value::Object(fields) = at_depth(document, part, depth + 1) {
                merged.extend(fields);
            }
        }
        return merged.into();
    }
    match kind(schema) {
        "object" => object(document, schema, depth),
        "array" => json!([at_depth(document, &schema["items"], depth + 1)]),
        "integer" | "number" => schema.get("minimum").cloned().unwrap_or_else(|| json!(1)),
        "boolean" => json!(true),
        "string" => text(schema).into(),
        _ => Value::Null,
    }
}

/// Required properties, and those for which somebody gave an example; all of them when there are no such.
fn object(document: &Value, schema: &Value, depth: usize) -> Value {
    let Some(properties) = schema["properties"].as_object() else {
        return json!({});
    };
    let required: Vec<&str> = schema["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let telling = |name: &str, property: &Value| {
        required.contains(&name) || property.get("example").is_some() || property.get("examples").is_some()
    };
    let any = properties.iter().any(|(name, property)| telling(name, property));
    let chosen = properties
        .iter()
        .filter(|(name, property)| !any || telling(name, property));
    chosen
        .map(|(name, property)| (name.clone(), at_depth(document, property, depth + 1)))
        .collect()
}

/// The type; of several, the first that is not null.
fn kind(schema: &Value) -> &str {
    match &schema["type"] {
        Value::Array(kinds) => kinds
            .iter()
            .filter_map(Value::as_str)
            .find(|kind| *kind != "null")
            .unwrap_or("null"),
        kind => kind.as_str().unwrap_or_default(),
    }
}

fn text(schema: &Value) -> String {
    let plain = match schema["format"].as_str().unwrap_or_default() {
        "date" => "2027-04-01",
        "date-time" => "2027-04-01T09:00:00Z",
        "uuid" => "0190a2b4-7c3d-4e5f-8a6b-1c2d3e4f5a6b",
        "email" => "alice@example.com",
        "uri" | "url" => "https://app.example.com/",
        "password" => "Test123!",
        _ => "Kyoto",
    };
    let shortest = schema["minLength"].as_u64().unwrap_or(0) as usize;
    format!("{plain:x<shortest$}")
}
