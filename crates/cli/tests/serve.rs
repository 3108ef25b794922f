//! The server, asked over a socket as anybody could: what it answers, what it refuses, what it keeps.

mod common;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use common::{Files, World};
use serde_json::{Value, json};

/// Nothing here takes this long; what does has failed.
const DEADLINE: Duration = Duration::from_secs(60);

struct Server {
    child: Child,
    port: u16,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

struct Answer {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.text()))
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The code of a refusal.
    fn code(&self) -> (u16, String) {
        (self.status, self.json()["error"]["code"].as_str().unwrap_or_default().to_string())
    }
}

impl Server {
    fn start(world: &World, args: &[&str]) -> Server {
        let mut command = world.command(&["serve", "m", "--port", "0", "--cache", "cache"]);
        let mut child = command.args(args).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port =
            line.split("127.0.0.1:").nth(1).and_then(|rest| rest.split('/').next()).expect("it says its address");
        Server { port: port.parse().unwrap(), child }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        stream
    }

    /// Sends a request as it stands and reads the answer to its end.
    fn raw(&self, request: &[u8]) -> Answer {
        let mut stream = self.connect();
        // A refusal may come, and the connection close, before all is sent.
        let _ = stream.write_all(request);
        let mut bytes = Vec::new();
        let _ = stream.read_to_end(&mut bytes);
        let end = bytes.windows(4).position(|w| w == b"\r\n\r\n").unwrap_or_else(|| {
            panic!("no answer to {}: {}", String::from_utf8_lossy(request), String::from_utf8_lossy(&bytes))
        });
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, head, body: bytes[end + 4..].to_vec() }
    }

    fn send(&self, method: &str, path: &str, headers: &str, body: &str) -> Answer {
        let host = if headers.contains("Host:") { String::new() } else { format!("Host: 127.0.0.1:{}\r\n", self.port) };
        let length = body.len();
        let head =
            format!("{method} {path} HTTP/1.1\r\n{host}{headers}Connection: close\r\nContent-Length: {length}\r\n\r\n");
        self.raw(format!("{head}{body}").as_bytes())
    }

    fn get(&self, path: &str) -> Answer {
        self.send("GET", path, "", "")
    }

    fn ask(&self, request: &Value) -> Answer {
        self.send("POST", "/api/v1/runs", "Content-Type: application/json\r\n", &request.to_string())
    }

    fn until(&self, id: &str, wanted: &str) -> Value {
        let begin = Instant::now();
        loop {
            let status = self.get(&format!("/api/v1/runs/{id}")).json();
            if status["state"] == wanted {
                return status;
            }
            let over = ["done", "failed", "cancelled"].iter().any(|state| status["state"] == *state);
            assert!(!over && begin.elapsed() < DEADLINE, "not {wanted}: {status}");
            std::thread::yield_now();
        }
    }

    /// A run to its end.
    fn done(&self, request: &Value) -> String {
        let answer = self.ask(request);
        assert!([200, 202].contains(&answer.status), "{}", answer.text());
        let id = answer.json()["id"].as_str().unwrap().to_string();
        self.until(&id, "done");
        id
    }
}

fn request(scenario: Option<&str>, edits: Value) -> Value {
    json!({ "scenario": scenario, "foresight": "announced", "edits": edits })
}

fn sourced() -> World {
    World::new(&Files::tiny())
}

#[test]
fn a_run_is_what_the_command_writes() {
    let world = sourced();
    let server = Server::start(&world, &[]);
    let model = server.get("/api/v1/model").json();
    assert_eq!((&model["api"], &model["model"]), (&json!(1), &json!("Two regions")));
    assert_eq!(model["scenarios"], json!([{ "id": "cut", "name": "Cut off", "story": "" }]));
    assert_eq!(model["days"][1], "2025-02-01");

    let id = server.done(&request(Some("cut"), json!([])));
    world.ok(&["run", "m", "--scenario", "cut", "--out", "out"]);
    let mut tables = 0;
    for entry in std::fs::read_dir(world.path("out")).unwrap().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.ends_with(".csv") || name.ends_with(".parquet") {
            tables += 1;
            let answer = server.get(&format!("/api/v1/runs/{id}/tables/{name}"));
            assert_eq!((answer.status, answer.body == std::fs::read(entry.path()).unwrap()), (200, true), "{name}");
        }
    }
    assert_eq!(tables, 12);
    let plain = |mut summary: Value| {
        summary["seconds"] = Value::Null;
        summary
    };
    let written = serde_json::from_slice(&std::fs::read(world.path("out/summary.json")).unwrap()).unwrap();
    let summary = server.get(&format!("/api/v1/runs/{id}/summary")).json();
    assert_eq!(plain(summary.clone()), plain(written));
    let view = server.get(&format!("/api/v1/runs/{id}/view")).json();
    assert_eq!((&view["view"], &view["scenario_id"], &view["preview"]), (&json!(1), &json!("cut"), &json!(false)));
    assert_eq!((&view["command"], &view["scenario_hash"]), (&summary["command"], &summary["scenario_hash"]));
    assert_eq!(view["demands"][0]["unmet"].as_array().unwrap().len(), 4);
}

