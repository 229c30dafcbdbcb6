//! Field masks: only what was asked for is answered.

use serde_json::{Map, Value};

use super::Refusal;

/// Keeps the fields that a mask names: `places.id,places.displayName.text,nextPageToken`, or `*`.
pub(super) fn project(answer: &Value, mask: &str) -> Result<Value, Refusal> {
    if mask.trim().is_empty() {
        return Err(Refusal::invalid(
            "FieldMask is a required parameter. See https://cloud.google.com/apis/docs/system-parameters on how to \
             provide it.",
        ));
    }
    let mut kept = Value::Object(Map::new());
    for path in mask.split(',').map(str::trim) {
        if path == "*" {
            return Ok(answer.clone());
        }
        let steps: Vec<&str> = path.split('.').collect();
        if steps.iter().any(|step| step.is_empty()) || path.contains(' ') {
            return Err(Refusal::invalid(format!(
                "Error expanding 'fields' parameter. Cannot find matching fields for path '{path}'."
            )));
        }
        copy(answer, &mut kept, &steps);
    }
    Ok(kept)
}

/// Copies what is at the path, through objects and through every element of lists.
fn copy(from: &Value, to: &mut Value, steps: &[&str]) {
    let Some((step, rest)) = steps.split_first() else {
        *to = from.clone();
        return;
    };
    match from {
        Value::Array(elements) => {
            if !to.is_array() {
                *to = Value::Array(vec![Value::Object(Map::new()); elements.len()]);
            }
            for (element, place) in elements.iter().zip(to.as_array_mut().into_iter().flatten()) {
                copy(element, place, steps);
            }
        }
        Value::Object(fields) => {
            if let (Some(field), Value::Object(places)) = (fields.get(*step), to) {
                let place = places.entry(*step).or_insert_with(|| Value::Object(Map::new()));
                copy(field, place, rest);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_is_named_is_kept() {
        let answer =
            json!({ "places": [{ "id": "1", "name": { "text": "A", "lang": "en" } }, { "id": "2" }], "next": "n" });
        for (mask, kept) in [
            ("places.id", json!({ "places": [{ "id": "1" }, { "id": "2" }] })),
            (
                "places.id, places.name.text",
                json!({ "places": [{ "id": "1", "name": { "text": "A" } }, { "id": "2" }] }),
            ),
            ("next", json!({ "next": "n" })),
            ("*", answer.clone()),
        ] {
            assert_eq!(project(&answer, mask).unwrap(), kept);
        }
        assert!(project(&answer, " ").is_err());
        assert!(project(&answer, "places..id").is_err());
    }
}
