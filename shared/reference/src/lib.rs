//! Airports, cities and countries, bundled from open data. No network, no state.