#[test]
fn every_figure_and_measure_can_be_asked_for() {
    let mut files = Files::tiny();
    files.put("uncertainty.csv", "table,row,column,low,best,high,why\nsites,mine,cost,4,5,9,a guess\n");
    files.put("sources.csv", "key,title,url\nbook,\"A <script>alert(1)</script>\",https://example.org\n");
    let world = World::new(&files);
    let server = Server::start(&world, &[]);
    let data = server.get("/api/v1/data").json();
    let cost =
        data["figures"].as_array().unwrap().iter().find(|f| f["row"] == "mine" && f["column"] == "cost").unwrap();
    assert_eq!(
        (&cost["value"], &cost["low"], &cost["high"], &cost["why"]),
        (&json!("5"), &json!("4"), &json!("9"), &json!("a guess"))
    );
    assert_eq!(cost["confidence"], Value::Null);
    assert_eq!(data["sources"]["book"]["title"], "A <script>alert(1)</script>");
    assert_eq!(data["unknown"], data["figures"].as_array().unwrap().len());

    let scenario = server.get("/api/v1/scenarios/cut").json();
    assert_eq!((&scenario["id"], &scenario["measures"][0]["id"]), (&json!("cut"), &json!("ban")));
    assert_eq!(scenario["truces"][0]["suspends"], json!(["ban"]));
    assert_eq!(server.get("/api/v1/scenarios/other").code(), (404, "no-such-scenario".to_string()));
}

#[test]
fn edits_give_the_file_that_runs_the_same() {
    let world = sourced();
    let server = Server::start(&world, &[]);
    let edits = json!([{ "id": "pause", "set": { "until": "2025-04-01" } }, { "id": "reserve", "off": true }]);
    let id = server.done(&request(Some("cut"), edits));
    let file = server.get(&format!("/api/v1/runs/{id}/scenario.toml"));
    std::fs::write(world.path("edited.toml"), &file.body).unwrap();
    let written: Value =
        serde_json::from_str(&world.ok(&["run", "m", "--scenario", "edited.toml", "--json"]).stdout).unwrap();
    let summary = server.get(&format!("/api/v1/runs/{id}/summary")).json();
    for key in ["objective", "unmet", "required", "scenario_hash", "model_hash", "plans"] {
        assert_eq!(summary[key], written[key], "{key}");
    }
    let saved = server.done(&request(Some("cut"), json!([])));
    assert_ne!(id, saved);
    assert_ne!(server.get(&format!("/api/v1/runs/{saved}/summary")).json()["objective"], summary["objective"]);
}

#[test]
fn wrong_edits_are_told_with_a_remedy() {
    let world = sourced();
    let server = Server::start(&world, &[]);
    for (edits, message) in [
        (json!([{ "id": "bann", "off": true }]), "bann"),
        (json!([{ "id": "ban", "set": { "allow_civl": 0.5 } }]), "allow_civl"),
        (json!([{ "id": "ban", "set": { "allow_civil": 1.5 } }]), "allow_civil"),
        (json!([{ "id": "pause", "set": { "until": "2024-01-01" } }]), "pause"),
        (json!([{ "id": "pause", "set": { "until": "soon" } }]), "until"),
    ] {
        let answer = server.ask(&request(Some("cut"), edits.clone()));
        assert_eq!(answer.code(), (422, "bad-edits".to_string()), "{edits}");
        let diagnostics = answer.json()["error"]["diagnostics"].to_string();
        assert!(diagnostics.contains(message) && diagnostics.contains("help"), "{edits}: {diagnostics}");
    }
    let many: Vec<Value> = (0..300).map(|n| json!({ "id": format!("m{n}"), "off": true })).collect();
    assert_eq!(server.ask(&request(Some("cut"), json!(many))).code(), (422, "too-many-edits".to_string()));
}

