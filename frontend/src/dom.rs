//! Elements of the page, in the builder style of Leptos but of one type, so that the code that
//! makes and changes them exists once: `view!` gives each element a type of its own and compiles
//! that code for each of them, which was half of the app's bytes.
//!
//! A function that shows something runs once and returns its nodes. What changes later is named: an
//! attribute ([`El::attr_of`]), a text ([`Parent::text_of`]), a part of the page ([`Parent::part`])
//! or a list ([`El::list`]) follows the signals that its closure reads. What is made for a part
//! lives in an [`Owner`] that ends with the part.

use leptos::prelude::{Owner, RenderEffect, StoredValue, UpdateValue, document, untrack};
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{Element, Event, HtmlInputElement, Node};

/// An element. A clone is the same element.
#[derive(Clone)]
#[must_use = "an element that is put nowhere is not seen"]
pub struct El(Element);

/// Nodes that have no element around them yet.
#[must_use = "nodes that are put nowhere are not seen"]
pub struct View(Node);

/// A new element.
pub fn el(tag: &str) -> El {
    El(document().create_element(tag).expect("the tags of this source are names of HTML"))
}

/// No nodes yet.
pub fn view() -> View {
    View(document().create_document_fragment().into())
}

/// Puts the app in the page.
pub fn show_in_body(app: View) {
    if let Some(body) = document().body() {
        app.append_to(&body);
    }
}

/// What can stand in an element.
pub trait Child {
    fn append_to(self, parent: &Node);
}

impl Child for El {
    fn append_to(self, parent: &Node) {
        append(parent, &self.0);
    }
}

impl Child for View {
    fn append_to(self, parent: &Node) {
        append(parent, &self.0);
    }
}

impl Child for &str {
    fn append_to(self, parent: &Node) {
        append(parent, &document().create_text_node(self));
    }
}

impl<C: Child> Child for Option<C> {
    fn append_to(self, parent: &Node) {
        if let Some(child) = self {
            child.append_to(parent);
        }
    }
}

/// What has children: they are given in the order of the page.
pub trait Parent: Sized {
    fn node(&self) -> &Node;

    /// Adds a child after those that are there.
    fn add(&self, child: impl Child) {
        child.append_to(self.node());
    }

    #[must_use]
    fn child(self, child: impl Child) -> Self {
        self.add(child);
        self
    }

    #[must_use]
    fn children<C: Child>(self, children: impl IntoIterator<Item = C>) -> Self {
        for child in children {
            self.add(child);
        }
        self
    }

    /// A text that follows signals.
    #[must_use]
    fn text_of<T>(self, text: impl Fn() -> T + 'static) -> Self
    where
        T: AsRef<str> + PartialEq + 'static,
    {
        let node = document().create_text_node("");
        append(self.node(), &node);
        on_change(text, move |text| node.set_data(text.as_ref()));
        self
    }

    /// A part of the page that is made anew when its `key` changes, and only then.
    #[must_use]
    fn part<K, C>(self, key: impl Fn() -> K + 'static, make: impl Fn(K) -> C + 'static) -> Self
    where
        K: PartialEq + Clone + 'static,
        C: Child,
    {
        let mut place = Place::at_the_end_of(self.node());
        let mut last = None;
        effect(move || {
            let key = key();
            if last.as_ref() != Some(&key) {
                last = Some(key.clone());
                place.fill(&mut |parent| make(key.clone()).append_to(parent));
            }
        });
        self
    }
}

impl Parent for El {
    fn node(&self) -> &Node {
        &self.0
    }
}

impl Parent for View {
    fn node(&self) -> &Node {
        &self.0
    }
}

impl El {
    pub fn element(&self) -> &Element {
        &self.0
    }

    /// Sets an attribute, or takes it away.
    pub fn set(&self, name: &str, value: Option<&str>) {
        // It fails for what is no name only.
        let _ = match value {
            Some(value) => self.0.set_attribute(name, value),
            None => self.0.remove_attribute(name),
        };
    }

    /// Puts a text in the place of all that is in it.
    pub fn set_text(&self, text: &str) {
        self.0.set_text_content(Some(text));
    }

    pub fn class(self, names: &str) -> Self {
        self.attr("class", names)
    }

    pub fn attr(self, name: &str, value: &str) -> Self {
        self.set(name, Some(value));
        self
    }

    /// An attribute, or none.
    pub fn maybe(self, name: &str, value: Option<&str>) -> Self {
        self.set(name, value);
        self
    }

    /// An attribute that follows signals.
    pub fn attr_of<T>(self, name: &'static str, value: impl Fn() -> Option<T> + 'static) -> Self
    where
        T: AsRef<str> + PartialEq + 'static,
    {
        let element = self.clone();
        on_change(value, move |value| element.set(name, value.as_ref().map(AsRef::as_ref)));
        self
    }

