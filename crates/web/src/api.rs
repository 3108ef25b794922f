//! The routes: the page, and the API that it uses (version 1, documented in the book).

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, Path, RawQuery, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::sse::{Event, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router, middleware};
use coercivity_engine::node::Node;
use coercivity_model::edit::{edited, read_edited};
use coercivity_model::{Diagnostic, Report, Scenario, describe, read_scenario};
use futures_util::Stream;
use serde_json::{Value, json};
use tower_http::compression::CompressionLayer;
use tower_http::timeout::{RequestBodyTimeoutLayer, TimeoutLayer};

use crate::ensembles::{Ensembles, Query};
use crate::job::{self, Request, RunRequest, SCENARIO};
use crate::page;
use crate::report::{Contents, NoReport, report};
use crate::runs::{Order, QueueFull, Runs};
use crate::safety::{Port, guard};
use crate::server::Config;
use crate::written;

/// Bytes of a request's body, and edits in it.
const BODY: usize = 64 * 1024;
const EDITS: usize = 200;

/// Bytes of the name of a node that is lost.
const NODE: usize = 500;

/// A client has so long to send its body, and an answer takes no longer.
const BODY_TIME: Duration = Duration::from_secs(10);
const ANSWER_TIME: Duration = Duration::from_secs(60);

/// Tables of a run that can be asked for.
const TABLES: &[&str] = &["demand", "options", "sites", "flows", "stocks", "prices", "observations"];

/// A refusal, in one form for all.
#[derive(Debug)]
pub struct Failure {
    status: StatusCode,
    code: &'static str,
    message: String,
    help: Option<String>,
    diagnostics: Value,
}

impl Failure {
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Failure {
        Failure { status, code, message: message.into(), help: None, diagnostics: json!([]) }
    }

    pub fn help(mut self, help: impl Into<String>) -> Failure {
        self.help = Some(help.into());
        self
    }

    fn of(report: &Report) -> Failure {
        Failure::of_all("bad-edits", report.diagnostics())
    }

    pub fn of_all(code: &'static str, diagnostics: &[Diagnostic]) -> Failure {
        let first = diagnostics.first().map_or("what is asked for is wrong", |d| &d.message);
        let mut failure = Failure::new(StatusCode::UNPROCESSABLE_ENTITY, code, first);
        failure.diagnostics = serde_json::to_value(diagnostics).unwrap_or_default();
        failure
    }

    fn no_run() -> Failure {
        Failure::new(StatusCode::NOT_FOUND, "no-run", "there is no such run, or it is kept no longer")
            .help("ask for it again: POST /api/v1/runs")
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let error = json!({
            "code": self.code,
            "message": self.message,
            "help": self.help,
            "diagnostics": self.diagnostics,
        });
        (self.status, Json(json!({ "error": error }))).into_response()
    }
}

struct Shared {
    config: Config,
    runs: Runs,
    ensembles: Ensembles,
    /// Every figure of the model, as JSON.
    data: OnceLock<Bytes>,
}

impl Shared {
    fn figures(&self) -> Bytes {
        let json = || serde_json::to_vec(&crate::data::data(&self.config.model)).expect("figures are plain data");
        self.data.get_or_init(|| Bytes::from(json())).clone()
    }
}

type App = State<Arc<Shared>>;

pub fn router(config: Config, runs: Runs, address: SocketAddr) -> Router {
    let asked = Ensembles::new(config.ensembles.clone());
    let shared = Arc::new(Shared { config, runs, ensembles: asked, data: OnceLock::new() });
    let v1 = Router::new()
        .route("/model", get(model))
        .route("/data", get(data))
        .route("/scenarios/{id}", get(scenario))
        .route("/ensembles", get(ensembles))
        .route("/ensembles/{id}/summary", get(summary))
        .route("/plans", get(plans))
        .route("/plans/{id}", get(plan))
        .route("/bargains", get(bargains))
        .route("/bargains/{id}", get(bargain))
        .route("/runs", axum::routing::post(ask))
        .route("/runs/{id}", get(status).delete(unwant))
        .route("/runs/{id}/events", get(events))
        .route("/runs/{id}/{file}", get(file))
        .route("/runs/{id}/tables/{file}", get(table));
    Router::new()
        .route("/", get(index))
        .route("/assets/{name}", get(asset))
        .nest("/api/v1", v1)
        .fallback(nothing)
        .method_not_allowed_fallback(wrong_method)
        .with_state(shared)
        .layer(DefaultBodyLimit::max(BODY))
        .layer(RequestBodyTimeoutLayer::new(BODY_TIME))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, ANSWER_TIME))
        .layer(CompressionLayer::new())
        .layer(middleware::from_fn_with_state(Port(address.port()), guard))
}

