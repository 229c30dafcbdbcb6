//! Documents that say what the code says are held to it.

use std::{collections::BTreeMap, fmt::Write, path::Path};

use tripsage_http::Code;

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
}

/// Insists that a file says this; writes it first when asked to.
fn holds(file: &str, current: &str) {
    let path = root().join(file);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, current).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == current,
        "{file} is out of date: UPDATE=1 cargo test -p tripsage-tests docs"
    );
}

#[test]
fn every_error_is_listed() {
    let mut text = String::from(
        "# Errors\n\nEvery error has a body with a `code`. This list is written by `UPDATE=1 cargo test -p tripsage-tests docs`.\n\n\
         | code | status | meaning |\n| --- | --- | --- |\n",
    );
    for code in Code::ALL {
        writeln!(
            text,
            "| `{}` | {} | {} |",
            code.name(),
            code.status().as_u16(),
            code.meaning()
        )
        .unwrap();
    }
    text.push_str(
        "\n`POST /api/v1/auth/token` answers with the errors of RFC 6749 instead: `invalid_request`, `invalid_grant`, \
         `unsupported_grant_type`.\n",
    );
    holds("docs/errors.md", &text);
}

/// Numbers of the access patterns that a text names, with how often.
fn patterns(text: &str, numbers: &mut BTreeMap<String, u32>) {
    for (at, _) in text.match_indices("AP-") {
        let number: String = text[at + 3..].chars().take_while(char::is_ascii_digit).collect();
        if number.len() >= 2 {
            *numbers.entry(number).or_default() += 1;
        }
    }
}

fn sources(folder: &Path, visit: &mut dyn FnMut(&str)) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, visit);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            visit(&std::fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn every_access_pattern_is_in_the_data_model_and_nothing_else_is() {
    let (mut in_code, mut in_docs) = (BTreeMap::new(), BTreeMap::new());
    sources(&root().join("shared/store/src"), &mut |text| {
        for line in text.lines().filter(|line| line.trim_start().starts_with("/// AP-")) {
            patterns(line.split(':').next().unwrap(), &mut in_code);
        }
    });
    let model = std::fs::read_to_string(root().join("docs/data-model.md")).unwrap();
    for line in model.lines().filter(|line| line.starts_with("| AP-")) {
        patterns(line.split('|').nth(1).unwrap(), &mut in_docs);
    }
    assert!(
        in_code.values().all(|count| *count == 1),
        "a number is used twice: {in_code:?}"
    );
    let names = |map: BTreeMap<String, u32>| map.into_keys().collect::<Vec<_>>();
    assert_eq!(names(in_docs), names(in_code));
}