#[test]
fn a_run_without_a_node_is_what_the_command_writes() {
    let world = sourced();
    let server = Server::start(&world, &[]);
    let asked = |without: &str| json!({ "scenario": "cut", "foresight": "announced", "without": without });
    let whole = server.done(&request(Some("cut"), json!([])));
    let id = server.done(&asked("AAA:metal"));
    assert_ne!(id, whole);
    let summary = server.get(&format!("/api/v1/runs/{id}/summary")).json();
    let again = summary["command"].as_str().unwrap();
    assert!(again.ends_with(" --without 'AAA:metal'"), "{again}");
    world.ok(&["run", "m", "--scenario", "cut", "--without", "AAA:metal", "--out", "out"]);
    for table in ["demand.csv", "sites.csv", "flows.csv"] {
        let answer = server.get(&format!("/api/v1/runs/{id}/tables/{table}"));
        assert_eq!(answer.body, std::fs::read(world.path(&format!("out/{table}"))).unwrap(), "{table}");
    }
    let written: Value = serde_json::from_slice(&std::fs::read(world.path("out/summary.json")).unwrap()).unwrap();
    for key in ["objective", "unmet", "command", "scenario_hash"] {
        assert_eq!(summary[key], written[key], "{key}");
    }
    let view = |id: &str| server.get(&format!("/api/v1/runs/{id}/view")).json();
    let (with, without) = (view(&whole), view(&id));
    assert!(without["objective"].as_f64().unwrap() > with["objective"].as_f64().unwrap());
    // What is narrow is said of the whole chain.
    assert_eq!((&with["without"], &without["without"]), (&Value::Null, &json!("AAA:metal")));
    assert_eq!(without["chokepoints"], Value::Null);
    let first = &with["chokepoints"]["stages"][0];
    assert_eq!((&first["kind"], &first["share"]), (&json!("stage"), &json!(1.0)));
    // Each that is ranked can be asked for by its name.
    for node in ["stages", "sites", "lanes"].iter().flat_map(|kind| with["chokepoints"][*kind].as_array().unwrap()) {
        if node["kind"] != "re-exports" {
            server.done(&asked(node["id"].as_str().unwrap()));
        }
    }

    for (node, remedy) in [("AAA:metl", "`metal`"), ("", "write a site"), ("AAA:metal+zzz", "write a site")] {
        let answer = server.ask(&asked(node));
        assert_eq!(answer.code(), (422, "bad-node".to_string()), "{node}");
        assert!(answer.json()["error"]["diagnostics"][0]["help"].as_str().unwrap().contains(remedy), "{node}");
    }
    assert_eq!(server.ask(&asked(&"AAA+".repeat(1000))).code(), (422, "bad-node".to_string()));
    let refused = world.run(&["run", "m", "--scenario", "cut", "--without", "AAA:metl"]);
    assert_eq!(refused.code, 1);
    assert!(refused.stderr.contains("`metal`"), "{}", refused.stderr);
}

#[test]
fn a_preview_is_in_quarters() {
    let world = sourced();
    let server = Server::start(&world, &[]);
    let id = server.done(&json!({ "scenario": "cut", "foresight": "announced", "preview": true }));
    let view = server.get(&format!("/api/v1/runs/{id}/view")).json();
    assert_eq!((&view["preview"], &view["calendar"]["unit"]), (&json!(true), &json!("quarter")));
    assert_eq!(view["calendar"]["days"], json!(["2025-01-01", "2025-04-01"]));
    assert_eq!((&view["foresight"], &view["command"]), (&json!("perfect"), &json!("")));
}

