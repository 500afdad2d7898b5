//! Effects with one type for all of the page.

use leptos::prelude::Effect;

/// `Effect::new`, whose code is compiled again for each closure: most of a kilobyte.
pub fn effect(run: impl FnMut() + 'static) {
    let run: Box<dyn FnMut()> = Box::new(run);
    Effect::new(run);
}
