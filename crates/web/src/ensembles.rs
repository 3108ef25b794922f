//! Ensembles that the page shows: what is asked of them, and answers kept.
//!
//! Who starts the server reads the folders; here nothing knows what they look like.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::Bytes;
use axum::http::StatusCode;
use coercivity_model::calendar::parse_date;
use coercivity_model::{Date, Report};
use percent_encoding::percent_decode_str;
use serde::Serialize;
use serde_json::Value;
use tokio::sync::Semaphore;

use crate::api::Failure;

/// Answers that are kept, and questions that may wait for theirs.
const KEPT: usize = 256;
const WAITING: usize = 32;

/// Bytes of the id of a demand.
const DEMAND: usize = 500;

/// An ensemble, whoever can read it.
pub trait Ensemble: Send + Sync {
    fn about(&self) -> About;

    /// What `coercivity summarize --json` prints. It takes a while, and may be asked by several at once.
    fn summary(&self, demand: Option<&str>, by: Option<Date>) -> Result<Value, Refused>;
}

/// What there is to be asked.
#[derive(Clone, Debug, Serialize)]
pub struct About {
    /// Names it in requests.
    pub id: String,
    pub name: String,
    pub samples: usize,
    pub model: String,
    pub scenario: String,
    pub foresight: &'static str,
    pub currency: String,
    pub demands: Vec<Asked>,
    /// The first day of the model, and the day after the last that is read.
    pub start: Date,
    pub end: Date,
}

/// A demand that can be asked for.
#[derive(Clone, Debug, Serialize)]
pub struct Asked {
    pub id: String,
    pub name: String,
    pub unit: String,
}

/// Why there is no answer.
#[derive(Debug)]
pub enum Refused {
    /// What is asked for is not there.
    Question(Box<Report>),
    /// The ensemble cannot be read any more: why, and what would help.
    Unread(String),
}

/// What is asked.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// Empty = all together.
    demand: String,
    by: Option<Date>,
}

impl Query {
    /// As it stands in an address behind the `?`.
    pub fn parse(text: &str) -> Result<Query, Failure> {
        let wrong = |why: String| Failure::new(StatusCode::UNPROCESSABLE_ENTITY, "bad-question", why);
        let mut query = Query::default();
        for part in text.split('&').filter(|part| !part.is_empty()) {
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            let value = percent_decode_str(value).decode_utf8_lossy();
            match key {
                "demand" if value.len() > DEMAND => {
                    return Err(wrong(format!("the id of a demand may have {DEMAND} bytes")));
                }
                "demand" => query.demand = value.into_owned(),
                "by" if value.is_empty() => query.by = None,
                "by" => {
                    let day = parse_date(&value).ok_or_else(|| wrong("`by` is no day of the calendar".to_string()));
                    query.by = Some(day.map_err(|failure| failure.help("write it YYYY-MM-DD: by=2027-07-01"))?);
                }
                _ => {
                    return Err(wrong("nothing else can be asked".to_string())
                        .help("ask with demand=ID and by=YYYY-MM-DD, or neither"));
                }
            }
        }
        Ok(query)
    }
}

type Key = (usize, String, Option<Date>);

/// All ensembles of a server.
pub struct Ensembles {
    all: Vec<Arc<dyn Ensemble>>,
    pub about: Vec<About>,
    /// The oldest first.
    kept: Arc<Mutex<VecDeque<(Key, Bytes)>>>,
    /// One question at a time: the second of a kind then finds the answer of the first.
    turn: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
}

impl Ensembles {
    pub fn new(all: Vec<Arc<dyn Ensemble>>) -> Ensembles {
        Ensembles {
            about: all.iter().map(|one| one.about()).collect(),
            all,
            kept: Arc::default(),
            turn: Arc::new(Semaphore::new(1)),
            waiting: Arc::new(Semaphore::new(WAITING)),
        }
    }

