//! The server: accepting connections within bounds, until it is told to stop.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use coercivity_model::{Files, Model};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use crate::api;
use crate::cache::Cache;
use crate::ensembles::Ensemble;
use crate::runs::Runs;
use crate::written::Found;

/// Connections at a time. Those beyond wait to be accepted.
const CONNECTIONS: usize = 512;

/// A client has so long to say what it wants.
const HEADER: Duration = Duration::from_secs(10);

/// What is served.
pub struct Config {
    pub files: Arc<dyn Files + Send + Sync>,
    pub model: Model,
    /// As on the command line; `None` = the reference model.
    pub model_path: Option<String>,
    pub scenarios: Vec<Known>,
    /// Those that are shown, each under an id of its own.
    pub ensembles: Vec<Arc<dyn Ensemble>>,
    /// What plans found, each under an id of its own.
    pub plans: Vec<Found>,
    /// What bargains come to, each under an id of its own.
    pub bargains: Vec<Found>,
    /// This program, which is started again for each run.
    pub program: PathBuf,
    /// What tells this program from others, whose runs may be in the same cache.
    pub build: String,
    pub cache: PathBuf,
    pub host: IpAddr,
    /// 0 = any that is free.
    pub port: u16,
    pub limits: Limits,
}

/// A scenario of the model's own.
#[derive(Clone, Debug)]
pub struct Known {
    pub id: String,
    pub path: String,
}

/// What a server may be made to do.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Runs that wait their turn.
    pub waiting: usize,
    /// Time for a run, and for a preview.
    pub run: Duration,
    pub preview: Duration,
    /// A run that nobody asked about for so long is ended.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            waiting: 16,
            run: Duration::from_secs(1800),
            preview: Duration::from_secs(120),
            grace: Duration::from_secs(5),
        }
    }
}

/// Serves until `stop`. `listening` is told the address when connections are accepted.
pub async fn serve(
    config: Config,
    listening: impl FnOnce(SocketAddr),
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let cache = Cache::open(&config.cache)?;
    let runs = Runs::new(cache, &config.program, config.limits);
    let listener = TcpListener::bind((config.host, config.port)).await?;
    let address = listener.local_addr()?;
    let router = api::router(config, runs, address);
    listening(address);
    tokio::select! {
        () = accept(listener, router) => Ok(()),
        () = stop => Ok(()),
    }
}

/// Each connection is a task and holds no thread, however slow its client is.
async fn accept(listener: TcpListener, router: Router) {
    let free = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let place = Arc::clone(&free).acquire_owned().await.expect("it is never closed");
        let Ok((stream, _)) = listener.accept().await else {
            // Out of files, say: those that are open will be closed.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let service = TowerToHyperService::new(router.clone());
        tokio::spawn(async move {
            let served = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEADER)
                .serve_connection(TokioIo::new(stream), service)
                .await;
            // The client went away, or spoke no HTTP: there is nobody to tell.
            drop((served, place));
        });
    }
}
