//! YAML with CloudFormation's short tags, read into JSON with the long forms.

use serde_json::{Map, Value};
use serde_norway::Value as Yaml;

use super::TemplateError;

pub(super) fn parse(text: &str) -> Result<Value, TemplateError> {
    let yaml: Yaml = serde_norway::from_str(text).map_err(|error| TemplateError::new("YAML", error.to_string()))?;
    convert(yaml, "template")
}

fn convert(yaml: Yaml, at: &str) -> Result<Value, TemplateError> {
    Ok(match yaml {
        Yaml::Null => Value::Null,
        Yaml::Bool(value) => value.into(),
        Yaml::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(integer), _) => integer.into(),
            (None, Some(float)) => float.into(),
            (None, None) => Value::Null,
        },
        Yaml::String(text) => text.into(),
        Yaml::Sequence(items) => items
            .into_iter()
            .map(|item| convert(item, at))
            .collect::<Result<Vec<_>, _>>()?
            .into(),
        Yaml::Mapping(entries) => {
            let mut object = Map::new();
            for (key, value) in entries {
                let key = match key {
                    Yaml::String(text) => text,
                    Yaml::Number(number) => number.to_string(),
                    other => return Err(TemplateError::new(at, format!("a key must be text, not {other:?}"))),
                };
                let value = convert(value, &format!("{at}.{key}"))?;
                object.insert(key, value);
            }
            object.into()
        }
        Yaml::Tagged(tagged) => {
            let tag = tagged.tag.to_string();
            let name = tag.trim_start_matches('!');
            let value = convert(tagged.value, at)?;
            let (function, value) = match (name, value) {
                ("Ref" | "Condition", value) => (name.to_owned(), value),
                ("GetAtt", Value::String(path)) => {
                    let (resource, attribute) = path
                        .split_once('.')
                        .ok_or_else(|| TemplateError::new(at, format!("!GetAtt {path} names no attribute")))?;
                    ("Fn::GetAtt".to_owned(), vec![resource, attribute].into())
                }
                (_, value) => (format!("Fn::{name}"), value),
            };
            Value::Object(Map::from_iter([(function, value)]))
        }
    })
}
