//! Writing a file whole or not at all.

use std::fs::File;
use std::io;
use std::path::Path;

/// Writes one file beside the wanted one, then puts it in place.
pub fn write_file(path: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    let parent = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = fresh_file(parent)?;
    write(file.as_file_mut())?;
    // A full disk may show only when the bytes are really written.
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

/// A temporary file that whoever may read other new files may read.
fn fresh_file(parent: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".coercivity-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(parent)
}
