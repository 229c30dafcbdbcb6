//! Documents that say what the code says are held to it.

use std::{collections::BTreeSet, fmt::Write, path::Path};

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

/// Numbers of the access patterns that a text names.
fn patterns(text: &str) -> impl Iterator<Item = String> {
    let numbers = text
        .split("AP-")
        .skip(1)
        .map(|rest| rest.chars().take_while(char::is_ascii_digit).collect::<String>());
    numbers.filter(|number| number.len() >= 2)
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
    let mut in_code = BTreeSet::new();
    sources(&root().join("shared/store/src"), &mut |text| {
        // Several methods may belong to one pattern, and one method may use several.
        for line in text.lines().filter(|line| line.trim_start().starts_with("/// AP-")) {
            in_code.extend(patterns(line.split(':').next().unwrap()));
        }
    });
    let model = std::fs::read_to_string(root().join("docs/data-model.md")).unwrap();
    let mut in_docs = BTreeSet::new();
    for line in model.lines().filter(|line| line.starts_with("| AP-")) {
        for number in patterns(line.split('|').nth(1).unwrap()) {
            assert!(in_docs.insert(number.clone()), "AP-{number} has two rows");
        }
    }
    assert_eq!(in_docs, in_code);
}