#[test]
fn the_same_is_run_once_and_outlives_the_server() {
    let world = sourced();
    let asked = request(Some("cut"), json!([]));
    let server = Server::start(&world, &[]);
    // An edit to what is there already is none.
    let same = request(Some("cut"), json!([{ "id": "ban" }]));
    let (first, second) = (server.ask(&asked).json(), server.ask(&same).json());
    assert_eq!(first["id"], second["id"]);
    let id = server.done(&asked);
    assert_eq!(server.ask(&asked).status, 200);
    drop(server);

    let server = Server::start(&world, &[]);
    let again = server.ask(&asked);
    assert_eq!((again.status, again.json()["id"].as_str()), (200, Some(id.as_str())));
    // Half a file is none: it is run again, and whole.
    let path = world.path("cache").join(&id).join("view.json");
    let whole = std::fs::read(&path).unwrap();
    std::fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    assert_eq!(server.ask(&asked).status, 202);
    server.until(&id, "done");
    assert_eq!(std::fs::read(&path).unwrap(), whole);
}

#[test]
fn a_model_changed_since_is_not_run_as_another() {
    let world = sourced();
    let server = Server::start(&world, &[]);
    let mut files = Files::tiny();
    files.edit("demands.csv", "need,BBB,120,1000", "need,BBB,130,1000");
    files.write(&world.path("m"));
    let answer = server.ask(&request(Some("cut"), json!([])));
    let status = server.until(answer.json()["id"].as_str().unwrap(), "failed");
    assert!(status["error"]["message"].as_str().unwrap().contains("have changed"), "{status}");
}

#[test]
fn what_nobody_waits_for_is_ended() {
    let world = World::new(&slow());
    let server = Server::start(&world, &[]);
    let asked = server.ask(&request(None, json!([]))).json();
    let id = asked["id"].as_str().unwrap();
    // Others wait behind it.
    let other = server.ask(&request(Some("cut"), json!([]))).json();
    assert_eq!((&other["state"], &other["ahead"]), (&json!("queued"), &json!(1)));
    // Listening to the other keeps it wanted; nobody listens to the first.
    let mut listening = server.connect();
    let path = format!("/api/v1/runs/{}/events", other["id"].as_str().unwrap());
    write!(listening, "GET {path} HTTP/1.1\r\nHost: localhost:{}\r\n\r\n", server.port).unwrap();
    assert_eq!(server.send("DELETE", &format!("/api/v1/runs/{id}"), "", "").status, 202);
    let begin = Instant::now();
    let mut told = BufReader::new(listening);
    let mut line = String::new();
    while !line.contains("\"running\"") {
        line.clear();
        assert!(told.read_line(&mut line).unwrap() > 0 && begin.elapsed() < DEADLINE, "it never began");
    }
    // The other may have begun before it, and then it is ended while it waits, at the next look.
    server.until(id, "cancelled");
    let files = server.get(&format!("/api/v1/runs/{id}/view"));
    assert_eq!(files.code(), (409, "not-done".to_string()));
}

/// Whether a job of a world's server is under way.
#[cfg(target_os = "linux")]
fn has_a_job(world: &World) -> bool {
    let cache = world.path("cache").to_string_lossy().into_owned();
    let processes = std::fs::read_dir("/proc").unwrap().flatten();
    let mut commands = processes.filter_map(|process| std::fs::read(process.path().join("cmdline")).ok());
    commands.any(|command| {
        let words: Vec<_> = command.split(|byte| *byte == 0).map(String::from_utf8_lossy).collect();
        words.iter().any(|word| word == "job") && words.iter().any(|word| word.starts_with(&*cache))
    })
}

