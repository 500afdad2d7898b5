use std::time::Duration;

use leptos::prelude::*;

use super::creation::CreationNotice;
use super::event_list::EventList;
use super::open_page;
use crate::browser;
use crate::components::{AgendaFilters, AgendaTabs, DayEntries, FILTER, PageHeading};
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
    let title = Signal::stored("Agenda".to_owned());
    open_page(title);
    let query = AgendaState::follow(Navigation::of_app());
    let on_words = query.on_words();
    let on_edit = query.on_edit();
    let on_clear = Callback::new(move |()| {
        query.field.set(String::new());
        on_words.run(String::new());
        browser::focus(FILTER);
    });
    // The days of an address that are wrong are not asked for.
    let span = Memo::new(move |_| query.is_valid.get().then(|| query.span.get()));
    view! {
        <PageHeading text=title/>
        <AgendaTabs span=query.span.into() filter=query.words.into()/>
        <AgendaFilters
            words=query.field.into()
            on_words
            days=Signal::derive(move || query.span.get().days())
            error=query.error.into()
            on_edit
            on_leave=Callback::new(move |left| query.leave(left))
        />
        <CreationNotice/>
        // Another part is another list.
        <For each=move || span.get() key=|span| *span let:span>
            <EventList span words=query.words.into() on_clear/>
        </For>
    }
}

/// What the agenda shows, by its address and by what one types.
#[derive(Clone, Copy)]
struct AgendaState {
    navigation: Navigation,
    span: RwSignal<Span>,
    /// Whether the days of the address can be asked for.
    is_valid: RwSignal<bool>,
    /// What the list is filtered by.
    words: RwSignal<String>,
    /// What the address wants in the filter's field.
    field: RwSignal<String>,
    error: RwSignal<Option<DaysError>>,
    /// The field for a day whose edits the address shows already: more of them are no steps to go
    /// back to.
    editing: StoredValue<Option<End>>,
}

impl AgendaState {
    fn follow(navigation: Navigation) -> Self {
        let first = AgendaQuery::parse(&untrack(|| navigation.query()));
        let state = Self {
            navigation,
            span: RwSignal::new(first.span),
            is_valid: RwSignal::new(first.error.is_none()),
            words: RwSignal::new(first.filter.clone()),
            field: RwSignal::new(first.filter),
            error: RwSignal::new(first.error),
            editing: StoredValue::new(None),
        };
        Effect::new(move |_| state.take(AgendaQuery::parse(&navigation.query())));
        state
    }

    fn take(self, AgendaQuery { span, filter, error }: AgendaQuery) {
        if self.span.get_untracked() != span || error.is_some() {
            self.span.set(span);
            self.error.set(error);
        }
        if self.is_valid.get_untracked() != error.is_none() {
            self.is_valid.set(error.is_none());
        }
        // The address says later what was typed here.
        if self.words.with_untracked(|words| *words != filter) {
            self.words.set(filter.clone());
            self.field.set(filter);
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

    /// Puts the words in the address.
    fn write(self, filter: String) {
        // The reader may be on another page by now.
        if untrack(|| self.navigation.route()) != Route::Agenda || self.span.is_disposed() {
            return;
        }
        let path = AgendaQuery { filter, ..AgendaQuery::of(self.span.get_untracked()) }.to_string();
        // To go where one is would open the page anew.
        if path != AgendaQuery::parse(&untrack(|| self.navigation.query())).to_string() {
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
        let is_there =
            self.is_valid.get_untracked() && self.span.get_untracked().days() == span.days();
        if is_there {
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
