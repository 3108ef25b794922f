//! What other commands found, shown by the page as it was written: plans and bargains.

use axum::body::Bytes;
use axum::http::StatusCode;
use serde::Serialize;

use crate::api::Failure;

/// What a plan or a bargain found.
#[derive(Clone, Debug, Serialize)]
pub struct Found {
    /// Names it in requests.
    pub id: String,
    pub name: String,
    /// What the command prints with `--json`.
    #[serde(skip)]
    pub text: Bytes,
}

/// The plan of an id.
pub(crate) fn plan(plans: &[Found], id: &str) -> Result<Bytes, Failure> {
    text_of(plans, id).ok_or_else(|| none(plans, "no-such-plan", "plan"))
}

/// The bargain of an id.
pub(crate) fn bargain(bargains: &[Found], id: &str) -> Result<Bytes, Failure> {
    text_of(bargains, id).ok_or_else(|| none(bargains, "no-such-bargain", "bargain"))
}

fn text_of(all: &[Found], id: &str) -> Option<Bytes> {
    all.iter().find(|one| one.id == id).map(|one| one.text.clone())
}

fn none(all: &[Found], code: &'static str, what: &str) -> Failure {
    let failure = Failure::new(StatusCode::NOT_FOUND, code, format!("there is no {what} of this name here"));
    let list: Vec<&str> = all.iter().map(|one| one.id.as_str()).collect();
    match list.is_empty() {
        true => failure.help(format!("start the server with `--{what} DIR`")),
        false => failure.help(format!("there is {}", list.join(", "))),
    }
}
