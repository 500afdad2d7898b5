//! Whether a history can have come from a store in which each call took effect between its start and its end.
//!
//! Each subject is a register that is absent or holds one content, and its calls must be linearizable: there
//! is an order of them, in which no call comes before one that had ended before it began, and in which every
//! answer is right. The search is that of Wing and Gong, "Testing and Verifying Concurrent Objects" (1993), with the memory
//! of Lowe, "Testing for linearizability" (2017). A list walk is, for each subject, a reading of what it showed, or of
//! absence if it showed nothing.
//!
//! Two things are ours. A call without an answer may take effect at any time after its start, or never. And a
//! function tries again when the table's answer was lost, so a call may take effect before the moment that
//! decides its answer: a delete that did delete may say 404.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::history::{Call, Created, Deleted, History, Subject, Variant, What};

/// Most calls of one subject: as many as a set of them has bits.
const MOST_CALLS: usize = 128;

/// What one subject's register holds.
type State = Option<Variant>;

/// A call as it concerns one subject.
#[derive(Debug, Clone, Copy)]
struct Step {
    start: u64,
    /// `None`: it may take effect at any time.
    end: Option<u64>,
    /// What it does to the register whenever it takes effect.
    effect: Effect,
    /// What its answer says of the register at the moment that decides it.
    saw: Option<Saw>,
}

#[derive(Debug, Clone, Copy)]
enum Effect {
    /// Stores this content where nothing is.
    Store(Variant),
    Remove,
    None,
}

#[derive(Debug, Clone, Copy)]
enum Saw {
    Nothing,
    Something,
    This(Variant),
    Other(Variant),
}

impl Effect {
    fn on(self, state: State) -> State {
        match self {
            Self::Store(variant) => state.or(Some(variant)),
            Self::Remove => None,
            Self::None => state,
        }
    }
}

impl Saw {
    fn fits(self, state: State) -> bool {
        match self {
            Self::Nothing => state.is_none(),
            Self::Something => state.is_some(),
            Self::This(variant) => state == Some(variant),
            Self::Other(variant) => state.is_some_and(|stored| stored != variant),
        }
    }
}

/// Checks all rules; an error says which one does not hold, and shows the calls of its subject.
pub fn check(history: &History) -> Result<(), String> {
    for call in &history.calls {
        if let What::Walk { query, answer: Some(seen) } = &call.what {
            let mut once = BTreeSet::new();
            if let Some((subject, variant)) = seen.iter().find(|seen| !once.insert(**seen)) {
                return Err(format!("the walk {query} shows {subject} v{variant} twice"));
            }
        }
    }
    for (subject, steps) in by_subject(history) {
        if steps.len() > MOST_CALLS {
            return Err(format!("{subject} has {} calls: too many to check", steps.len()));
        }
        if !is_linearizable(&steps) {
            return Err(format!(
                "what was answered about {subject} cannot all be true:\n{}",
                show(history, subject)
            ));
        }
    }
    Ok(())
}

