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

/// Writes files to a folder beside the wanted one, then puts it in place. What stood there before
/// is gone only when the new one is complete.
pub fn write_folder(dir: &Path, files: &[(String, Vec<u8>)]) -> Result<(), Failure> {
    write(dir, files).map_err(|error| {
        Failure::World(format!("cannot write `{}`: {error}; nothing was changed there", dir.display()))
    })
}

fn write(dir: &Path, files: &[(String, Vec<u8>)]) -> io::Result<()> {
    let parent = match dir.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_path_buf(),
        _ => PathBuf::from("."),
    };
    fs::create_dir_all(&parent)?;
    let fresh = tempfile::Builder::new().prefix(".coercivity-").tempdir_in(&parent)?;
    let inner = fresh.path().join("new");
    fs::create_dir(&inner)?;
    for (name, bytes) in files {
        let path = inner.join(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let mut file = fs::File::create(path)?;
        io::Write::write_all(&mut file, bytes)?;
        // A full disk may show only when the bytes are really written.
        file.sync_all()?;
    }
    let old = fresh.path().join("old");
    let replaced = dir.exists();
    if replaced {
        fs::rename(dir, &old)?;
    }
    fs::rename(&inner, dir).inspect_err(|_| {
        if replaced {
            let _ = fs::rename(&old, dir);
        }
    })
}

/// A temporary file that whoever may read other new files may read.
fn fresh_file(parent: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".coercivity-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(parent)
}

/// Writes one file beside the wanted one, then puts it in place.
pub fn write_file(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let parent = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let write = || -> io::Result<()> {
        let mut file = fresh_file(parent)?;
        io::Write::write_all(&mut file, bytes)?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        Ok(())
    };
    write().map_err(|error| Failure::World(format!("cannot write `{}`: {error}", path.display())))
}
