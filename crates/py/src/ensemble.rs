//! `Ensemble`: the folder of an ensemble, its shards, and what is merged from them.
//!
//! Samples are run by other threads. The one that Python called looks for Ctrl-C meanwhile, because Python tells it alone.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};

use coercivity_engine::ensemble::sample::Runner;
use coercivity_engine::solve::Stop;
use coercivity_world::ensemble::{Folder, Source, Trouble};
use pyo3::exceptions::{PyIndexError, PyRuntimeError, PyValueError};
use pyo3::prelude::*;
use rayon::ThreadPoolBuilder;
use serde_json::to_string;

use crate::error::trouble;
use crate::model::unknown;
use crate::run::LOOK;
use crate::table::Table;

const TABLES: &[&str] = &["samples", "demands"];

/// An ensemble in its folder: the plan, the parts that shards write, and the tables merged from them.
///
/// A shard may run anywhere, at any time, and again: what comes out is the same to the last byte. What samples share is
/// kept as long as this is.
#[pyclass(module = "coercivity", frozen)]
pub struct Ensemble {
    folder: Arc<Folder>,
    runner: Runner,
}

impl Ensemble {
    fn new(folder: Folder) -> Ensemble {
        Ensemble { runner: folder.runner(), folder: Arc::new(folder) }
    }

    fn known(&self, index: usize) -> PyResult<()> {
        let shards = self.folder.plan.shards;
        if index < shards {
            return Ok(());
        }
        Err(PyIndexError::new_err(format!("there is no shard {index}: the plan has {shards}, from 0 on")))
    }
}

#[pymethods]
impl Ensemble {
    /// Reads a spec and makes the folder of its ensemble, or opens the one that is there if it is of the same ensemble.
    ///
    /// `out`: the folder; `None` = `ensembles/` and the name of the spec's file. `model`: a model's folder, before the
    /// one that the spec names. `shard_size`: samples of a shard; `None` = 64. A folder that is there keeps its own.
    /// A new plan tries some samples first, which takes as long as they do.
    ///
    /// Raises InputError (spec, model, scenario), EnsembleError (the folder has something else). Ctrl-C ends it.
    #[staticmethod]
    #[pyo3(signature = (spec, out=None, *, model=None, shard_size=None))]
    fn plan(
        py: Python,
        spec: PathBuf,
        out: Option<PathBuf>,
        model: Option<PathBuf>,
        shard_size: Option<usize>,
    ) -> PyResult<Ensemble> {
        if shard_size == Some(0) {
            return Err(PyValueError::new_err("a shard has at least one sample"));
        }
        let (spec, model) = (spec.to_string_lossy(), model.map(|path| path.to_string_lossy().into_owned()));
        let dir = out.unwrap_or_else(|| Folder::default_dir(&spec));
        let made = watched(py, None, (0, 0), None, |_, stop| {
            let source = Source::read(&spec, model.as_deref())?;
            Folder::make_unless(source, &dir, shard_size, &|_| (), stop)
        })?;
        Ok(Ensemble::new(made))
    }

    /// Opens the folder of an ensemble. Raises EnsembleError where it has no plan, or is not as it was planned.
    #[staticmethod]
    fn open(py: Python, dir: PathBuf) -> PyResult<Ensemble> {
        let folder = py.detach(|| Folder::open(&dir));
        folder.map(Ensemble::new).map_err(|error| trouble(py, error))
    }

    /// The folder.
    #[getter]
    fn dir(&self) -> String {
        self.folder.dir.to_string_lossy().into_owned()
    }

    /// The name that the spec gives it.
    #[getter]
    fn name(&self) -> &str {
        &self.folder.plan.name
    }

    /// SHA-256 of the program's version, the spec, the model and the scenario, in hexadecimal.
    #[getter]
    fn hash(&self) -> &str {
        &self.folder.plan.ensemble
    }

    /// Number of samples.
    #[getter]
    fn samples(&self) -> usize {
        self.folder.plan.samples
    }

    /// Number of shards.
    #[getter]
    fn shards(&self) -> usize {
        self.folder.plan.shards
    }

    /// Samples of a shard; the last one may have fewer.
    #[getter]
    fn shard_size(&self) -> usize {
        self.folder.plan.shard_size
    }

    /// Indexes of the shards whose part is there and whole. Reads all parts.
    fn done(&self, py: Python) -> Vec<usize> {
        py.detach(|| self.folder.done())
    }