/// The calls of each subject, by their start.
fn by_subject(history: &History) -> BTreeMap<Subject, Vec<Step>> {
    let mut steps: BTreeMap<Subject, Vec<Step>> = BTreeMap::new();
    for call in &history.calls {
        if let What::Create { subject, .. } = call.what {
            steps.entry(subject).or_default();
        }
    }
    for call in &history.calls {
        let step = |effect, saw: Option<Saw>| Step {
            start: call.start,
            end: saw.map(|_| call.end),
            effect,
            saw,
        };
        match &call.what {
            What::Create { subject, variant, answer } => {
                let saw = answer.map(|answer| match answer {
                    // Without a key, an event that is there already is of this very call's first try.
                    Created::New if matches!(subject, Subject::Once(..)) => Saw::This(*variant),
                    Created::New => Saw::Nothing,
                    Created::Replayed => Saw::This(*variant),
                    Created::Refused => Saw::Other(*variant),
                });
                steps.entry(*subject).or_default().push(step(Effect::Store(*variant), saw));
            }
            What::Delete { subject, answer } => {
                let saw = answer.map(|answer| match answer {
                    Deleted::Done => Saw::Something,
                    Deleted::NotThere => Saw::Nothing,
                });
                steps.entry(*subject).or_default().push(step(Effect::Remove, saw));
            }
            What::Get { subject, answer: Some(stored) } => {
                let saw = stored.map_or(Saw::Nothing, Saw::This);
                steps.entry(*subject).or_default().push(step(Effect::None, Some(saw)));
            }
            What::Walk { answer: Some(seen), .. } => {
                for (subject, steps) in &mut steps {
                    let shown = seen.iter().filter(|(of, _)| of == subject);
                    let before = steps.len();
                    // Deleted and made anew with another content meanwhile, it may stand in two places.
                    steps.extend(
                        shown.map(|(_, variant)| step(Effect::None, Some(Saw::This(*variant)))),
                    );
                    if steps.len() == before {
                        steps.push(step(Effect::None, Some(Saw::Nothing)));
                    }
                }
            }
            What::Get { answer: None, .. } | What::Walk { answer: None, .. } => {}
        }
    }
    for steps in steps.values_mut() {
        steps.sort_by_key(|step| step.start);
    }
    steps
}

fn is_linearizable(steps: &[Step]) -> bool {
    let mut known = HashSet::new();
    let mut open = vec![(0_u128, State::None)];
    while let Some((done, state)) = open.pop() {
        if !known.insert((done, state)) {
            continue;
        }
        let is_open = |at: usize| steps[at].saw.is_some() && done & (1 << at) == 0;
        // What began after the first end cannot come now.
        let Some(horizon) =
            (0..steps.len()).filter(|at| is_open(*at)).filter_map(|at| steps[at].end).min()
        else {
            return true;
        };
        for (at, step) in steps.iter().enumerate().take_while(|(_, step)| step.start <= horizon) {
            if !is_open(at) && step.saw.is_some() {
                continue;
            }
            open.push((done, step.effect.on(state)));
            if step.saw.is_some_and(|saw| saw.fits(state)) {
                open.push((done | 1 << at, step.effect.on(state)));
            }
        }
    }
    false
}

