//! Every path of the app.

use std::fmt;

use domain::EventId;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// All events by date.
    Agenda,
    /// A month; its address says which.
    Calendar,
    NewEvent,
    /// One event; `None` when the address holds no id of an event.
    Event(Option<EventId>),
    NotFound,
}

impl Route {
    pub fn event(id: EventId) -> Self {
        Self::Event(Some(id))
    }

    pub fn parse(path: &str) -> Self {
        let path = path.strip_prefix('/').unwrap_or(path);
        let path = path.strip_suffix('/').unwrap_or(path);
        match path.split_once('/') {
            None if path.is_empty() => Self::Agenda,
            None if path == "calendar" => Self::Calendar,
            None if path == "new" => Self::NewEvent,
            Some(("events", id)) if !id.contains('/') => Self::Event(id.parse().ok()),
            _ => Self::NotFound,
        }
    }
}

/// The path, for `href` and the history.
impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Agenda => f.write_str("/"),
            Self::Calendar => f.write_str("/calendar"),
            Self::NewEvent => f.write_str("/new"),
            Self::Event(Some(id)) => write!(f, "/events/{id}"),
            Self::Event(None) | Self::NotFound => f.write_str("/not-found"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Route;

    #[test]
    fn every_page_has_a_path_and_every_path_a_page() {
        let id = "550e8400-e29b-41d4-a716-446655440000".parse().unwrap();
        for (path, route) in [
            ("/", Route::Agenda),
            ("/calendar", Route::Calendar),
            ("/new", Route::NewEvent),
            ("/events/550e8400-e29b-41d4-a716-446655440000", Route::event(id)),
        ] {
            assert_eq!(Route::parse(path), route);
            assert_eq!(route.to_string(), path);
        }
        for (path, route) in [
            ("", Route::Agenda),
            ("/new/", Route::NewEvent),
            ("/events/not-an-id", Route::Event(None)),
            ("/events", Route::NotFound),
            ("/events/", Route::NotFound),
            ("/events/550e8400-e29b-41d4-a716-446655440000/more", Route::NotFound),
            ("/nowhere", Route::NotFound),
        ] {
            assert_eq!(Route::parse(path), route, "{path}");
        }
    }
}
