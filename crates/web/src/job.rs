//! A run as a job: what is asked, how it is named, and the process that does it.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use coercivity_model::edit::Edit;
use coercivity_model::hex::hex;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::Command;

/// Files of a job's folder. The process reads the first two and writes the folder [`RESULTS`].
pub const REQUEST: &str = "request.json";
pub const SCENARIO: &str = "scenario.toml";
pub const RESULTS: &str = "results";

/// Bytes that are kept of what a failed process said.
const SAID: u64 = 16 * 1024;

/// What a client asks for.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct RunRequest {
    /// One of the model's scenarios; `None` = no measures.
    pub scenario: Option<String>,
    pub foresight: Foresight,
    /// Quarterly steps and perfect foresight, for a quick look.
    #[serde(default)]
    pub preview: bool,
    #[serde(default)]
    pub edits: Vec<Edit>,
    /// A node that is lost from the first step on, which is known from the start.
    #[serde(default)]
    pub without: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Foresight {
    Announced,
    Perfect,
}

impl Foresight {
    pub fn name(self) -> &'static str {
        match self {
            Foresight::Announced => "announced",
            Foresight::Perfect => "perfect",
        }
    }
}

/// What the process is told, in [`REQUEST`].
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Request {
    /// As on the command line; `None` = the reference model.
    pub model: Option<String>,
    /// The model that was read when the server began.
    pub model_hash: String,
    /// One of the model's scenarios, run as it is.
    pub scenario: Option<String>,
    /// Whether [`SCENARIO`], that scenario with edits, is run instead.
    pub edited: bool,
    pub foresight: Foresight,
    pub preview: bool,
    pub without: Option<String>,
}

/// How far a process is, one line of its standard output.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
pub struct Told {
    /// "solving plan 2 of 9".
    pub stage: String,
    /// Share done; `None` = not known.
    pub done: Option<f64>,
}

/// The name of a run: what is the same gives the same figures. `program` tells this program from others of its
/// version, `scenario` is the text of the flattened file, `asked` says what else there is.
pub fn id(program: &str, model_hash: &str, scenario: &str, asked: &RunRequest) -> String {
    let mut hash = Sha256::new();
    // With perfect foresight whatever was asked.
    let foresight = if asked.preview { Foresight::Perfect } else { asked.foresight };
    let preview = if asked.preview { "preview" } else { "" };
    let without = asked.without.as_deref().unwrap_or_default();
    for part in [program, model_hash, scenario, foresight.name(), preview, without] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hex(&hash.finalize()[..16])
}

/// Whether a text could be the name of a run.
pub fn is_id(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// Lets the program do the job in a folder. Dropped, the process is killed. On failure what it said.
pub async fn process(program: &Path, folder: &Path, limit: Duration, told: impl Fn(Told)) -> Result<(), String> {
    let mut child = Command::new(program)
        .arg("job")
        .arg(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| format!("cannot start `{}`: {error}", program.display()))?;
    let (stdout, stderr) = (child.stdout.take().expect("it is piped"), child.stderr.take().expect("it is piped"));
    // Nothing is written there: a job whose input ends knows that the server is gone, however it went.
    let _open = child.stdin.take().expect("it is piped");
    let lines = async {
        let mut lines = BufReader::new(stdout).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            if let Ok(line) = serde_json::from_str(&line) {
                told(line);
            }
        }
    };
    let said = async {
        let (mut said, mut rest) = (Vec::new(), stderr);
        let _ = (&mut rest).take(SAID).read_to_end(&mut said).await;
        // Read on, so that the process is not held up by a full pipe.
        let _ = tokio::io::copy(&mut rest, &mut tokio::io::sink()).await;
        String::from_utf8_lossy(&said).into_owned()
    };
    let all = async { tokio::join!(lines, said, child.wait()) };
    match tokio::time::timeout(limit, all).await {
        Err(_) => Err(format!("the run took longer than {} s and was ended", limit.as_secs())),
        Ok((_, _, Err(error))) => Err(format!("the run's process was lost: {error}")),
        Ok((_, _, Ok(status))) if status.success() => Ok(()),
        Ok((_, said, Ok(status))) => {
            let said = said.trim().trim_start_matches("error: ");
            Err(if said.is_empty() { format!("the run's process ended with {status}") } else { said.to_string() })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_runs_apart() {
        use Foresight::{Announced, Perfect};
        let asked =
            |foresight, preview| RunRequest { scenario: None, foresight, preview, edits: Vec::new(), without: None };
        let id = |model, scenario, foresight, preview| super::id("p", model, scenario, &asked(foresight, preview));
        let lost = RunRequest { without: Some("CHN:oxide".to_string()), ..asked(Announced, false) };
        let one = id("m", "s", Announced, false);
        assert!(is_id(&one), "{one}");
        assert_eq!(one, id("m", "s", Announced, false));
        let others = [
            id("n", "s", Announced, false),
            id("m", "t", Announced, false),
            id("m", "s", Perfect, false),
            id("m", "s", Announced, true),
            id("ms", "", Announced, false),
            super::id("q", "m", "s", &asked(Announced, false)),
            super::id("p", "m", "s", &lost),
        ];
        assert!(others.iter().all(|other| *other != one));
        assert_eq!(id("m", "s", Announced, true), id("m", "s", Perfect, true));
    }

    #[test]
    fn only_hexadecimal_names_are_names() {
        assert!(is_id(&"0a".repeat(16)));
        for text in ["", "0a", &"0A".repeat(16), &"../".repeat(11)[..32], &"0a".repeat(17)] {
            assert!(!is_id(text), "{text}");
        }
    }
}