    pub async fn summary(&self, id: &str, query: Query) -> Result<Bytes, Failure> {
        let at = self.about.iter().position(|about| about.id == id).ok_or_else(|| self.unknown())?;
        let key = (at, query.demand, query.by);
        if let Some(bytes) = found(&self.kept, &key) {
            return Ok(bytes);
        }
        let Ok(place) = Arc::clone(&self.waiting).try_acquire_owned() else {
            return Err(Failure::new(StatusCode::TOO_MANY_REQUESTS, "queue-full", "too many questions are waiting")
                .help("try again when some of them are answered"));
        };
        let turn = Arc::clone(&self.turn).acquire_owned().await.expect("it is never closed");
        let (ensemble, kept) = (Arc::clone(&self.all[at]), Arc::clone(&self.kept));
        // Both are held until the answer is there, also if nobody waits for it any more.
        let answer = tokio::task::spawn_blocking(move || {
            let _held = (place, turn);
            if let Some(bytes) = found(&kept, &key) {
                return Ok(bytes);
            }
            let demand = Some(key.1.as_str()).filter(|id| !id.is_empty());
            let value = ensemble.summary(demand, key.2)?;
            let bytes = Bytes::from(value.to_string());
            let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
            if kept.len() == KEPT {
                kept.pop_front();
            }
            kept.push_back((key, bytes.clone()));
            Ok(bytes)
        });
        match answer.await {
            Ok(Ok(bytes)) => Ok(bytes),
            Ok(Err(Refused::Question(report))) => Err(Failure::of_all("bad-question", report.diagnostics())),
            Ok(Err(Refused::Unread(why))) => {
                Err(Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "ensemble-unread", why))
            }
            Err(error) => Err(Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", error.to_string())),
        }
    }

    fn unknown(&self) -> Failure {
        let failure = Failure::new(StatusCode::NOT_FOUND, "no-such-ensemble", "there is no ensemble of this name here");
        let list: Vec<&str> = self.about.iter().map(|about| about.id.as_str()).collect();
        match list.is_empty() {
            true => failure.help("start the server with `--ensemble DIR`"),
            false => failure.help(format!("there is {}", list.join(", "))),
        }
    }
}

fn found(kept: &Mutex<VecDeque<(Key, Bytes)>>, key: &Key) -> Option<Bytes> {
    let kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
    kept.iter().find(|(known, _)| known == key).map(|(_, bytes)| bytes.clone())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// Counts how often it is asked.
    struct Counting(AtomicUsize);

    impl Ensemble for Counting {
        fn about(&self) -> About {
            let day = Date::constant(2026, 1, 1);
            About {
                id: "one".to_string(),
                name: String::new(),
                samples: 1,
                model: String::new(),
                scenario: String::new(),
                foresight: "perfect",
                currency: String::new(),
                demands: Vec::new(),
                start: day,
                end: day,
            }
        }

        fn summary(&self, demand: Option<&str>, by: Option<Date>) -> Result<Value, Refused> {
            self.0.fetch_add(1, Ordering::SeqCst);
            Ok(serde_json::json!([demand, by]))
        }
    }

    #[tokio::test]
    async fn a_question_is_answered_once_and_no_more_than_some_are_kept() {
        let one = Arc::new(Counting(AtomicUsize::new(0)));
        let ensembles = Ensembles::new(vec![Arc::clone(&one) as Arc<dyn Ensemble>]);
        let ask = |demand: &str, by: &str| {
            ensembles.summary("one", Query::parse(&format!("demand={demand}&by={by}")).unwrap())
        };
        let (first, same) = tokio::join!(ask("need", "2026-03-01"), ask("need", "2026-03-01"));
        assert_eq!((first.unwrap(), one.0.load(Ordering::SeqCst)), (Bytes::from("[\"need\",\"2026-03-01\"]"), 1));
        assert_eq!(same.unwrap(), ask("need", "2026-03-01").await.unwrap());
        assert_eq!(ask("", "").await.unwrap(), Bytes::from("[null,null]"));
        assert_eq!(one.0.load(Ordering::SeqCst), 2);
        for n in 0..KEPT {
            ask(&n.to_string(), "").await.unwrap();
        }
        assert_eq!(ensembles.kept.lock().unwrap().len(), KEPT);
        ask("need", "2026-03-01").await.unwrap();
        assert_eq!(one.0.load(Ordering::SeqCst), 3 + KEPT);
        for wrong in ["by=tomorrow", "day=2026-03-01", &format!("demand={}", "x".repeat(501))] {
            assert!(Query::parse(wrong).is_err(), "{wrong}");
        }
        assert_eq!(Query::parse("demand=a%26b").unwrap().demand, "a&b");
        assert!(ensembles.summary("two", Query::default()).await.is_err());
    }
}
