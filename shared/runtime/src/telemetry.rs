use tracing_subscriber::{EnvFilter, fmt};

/// One JSON object per line on standard output, where Lambda collects it. `RUST_LOG` sets the level, `info` by default.
///
/// A second call in one process does nothing.
pub(crate) fn init() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let lines = fmt()
        .json()
        .flatten_event(true)
        .with_current_span(false)
        .with_env_filter(filter)
        .with_ansi(false);
    if lines.try_init().is_err() {
        tracing::debug!("logs are switched on already");
    }
}
