//! All parts as two tables, and what is to be known of the whole.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_array::cast::AsArray;
use arrow_array::types::Int32Type;
use arrow_schema::{Schema, SchemaRef};
use arrow_select::concat::concat_batches;
use coercivity_engine::ensemble::table::{self, GROUP, Writer, demands_of, part_schema, samples_of};
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{Folder, Trouble, cannot, hex, part};
use crate::write_file;

/// The merged tables.
pub const SAMPLES: &str = "samples";
pub const DEMANDS: &str = "demands";
const ABOUT: &str = "ensemble.json";

/// In the metadata of a table: which ensemble it is of.
const OF: &str = "coercivity.ensemble";

/// Rows of a table that are read at a time.
const ROWS: usize = 8192;

/// What was merged: the contents of `ensemble.json`.
#[derive(Clone, Debug, Serialize)]
pub struct Merged {
    #[serde(flatten)]
    pub about: BTreeMap<&'static str, serde_json::Value>,
    pub totals: Totals,
    /// SHA-256 of the two tables, by name.
    pub files: BTreeMap<String, String>,
}

/// The rows of a merged table, some at a time.
pub struct Rows {
    pub schema: SchemaRef,
    /// Rows in all.
    pub count: usize,
    pub batches: ParquetRecordBatchReader,
}

/// What became of the samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    pub optimal: usize,
    pub no_model: usize,
    pub stopped: usize,
    /// Programs of all samples (what samples share counts for each), and those solved from the basis of a like run.
    pub plans: usize,
    pub went_on: usize,
}

impl Folder {
    /// Merges the parts. They must have exactly the samples of the plan, each once.
    pub fn merge(&self) -> Result<Merged, Trouble> {
        let missing: Vec<String> = (0..self.plan.shards)
            .filter(|index| !part::is_whole(self, *index))
            .map(|index| {
                let samples = self.samples_of(index);
                format!("shard {index} (samples {} to {})", samples.start, samples.end - 1)
            })
            .collect();
        if !missing.is_empty() {
            let named = missing.iter().take(5).cloned().collect::<Vec<_>>().join(", ");
            let more = if missing.len() > 5 { format!(" and {} more", missing.len() - 5) } else { String::new() };
            return Err(Trouble::World(format!(
                "not every sample is there: {named}{more} missing, broken or of another plan. Run it again: `coercivity \
                 ensemble shard {} --index N`",
                self.dir.display()
            )));
        }
        self.refuse_strangers()?;
        let mut totals = Totals::default();
        let samples = self.merged_path(SAMPLES);
        let demands = self.merged_path(DEMANDS);
        let about = BTreeMap::from([(OF, self.plan.ensemble.clone())]);
        let mut write = |samples: &mut File, demands: &mut File| -> io::Result<()> {
            let empty = RecordBatch::new_empty(part_schema(&self.ensemble));
            let samples_schema = samples_of(&empty).map_err(io::Error::other)?.schema();
            let demands_schema = demands_of(&empty).map_err(io::Error::other)?.schema();
            let mut samples = Writer::new(samples, samples_schema, &about).map_err(io::Error::other)?;
            let mut demands = Writer::new(demands, demands_schema, &about).map_err(io::Error::other)?;
            self.groups(|rows| {
                totals.count(&rows);
                samples.write_group(&samples_of(&rows)?)?;
                demands.write_group(&demands_of(&rows)?)
            })
            .map_err(io::Error::other)?;
            samples.finish().and_then(|()| demands.finish()).map_err(io::Error::other)
        };
        // Both or none: the second is in place before the first.
        let both = write_file(&samples, |s| write_file(&demands, |d| write(s, d)));
        both.map_err(|error| cannot("write", &samples, error))?;
        let hashed = |name: &str| Ok((file_of(name), hash_of(&self.merged_path(name))?));
        let files = [SAMPLES, DEMANDS].into_iter().map(hashed).collect::<Result<_, Trouble>>()?;
        let merged = Merged { about: self.describe(), totals, files };
        let (path, text) = (self.dir.join(ABOUT), format!("{:#}\n", serde_json::json!(merged)));
        let write = write_file(&path, |file| io::Write::write_all(file, text.as_bytes()));
        write.map_err(|error| cannot("write", &path, error))?;
        Ok(merged)
    }

