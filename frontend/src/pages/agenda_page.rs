use std::time::Duration;

use leptos::prelude::*;

use super::creation::CreationNotice;
use super::event_list::EventList;
use super::open_page;
use super::subscription::Subscription;
use crate::browser;
use crate::components::{AgendaFilters, AgendaTabs, DayEntries, FILTER, PageHeading, Part};
use crate::navigation::Navigation;
use crate::routes::{AgendaQuery, Route};
use crate::span::{Days, DaysError, End, Span};

/// The address follows the filter after a pause: browsers allow only some changes a minute.
const PAUSE: Duration = Duration::from_millis(200);

/// The wait after the last key. A date is typed digit by digit, and each digit makes a valid date.
const DAYS_PAUSE: Duration = Duration::from_millis(500);

/// `/`: events by date. The query of the address says which, so that it can be shared and gone back
/// to.
#[component]
pub fn AgendaPage() -> impl IntoView {
    let title = Memo::new(|_| "Agenda".to_owned());
    open_page(title);
    let state = AgendaState::follow(Navigation::of_app());
    let query = state.query;
    let on_words = state.on_words();
    let on_clear = Callback::new(move |()| {
        state.field.set(String::new());
        on_words.run(String::new());
        browser::focus(FILTER);
    });
    // The days of an address that are wrong are not asked for.
    let span = Memo::new(move |_| query.read().error.is_none().then(|| query.read().span));
    let words = Memo::new(move |_| state.words.get());
    let is_wrong = move |end| {
        Memo::new(move |_| state.error.read().as_ref().is_some_and(|error| error.is_at(end)))
    };
    let list = move |span| view! { <EventList span words on_clear/> }.into_any();
    view! {
        <PageHeading text=title/>
        <AgendaTabs query words/>
        <AgendaFilters
            words=Memo::new(move |_| state.field.get())
            on_words
            on_words_left=Callback::new(move |filter| state.write(filter))
            query
            error=Memo::new(move |_| state.error.get().map(DaysError::sentence).unwrap_or_default())
            is_from_wrong=is_wrong(End::From)
            is_to_wrong=is_wrong(End::To)
            on_edit=state.on_edit()
            on_leave=Callback::new(move |left| state.leave(left))
        />
        <Subscription/>
        <CreationNotice/>
        <Part view=move || span.get().map(list)/>
    }
}

/// What the agenda shows, by its address and by what one types.
#[derive(Clone, Copy)]
struct AgendaState {
    navigation: Navigation,
    query: Memo<AgendaQuery>,
    /// What the list is filtered by.
    words: RwSignal<String>,
    /// What the address wants in the filter's field.
    field: RwSignal<String>,
    /// What is wrong with the days of the address, or with those in the fields.
    error: RwSignal<Option<DaysError>>,
    /// The field for a day whose edits the address shows already: more of them are no steps to go
    /// back to.
    editing: StoredValue<Option<End>>,
}

impl AgendaState {
    fn follow(navigation: Navigation) -> Self {
        let query = Memo::new(move |_| AgendaQuery::parse(&navigation.query()));
        let AgendaQuery { filter, error, .. } = query.get_untracked();
        let state = Self {
            navigation,
            query,
            words: RwSignal::new(filter.clone()),
            field: RwSignal::new(filter),
            error: RwSignal::new(error),
            editing: StoredValue::new(None),
        };
        Effect::watch(move || query.get(), move |now, before, _| state.take(now, before), false);
        state
    }

    /// The address changed.
    fn take(self, now: &AgendaQuery, before: Option<&AgendaQuery>) {
        let is_other = |before: &AgendaQuery| (before.span, before.error) != (now.span, now.error);
        if before.is_none_or(is_other) {
            self.error.set(now.error);
        }
        // The address says later what was typed here.
        if self.words.with_untracked(|words| *words != now.filter) {
            self.words.set(now.filter.clone());
            self.field.set(now.filter.clone());
        }
        if self.navigation.is_return() {
            self.editing.set_value(None);
        }
    }

    /// A letter is drawn before a long list is searched for it. The letters that come meanwhile are
    /// searched for together.
    fn on_words(self) -> Callback<String> {
        let write = StoredValue::new_local(debounce(PAUSE, move |filter| self.write(filter)));
        let typed = StoredValue::new(None);
        Callback::new(move |filter: String| {
            let waits = typed.try_update_value(|typed| typed.replace(filter).is_some());
            if waits != Some(false) {
                return;
            }
            browser::after_frame(move || {
                if let Some(filter) = typed.try_update_value(Option::take).flatten() {
                    self.words.set(filter.clone());
                    write.update_value(|write| write(filter));
                }
            });
        })
    }

    /// Puts the words in the address. They are there before the reader follows a link.
    fn write(self, filter: String) {
        // The reader may be on another page by now.
        if untrack(|| self.navigation.route()) != Route::Agenda || self.words.is_disposed() {
            return;
        }
        let query = self.query.get_untracked();
        let path = AgendaQuery { filter, ..query.clone() }.to_string();
        // To go where one is would open the page anew.
        if path != query.to_string() {
            self.navigation.replace_path(&path);
        }
    }

    fn on_edit(self) -> Callback<(End, DayEntries)> {
        let read = debounce(DAYS_PAUSE, move |(end, entries)| match days(&entries) {
            // The rest of it is still to be typed.
            Err(DaysError::Incomplete(_)) => {}
            found => self.go(end, found),
        });
        let read = StoredValue::new_local(read);
        Callback::new(move |edit| read.update_value(|read| read(edit)))
    }

    fn leave(self, (end, entries): (End, DayEntries)) {
        self.go(end, days(&entries));
        self.editing.set_value(None);
    }

    /// Asks for the days, if that is not done yet.
    fn go(self, end: End, found: Result<Days, DaysError>) {
        // The page may be gone: a field is left by going, too.
        if self.error.is_disposed() {
            return;
        }
        self.error.set(found.err());
        let Some(span) = found.ok().map(Span::between) else { return };
        let query = self.query.get_untracked();
        if query.error.is_none() && query.span.days() == span.days() {
            return;
        }
        let filter = self.words.get_untracked();
        let path = AgendaQuery { filter, ..AgendaQuery::of(span) }.to_string();
        match self.editing.try_update_value(|editing| editing.replace(end)).flatten() {
            Some(before) if before == end => self.navigation.replace_path(&path),
            _ => self.navigation.push(&path),
        }
    }
}

/// What the two fields say together.
fn days(entries: &DayEntries) -> Result<Days, DaysError> {
    let days = (entries.from.day(End::From)?, entries.to.day(End::To)?);
    DaysError::of(days).map_or(Ok(days), Err)
}