async fn nothing() -> Failure {
    Failure::new(StatusCode::NOT_FOUND, "no-such-address", "there is nothing at this address")
}

async fn wrong_method() -> Failure {
    Failure::new(StatusCode::METHOD_NOT_ALLOWED, "wrong-method", "this address does not take that method")
}

async fn index() -> Response {
    answer(page::index().into_owned(), "text/html; charset=utf-8", "no-cache")
}

async fn asset(Path(name): Path<String>) -> Result<Response, Failure> {
    let (bytes, kind) = page::asset(&name)
        .ok_or_else(|| Failure::new(StatusCode::NOT_FOUND, "no-such-address", "the page has no such file"))?;
    // The name holds a hash of the contents.
    Ok(answer(bytes.into_owned(), kind, "public, max-age=31536000, immutable"))
}

fn answer(bytes: impl Into<Body>, kind: &'static str, cache: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CACHE_CONTROL, HeaderValue::from_static(cache)),
    ];
    (headers, bytes.into()).into_response()
}

async fn model(State(app): App) -> Json<Value> {
    let model = &app.config.model;
    let unit = coercivity_engine::results::view::unit(model);
    let scenarios: Vec<Value> = app
        .config
        .scenarios
        .iter()
        .filter_map(|known| {
            let scenario = read(&app, &known.path).ok()?;
            Some(json!({ "id": known.id, "name": scenario.name, "story": scenario.story }))
        })
        .collect();
    Json(json!({
        "api": 1,
        "version": env!("CARGO_PKG_VERSION"),
        "model": model.name,
        "model_hash": model.hash,
        "currency": model.currency,
        "unit": unit,
        "days": (0..model.steps()).map(|step| model.calendar.first_day(step).to_string()).collect::<Vec<_>>(),
        "default_scenario": model.default_scenario,
        "scenarios": scenarios,
        "ensembles": app.ensembles.about.len(),
        "plans": app.config.plans.len(),
        "bargains": app.config.bargains.len(),
        "bundle": page::is_there(),
    }))
}

async fn data(State(app): App) -> Response {
    answer(app.figures(), "application/json", "no-cache")
}

async fn ensembles(State(app): App) -> Json<Value> {
    Json(json!({ "ensembles": app.ensembles.about }))
}

async fn summary(State(app): App, Path(id): Path<String>, RawQuery(query): RawQuery) -> Result<Response, Failure> {
    let query = Query::parse(&query.unwrap_or_default())?;
    Ok(answer(app.ensembles.summary(&id, query).await?, "application/json", "no-cache"))
}

async fn plans(State(app): App) -> Json<Value> {
    Json(json!({ "plans": app.config.plans }))
}

async fn plan(State(app): App, Path(id): Path<String>) -> Result<Response, Failure> {
    Ok(answer(written::plan(&app.config.plans, &id)?, "application/json", "no-cache"))
}

async fn bargains(State(app): App) -> Json<Value> {
    Json(json!({ "bargains": app.config.bargains }))
}

async fn bargain(State(app): App, Path(id): Path<String>) -> Result<Response, Failure> {
    Ok(answer(written::bargain(&app.config.bargains, &id)?, "application/json", "no-cache"))
}

fn read(app: &Shared, path: &str) -> Result<Scenario, Failure> {
    let mut report = Report::default();
    read_scenario(&*app.config.files, path, &app.config.model, &mut report).ok_or_else(|| Failure::of(&report))
}

