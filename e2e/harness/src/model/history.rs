//! The calls of the clients and their outcomes.

use std::fmt;

use anyhow::{Context, Result, ensure};
use domain::ics::Calendar;
use domain::{Date, Event, EventContent, EventId, Timestamp, When};
use serde::Serialize;

/// Identifies an event: by an idempotency key, or by one create without a key. At any time a
/// subject has at most one event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Subject {
    Key(usize),
    /// The create number `.1` of client `.0`.
    Once(usize, usize),
}

/// One of the contents that an event of a subject may have.
pub type Variant = u8;

/// One call of one client. Times are microseconds since the start.
#[derive(Debug, Clone, Serialize)]
pub struct Call {
    pub client: usize,
    pub start: u64,
    pub end: u64,
    pub operation: Operation,
}

/// An operation and its outcome. `None` is an unknown outcome: a 5xx, a 429, a cut response, no
/// response. The operation may have taken effect, or may take effect later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum Operation {
    Create {
        subject: Subject,
        variant: Variant,
        outcome: Option<Created>,
    },
    Delete {
        subject: Subject,
        outcome: Option<Deleted>,
    },
    /// The outcome is the stored content, if any.
    Get {
        subject: Subject,
        outcome: Option<Option<Variant>>,
    },
    /// Every page from the first to the last.
    Walk {
        query: String,
        outcome: Option<Vec<(Subject, Variant)>>,
    },
    /// The calendar feed, which has no undated event. Of a 304 the outcome is that of the feed whose
    /// `ETag` was sent.
    Feed {
        outcome: Option<Vec<(Subject, Variant)>>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Created {
    /// 201.
    New,
    /// 201, `Idempotency-Replayed: true`.
    Replayed,
    /// 422: the key was used with another content.
    Refused,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Deleted {
    /// 204.
    Done,
    /// 404.
    NotFound,
}

/// All calls of a seed.
#[derive(Debug, Default, Serialize)]
pub struct History {
    pub calls: Vec<Call>,
}

impl Subject {
    /// The content that a create of this subject sends. Different contents have different places in
    /// the list.
    pub fn content(self, variant: Variant) -> Result<EventContent> {
        let (timed, at) = match self {
            Self::Key(key) => (true, key),
            Self::Once(client, number) => (false, client * 7 + number),
        };
        let at = u8::try_from(at % 200)? + variant;
        // Every fourth content has no date; the other content of its subject has one.
        let date = (!at.is_multiple_of(4))
            .then(|| Date::from_ymd(2026, 6, 1 + at % 28).context("no such day"))
            .transpose()?;
        let time = (timed && date.is_some()).then(|| format!("{:02}:30", 8 + variant).parse());
        // On the next day, for some of those with a time.
        let end_time = (time.is_some() && at.is_multiple_of(2)).then(|| "01:15".parse());
        Ok(EventContent {
            name: format!("{self} v{variant}").parse()?,
            when: When::from_parts(date, time.transpose()?, end_time.transpose()?)?,
            location: None,
            description: None,
        })
    }

    /// Whether the content has a date.
    pub fn is_dated(self, variant: Variant) -> bool {
        self.content(variant).is_ok_and(|content| content.when.is_some())
    }

    /// The subject and the variant of an event of a feed, and its id. `text` is the event, which must
    /// be exactly what the content makes, but for the time of its creation.
    pub fn of_feed(text: &str) -> Result<(Self, Variant, EventId)> {
        let value = |name: &str| text.lines().find_map(|line| line.strip_prefix(name));
        let name = value("SUMMARY:").context("an event without a name")?;
        let (subject, variant) =
            parse(name).with_context(|| format!("no client created {name:?}"))?;
        let id: EventId = value("UID:")
            .and_then(|uid| uid.strip_suffix("@events")?.parse().ok())
            .with_context(|| format!("{name} has no UID of ours"))?;
        let url = value("URL:").with_context(|| format!("{name} has no URL"))?;
        let created_at = Timestamp::from_unix_millis(0).context("no such time")?;
        let mut sent = Calendar::new("", 0);
        let begin = sent.text().len();
        sent.push(&Event { id, content: subject.content(variant)?, created_at }, url);
        let of = |text: &str| -> Vec<String> {
            let lines = text.lines().filter(|line| !line.starts_with("DTSTAMP:"));
            lines.map(str::to_owned).collect()
        };
        let sent = unfolded(&sent.text()[begin..]);
        ensure!(of(text) == of(&sent), "{sent:?} was sent, {text:?} is in the feed");
        Ok((subject, variant, id))
    }

    /// The subject and the variant of a stored event. Its content must be exactly what was sent.
    pub fn of(event: &Event) -> Result<(Self, Variant)> {
        let name = event.content.name.as_str();
        let (subject, variant) =
            parse(name).with_context(|| format!("no client created {name:?}"))?;
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

/// A calendar's text without the folds of its lines (RFC 5545, section 3.1).
pub fn unfolded(text: &str) -> String {
    text.replace("\r\n ", "")
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