    /// Opens a merged table: `samples` or `demands`.
    pub fn table(&self, name: &str) -> Result<Rows, Trouble> {
        let path = self.merged_path(name);
        let file = File::open(&path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => {
                let (dir, all) = (self.dir.display(), self.plan.shards);
                Trouble::World(format!(
                    "merge the parts first: `{dir}` is not merged yet, with {} of {all} shards done: run the others, then \
                     `coercivity ensemble merge {dir}`",
                    self.done().len()
                ))
            }
            _ => cannot("read", &path, error),
        })?;
        let cannot = |error: &dyn std::fmt::Display| cannot("read", &path, error);
        let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| cannot(&error))?;
        let metadata = builder.metadata().file_metadata();
        let of = metadata.key_value_metadata().into_iter().flatten().find(|kv| kv.key == OF).map(|kv| &kv.value);
        if of != Some(&Some(self.plan.ensemble.clone())) {
            return Err(cannot(&"it is of another ensemble: merge the parts again"));
        }
        let (schema, count) = (builder.schema().clone(), metadata.num_rows() as usize);
        let batches = builder.with_batch_size(ROWS).build().map_err(|error| cannot(&error))?;
        // As its batches have it: without the file's metadata.
        let schema = Arc::new(Schema::new(schema.fields().clone()));
        Ok(Rows { schema, count, batches })
    }

    pub(super) fn merged_path(&self, name: &str) -> PathBuf {
        self.dir.join(file_of(name))
    }

    /// The rows of all parts in groups of so many samples, whatever parts they stand in.
    fn groups(&self, mut each: impl FnMut(RecordBatch) -> parquet::errors::Result<()>) -> parquet::errors::Result<()> {
        let schema = part_schema(&self.ensemble);
        let (mut waiting, mut count): (Vec<RecordBatch>, usize) = (Vec::new(), 0);
        for index in 0..self.plan.shards {
            for rows in part::read(self, index)? {
                let mut rows = rows?;
                while count + rows.num_rows() >= GROUP {
                    let taken = GROUP - count;
                    waiting.push(rows.slice(0, taken));
                    rows = rows.slice(taken, rows.num_rows() - taken);
                    each(concat_batches(&schema, &waiting)?)?;
                    (waiting, count) = (Vec::new(), 0);
                }
                count += rows.num_rows();
                waiting.push(rows);
            }
        }
        if count > 0 { each(concat_batches(&schema, &waiting)?) } else { Ok(()) }
    }

    /// A part that no shard of this plan writes would be left out without a word.
    fn refuse_strangers(&self) -> Result<(), Trouble> {
        let dir = self.dir.join(super::PARTS);
        let entries = std::fs::read_dir(&dir).map_err(|error| cannot("read", &dir, error))?;
        let known: Vec<String> = (0..self.plan.shards).map(|index| format!("part-{index:06}.parquet")).collect();
        for entry in entries {
            let name = entry.map_err(|error| cannot("read", &dir, error))?.file_name().to_string_lossy().into_owned();
            if name.ends_with(".parquet") && !known.contains(&name) {
                let what = format!("`{}` is of no shard of this plan", dir.join(name).display());
                return Err(Trouble::World(format!("{what}: samples would be there twice. Remove it and merge again")));
            }
        }
        Ok(())
    }

    fn describe(&self) -> BTreeMap<&'static str, serde_json::Value> {
        let (plan, ensemble) = (&self.plan, &self.ensemble);
        let inputs: Vec<_> = ensemble
            .inputs
            .iter()
            .map(|input| {
                let names = ensemble.variables[input.variables.clone()].iter().map(|v| table::column_of(&v.name));
                serde_json::json!({ "id": input.id, "name": input.name, "columns": names.collect::<Vec<_>>() })
            })
            .collect();
        BTreeMap::from([
            ("name", plan.name.clone().into()),
            ("ensemble", plan.ensemble.clone().into()),
            ("version", plan.version.clone().into()),
            ("model", ensemble.model.name.clone().into()),
            ("model_hash", plan.model_hash.clone().into()),
            ("scenario", ensemble.scenario.name.clone().into()),
            ("method", ensemble.spec.method.name().into()),
            ("foresight", ensemble.spec.foresight.name().into()),
            ("steps", ensemble.model.steps().into()),
            ("samples", plan.samples.into()),
            ("seed", ensemble.spec.seed.into()),
            ("sampler", ensemble.spec.sampler.name().into()),
            ("indices", ensemble.spec.indices.into()),
            ("go_on", plan.go_on.into()),
            ("inputs", inputs.into()),
        ])
    }
}

impl Totals {
    fn count(&mut self, rows: &RecordBatch) {
        let column = |name: &str| rows.column_by_name(name).expect("every part has it");
        let sum = |name| column(name).as_primitive::<Int32Type>().iter().flatten().map(|n| n as usize).sum::<usize>();
        for status in column("status").as_string::<i32>().iter().flatten() {
            match status {
                "optimal" => self.optimal += 1,
                "no-model" => self.no_model += 1,
                _ => self.stopped += 1,
            }
        }
        self.plans += sum("plans");
        self.went_on += sum("went_on");
    }
}

fn file_of(name: &str) -> String {
    format!("{name}.parquet")
}

fn hash_of(path: &Path) -> Result<String, Trouble> {
    let (mut hash, mut some) = (Sha256::new(), vec![0; 1 << 16]);
    let mut read = || -> io::Result<()> {
        let mut file = File::open(path)?;
        loop {
            match io::Read::read(&mut file, &mut some)? {
                0 => return Ok(()),
                n => hash.update(&some[..n]),
            }
        }
    };
    read().map_err(|error| cannot("read", path, error))?;
    Ok(hex(&hash.finalize()))
}
