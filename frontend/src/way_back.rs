//! What a reader goes back to after a sign-in: the page goes, and all that it had.

use std::fmt;
use std::str::FromStr;

use domain::EventId;

use crate::listings::Place;

/// Written in three lines.
#[derive(Debug, Clone, PartialEq)]
pub struct WayBack {
    /// The address, without its origin.
    pub to: String,
    pub then: Then,
    /// The list that is open, if any.
    pub list: Option<SeenList>,
}

/// What needed the sign-in: it is done afterwards.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Then {
    #[default]
    Nothing,
    /// The event of the draft of this key.
    Create(String),
    /// With its name.
    Delete(EventId, String),
}

/// So much of a list was here.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SeenList {
    pub count: usize,
    pub place: Place,
}

impl fmt::Display for WayBack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.to)?;
        match &self.then {
            Then::Nothing => writeln!(f)?,
            Then::Create(key) => writeln!(f, "create {key}")?,
            Then::Delete(id, name) => writeln!(f, "delete {id} {name}")?,
        }
        if let Some(SeenList { count, place: Place { row, top, focus } }) = self.list {
            write!(f, "{count} {row} {}", pixels(top))?;
            if let Some(focus) = focus {
                write!(f, " {focus}")?;
            }
        }
        Ok(())
    }
}

impl FromStr for WayBack {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let mut lines = text.splitn(3, '\n');
        let mut line = || lines.next().ok_or(());
        let (to, then, list) = (line()?.to_owned(), line()?, line()?);
        let then = match then.split_once(' ') {
            Some(("create", key)) => Then::Create(key.to_owned()),
            Some(("delete", event)) => {
                let (id, name) = event.split_once(' ').ok_or(())?;
                Then::Delete(id.parse().map_err(drop)?, name.to_owned())
            }
            _ => Then::Nothing,
        };
        Ok(Self { to, then, list: seen_list(list) })
    }
}

fn seen_list(line: &str) -> Option<SeenList> {
    let mut words = line.split(' ');
    let count = words.next()?.parse().ok()?;
    let row = words.next()?.parse().ok()?;
    let top: i32 = words.next()?.parse().ok()?;
    let focus = words.next().and_then(|id| id.parse().ok());
    Some(SeenList { count, place: Place { row, top: top.into(), focus } })
}

#[expect(clippy::cast_possible_truncation, reason = "the cast saturates")]
fn pixels(top: f64) -> i32 {
    top.round() as i32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_back_is_read_as_it_was_written() {
        let id: EventId = "550e8400-e29b-41d4-a716-446655440000".parse().unwrap();
        let thens =
            [Then::Nothing, Then::Create("k-1".into()), Then::Delete(id, "Choir, “late” ".into())];
        let lists = [None, Some(None), Some(Some(id))].map(|focus: Option<Option<EventId>>| {
            focus.map(|focus| SeenList { count: 250, place: Place { row: id, top: -12.0, focus } })
        });
        for then in thens {
            for list in lists {
                let way = WayBack { to: "/?q=a%20b".into(), then: then.clone(), list };
                assert_eq!(way.to_string().parse(), Ok(way));
            }
        }
    }

    #[test]
    fn what_is_no_way_back_is_none() {
        for text in ["", "/", "/\ndelete no-id\n"] {
            assert_eq!(text.parse::<WayBack>(), Err(()), "{text}");
        }
    }
}