#[test]
#[cfg(target_os = "linux")]
fn a_server_that_is_killed_takes_its_jobs_with_it() {
    let world = World::new(&slow());
    let mut server = Server::start(&world, &[]);
    server.ask(&request(None, json!([])));
    let until = |wanted: bool| {
        let begin = Instant::now();
        while has_a_job(&world) != wanted {
            assert!(begin.elapsed() < DEADLINE, "a job is under way: {}", !wanted);
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    until(true);
    server.child.kill().unwrap();
    server.child.wait().unwrap();
    until(false);
}

#[test]
fn the_queue_has_an_end() {
    let world = World::new(&slow());
    let server = Server::start(&world, &[]);
    let edit = |n: usize| json!([{ "id": "pause", "set": { "until": format!("2025-02-{:02}", n + 2) } }]);
    let answers: Vec<u16> = (0..20).map(|n| server.ask(&request(Some("cut"), edit(n))).status).collect();
    // One runs, sixteen wait.
    assert_eq!(answers.iter().filter(|status| **status == 202).count(), 17, "{answers:?}");
    assert_eq!(server.ask(&request(Some("cut"), edit(20))).code(), (429, "queue-full".to_string()));
}

#[test]
fn a_run_that_takes_too_long_is_ended() {
    let world = World::new(&slow());
    let server = Server::start(&world, &["--time-limit", "0.5"]);
    let answer = server.ask(&request(None, json!([])));
    let status = server.until(answer.json()["id"].as_str().unwrap(), "failed");
    assert!(status["error"]["message"].as_str().unwrap().contains("took longer"), "{status}");
}

/// A model that is solved for longer than any test here takes: many weeks, many needs.
fn slow() -> Files {
    let mut files = Files::tiny();
    files.edit("model.toml", "step = \"month\"\nsteps = 4", "step = \"week\"\nsteps = 1500");
    files.edit(
        "stocks.csv",
        "BBB,metal,5,12,commercial\n",
        "BBB,metal,5,12,commercial\nAAA,ore,0,1,commercial\nCCC,metal,0,1,commercial\n",
    );
    for n in 0..40 {
        files.add("demands.csv", &format!("need{n},CCC,{},{}\n", 1 + n, 500 + 17 * n));
        files.add("uses.csv", &format!("need{n},metal,1\n"));
    }
    files.edit(
        "lanes.csv",
        "metal,AAA,BBB,30,2,120\n",
        "metal,AAA,BBB,30,2,120\nmetal,AAA,CCC,60,3,120\nmetal,BBB,CCC,14,1,5\nmetal,CCC,BBB,21,1,5\n",
    );
    files
}

#[test]
fn strangers_are_refused() {
    let world = sourced();
    let server = Server::start(&world, &[]);
    let port = server.port;
    for host in ["evil.example", "evil.example:80", "127.0.0.1", "127.0.0.1.evil.example", ""] {
        let answer = server.send("GET", "/api/v1/model", &format!("Host: {host}\r\n"), "");
        assert!(answer.status == 403 || answer.status == 400, "{host}: {}", answer.status);
    }
    let asked = request(Some("cut"), json!([])).to_string();
    for origin in ["http://evil.example".to_string(), "null".to_string(), format!("https://127.0.0.1:{port}")] {
        let answer = server.send("POST", "/api/v1/runs", &format!("Origin: {origin}\r\n"), &asked);
        assert_eq!(answer.code(), (403, "foreign-origin".to_string()), "{origin}");
    }
    let own = server.send("POST", "/api/v1/runs", &format!("Origin: http://localhost:{port}\r\n"), &asked);
    assert!(own.status < 300, "{}", own.text());
    let head = server.get("/").head.to_lowercase();
    for wanted in
        ["content-security-policy: default-src 'none'", "nosniff", "referrer-policy: no-referrer", "same-origin"]
    {
        assert!(head.contains(wanted), "{wanted}: {head}");
    }
    assert!(!head.contains("access-control"), "{head}");
}

#[test]
fn hostile_requests_get_a_clean_refusal() {
    let world = sourced();
    let server = Server::start(&world, &[]);
    let large = format!("{{\"scenario\": \"{}\"}}", "a".repeat(70_000));
    assert_eq!(server.send("POST", "/api/v1/runs", "", &large).code(), (413, "too-large".to_string()));
    for body in
        ["", "{", "null", "{\"scenario\": 1}", "{\"scenario\": \"cut\", \"foresight\": \"none\"}", &"[".repeat(60_000)]
    {
        assert_eq!(
            server.send("POST", "/api/v1/runs", "", body).code(),
            (400, "bad-request".to_string()),
            "{body:.40}"
        );
    }
    let unknown = json!({ "scenario": "cut", "foresight": "perfect", "path": "/etc/passwd" });
    assert_eq!(server.ask(&unknown).code().0, 400);
    for name in ["../cut", "scenarios/cut.toml", "/etc/passwd", "cut.toml", ""] {
        assert_eq!(server.ask(&request(Some(name), json!([]))).code(), (404, "no-such-scenario".to_string()), "{name}");
    }
    let id = server.done(&request(Some("cut"), json!([])));
    for path in [
        "/api/v1/runs/..%2f..%2fm",
        "/api/v1/runs/../../m/model.toml",
        "/api/v1/scenarios/..%2fmodel",
        "/assets/..%2f..%2fCargo.toml",
        "/assets/..%5c..%5cCargo.toml",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/api/v1/runs/%00",
        "/api/v2/model",
        "/index.html",
    ] {
        assert_eq!(server.get(path).status, 404, "{path}");
    }
    for file in
        ["..%2f..%2fm%2fmodel.toml", "tables/..%2fview.json", "tables/view.json", "tables/demand.txt", "entry.json"]
    {
        assert_eq!(server.get(&format!("/api/v1/runs/{id}/{file}")).status, 404, "{file}");
    }
    assert_eq!(server.send("PUT", "/api/v1/model", "", "").code(), (405, "wrong-method".to_string()));
    assert_eq!(server.raw(b"\x16\x03\x01\x02\x00\x01\r\n\r\n").status, 400);
    // It is still there.
    assert_eq!(server.get("/api/v1/model").status, 200);
}

#[test]
fn slow_clients_hold_nobody_up() {
    let world = sourced();
    let server = Server::start(&world, &[]);
    let mut slow: Vec<TcpStream> = (0..100).map(|_| server.connect()).collect();
    for (n, stream) in slow.iter_mut().enumerate() {
        let begun = if n % 2 == 0 {
            "GET /api/v1/mo".to_string()
        } else {
            format!("POST /api/v1/runs HTTP/1.1\r\nHost: localhost:{}\r\nContent-Length: 100\r\n\r\n{{", server.port)
        };
        stream.write_all(begun.as_bytes()).unwrap();
    }
    assert_eq!(server.get("/api/v1/model").status, 200);
    let id = server.done(&request(Some("cut"), json!([])));
    assert_eq!(server.get(&format!("/api/v1/runs/{id}/view")).status, 200);
}

#[test]
fn an_address_that_is_taken_is_said() {
    let world = sourced();
    let server = Server::start(&world, &[]);
    let ran = world.run(&["serve", "m", "--port", &server.port.to_string(), "--cache", "cache"]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.starts_with("error: cannot serve at 127.0.0.1, port "), "{}", ran.stderr);
    let ran = world.run(&["serve", "nowhere"]);
    assert_eq!(ran.code, 1);
}

/// The spec of the example, with few samples.
fn ensembles(world: &World) -> String {
    let folder = common::root().join("examples/truce");
    let spec = std::fs::read_to_string(folder.join("ensemble.toml")).unwrap();
    assert!(spec.contains("samples = 500"), "{spec}");
    std::fs::write(world.path("spec.toml"), spec.replace("samples = 500", "samples = 32")).unwrap();
    folder.to_string_lossy().into_owned()
}

#[test]
fn an_ensemble_says_what_summarize_prints() {
    let world = sourced();
    let model = ensembles(&world);
    world.ok(&["ensemble", "spec.toml", "--model", &model, "--out", "futures/truce"]);
    let server = Server::start(&world, &["--ensemble", "futures/truce", "--ensemble", "futures/../futures/truce/"]);
    assert_eq!(server.get("/api/v1/model").json()["ensembles"], 2);
    let list = server.get("/api/v1/ensembles").json();
    let first = &list["ensembles"][0];
    assert_eq!((&first["id"], &list["ensembles"][1]["id"]), (&json!("truce"), &json!("truce-2")));
    assert_eq!((&first["name"], &first["samples"]), (&json!("Will there be magnets?"), &json!(8 * 32)));
    assert_eq!((&first["model"], &first["scenario"]), (&json!("Magnets for motors"), &json!("A truce that may lapse")));
    assert_eq!(first["demands"], json!([{ "id": "motors", "name": "motors", "unit": "" }]));
    assert_eq!((&first["start"], &first["end"]), (&json!("2026-01-01"), &json!("2027-11-01")));

    for (query, args) in [
        ("", &[] as &[&str]),
        ("?demand=motors", &["--demand", "motors"]),
        ("?by=2027-03-01", &["--by", "2027-03-01"]),
        ("?demand=motors&by=2027-03-01", &["--demand", "motors", "--by", "2027-03-01"]),
    ] {
        let printed = world.ok(&[&["summarize", "futures/truce", "--json"], args].concat()).stdout;
        let answer = server.get(&format!("/api/v1/ensembles/truce/summary{query}"));
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.json(), serde_json::from_str::<Value>(&printed).unwrap(), "{query}");
        // Kept, byte for byte.
        assert_eq!(server.get(&format!("/api/v1/ensembles/truce/summary{query}")).body, answer.body);
    }

    let refused = server.get("/api/v1/ensembles/truce/summary?demand=motor");
    assert_eq!(refused.code(), (422, "bad-question".to_string()));
    let remedy = refused.json()["error"]["diagnostics"][0]["help"].to_string();
    assert!(remedy.contains("use `motors`"), "{remedy}");
    for query in ["by=soon", "by=2027-02-30", "day=2027-03-01", &format!("demand={}", "x".repeat(9000))] {
        let refused = server.get(&format!("/api/v1/ensembles/truce/summary?{query}"));
        assert_eq!(refused.code(), (422, "bad-question".to_string()), "{query:.40}");
    }
    let other = server.get("/api/v1/ensembles/..%2Ftruce/summary");
    assert_eq!(other.code(), (404, "no-such-ensemble".to_string()));
    assert_eq!(other.json()["error"]["help"], "there is truce, truce-2");
}

#[test]
fn a_server_without_ensembles_says_so() {
    let world = sourced();
    let server = Server::start(&world, &[]);
    assert_eq!(server.get("/api/v1/ensembles").json(), json!({ "ensembles": [] }));
    let answer = server.get("/api/v1/ensembles/truce/summary");
    assert_eq!(answer.code(), (404, "no-such-ensemble".to_string()));
    assert!(answer.text().contains("--ensemble DIR"), "{}", answer.text());
}

/// A plan of the example, in seconds: writes it to a folder and gives back what is printed.
fn planned(world: &World, out: &str) -> String {
    let spec = common::root().join("examples/truce/plan.toml");
    let spec = spec.to_string_lossy();
    world.ok(&["plan", &spec, "--frontier", "--values", "--out", out]);
    world.ok(&["plan", &spec, "--frontier", "--values", "--json"]).stdout
}

#[test]
fn a_plan_says_what_its_folder_has() {
    let world = sourced();
    let printed = planned(&world, "plans/truce");
    let server = Server::start(&world, &["--plan", "plans/truce", "--plan", "plans/../plans/truce/"]);
    assert_eq!(server.get("/api/v1/model").json()["plans"], 2);
    let name = serde_json::from_str::<Value>(&printed).unwrap()["name"].clone();
    let listed = json!([{ "id": "truce", "name": name }, { "id": "truce-2", "name": name }]);
    assert_eq!(server.get("/api/v1/plans").json(), json!({ "plans": listed }));
    assert_eq!(server.get("/api/v1/plans/truce").text(), printed.trim_end());
    let other = server.get("/api/v1/plans/..%2Ftruce");
    assert_eq!(other.code(), (404, "no-such-plan".to_string()));
    assert_eq!(other.json()["error"]["help"], "there is truce, truce-2");
    drop(server);

    let server = Server::start(&world, &[]);
    assert_eq!(server.get("/api/v1/plans").json(), json!({ "plans": [] }));
    let answer = server.get("/api/v1/plans/truce");
    assert_eq!(answer.code(), (404, "no-such-plan".to_string()));
    assert!(answer.text().contains("--plan DIR"), "{}", answer.text());
}

/// A bargain of the example: writes it to a folder and gives back what is printed.
fn bargained(world: &World, out: &str) -> String {
    let spec = common::root().join("examples/bargain/bargain.toml");
    let spec = spec.to_string_lossy();
    world.ok(&["bargain", &spec, "--cache", "kept", "--out", out]);
    world.ok(&["bargain", &spec, "--cache", "kept", "--json"]).stdout
}

#[test]
fn a_bargain_says_what_its_folder_has() {
    let world = sourced();
    let printed = bargained(&world, "talks");
    let server = Server::start(&world, &["--bargain", "talks", "--bargain", "./talks/"]);
    assert_eq!(server.get("/api/v1/model").json()["bargains"], 2);
    let listed =
        json!([{ "id": "talks", "name": "Magnets for chips" }, { "id": "talks-2", "name": "Magnets for chips" }]);
    assert_eq!(server.get("/api/v1/bargains").json(), json!({ "bargains": listed }));
    assert_eq!(server.get("/api/v1/bargains/talks-2").text(), printed.trim_end());
    let other = server.get("/api/v1/bargains/peace");
    assert_eq!(other.code(), (404, "no-such-bargain".to_string()));
    assert_eq!(other.json()["error"]["help"], "there is talks, talks-2");
    // A plan is no bargain: each has its own list.
    assert_eq!(server.get("/api/v1/plans").json(), json!({ "plans": [] }));
}

#[test]
fn a_bargain_that_cannot_be_read_is_refused_at_the_start() {
    let world = sourced();
    let printed = bargained(&world, "talks");
    let refused = |dir: &str, why: &str| {
        for args in [
            &["serve", "m", "--port", "0", "--cache", "cache", "--bargain", dir][..],
            &["report", "m", "--bargain", dir],
        ] {
            let ran = world.run(args);
            assert!(ran.code == 1 && ran.stdout.is_empty() && ran.stderr.contains(why), "{dir}: {}", ran.stderr);
            let remedy = format!("make one with `coercivity bargain SPEC --out {dir}`");
            assert!(ran.stderr.contains(&remedy), "{}", ran.stderr);
        }
    };
    refused("nowhere", "cannot be read");
    let write = |text: String| std::fs::write(world.path("talks/bargain.json"), text).unwrap();
    assert!(printed.contains("\"format\": 1"), "{printed}");
    write(printed.replace("\"format\": 1", "\"format\": 2"));
    refused("talks", "was made by another version (format 2, not 1)");
    write(printed.replace("\"headline\"", "\"headlines\""));
    refused("talks", "missing field `headline`");
}

#[test]
fn a_plan_that_cannot_be_read_is_refused_at_the_start() {
    let world = sourced();
    let printed = planned(&world, "truce");
    let refused = |dir: &str, why: &str| {
        for args in
            [&["serve", "m", "--port", "0", "--cache", "cache", "--plan", dir][..], &["report", "m", "--plan", dir]]
        {
            let ran = world.run(args);
            assert!(ran.code == 1 && ran.stdout.is_empty() && ran.stderr.contains(why), "{dir}: {}", ran.stderr);
            assert!(
                ran.stderr.contains(&format!("make one with `coercivity plan SPEC --out {dir}`")),
                "{}",
                ran.stderr
            );
        }
    };
    refused("nowhere", "cannot be read");
    let write = |text: String| std::fs::write(world.path("truce/plan.json"), text).unwrap();
    assert!(printed.contains("\"format\": 2"), "{printed}");
    write(printed.replace("\"format\": 2", "\"format\": 3"));
    refused("truce", "was made by another version (format 3, not 2)");
    write(printed[..printed.len() / 2].to_string());
    refused("truce", "is not what a plan wrote");
    write(printed.replace("\"spent\"", "\"spend\""));
    refused("truce", "missing field `spent`");
    // The folder of an ensemble has a file of this name too.
    let model = ensembles(&world);
    world.ok(&["ensemble", "plan", "spec.toml", "--model", &model, "--out", "ensemble"]);
    refused("ensemble", "is not what a plan of this version wrote");
}

#[test]
fn an_ensemble_that_cannot_be_read_is_refused_at_the_start() {
    let world = sourced();
    let model = ensembles(&world);
    world.ok(&["ensemble", "plan", "spec.toml", "--model", &model, "--out", "planned"]);
    let refused = |dir: &str, remedy: &str| {
        let ran = world.run(&["serve", "m", "--port", "0", "--cache", "cache", "--ensemble", dir]);
        assert!(ran.code == 1 && ran.stdout.is_empty() && ran.stderr.contains(remedy), "{dir}: {}", ran.stderr);
    };
    refused("planned", "then `coercivity ensemble merge planned`");
    refused("nowhere", "make one with `coercivity ensemble plan`");
    let plan = std::fs::read_to_string(world.path("planned/plan.json")).unwrap();
    let version = format!("\"version\": \"{}\"", env!("CARGO_PKG_VERSION"));
    assert!(plan.contains(&version), "{plan}");
    std::fs::write(world.path("planned/plan.json"), plan.replace(&version, "\"version\": \"0.0.9\"")).unwrap();
    refused("planned", "was made by version 0.0.9");
}
