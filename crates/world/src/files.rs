//! Files on disk, and the reference model embedded in the program under the folder [`REFERENCE`].

use std::io;

use coercivity_model::Files;
use rust_embed::RustEmbed;

/// The folder in which the embedded model appears.
pub const REFERENCE: &str = "reference/magnets";

#[derive(RustEmbed)]
#[folder = "../../models/magnets"]
struct Embedded;

/// The disk, and the embedded model beside it.
pub struct World;

impl Files for World {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        match embedded_name(path) {
            Some(name) => {
                Embedded::get(name).map(|file| file.data.into_owned()).ok_or_else(|| io::ErrorKind::NotFound.into())
            }
            None => std::fs::read(path),
        }
    }

    fn list(&self, folder: &str) -> Vec<String> {
        let mut names: Vec<String> = match embedded_name(folder) {
            Some(folder) => {
                let prefix = format!("{folder}/");
                embedded_files()
                    .filter_map(|name| name.strip_prefix(&prefix).map(str::to_string))
                    .filter(|name| !name.contains('/'))
                    .collect()
            }
            None => std::fs::read_dir(folder)
                .into_iter()
                .flatten()
                .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
                .collect(),
        };
        names.sort();
        names
    }
}

fn embedded_name(path: &str) -> Option<&str> {
    path.strip_prefix(REFERENCE).map(|name| name.trim_start_matches('/'))
}

/// Names of all files of the embedded model, relative to its folder.
pub fn embedded_files() -> impl Iterator<Item = String> {
    Embedded::iter().map(|name| name.to_string()).filter(|name| !name.split('/').any(|part| part.starts_with('.')))
}
