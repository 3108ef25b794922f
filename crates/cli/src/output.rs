//! Writing folders whole or not at all.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::Failure;

/// Stands in every folder of results, so that a later run may replace it.
pub const MARKER: &str = ".coercivity-results";

/// Whether a folder may be replaced: it is absent, empty, written by this program, or forced.
pub fn may_replace(dir: &Path, force: bool) -> Result<(), Failure> {
    let absent = match dir.symlink_metadata() {
        Ok(_) => false,
        Err(error) if error.kind() == io::ErrorKind::NotFound => true,
        Err(error) => {
            return Err(Failure::World(format!(
                "cannot write `{}`: {error}; choose another folder with --out",
                dir.display()
            )));
        }
    };
    let empty = || dir.read_dir().is_ok_and(|mut entries| entries.next().is_none());
    if absent || force || empty() || dir.join(MARKER).is_file() {
        return Ok(());
    }
    Err(Failure::World(format!(
        "`{}` is there already and this program did not write it: choose another folder with --out, or --force",
        dir.display()
    )))
}

/// Whether a file may be written: it is absent, or forced.
pub fn may_replace_file(path: &Path, force: bool) -> Result<(), Failure> {
    if force || path.symlink_metadata().is_err() {
        return Ok(());
    }
    Err(Failure::World(format!("`{}` is there already: choose another file with --out, or --force", path.display())))
}

/// A file to be written: name and bytes.
pub type FileToWrite = (String, Vec<u8>);

/// Writes files to a folder beside the wanted one, then puts it in place. What stood there before
/// is gone only when the new one is complete. Each file is asked for when the one before is written,
/// so that large ones need not be in memory together.
pub fn write_folder(dir: &Path, files: impl IntoIterator<Item = Result<FileToWrite, Failure>>) -> Result<(), Failure> {
    let failed = |error: io::Error| {
        Failure::World(format!("cannot write `{}`: {error}; nothing was changed there", dir.display()))
    };
    let parent = match dir.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
        _ => PathBuf::from("."),
    };
    let fresh = fs::create_dir_all(&parent)
        .and_then(|()| tempfile::Builder::new().prefix(".coercivity-").tempdir_in(&parent))
        .map_err(failed)?;
    let inner = fresh.path().join("new");
    fs::create_dir(&inner).map_err(failed)?;
    for file in files {
        let (name, bytes) = file?;
        write_new(&inner.join(name), &bytes).map_err(failed)?;
    }
    put_in_place(dir, &inner, fresh.path()).map_err(failed)
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut file = fs::File::create(path)?;
    io::Write::write_all(&mut file, bytes)?;
    // A full disk may show only when the bytes are really written.
    file.sync_all()
}

fn put_in_place(dir: &Path, inner: &Path, fresh: &Path) -> io::Result<()> {
    let old = fresh.join("old");
    let replaced = dir.exists();
    if replaced {
        fs::rename(dir, &old)?;
    }
    fs::rename(inner, dir).inspect_err(|_| {
        if replaced {
            let _ = fs::rename(&old, dir);
        }
    })
}

/// Writes one file beside the wanted one, then puts it in place.
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let write = coercivity_world::write_file(path, |file| io::Write::write_all(file, bytes));
    write.map_err(|error| Failure::World(format!("cannot write `{}`: {error}", path.display())))
}
