//! Providers on a laptop: stand-ins that speak the real wire protocols. Never deployed.
