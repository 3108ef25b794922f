//! The files of a model as they were read, and what else may be read beside them.
//!
//! A model in Python stays what it was when it was loaded: what is read again for an edited one comes from
//! memory, not from a disk that may have changed.

use std::collections::BTreeMap;
use std::io;

use coercivity_model::files::{join, parent};
use coercivity_model::schema::TableName;
use coercivity_model::{Files, MemoryFiles, Report};
use coercivity_world::{REFERENCE, World};

#[derive(Clone)]
pub struct Sources {
    held: MemoryFiles,
    /// Folders whose tables and manifest are those held, and no others.
    folders: Vec<String>,
    /// Nothing is read from the disk.
    closed: bool,
}

impl Sources {
    /// Nothing but files given by name and text, and the reference model.
    pub fn given(texts: BTreeMap<String, String>) -> Sources {
        let mut held = MemoryFiles::default();
        texts.into_iter().for_each(|(name, text)| held.insert(&join(".", &name), text));
        Sources { held, folders: Vec::new(), closed: true }
    }

    /// What a report read of a model in these folders; scenarios are read from the disk when they are asked for.
    pub fn read(report: &Report, folders: &[String]) -> Sources {
        let mut held = MemoryFiles::default();
        report.texts().for_each(|(name, text)| held.insert(name, text));
        // As the paths of their files have them: `./m/` is `m`.
        Sources { held, folders: folders.iter().map(|folder| join(folder, ".")).collect(), closed: false }
    }

    /// The same with another table, whole: folders that the model extends add nothing to it.
    pub fn with_table(&self, table: TableName, folders: &[String], text: &str) -> Sources {
        let mut sources = self.clone();
        let columns: Vec<&str> = table.schema().columns.iter().map(|column| column.name).collect();
        for (n, folder) in folders.iter().enumerate() {
            let file = join(folder, table.file());
            if n == 0 {
                sources.held.insert(&file, text);
            } else {
                sources.held.insert(&file, columns.join(",") + "\n");
            }
        }
        sources
    }

    /// The same with another file.
    pub fn with_file(&self, path: &str, text: &str) -> Sources {
        let mut sources = self.clone();
        sources.held.insert(path, text);
        sources
    }

    fn may_read(&self, path: &str) -> bool {
        if self.closed { path.starts_with(REFERENCE) } else { !self.folders.iter().any(|f| parent(path) == f) }
    }
}

impl Files for Sources {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        match self.held.read(path) {
            Err(_) if self.may_read(path) => World.read(path),
            held => held,
        }
    }

    fn list(&self, folder: &str) -> Vec<String> {
        let mut names = self.held.list(folder);
        if self.may_read(&join(folder, "any")) {
            names.extend(World.list(folder));
        }
        names.sort();
        names.dedup();
        names
    }
}
