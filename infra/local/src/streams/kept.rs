//! What outlives the process: how far each pump has come, and what was given up.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tripsage_emulators::StartError;

/// A file beside the data.
const FILE: &str = "streams.json";

/// Dead letters that are kept; the oldest go first.
const MOST: usize = 200;

/// Records that a function could not deal with, however often they came.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DeadLetter {
    /// Logical id of the mapping.
    pub mapping: String,
    /// Name of the queue that would hold it on AWS.
    pub queue: Option<String>,
    /// How often the records came.
    pub attempts: usize,
    /// What the function said last.
    pub error: String,
    /// The records, as the function was given them.
    pub records: Vec<Value>,
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct State {
    /// By the logical id of the mapping, the sequence number of the last record that is done with.
    positions: BTreeMap<String, String>,
    dead_letters: Vec<DeadLetter>,
}

/// In memory without a file.
pub(super) struct Kept {
    file: Option<PathBuf>,
    state: Mutex<State>,
}

impl Kept {
    pub(super) fn open(data: Option<&Path>) -> Result<Self, StartError> {
        let file = data.map(|directory| directory.join(FILE));
        let state = match file.as_ref().filter(|file| file.exists()) {
            None => State::default(),
            Some(file) => {
                let unusable = |reason: String| StartError::Data {
                    path: file.clone(),
                    reason,
                };
                let text = fs::read_to_string(file).map_err(|error| unusable(error.to_string()))?;
                serde_json::from_str(&text).map_err(|error| unusable(error.to_string()))?
            }
        };
        Ok(Self {
            file,
            state: Mutex::new(state),
        })
    }

    pub(super) fn position(&self, mapping: &str) -> Option<String> {
        self.lock().positions.get(mapping).cloned()
    }

    /// A pump is done with everything up to this record; some of it may have been given up.
    pub(super) fn advance(&self, mapping: &str, sequence: &str, given_up: Option<DeadLetter>) {
        let mut state = self.lock();
        state.positions.insert(mapping.to_owned(), sequence.to_owned());
        state.dead_letters.extend(given_up);
        let superfluous = state.dead_letters.len().saturating_sub(MOST);
        state.dead_letters.drain(..superfluous);
        if let Err(error) = self.write(&state) {
            tracing::error!(%error, "cannot keep how far the streams have been read: some records will come again");
        }
    }

    pub(super) fn dead_letters(&self) -> Vec<DeadLetter> {
        self.lock().dead_letters.clone()
    }

    fn write(&self, state: &State) -> std::io::Result<()> {
        let Some(file) = &self.file else { return Ok(()) };
        let new = file.with_extension("new");
        let mut writer = fs::File::create(&new)?;
        writer.write_all(&serde_json::to_vec(state)?)?;
        writer.sync_all()?;
        fs::rename(new, file)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Nothing is ever left half done under this lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
