//! What became of the requests of a run.

use std::{collections::BTreeMap, io::Write};

use crate::Failure;

/// What became of one request.
#[derive(Debug, Clone, Copy)]
pub struct Sample {
    /// What was asked.
    pub name: &'static str,
    /// When: milliseconds since the run began.
    pub at: u64,
    /// How long the answer took.
    pub micros: u64,
    /// Whether it was no success.
    pub is_error: bool,
    /// Whether it came from the cache, where the answer says so.
    pub was_cached: Option<bool>,
}

/// What became of some requests.
#[derive(Debug, Clone, PartialEq)]
pub struct Summary {
    /// How many there were.
    pub count: usize,
    /// How many were no success.
    pub errors: usize,
    /// Milliseconds within which so many of a hundred were answered: 50, 95, 99, and all.
    pub milliseconds: [f64; 4],
    /// How many of those that may come from the cache did.
    pub hits: Option<f64>,
}

impl Summary {
    /// Of these requests.
    pub fn of(samples: &[Sample]) -> Self {
        let mut times: Vec<u64> = samples.iter().map(|sample| sample.micros).collect();
        times.sort_unstable();
        let within = |percent: usize| {
            let rank = (times.len() * percent).div_ceil(100).max(1);
            let micros = times.get(rank - 1).copied().unwrap_or_default();
            std::time::Duration::from_micros(micros).as_secs_f64() * 1e3
        };
        let asked = samples.iter().filter_map(|sample| sample.was_cached);
        let (found, all) = asked.fold((0, 0), |(found, all), hit| (found + usize::from(hit), all + 1));
        Self {
            count: samples.len(),
            errors: samples.iter().filter(|sample| sample.is_error).count(),
            milliseconds: [50, 95, 99, 100].map(within),
            hits: (all > 0).then(|| share(found, all)),
        }
    }

    /// Writes it as a row of a table.
    ///
    /// # Errors
    /// When nothing can be written.
    pub fn write(&self, out: &mut dyn Write, name: &str, seconds: u64) -> Result<(), Failure> {
        let [p50, p95, p99, max] = self.milliseconds;
        let hits = self.hits.map_or_else(|| "-".to_owned(), |hits| format!("{hits:.1} %"));
        writeln!(
            out,
            "| {name} | {} | {:.0} | {p50:.1} | {p95:.1} | {p99:.1} | {max:.0} | {:.2} % | {hits} |",
            self.count,
            share(self.count, usize::try_from(seconds).unwrap_or(usize::MAX)) / 100.0,
            share(self.errors, self.count),
        )?;
        Ok(())
    }
}

/// So many of a hundred.
fn share(part: usize, of: usize) -> f64 {
    let float = |count: usize| f64::from(u32::try_from(count).unwrap_or(u32::MAX));
    if of == 0 { 0.0 } else { float(part) * 100.0 / float(of) }
}

/// The head of a table.
///
/// # Errors
/// When nothing can be written.
pub fn head(out: &mut dyn Write, of: &str) -> Result<(), Failure> {
    writeln!(
        out,
        "| {of} | requests | per second | p50 ms | p95 | p99 | max | errors | from the cache |"
    )?;
    writeln!(out, "| --- | --- | --- | --- | --- | --- | --- | --- | --- |")?;
    Ok(())
}

/// The samples by what was asked.
pub fn by_name(samples: &[Sample]) -> BTreeMap<&'static str, Vec<Sample>> {
    let mut names: BTreeMap<_, Vec<Sample>> = BTreeMap::new();
    for sample in samples {
        names.entry(sample.name).or_default().push(*sample);
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_errors_and_hits_are_those_of_the_samples() {
        let sample = |number: u64| Sample {
            name: "list",
            at: 0,
            micros: number * 1000,
            is_error: number > 98,
            was_cached: (number <= 10).then_some(number <= 9),
        };
        let samples: Vec<Sample> = (1..=100).rev().map(sample).collect();
        let summary = Summary::of(&samples);
        assert_eq!((summary.count, summary.errors), (100, 2));
        assert_eq!(summary.milliseconds, [50.0, 95.0, 99.0, 100.0]);
        assert_eq!(summary.hits, Some(90.0));
        let nothing = Summary::of(&[]);
        assert_eq!((nothing.count, nothing.milliseconds, nothing.hits), (0, [0.0; 4], None));
    }
}