/// The file of a scenario of the model's own; no other can be named.
fn path_of<'a>(app: &'a Shared, id: &str) -> Result<&'a str, Failure> {
    let known = app.config.scenarios.iter().find(|known| known.id == id);
    known.map(|known| known.path.as_str()).ok_or_else(|| {
        let list: Vec<&str> = app.config.scenarios.iter().map(|known| known.id.as_str()).collect();
        Failure::new(StatusCode::NOT_FOUND, "no-such-scenario", "the model has no scenario of this name")
            .help(format!("it has {}", list.join(", ")))
    })
}

async fn scenario(State(app): App, Path(id): Path<String>) -> Result<Json<Value>, Failure> {
    let scenario = read(&app, path_of(&app, &id)?)?;
    let mut value = serde_json::to_value(describe::scenario(&app.config.model, &scenario)).unwrap_or_default();
    value["id"] = json!(id);
    Ok(Json(value))
}

async fn ask(State(app): App, body: Result<Bytes, BytesRejection>) -> Result<Response, Failure> {
    let body = body.map_err(|error| match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => {
            Failure::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", format!("a request may have {BODY} bytes"))
        }
        status => Failure::new(status, "bad-request", "the request's body did not come in whole"),
    })?;
    let asked: RunRequest = serde_json::from_slice(&body)
        .map_err(|error| Failure::new(StatusCode::BAD_REQUEST, "bad-request", format!("not a request: {error}")))?;
    if asked.edits.len() > EDITS {
        let why = format!("{} edits, and at most {EDITS} can be at once", asked.edits.len());
        return Err(Failure::new(StatusCode::UNPROCESSABLE_ENTITY, "too-many-edits", why));
    }
    if asked.without.as_ref().is_some_and(|node| node.len() > NODE) {
        let why = format!("the name of a node may have {NODE} bytes");
        return Err(Failure::new(StatusCode::UNPROCESSABLE_ENTITY, "bad-node", why));
    }
    let shared = Arc::clone(&app);
    // Reading a scenario takes a while that others need not wait.
    let order = tokio::task::spawn_blocking(move || order(&shared, asked))
        .await
        .map_err(|error| Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", error.to_string()))??;
    let status = app.runs.want(order).map_err(|QueueFull| {
        Failure::new(StatusCode::TOO_MANY_REQUESTS, "queue-full", "too many runs are waiting")
            .help("try again when one of them is done")
    })?;
    let code = if status.state == crate::runs::State::Done { StatusCode::OK } else { StatusCode::ACCEPTED };
    Ok((code, Json(status)).into_response())
}

/// What a request comes to: the scenario with its edits, checked, and the name of the run.
fn order(app: &Shared, asked: RunRequest) -> Result<Order, Failure> {
    let (files, model) = (&*app.config.files, &app.config.model);
    let path = asked.scenario.as_ref().map(|id| path_of(app, id)).transpose()?;
    let mut report = Report::default();
    let text = edited(files, path, model, &asked.edits, &mut report).ok_or_else(|| Failure::of(&report))?;
    if !asked.edits.is_empty() {
        read_edited(&text, model, &mut report).ok_or_else(|| Failure::of(&report))?;
    }
    if let Some(node) = &asked.without {
        Node::parse(model, node).map_err(|wrong| Failure::of_all("bad-node", &wrong))?;
    }
    let request = Request {
        model: app.config.model_path.clone(),
        model_hash: model.hash.clone(),
        scenario: asked.scenario.clone(),
        edited: !asked.edits.is_empty(),
        foresight: asked.foresight,
        preview: asked.preview,
        without: asked.without.clone(),
    };
    let id = job::id(&app.config.build, &model.hash, &text, &asked);
    Ok(Order { id, asked, request, scenario: text })
}

async fn status(State(app): App, Path(id): Path<String>) -> Result<Response, Failure> {
    app.runs.status(&id).map(|status| Json(status).into_response()).ok_or_else(Failure::no_run)
}

async fn unwant(State(app): App, Path(id): Path<String>) -> Result<Response, Failure> {
    let status = app.runs.status(&id).ok_or_else(Failure::no_run)?;
    app.runs.unwant(&id);
    Ok((StatusCode::ACCEPTED, Json(status)).into_response())
}

