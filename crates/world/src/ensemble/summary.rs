//! Reading the merged tables for a summary.

use arrow_array::RecordBatch;
use coercivity_engine::ensemble::summary::read::{BySteps, Samples, by_steps, take_demands};
use coercivity_engine::ensemble::summary::{Question, Summary, summarize};
use coercivity_engine::ensemble::table::column_of;

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
        [SAMPLES, DEMANDS].iter().try_for_each(|name| self.table(name).map(|_| ()))
    }

    /// The rows of a merged table, some at a time.
    fn rows(&self, name: &str, mut each: impl FnMut(&RecordBatch)) -> Result<(), Trouble> {
        for rows in self.table(name)?.batches {
            each(&rows.map_err(|error| cannot("read", &self.merged_path(name), error))?);
        }
        Ok(())
    }
}
