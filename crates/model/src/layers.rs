//! The files of a model folder, and of those it extends, put together.
//!
//! Only what lies over what is decided here; what the tables mean is left to `read`.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::behaviour::{self, Behaviour, Evidence};
use crate::csv_table::Table;
use crate::diag::{Code, Diagnostic, Report};
use crate::files::{Files, is_absent, join, named_by};
use crate::manifest::{Manifest, extended, read_manifest};
use crate::schema::TableName;

pub(crate) type Tables = BTreeMap<TableName, Table>;

/// A model folder and those it extends.
pub(crate) struct Layers<'f> {
    files: &'f dyn Files,
    pub hash: Sha256,
    /// From the one asked for to the one at the bottom.
    pub folders: Vec<String>,
    /// Tables that no folder has.
    pub absent: Vec<TableName>,
    /// How people behave, and why that is believed.
    pub behaviour: (Behaviour, BTreeMap<&'static str, Evidence>),
}

impl<'f> Layers<'f> {
    pub fn new(files: &'f dyn Files) -> Layers<'f> {
        Layers { files, hash: Sha256::new(), folders: Vec::new(), absent: Vec::new(), behaviour: Default::default() }
    }

    /// The manifest (`None` if it has errors) and the tables, with those of the extended model below;
    /// `None` where there is no model.
    pub fn read(&mut self, folder: &str, report: &mut Report) -> Option<(Option<Manifest>, Tables)> {
        let manifest_file = join(folder, "model.toml");
        let text = match read_text(self.files, &manifest_file, report) {
            Some(Some(text)) => Some(text),
            Some(None) => {
                let help = format!("`{folder}` is not a model folder; `coercivity new DIR` writes one to start from");
                let message = format!("there is no file `{manifest_file}`");
                report.push(Diagnostic::error(Code::MissingFile, message).help(help));
                // Without it this is no model folder, and a list of missing tables would only hide that.
                return None;
            }
            None => None,
        };
        self.folders.push(folder.to_string());
        let (manifest, below) = match text {
            None => (None, None),
            Some(text) => {
                let base = self.base(&manifest_file, &text, report);
                let below = base.and_then(|base| self.read(&base, report));
                add_to_hash(&mut self.hash, "model.toml", &text);
                let (extended, tables) =
                    below.map_or((None, None), |(manifest, tables)| (Some(manifest), Some(tables)));
                (read_manifest(&manifest_file, &text, extended.as_ref(), report), tables)
            }
        };
        let extends = below.is_some();
        let mut below = below.unwrap_or_default();
        let mut tables = Tables::new();
        let absent_below = std::mem::take(&mut self.absent);
        for &name in TableName::ALL {
            let schema = name.schema();
            let file = join(folder, schema.file);
            let own = match read_text(self.files, &file, report) {
                Some(Some(text)) => {
                    add_to_hash(&mut self.hash, schema.file, &text);
                    Some(Table::read(schema, &file, &text, report))
                }
                Some(None) => {
                    if !extends || absent_below.contains(&name) {
                        self.absent.push(name);
                    }
                    None
                }
                None => Some(Table::empty(&file)),
            };
            let table = match (own, below.remove(&name)) {
                (Some(own), Some(base)) => own.over(base, schema),
                (None, Some(base)) => base,
                (own, None) => own.unwrap_or_else(|| Table::empty(&file)),
            };
            tables.insert(name, table);
        }
        let file = join(folder, behaviour::FILE);
        if let Some(Some(text)) = read_text(self.files, &file, report) {
            add_to_hash(&mut self.hash, behaviour::FILE, &text);
            behaviour::read(&file, &text, &mut self.behaviour, report);
        }
        Some((manifest, tables))
    }

    /// The folder of the model that this one extends.
    fn base(&self, manifest_file: &str, text: &str, report: &mut Report) -> Option<String> {
        let (path, span) = extended(manifest_file, text)?;
        let base = named_by(self.files, manifest_file, &path, "model.toml");
        let problem = if self.folders.contains(&base) {
            let chain = self.folders.iter().chain([&base]).map(|folder| format!("`{folder}`")).collect::<Vec<_>>();
            let help = format!("one of these may extend no other: {}", chain.join(" extends "));
            (Code::ExtendsCycle, format!("`{base}` is extended in a circle"), help)
        } else if matches!(self.files.read(&join(&base, "model.toml")), Err(e) if is_absent(&e)) {
            let help = "a path is relative to the file it stands in; `reference/magnets` is the reference model";
            (Code::MissingFile, format!("there is no model `{base}`"), help.to_string())
        } else {
            return Some(base);
        };
        let (code, message, help) = problem;
        report.push(Diagnostic::error(code, message).at(report.place(manifest_file, span)).help(help));
        None
    }
}

/// `Some(None)` where the file is absent, `None` where it cannot be read (reported).
pub(crate) fn read_text(files: &dyn Files, path: &str, report: &mut Report) -> Option<Option<String>> {
    let bytes = match files.read(path) {
        Ok(bytes) => bytes,
        Err(error) if is_absent(&error) => return Some(None),
        Err(error) => {
            report.push(
                Diagnostic::error(Code::UnreadableFile, format!("cannot read `{path}`: {error}"))
                    .help("it must be a file that you may read"),
            );
            return None;
        }
    };
    match String::from_utf8(bytes) {
        Ok(text) => {
            report.add_text(path, text.as_str().into());
            Some(Some(text))
        }
        Err(error) => {
            // What follows the first bad byte is shown as far as it can be: the place is before it.
            let at = error.utf8_error().valid_up_to();
            report.add_text(path, String::from_utf8_lossy(error.as_bytes()).into());
            report.push(
                Diagnostic::error(Code::UnreadableFile, format!("`{path}` is not UTF-8 text (byte {at})"))
                    .at(report.place(path, at..at + '\u{fffd}'.len_utf8()))
                    .help("save the file with the encoding UTF-8"),
            );
            None
        }
    }
}

/// The hash takes names and contents with their lengths, so that no two folders share one.
fn add_to_hash(hash: &mut Sha256, name: &str, text: &str) {
    for part in [name, text] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
}
