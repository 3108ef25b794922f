//! Runs under way: queued with a bound, shared by all who ask for the same, ended when nobody wants them.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use serde::Serialize;
use tokio::sync::{Semaphore, watch};

use crate::cache::Cache;
use crate::job::{self, REQUEST, RESULTS, Request, RunRequest, SCENARIO, Told};
use crate::server::Limits;

/// Runs that ended without results and can still be asked about; of more, those that ended first go.
const REMEMBERED: usize = 64;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    Queued,
    Running,
    Done,
    Failed,
    Cancelled,
}

/// What is known of a run.
#[derive(Clone, Debug, Serialize)]
pub struct Status {
    pub id: String,
    pub state: State,
    /// Runs that come before it.
    pub ahead: usize,
    pub stage: String,
    /// Share done; `None` = not known.
    pub done: Option<f64>,
    /// Since it was asked for.
    pub seconds: f64,
    /// Why there are no results.
    pub error: Option<Problem>,
    pub request: RunRequest,
}

/// Why a run has no results, in the form of all errors of the API.
#[derive(Clone, Debug, Serialize)]
pub struct Problem {
    pub code: &'static str,
    pub message: String,
}

/// A run that somebody asked for: what the process is told, and the flattened scenario.
pub struct Order {
    pub id: String,
    pub asked: RunRequest,
    pub request: Request,
    pub scenario: String,
}

/// No run was taken in.
#[derive(Debug, PartialEq, Eq)]
pub struct QueueFull;

/// How a run stands, and how it is told to those who listen.
#[derive(Clone)]
struct Standing {
    state: State,
    told: Told,
    error: Option<Problem>,
}

struct Entry {
    /// In the order of asking.
    number: u64,
    begun: Instant,
    asked: RunRequest,
    standing: watch::Sender<Standing>,
    /// Open streams of events.
    listeners: usize,
    /// When somebody last asked about it or stopped listening.
    wanted: Instant,
}

impl Entry {
    fn is_under_way(&self) -> bool {
        matches!(self.standing.borrow().state, State::Queued | State::Running)
    }
}

#[derive(Default)]
struct Table {
    entries: HashMap<String, Entry>,
    count: u64,
}

/// All runs of a server. Clones share them.
#[derive(Clone)]
pub struct Runs {
    pub cache: Cache,
    program: PathBuf,
    limits: Limits,
    table: Arc<Mutex<Table>>,
    /// One process at a time each for runs and for previews, so that a quick look waits for no long run.
    full: Arc<Semaphore>,
    preview: Arc<Semaphore>,
}

/// Somebody who listens to a run; it stays wanted until this is dropped.
pub struct Listener {
    runs: Runs,
    id: String,
    standing: watch::Receiver<Standing>,
}

