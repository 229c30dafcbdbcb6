//! State that is on disk before it is acknowledged.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::error::AwsError;
use crate::StartError;

/// A value in memory and, when it has a file, in that file as JSON.
///
/// A change is written to a new file, synced and renamed over the old one before anybody sees it: after a crash at any
/// point the file holds the value before or after a change, never a part of one.
#[derive(Debug)]
pub(super) struct State<T> {
    value: Mutex<T>,
    file: Option<PathBuf>,
}

impl<T: Clone + Default + Serialize + DeserializeOwned> State<T> {
    pub(super) fn open(file: Option<PathBuf>) -> Result<Self, StartError> {
        let value = match &file {
            None => T::default(),
            Some(path) => match fs::read(path) {
                Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| StartError::Data {
                    path: path.clone(),
                    reason: error.to_string(),
                })?,
                Err(error) if error.kind() == io::ErrorKind::NotFound => T::default(),
                Err(error) => {
                    return Err(StartError::Data {
                        path: path.clone(),
                        reason: error.to_string(),
                    });
                }
            },
        };
        Ok(Self {
            value: Mutex::new(value),
            file,
        })
    }

    pub(super) fn read<R>(&self, look: impl FnOnce(&T) -> R) -> R {
        look(&self.lock())
    }

    /// Applies a change, or nothing of it when it fails or cannot be written.
    pub(super) fn change<R>(&self, change: impl FnOnce(&mut T) -> Result<R, AwsError>) -> Result<R, AwsError> {
        let mut current = self.lock();
        let mut next = current.clone();
        let result = change(&mut next)?;
        if let Some(file) = &self.file {
            write(file, &next).map_err(|error| AwsError::internal(format!("{}: {error}", file.display())))?;
        }
        *current = next;
        Ok(result)
    }

    fn lock(&self) -> MutexGuard<'_, T> {
        // A panic cannot leave a half-made change behind: changes are made on a copy.
        self.value.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn write<T: Serialize>(file: &Path, value: &T) -> io::Result<()> {
    let temporary = file.with_extension("json.new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        // Key material and secrets: readable by nobody else.
        options.mode(0o600);
    }
    let mut writer = options.open(&temporary)?;
    writer.write_all(&serde_json::to_vec_pretty(value)?)?;
    writer.sync_all()?;
    fs::rename(&temporary, file)?;
    #[cfg(unix)]
    if let Some(directory) = file.parent() {
        File::open(directory)?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_change_leaves_no_trace() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("state.json");
        let state = State::<Vec<u8>>::open(Some(file.clone())).unwrap();
        let push = |number| {
            move |list: &mut Vec<u8>| {
                list.push(number);
                Ok(())
            }
        };
        state.change(push(1)).unwrap();
        let refused = state.change(|list| {
            list.push(2);
            Err::<(), _>(AwsError::validation("no"))
        });
        assert!(refused.is_err());
        assert_eq!(state.read(Clone::clone), [1]);
        assert_eq!(
            State::<Vec<u8>>::open(Some(file.clone())).unwrap().read(Clone::clone),
            [1]
        );

        directory.close().unwrap();
        assert!(
            state.change(push(3)).is_err(),
            "what cannot be written is not acknowledged"
        );
        assert_eq!(state.read(Clone::clone), [1]);
    }

    #[test]
    fn a_damaged_file_is_reported_and_kept() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("state.json");
        fs::write(&file, "[1, 2").unwrap();
        let error = State::<Vec<u8>>::open(Some(file.clone())).unwrap_err().to_string();
        assert!(error.contains("state.json"), "{error}");
        assert_eq!(fs::read_to_string(&file).unwrap(), "[1, 2");
    }
}
