//! Made-up things all over the world, always the same in the same place: some in every cell of a grid.

use crate::chance;
use crate::geography;

/// Cells in a degree of latitude or longitude.
const CELLS: f64 = 10.0;

/// A point that has something.
#[derive(Debug, Clone)]
pub(crate) struct Spot {
    /// Ten digits: the cell, and which of its spots.
    pub(crate) code: String,
    pub(crate) latitude: f64,
    pub(crate) longitude: f64,
}

impl Spot {
    fn new(kind: &str, (row, column): (i64, i64), number: u64) -> Self {
        let code = format!("{:04}{:04}{number:02}", row + 900, column + 1800);
        let within = |axis: &str| chance::below(&format!("{kind}{code}{axis}"), 1000) as f64 / 1000.0;
        let round = |degrees: f64| (degrees * 1e6).round() / 1e6;
        Self {
            latitude: round((row as f64 + within("latitude")) / CELLS),
            longitude: round((column as f64 + within("longitude")) / CELLS),
            code,
        }
    }

    /// The spot with this code, if there is one.
    pub(crate) fn named(kind: &str, code: &str, per_cell: u64) -> Option<Self> {
        if code.len() != 10 || !code.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let (row, column) = (
            code.get(..4)?.parse::<i64>().ok()?,
            code.get(4..8)?.parse::<i64>().ok()?,
        );
        let number = code.get(8..)?.parse().ok().filter(|number| *number < per_cell)?;
        Some(Self::new(kind, (row - 900, column - 1800), number))
    }

    pub(crate) fn point(&self) -> (f64, f64) {
        (self.latitude, self.longitude)
    }
}

/// The spots within some kilometres of a point, nearest first, with their distances.
pub(crate) fn around(kind: &str, center: (f64, f64), kilometres: f64, per_cell: u64) -> Vec<(Spot, f64)> {
    let reach = kilometres.min(50.0) / 111.0;
    let widened = reach / center.0.to_radians().cos().max(0.1);
    let cells = |middle: f64, reach: f64| {
        let cell = |degrees: f64| (degrees * CELLS).floor() as i64;
        cell(middle - reach)..=cell(middle + reach)
    };
    let mut spots = Vec::new();
    for row in cells(center.0, reach) {
        for column in cells(center.1, widened) {
            for number in 0..per_cell {
                let spot = Spot::new(kind, (row, column), number);
                let distance = geography::distance(center, spot.point());
                if distance <= kilometres {
                    spots.push((spot, distance));
                }
            }
        }
    }
    spots.sort_by(|one, other| one.1.total_cmp(&other.1));
    spots
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_found_can_be_found_by_its_code() {
        let found = around("hotel", (-33.9, 18.42), 8.0, 12);
        assert!(found.len() > 3);
        assert!(found.is_sorted_by(|one, other| one.1 <= other.1));
        for (spot, distance) in found {
            assert!(distance <= 8.0);
            assert_eq!(Spot::named("hotel", &spot.code, 12).unwrap().point(), spot.point());
        }
        assert!(Spot::named("hotel", "000000", 12).is_none());
    }
}