async fn events(State(app): App, Path(id): Path<String>) -> Result<Response, Failure> {
    let begin = app.runs.status(&id).ok_or_else(Failure::no_run)?;
    let listener = app.runs.listen(&id);
    let stream = futures_util::stream::unfold(Some((begin, listener)), |state| async move {
        let (status, mut listener) = state?;
        let event = Event::default().json_data(&status).unwrap_or_default();
        use crate::runs::State::{Cancelled, Done, Failed};
        let over = matches!(status.state, Done | Failed | Cancelled);
        let next = match &mut listener {
            Some(listening) if !over => {
                listening.wait().await;
                listening.status().map(|status| (status, listener))
            }
            _ => None,
        };
        Some((Ok::<Event, Infallible>(event), next))
    });
    Ok(sse(stream))
}

fn sse(stream: impl Stream<Item = Result<Event, Infallible>> + Send + 'static) -> Response {
    Sse::new(stream).into_response()
}

async fn file(State(app): App, Path((id, file)): Path<(String, String)>) -> Result<Response, Failure> {
    match file.as_str() {
        "summary" => kept(&app, &id, "summary.json", "application/json").await,
        "view" => kept(&app, &id, "view.json", "application/json").await,
        "scenario.toml" => kept(&app, &id, SCENARIO, "application/toml").await,
        "report.html" => report_of(&app, &id).await,
        _ => Err(nothing().await),
    }
}

async fn table(State(app): App, Path((id, file)): Path<(String, String)>) -> Result<Response, Failure> {
    let (name, kind) = match file.rsplit_once('.') {
        Some((name, "csv")) => (name, "text/csv; charset=utf-8"),
        Some((name, "parquet")) => (name, "application/vnd.apache.parquet"),
        _ => return Err(nothing().await),
    };
    if !TABLES.contains(&name) {
        return Err(nothing().await);
    }
    kept(&app, &id, &file, kind).await
}

/// A file of a finished run.
async fn kept(app: &Shared, id: &str, name: &str, kind: &'static str) -> Result<Response, Failure> {
    Ok(answer(bytes(app, id, name).await?, kind, "no-cache"))
}

async fn bytes(app: &Shared, id: &str, name: &str) -> Result<Vec<u8>, Failure> {
    match app.runs.cache.file(id, name) {
        Some(path) => tokio::fs::read(path).await.map_err(|_| Failure::no_run()),
        None if app.runs.status(id).is_some_and(|status| status.state != crate::runs::State::Done) => {
            Err(Failure::new(StatusCode::CONFLICT, "not-done", "the run has no results yet"))
        }
        None => Err(Failure::no_run()),
    }
}

/// The report of a run, which also needs the run without measures.
async fn report_of(app: &Arc<Shared>, id: &str) -> Result<Response, Failure> {
    let main = bytes(app, id, "view.json").await?;
    let preview = app.runs.status(id).is_some_and(|status| status.request.preview);
    let without =
        RunRequest { scenario: None, foresight: job::Foresight::Perfect, preview, edits: Vec::new(), without: None };
    let ghost = order(app, without)?.id;
    let ghost = bytes(app, &ghost, "view.json").await.map_err(|_| {
        Failure::new(
            StatusCode::CONFLICT,
            "not-done",
            "a report also shows the run without measures, which is not done",
        )
        .help("POST /api/v1/runs with {\"scenario\": null, \"foresight\": \"perfect\"} first")
    })?;
    let shared = Arc::clone(app);
    let made = tokio::task::spawn_blocking(move || {
        report(&Contents { main: &main, ghost: &ghost, data: &shared.figures(), plan: None, bargain: None })
    });
    match made.await {
        Ok(Ok(html)) => Ok(answer(html, "text/html; charset=utf-8", "no-cache")),
        Ok(Err(why @ (NoReport::NoBundle | NoReport::UnknownBundle))) => {
            Err(Failure::new(StatusCode::NOT_IMPLEMENTED, "no-report", why.to_string()))
        }
        Err(error) => Err(Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", error.to_string())),
    }
}
