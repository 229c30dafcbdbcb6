//! How the bundled files are read: a row a line, tabs between the fields.

use std::sync::OnceLock;

use crate::Position;

/// The fields of one row; what is not there is empty.
pub(crate) struct Fields(std::str::Split<'static, char>);

impl Fields {
    pub(crate) fn text(&mut self) -> &'static str {
        self.0.next().unwrap_or_default()
    }

    /// Zero where there is no number; a test reads every row.
    pub(crate) fn number<T: std::str::FromStr + Default>(&mut self) -> T {
        self.text().parse().unwrap_or_default()
    }

    pub(crate) fn position(&mut self) -> Position {
        Position {
            latitude: self.number(),
            longitude: self.number(),
        }
    }

    pub(crate) fn zone(&mut self) -> &'static str {
        static ZONES: OnceLock<Vec<&'static str>> = OnceLock::new();
        let zones = ZONES.get_or_init(|| include_str!("../data/zones.txt").lines().collect());
        zones.get(self.number::<usize>()).copied().unwrap_or("UTC")
    }
}

pub(crate) fn rows(file: &'static str) -> impl Iterator<Item = Fields> {
    file.lines().map(|line| Fields(line.split('\t')))
}
