//! Reading the merged tables for a summary.

use std::fs::File;

use arrow_array::RecordBatch;
use coercivity_engine::ensemble::summary::read::{BySteps, Samples, by_steps, take_demands};
use coercivity_engine::ensemble::summary::{Question, Summary, summarize};
use coercivity_engine::ensemble::table::{GROUP, column_of};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder as Builder;

use super::merge::{DEMANDS, SAMPLES};
use super::{Folder, Trouble, cannot};

impl Folder {
    /// What the merged ensemble says.
    pub fn summarize(&self, question: Question) -> Result<Summary, Trouble> {
        let ensemble = &self.ensemble;
        let columns: Vec<String> = ensemble.variables.iter().map(|variable| column_of(&variable.name)).collect();
        let ids: Vec<String> = ensemble.model.demands.iter().map(|demand| demand.id.clone()).collect();
        let (mut samples, mut demands) = (Samples::default(), Vec::new());
        let mut steps: Option<BySteps> = question.demand.map(|_| vec![Vec::new(); ensemble.model.steps()]);
        self.rows(SAMPLES, |rows| samples.take(rows, &columns))?;
        self.rows(DEMANDS, |rows| {
            take_demands(rows, &ids, &mut demands);
            if let (Some(demand), Some(steps)) = (question.demand, &mut steps) {
                by_steps(rows, &ids[demand], steps);
            }
        })?;
        if samples.sample.is_empty() {
            let why = samples.why.unwrap_or_default();
            return Err(Trouble::World(format!("no sample has an optimum: {why}")));
        }
        Ok(summarize(ensemble, &samples, &demands, steps.as_ref(), question))
    }

    /// Whether it is merged; if not, what has to be done.
    pub fn merged(&self) -> Result<(), Trouble> {
        [SAMPLES, DEMANDS].iter().try_for_each(|name| self.opened(name).map(|_| ()))
    }

    /// The rows of a merged table, some at a time.
    pub fn rows(&self, name: &str, mut each: impl FnMut(&RecordBatch)) -> Result<(), Trouble> {
        let failed = |error| cannot("read", &self.dir.join(name), error);
        for rows in self.opened(name)?.with_batch_size(GROUP * 16).build().map_err(failed)? {
            each(&rows.map_err(|error| failed(error.into()))?);
        }
        Ok(())
    }

    /// A merged table of this ensemble, and of no other.
    fn opened(&self, name: &str) -> Result<Builder<File>, Trouble> {
        let path = self.dir.join(name);
        if !path.exists() {
            let (dir, all) = (self.dir.display(), self.plan.shards);
            let why = format!("`{dir}` is not merged yet, with {} of {all} shards done", self.done().len());
            return Err(Trouble::World(format!("{why}: run the others, then `coercivity ensemble merge {dir}`")));
        }
        let failed = |error| cannot("read", &path, error);
        let file = File::open(&path).map_err(|error| failed(error.into()))?;
        let rows = Builder::try_new(file).map_err(failed)?;
        let says = rows.metadata().file_metadata().key_value_metadata().cloned().unwrap_or_default();
        if !says.iter().any(|kv| kv.value.as_ref() == Some(&self.plan.ensemble)) {
            return Err(Trouble::World(format!("`{}` is of another ensemble: merge again", path.display())));
        }
        Ok(rows)
    }
}
