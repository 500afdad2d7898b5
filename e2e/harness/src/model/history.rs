//! What the clients did and what they were told.

use std::fmt;

use anyhow::{Context, Result, ensure};
use domain::{Date, Event, EventContent, When};
use serde::Serialize;

/// What an event is about: an idempotency key, or one create without a key. At any time at most one event
/// of a subject may exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Subject {
    Key(usize),
    /// The create number `.1` of client `.0`.
    Once(usize, usize),
}

/// Which of the contents that a subject may have.
pub type Variant = u8;

/// One call of one client. Times are microseconds since the start.
#[derive(Debug, Clone, Serialize)]
pub struct Call {
    pub client: usize,
    pub start: u64,
    pub end: u64,
    pub what: What,
}

/// A call and its answer. `None` is an answer that told nothing: a 5xx, a 429, half an answer, no answer. Such a
/// call may have done its work, or may do it later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum What {
    Create {
        subject: Subject,
        variant: Variant,
        answer: Option<Created>,
    },
    Delete {
        subject: Subject,
        answer: Option<Deleted>,
    },
    /// What is stored, if anything.
    Get {
        subject: Subject,
        answer: Option<Option<Variant>>,
    },
    /// Every page from the first to the last.
    Walk {
        query: String,
        answer: Option<Vec<(Subject, Variant)>>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Created {
    /// 201.
    New,
    /// 201, `Idempotency-Replayed: true`.
    Replayed,
    /// 422: the key has another content.
    Refused,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Deleted {
    /// 204.
    Done,
    /// 404.
    NotThere,
}

/// All calls of a seed.
#[derive(Debug, Default, Serialize)]
pub struct History {
    pub calls: Vec<Call>,
}

impl Subject {
    /// The content that a create of this subject sends. Contents differ in their place in the list, too.
    pub fn content(self, variant: Variant) -> Result<EventContent> {
        let (timed, at) = match self {
            Self::Key(key) => (true, key),
            Self::Once(client, number) => (false, client * 7 + number),
        };
        let at = u8::try_from(at % 200)? + variant;
        // Every fourth has no date, and its other content has one.
        let date = (!at.is_multiple_of(4))
            .then(|| Date::from_ymd(2026, 6, 1 + at % 28).context("no such day"))
            .transpose()?;
        let time = (timed && date.is_some()).then(|| format!("{:02}:30", 8 + variant).parse());
        Ok(EventContent {
            name: format!("{self} v{variant}").parse()?,
            when: When::from_parts(date, time.transpose()?)?,
            location: None,
            description: None,
        })
    }

    /// The subject and the variant of a stored event, whose content must be exactly what was sent.
    pub fn of(event: &Event) -> Result<(Self, Variant)> {
        let name = event.content.name.as_str();
        let (subject, variant) = parse(name).with_context(|| format!("nobody created {name:?}"))?;
        let sent = subject.content(variant)?;
        ensure!(event.content == sent, "{sent:?} was sent, {:?} is stored", event.content);
        Ok((subject, variant))
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(key) => write!(f, "k{key}"),
            Self::Once(client, number) => write!(f, "u{client}-{number}"),
        }
    }
}

fn parse(name: &str) -> Option<(Subject, Variant)> {
    let (subject, variant) = name.split_once(" v")?;
    let subject = match subject.strip_prefix('k') {
        Some(key) => Subject::Key(key.parse().ok()?),
        None => {
            let (client, number) = subject.strip_prefix('u')?.split_once('-')?;
            Subject::Once(client.parse().ok()?, number.parse().ok()?)
        }
    };
    Some((subject, variant.parse().ok()?))
}
