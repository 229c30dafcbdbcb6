//! State that is on disk before it is acknowledged.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::Serialize;
use serde::de::DeserializeOwned;
use tripsage_emulators::StartError;

/// A value in memory and, when it has a file, in that file as JSON: the whole of it, written to a new file that replaces
/// the old one.
#[derive(Debug)]
pub(crate) struct Shelf<T> {
    value: Mutex<T>,
    file: Option<PathBuf>,
}

impl<T: Default + Serialize + DeserializeOwned> Shelf<T> {
    pub(crate) fn open(file: Option<PathBuf>) -> Result<Self, StartError> {
        let value = match &file {
            None => T::default(),
            Some(path) => read(path).map_err(|reason| StartError::Data {
                path: path.clone(),
                reason,
            })?,
        };
        Ok(Self {
            value: Mutex::new(value),
            file,
        })
    }

    /// Works on the value, and writes it down when the work says that it changed something.
    pub(crate) fn with<R>(&self, work: impl FnOnce(&mut T) -> (R, bool)) -> io::Result<R> {
        let mut value = self.value.lock().unwrap_or_else(PoisonError::into_inner);
        let (result, changed) = work(&mut value);
        if let (true, Some(file)) = (changed, &self.file) {
            write(file, &*value)?;
        }
        Ok(result)
    }
}

fn read<T: Default + DeserializeOwned>(path: &Path) -> Result<T, String> {
    match fs::read(path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| error.to_string()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => match path.parent() {
            Some(directory) => fs::create_dir_all(directory)
                .map(|()| T::default())
                .map_err(|error| error.to_string()),
            None => Ok(T::default()),
        },
        Err(error) => Err(error.to_string()),
    }
}

fn write<T: Serialize>(file: &Path, value: &T) -> io::Result<()> {
    let temporary = file.with_extension("json.new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        // Passengers and signing secrets: readable by nobody else.
        options.mode(0o600);
    }
    let mut writer = options.open(&temporary)?;
    writer.write_all(&serde_json::to_vec(value)?)?;
    writer.sync_all()?;
    fs::rename(&temporary, file)
}
