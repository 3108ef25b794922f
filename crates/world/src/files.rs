//! Files on disk, and the models embedded in the program: the reference model under the folder [`REFERENCE`], and that of the
//! crisis of 2010.

use std::io;

use coercivity_model::Files;
use rust_embed::RustEmbed;

/// The folder in which the embedded model appears.
pub const REFERENCE: &str = "reference/magnets";

/// The folder in which the embedded model of 2009 to 2013 appears.
const CRISIS: &str = "reference/magnets-2010";

/// Embedded models with backcasts.
pub const BACKCAST_MODELS: &[&str] = &[REFERENCE, CRISIS];

#[derive(RustEmbed)]
#[folder = "../../models/magnets"]
struct Embedded;

#[derive(RustEmbed)]
#[folder = "../../models/magnets-2010"]
struct Crisis;

/// The disk, and the embedded models beside it.
pub struct World;

impl Files for World {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        let embedded = if let Some(name) = inside(path, REFERENCE) {
            Embedded::get(name)
        } else if let Some(name) = inside(path, CRISIS) {
            Crisis::get(name)
        } else {
            return std::fs::read(path);
        };
        embedded.map(|file| file.data.into_owned()).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    fn list(&self, folder: &str) -> Vec<String> {
        let within = |files: &mut dyn Iterator<Item = String>, folder: &str| -> Vec<String> {
            let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
            files
                .filter_map(|name| name.strip_prefix(&prefix).map(str::to_string))
                .filter(|name| !name.contains('/'))
                .collect()
        };
        let mut names: Vec<String> = if let Some(folder) = inside(folder, REFERENCE) {
            within(&mut embedded_files(), folder)
        } else if let Some(folder) = inside(folder, CRISIS) {
            within(&mut Crisis::iter().map(|name| name.to_string()), folder)
        } else {
            let entries = std::fs::read_dir(folder).into_iter().flatten();
            entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect()
        };
        names.sort();
        names
    }
}

/// A path as seen from within a folder, if it lies there.
fn inside<'p>(path: &'p str, folder: &str) -> Option<&'p str> {
    let rest = path.strip_prefix(folder)?;
    if rest.is_empty() { Some("") } else { rest.strip_prefix('/').map(|rest| rest.trim_start_matches('/')) }
}

/// Names of all files of the embedded reference model, relative to its folder.
pub fn embedded_files() -> impl Iterator<Item = String> {
    Embedded::iter().map(|name| name.to_string()).filter(|name| !name.split('/').any(|part| part.starts_with('.')))
}