/// The calls that say something about a subject.
fn show(history: &History, subject: Subject) -> String {
    let mut calls: Vec<&Call> = history
        .calls
        .iter()
        .filter(|call| match &call.what {
            What::Create { subject: of, .. }
            | What::Delete { subject: of, .. }
            | What::Get { subject: of, .. } => *of == subject,
            What::Walk { answer, .. } => answer.is_some(),
        })
        .collect();
    calls.sort_by_key(|call| call.start);
    let line = |call: &Call| {
        let said = match &call.what {
            What::Walk { query, answer } => {
                let shown: Vec<_> =
                    answer.iter().flatten().filter(|(of, _)| *of == subject).collect();
                format!("Walk {query:?} shows {shown:?}")
            }
            what => format!("{what:?}"),
        };
        format!("  {:>9} to {:>9} µs, client {}: {said}\n", call.start, call.end, call.client)
    };
    calls.into_iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const K: Subject = Subject::Key(0);

    fn history(calls: &[(u64, u64, What)]) -> History {
        let calls = calls
            .iter()
            .map(|(start, end, what)| Call {
                client: 0,
                start: *start,
                end: *end,
                what: what.clone(),
            })
            .collect();
        History { calls }
    }

    fn create(variant: Variant, answer: Option<Created>) -> What {
        What::Create { subject: K, variant, answer }
    }

    fn delete(answer: Option<Deleted>) -> What {
        What::Delete { subject: K, answer }
    }

    fn get(stored: Option<Variant>) -> What {
        What::Get { subject: K, answer: Some(stored) }
    }

    fn walk(seen: &[Variant]) -> What {
        let answer = Some(seen.iter().map(|variant| (K, *variant)).collect());
        What::Walk { query: String::new(), answer }
    }

    #[track_caller]
    fn right(calls: &[(u64, u64, What)]) {
        assert_eq!(check(&history(calls)), Ok(()));
    }

    #[track_caller]
    fn wrong(calls: &[(u64, u64, What)]) {
        assert!(check(&history(calls)).is_err());
    }

    #[test]
    fn what_is_acknowledged_stays_until_it_is_deleted() {
        let new = create(0, Some(Created::New));
        right(&[(0, 1, new.clone()), (2, 3, get(Some(0))), (4, 5, walk(&[0]))]);
        wrong(&[(0, 1, new.clone()), (2, 3, get(None))]);
        wrong(&[(0, 1, new.clone()), (2, 3, walk(&[]))]);
        wrong(&[(0, 1, new.clone()), (2, 3, walk(&[0, 0]))]);
        wrong(&[(0, 1, new.clone()), (2, 3, get(Some(1)))]);
        // An answer before the write: another client does not find it.
        wrong(&[(0, 5, new.clone()), (1, 2, get(Some(0))), (3, 4, get(None))]);
        right(&[(0, 5, new.clone()), (1, 2, get(None)), (3, 4, get(Some(0)))]);
        right(&[(0, 1, new.clone()), (2, 3, delete(Some(Deleted::Done))), (4, 5, get(None))]);
        right(&[(0, 1, new.clone()), (2, 3, delete(None)), (4, 5, get(None))]);
        right(&[(0, 1, new), (2, 3, delete(None)), (4, 5, get(Some(0))), (6, 7, get(None))]);
    }

    #[test]
    fn a_deleted_event_comes_back_by_a_create_only() {
        let new = create(0, Some(Created::New));
        let deleted = delete(Some(Deleted::Done));
        wrong(&[(0, 1, new.clone()), (2, 3, deleted.clone()), (4, 5, get(Some(0)))]);
        wrong(&[(0, 1, new.clone()), (2, 3, deleted.clone()), (4, 5, deleted.clone())]);
        // The create overlaps the delete, or follows it, or nobody knows when it was done.
        right(&[
            (0, 1, new.clone()),
            (2, 6, create(0, Some(Created::New))),
            (3, 4, deleted.clone()),
        ]);
        right(&[
            (0, 1, new.clone()),
            (2, 3, create(0, None)),
            (4, 5, deleted),
            (6, 7, get(Some(0))),
        ]);
        // A retry of a delete that was done finds nothing.
        right(&[(0, 1, new), (2, 3, delete(Some(Deleted::NotThere))), (4, 5, get(None))]);
    }

    #[test]
    fn a_key_has_one_content() {
        let new = create(0, Some(Created::New));
        right(&[(0, 1, new.clone()), (2, 3, create(0, Some(Created::Replayed)))]);
        right(&[
            (0, 1, new.clone()),
            (2, 3, create(1, Some(Created::Refused))),
            (4, 5, get(Some(0))),
        ]);
        wrong(&[(0, 1, new.clone()), (2, 3, create(1, Some(Created::New)))]);
        wrong(&[(0, 1, new.clone()), (2, 3, create(0, Some(Created::New)))]);
        wrong(&[(0, 1, new), (2, 3, create(1, Some(Created::Replayed)))]);
        wrong(&[(0, 1, create(0, Some(Created::Refused)))]);
    }

    #[test]
    fn a_walk_shows_what_was_there_throughout() {
        let new = create(0, Some(Created::New));
        right(&[(0, 5, new.clone()), (1, 2, walk(&[])), (3, 4, walk(&[0]))]);
        wrong(&[(0, 5, new), (1, 2, walk(&[0])), (3, 4, walk(&[]))]);
        wrong(&[(0, 1, walk(&[0])), (2, 3, create(0, Some(Created::New)))]);
    }
}