    /// The content of a control, until it is edited.
    pub fn value(self, value: &str) -> Self {
        self.control().set_value(value);
        self
    }

    /// The content of a control, set each time that a signal gives another value.
    pub fn value_of(self, value: impl Fn() -> String + 'static) -> Self {
        let element = self.clone();
        on_change(value, move |value| element.control().set_value(value));
        self
    }

    /// A text area has the same property.
    fn control(&self) -> &HtmlInputElement {
        self.0.unchecked_ref()
    }

    /// Markup that is part of this source.
    pub fn markup(self, markup: &'static str) -> Self {
        self.0.set_inner_html(markup);
        self
    }

    /// The handler ends with the current owner. An event after that is ignored, for example of an
    /// element that loses the focus because it is removed.
    pub fn on(self, event: &str, handler: impl FnMut(Event) + 'static) -> Self {
        listen(&self.0, event, Box::new(handler));
        self
    }

    /// Children by key. One whose key was there before stays as it is, and with it the focus.
    pub fn list<T>(
        self,
        items: impl Fn() -> Vec<(u64, T)> + 'static,
        make: impl Fn(T) -> El + 'static,
    ) -> Self {
        let parent = self.0.clone();
        let owner = Owner::current().unwrap_or_default();
        let mut rows: Vec<Row> = Vec::new();
        effect(move || {
            let mut before = std::mem::take(&mut rows);
            for (key, item) in items() {
                let row = match before.iter().position(|row| row.key == key) {
                    Some(at) => before.remove(at),
                    None => {
                        let owner = owner.child();
                        let El(element) = owner.with(|| untrack(|| make(item)));
                        Row { key, owner, element }
                    }
                };
                rows.push(row);
            }
            for row in before {
                row.owner.cleanup();
                row.element.remove();
            }
            put_in_order(&parent, &rows);
        });
        self
    }
}

fn append(parent: &Node, child: &Node) {
    // It fails for a parent in its own child only.
    let _ = parent.append_child(child);
}

fn listen(element: &Element, event: &str, handler: Box<dyn FnMut(Event)>) {
    // The browser's reference does not own the handler: a handler may hold elements, which hold it,
    // and none of them would ever be freed.
    let handler = StoredValue::new_local(handler);
    let told = Closure::<dyn FnMut(Event)>::new(move |event| {
        handler.update_value(|handler| handler(event));
    });
    let told = told.into_js_value();
    // It never fails in a browser.
    let _ = element.add_event_listener_with_callback(event, told.unchecked_ref());
}

/// Runs now, and again when a signal that it read has changed, until the current owner ends.
pub fn effect(run: impl FnMut() + 'static) {
    start(Box::new(run));
}

fn start(mut run: Box<dyn FnMut()>) {
    StoredValue::new_local(RenderEffect::new(move |_| run()));
}

/// Tells a value at first, and whenever it is another one.
pub fn on_change<T: PartialEq + 'static>(
    value: impl Fn() -> T + 'static,
    tell: impl Fn(&T) + 'static,
) {
    let mut last = None;
    effect(move || {
        let value = value();
        if last.as_ref() != Some(&value) {
            tell(&value);
            last = Some(value);
        }
    });
}

/// A place between two marks, for nodes that change.
struct Place {
    start: Node,
    end: Node,
    /// Of the place: its contents are no longer there than it is.
    parent: Owner,
    /// Of what stands there now.
    contents: Option<Owner>,
}

impl Place {
    fn at_the_end_of(parent: &Node) -> Self {
        let mark = || document().create_comment("").into();
        let (start, end): (Node, Node) = (mark(), mark());
        append(parent, &start);
        append(parent, &end);
        Self { start, end, parent: Owner::current().unwrap_or_default(), contents: None }
    }

    /// Puts other nodes in the place of those that are there.
    fn fill(&mut self, make: &mut dyn FnMut(&Node)) {
        if let Some(before) = self.contents.take() {
            before.cleanup();
        }
        while let Some(node) = self.start.next_sibling().filter(|node| *node != self.end) {
            if let Some(parent) = node.parent_node() {
                let _ = parent.remove_child(&node);
            }
        }
        let View(nodes) = view();
        let owner = self.parent.child();
        owner.with(|| untrack(|| make(&nodes)));
        self.contents = Some(owner);
        if let Some(parent) = self.end.parent_node() {
            let _ = parent.insert_before(&nodes, Some(&self.end));
        }
    }
}

struct Row {
    key: u64,
    owner: Owner,
    element: Element,
}

/// Moves only what is not in its place: an element that moves loses the focus.
fn put_in_order(parent: &Element, rows: &[Row]) {
    let mut next = parent.first_child();
    for Row { element, .. } in rows {
        if next.as_ref() == Some(element) {
            next = element.next_sibling();
        } else {
            let _ = parent.insert_before(element, next.as_ref());
        }
    }
}