    /// What `run_shard` gives for a part that is there and whole; `None` = not there, broken, or of another plan.
    ///
    /// Raises IndexError where there is no such shard.
    fn part<'py>(&self, py: Python<'py>, index: usize) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.known(index)?;
        let part = py.detach(|| self.folder.part(index)).map_err(|error| trouble(py, error))?;
        part.map(|part| plain(py, to_string(&part))).transpose()
    }

    /// Runs a shard, unless its part is there and whole, and gives what stands in the manifest of it.
    ///
    /// That is: index, first (sample), samples (how many), path, hash (of the part's bytes, SHA-256) and kept (whether
    /// it was there already). `threads`: how many samples are run at a time; `None` = as many as there are cores, or
    /// RAYON_NUM_THREADS. `progress` is called with the samples that are done and how many there are; what it raises
    /// ends the run.
    ///
    /// Other threads go on meanwhile. Ctrl-C ends the run with KeyboardInterrupt, and nothing of the shard is kept.
    ///
    /// Raises IndexError where there is no such shard, EnsembleError where the part cannot be written.
    #[pyo3(signature = (index, *, threads=None, progress=None))]
    fn run_shard<'py>(
        &self,
        py: Python<'py>,
        index: usize,
        threads: Option<usize>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        self.known(index)?;
        let count = (0, self.folder.samples_of(index).len());
        let work = |tell: Tell, stop: &Stop| self.folder.run(&self.runner, index, tell, stop);
        plain(py, to_string(&watched(py, progress, count, threads, work)?))
    }

    /// Runs all shards that are not there yet, merges them, and gives what `merge` does.
    ///
    /// `threads` and `progress` as for `run_shard`, with the samples of all shards. Ctrl-C ends the run with
    /// KeyboardInterrupt; shards that are done are kept, and the same call goes on from there.
    #[pyo3(signature = (*, threads=None, progress=None))]
    fn run<'py>(
        &self,
        py: Python<'py>,
        threads: Option<usize>,
        progress: Option<Py<PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        for index in 0..self.shards() {
            let count = (self.folder.samples_of(index).start, self.samples());
            let work = |tell: Tell, stop: &Stop| self.folder.run(&self.runner, index, tell, stop);
            watched(py, progress.as_ref().map(|p| p.clone_ref(py)), count, threads, work)?;
        }
        self.merge(py)
    }

    /// Merges the parts to `samples.parquet` and `demands.parquet`, and gives what stands in `ensemble.json`.
    ///
    /// `totals` in it says what became of the samples, `files` the SHA-256 of the tables. Raises EnsembleError unless
    /// every sample is there exactly once.
    fn merge<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let merged = py.detach(|| self.folder.merge()).map_err(|error| trouble(py, error))?;
        plain(py, to_string(&merged))
    }

    /// Names of the merged tables: samples, demands.
    #[getter]
    fn tables(&self) -> Vec<&'static str> {
        TABLES.to_vec()
    }

    /// A merged table: `samples` has a row for each sample, `demands` one for each sample and demand.
    ///
    /// It is read some rows at a time by whoever takes it. Money is discounted, in the model's currency; unmet demand is
    /// in the demand's unit. Raises KeyError where there is no such table, EnsembleError before the parts are merged.
    fn table(&self, py: Python, name: &str) -> PyResult<Table> {
        if !TABLES.contains(&name) {
            return Err(unknown("table", name, TABLES));
        }
        Table::merged(name, self.folder.clone()).map_err(|error| trouble(py, error))
    }

    fn __repr__(&self) -> String {
        let plan = &self.folder.plan;
        format!("<Ensemble {}: {} samples in {} shards of {}>", plan.name, plan.samples, plan.shards, plan.shard_size)
    }
}

type Tell<'a> = &'a (dyn Fn(usize) + Sync);

/// Has work done by another thread, and looks for Ctrl-C meanwhile. `progress` is told how many samples are done, beyond
/// those before, of how many.
fn watched<T: Send>(
    py: Python,
    progress: Option<Py<PyAny>>,
    (before, total): (usize, usize),
    threads: Option<usize>,
    work: impl FnOnce(Tell, &Stop) -> Result<Option<T>, Trouble> + Send,
) -> PyResult<T> {
    let pool = match threads {
        None => None,
        Some(0) => return Err(PyValueError::new_err("at least one thread runs samples")),
        Some(n) => {
            let pool = ThreadPoolBuilder::new().num_threads(n).build();
            Some(pool.map_err(|error| PyRuntimeError::new_err(format!("cannot start {n} threads: {error}")))?)
        }
    };
    let (done, ended) = (AtomicUsize::new(0), AtomicBool::new(false));
    let (tell, stop) = (|n| done.store(n, Ordering::Relaxed), || ended.load(Ordering::Relaxed));
    let mut raised = None;
    let found = py.detach(|| {
        std::thread::scope(|scope| {
            let (send, receive) = channel();
            let worker = scope.spawn(move || {
                let found = match &pool {
                    Some(pool) => pool.install(|| work(&tell, &stop)),
                    None => work(&tell, &stop),
                };
                // Whoever waits is there until this has come.
                let _ = send.send(());
                found
            });
            let mut told = None;
            loop {
                let waiting = matches!(receive.recv_timeout(LOOK), Err(RecvTimeoutError::Timeout));
                let now = before + done.load(Ordering::Relaxed);
                let look = |py: Python| {
                    py.check_signals()?;
                    match &progress {
                        Some(progress) if told != Some(now) => progress.call1(py, (now, total)).map(|_| ()),
                        _ => Ok(()),
                    }
                };
                if raised.is_none()
                    && let Err(error) = Python::attach(look)
                {
                    raised = Some(error);
                    ended.store(true, Ordering::Relaxed);
                }
                told = Some(now);
                if !waiting {
                    return worker.join();
                }
            }
        })
    });
    if let Some(error) = raised {
        return Err(error);
    }
    match found {
        Ok(found) => {
            found.map_err(|error| trouble(py, error))?.ok_or_else(|| PyRuntimeError::new_err("it was stopped"))
        }
        Err(panic) => std::panic::resume_unwind(panic),
    }
}

/// A value as Python's dicts, lists, texts and numbers.
fn plain(py: Python<'_>, value: serde_json::Result<String>) -> PyResult<Bound<'_, PyAny>> {
    let text = value.expect("it is plain data");
    py.import("json")?.call_method1("loads", (text,))
}
