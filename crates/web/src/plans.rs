//! Plans that the page shows: what each of them found, as it was written.

use axum::body::Bytes;
use axum::http::StatusCode;
use serde::Serialize;

use crate::api::Failure;

/// What a plan found.
#[derive(Clone, Debug, Serialize)]
pub struct Found {
    /// Names it in requests.
    pub id: String,
    pub name: String,
    /// What `coercivity plan --json` prints.
    #[serde(skip)]
    pub text: Bytes,
}

/// The plan of an id.
pub(crate) fn text_of(plans: &[Found], id: &str) -> Result<Bytes, Failure> {
    let found = plans.iter().find(|one| one.id == id).map(|one| one.text.clone());
    found.ok_or_else(|| {
        let failure = Failure::new(StatusCode::NOT_FOUND, "no-such-plan", "there is no plan of this name here");
        let list: Vec<&str> = plans.iter().map(|one| one.id.as_str()).collect();
        match list.is_empty() {
            true => failure.help("start the server with `--plan DIR`"),
            false => failure.help(format!("there is {}", list.join(", "))),
        }
    })
}