impl Runs {
    pub fn new(cache: Cache, program: &Path, limits: Limits) -> Runs {
        Runs {
            cache,
            program: program.to_path_buf(),
            limits,
            table: Arc::default(),
            full: Arc::new(Semaphore::new(1)),
            preview: Arc::new(Semaphore::new(1)),
        }
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        // A thread that panicked holding it left a map that is still one.
        self.table.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    /// The status of a run that is under way, finished, or ended lately. Asking means wanting.
    pub fn status(&self, id: &str) -> Option<Status> {
        let mut table = self.table();
        if let Some(entry) = table.entries.get_mut(id) {
            entry.wanted = Instant::now();
            return Some(self.status_of(&table, id));
        }
        drop(table);
        let asked = std::fs::read(self.cache.file(id, REQUEST)?).ok()?;
        let request = serde_json::from_slice(&asked).ok()?;
        Some(Status {
            id: id.to_string(),
            state: State::Done,
            ahead: 0,
            stage: String::new(),
            done: Some(1.0),
            seconds: 0.0,
            error: None,
            request,
        })
    }

    fn status_of(&self, table: &Table, id: &str) -> Status {
        let entry = &table.entries[id];
        let standing = entry.standing.borrow().clone();
        let before = |other: &&Entry| {
            other.number < entry.number && other.asked.preview == entry.asked.preview && other.is_under_way()
        };
        Status {
            id: id.to_string(),
            state: standing.state,
            ahead: if standing.state == State::Queued { table.entries.values().filter(before).count() } else { 0 },
            stage: standing.told.stage,
            done: standing.told.done,
            seconds: entry.begun.elapsed().as_secs_f64(),
            error: standing.error,
            request: entry.asked.clone(),
        }
    }

    /// Takes in a run, or joins the one that is under way or finished.
    pub fn want(&self, order: Order) -> Result<Status, QueueFull> {
        let id = order.id.clone();
        let mut table = self.table();
        if let Some(entry) = table.entries.get_mut(&id).filter(|entry| entry.is_under_way()) {
            entry.wanted = Instant::now();
            return Ok(self.status_of(&table, &id));
        }
        if self.cache.has(&id) {
            table.entries.remove(&id);
            drop(table);
            return Ok(self.status(&id).expect("it is there and whole"));
        }
        let waiting = table.entries.values().filter(|entry| entry.standing.borrow().state == State::Queued).count();
        if waiting >= self.limits.waiting {
            return Err(QueueFull);
        }
        table.count += 1;
        let queued = Standing { state: State::Queued, told: Told::default(), error: None };
        let entry = Entry {
            number: table.count,
            begun: Instant::now(),
            asked: order.asked.clone(),
            standing: watch::Sender::new(queued),
            listeners: 0,
            wanted: Instant::now(),
        };
        table.entries.insert(id.clone(), entry);
        let status = self.status_of(&table, &id);
        drop(table);
        tokio::spawn(self.clone().carry_out(order));
        Ok(status)
    }

    /// Nobody asks about it for now: unless somebody listens, it is ended soon.
    pub fn unwant(&self, id: &str) {
        let long_ago = Instant::now().checked_sub(self.limits.grace);
        if let Some(entry) = self.table().entries.get_mut(id) {
            entry.wanted = long_ago.unwrap_or(entry.begun);
        }
    }

    /// Listens to a run that is under way or ended lately.
    pub fn listen(&self, id: &str) -> Option<Listener> {
        let mut table = self.table();
        let entry = table.entries.get_mut(id)?;
        entry.listeners += 1;
        Some(Listener { runs: self.clone(), id: id.to_string(), standing: entry.standing.subscribe() })
    }

    async fn carry_out(self, order: Order) {
        let id = order.id.clone();
        let ended = tokio::select! {
            ended = self.work(&order) => match ended {
                Ok(()) => Standing { state: State::Done, told: Told { stage: String::new(), done: Some(1.0) }, error: None },
                Err(message) => {
                    let error = Some(Problem { code: "run-failed", message });
                    Standing { state: State::Failed, told: Told::default(), error }
                }
            },
            // The process is killed with the future that waits for it.
            () = self.unwanted(&id) => {
                let message = "nobody waited for it any more".to_string();
                let error = Some(Problem { code: "cancelled", message });
                Standing { state: State::Cancelled, told: Told::default(), error }
            }
        };
        let mut table = self.table();
        if let Some(entry) = table.entries.get(&id) {
            entry.standing.send_replace(ended.clone());
        }
        if ended.state == State::Done {
            table.entries.remove(&id);
        }
        let mut over: Vec<(u64, String)> = table
            .entries
            .iter()
            .filter(|(_, entry)| !entry.is_under_way())
            .map(|(id, entry)| (entry.number, id.clone()))
            .collect();
        over.sort();
        let too_many = over.len().saturating_sub(REMEMBERED);
        over.into_iter().take(too_many).for_each(|(_, id)| drop(table.entries.remove(&id)));
    }

    /// Waits for its turn, lets the process work, and takes in the results.
    async fn work(&self, order: &Order) -> Result<(), String> {
        let turn = if order.request.preview { &self.preview } else { &self.full };
        let _turn = turn.acquire().await.map_err(|error| error.to_string())?;
        let tell = |told: Told| {
            if let Some(entry) = self.table().entries.get(&order.id) {
                entry.standing.send_replace(Standing { state: State::Running, told, error: None });
            }
        };
        tell(Told { stage: "reading".to_string(), done: None });
        let failed = |error: std::io::Error| format!("cannot write to the cache: {error}");
        let folder = self.cache.job().map_err(failed)?;
        std::fs::write(folder.path().join(REQUEST), serde_json::to_vec(&order.request).map_err(|e| failed(e.into()))?)
            .map_err(failed)?;
        std::fs::write(folder.path().join(SCENARIO), &order.scenario).map_err(failed)?;
        let limit = if order.request.preview { self.limits.preview } else { self.limits.run };
        job::process(&self.program, folder.path(), limit, tell).await?;
        let results = folder.path().join(RESULTS);
        std::fs::write(results.join(REQUEST), serde_json::to_vec(&order.asked).map_err(|e| failed(e.into()))?)
            .map_err(failed)?;
        std::fs::write(results.join(SCENARIO), &order.scenario).map_err(failed)?;
        self.cache.put(&order.id, &results).map_err(failed)
    }

    /// Returns when nobody listened to a run or asked about it for a while.
    async fn unwanted(&self, id: &str) {
        let mut tick = tokio::time::interval(Duration::from_millis(200));
        loop {
            tick.tick().await;
            let table = self.table();
            let Some(entry) = table.entries.get(id) else { return };
            if entry.listeners == 0 && entry.wanted.elapsed() >= self.limits.grace {
                return;
            }
        }
    }
}

impl Listener {
    /// The status now; `None` once the run is over and was told.
    pub fn status(&self) -> Option<Status> {
        self.runs.status(&self.id)
    }

    /// Waits until something changes or a second has gone by.
    pub async fn wait(&mut self) {
        let _ = tokio::time::timeout(Duration::from_secs(1), self.standing.changed()).await;
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Some(entry) = self.runs.table().entries.get_mut(&self.id) {
            entry.listeners = entry.listeners.saturating_sub(1);
            entry.wanted = Instant::now();
        }
    }
}
