//! Checks that a history is linearizable: each call took effect at one moment between its start and
//! its end.
//!
//! Each subject is a register that is empty or holds one content. Its calls need an order in which
//! every outcome is right, and in which a call that ended before another began comes first. The
//! search is that of Wing and Gong, "Testing and Verifying Concurrent Objects" (1993), with the
//! memoization of Lowe, "Testing for linearizability" (2017). A list walk reads the register of
//! each subject: what the walk showed, or empty if it showed nothing. So does a calendar feed, but
//! where it shows nothing, the register may hold a content without a date.
//!
//! Two rules are special. A call with an unknown outcome may take effect at any time after its
//! start, or never. A function retries when it gets no response from the table, so a call may take
//! effect before the moment that determines its outcome: a delete that deleted may return 404.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::history::{Call, Created, Deleted, History, Operation, Subject, Variant};

/// Most calls of one subject: the bits of the set of them.
const MOST_CALLS: usize = 128;

/// The content of a subject's register.
type State = Option<Variant>;

/// The part of a call that concerns one subject.
#[derive(Debug, Clone, Copy)]
struct Step {
    start: u64,
    /// `None`: it may take effect at any time.
    end: Option<u64>,
    /// What it does to the register when it takes effect.
    effect: Effect,
    /// What its outcome says of the register at the moment that determines it.
    saw: Option<Saw>,
}

#[derive(Debug, Clone, Copy)]
enum Effect {
    /// Stores this content if the register is empty.
    Store(Variant),
    Remove,
    None,
}

#[derive(Debug, Clone, Copy)]
enum Saw {
    Nothing,
    /// No content that has a date: of this subject.
    NothingDated(Subject),
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
            Self::NothingDated(subject) => state.is_none_or(|variant| !subject.is_dated(variant)),
            Self::Something => state.is_some(),
            Self::This(variant) => state == Some(variant),
            Self::Other(variant) => state.is_some_and(|stored| stored != variant),
        }
    }
}

/// Checks all rules. The error names the rule that is violated and shows the calls of its subject.
pub fn check(history: &History) -> Result<(), String> {
    for call in &history.calls {
        let (Operation::Walk { outcome: Some(seen), .. } | Operation::Feed { outcome: Some(seen) }) =
            &call.operation
        else {
            continue;
        };
        let mut once = BTreeSet::new();
        if let Some((subject, variant)) = seen.iter().find(|seen| !once.insert(**seen)) {
            return Err(format!("{subject} v{variant} is shown twice: {:?}", call.operation));
        }
    }
    for (subject, steps) in by_subject(history) {
        if steps.len() > MOST_CALLS {
            return Err(format!("{subject} has {} calls: too many to check", steps.len()));
        }
        if !is_linearizable(&steps) {
            return Err(format!(
                "the calls of {subject} are not linearizable:\n{}",
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
        if let Operation::Create { subject, .. } = call.operation {
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
        match &call.operation {
            Operation::Create { subject, variant, outcome } => {
                let saw = outcome.map(|outcome| match outcome {
                    // Without a key, an event that exists already was stored by this call's first
                    // attempt.
                    Created::New if matches!(subject, Subject::Once(..)) => Saw::This(*variant),
                    Created::New => Saw::Nothing,
                    Created::Replayed => Saw::This(*variant),
                    Created::Refused => Saw::Other(*variant),
                });
                steps.entry(*subject).or_default().push(step(Effect::Store(*variant), saw));
            }
            Operation::Delete { subject, outcome } => {
                let saw = outcome.map(|outcome| match outcome {
                    Deleted::Done => Saw::Something,
                    Deleted::NotFound => Saw::Nothing,
                });
                steps.entry(*subject).or_default().push(step(Effect::Remove, saw));
            }
            Operation::Get { subject, outcome: Some(stored) } => {
                let saw = stored.map_or(Saw::Nothing, Saw::This);
                steps.entry(*subject).or_default().push(step(Effect::None, Some(saw)));
            }
            Operation::Walk { outcome: Some(seen), .. }
            | Operation::Feed { outcome: Some(seen) } => {
                let is_feed = matches!(call.operation, Operation::Feed { .. });
                for (subject, steps) in &mut steps {
                    let shown = seen.iter().filter(|(of, _)| of == subject);
                    let before = steps.len();
                    // An event that was deleted and created with another content meanwhile may be
                    // shown at both places.
                    steps.extend(
                        shown.map(|(_, variant)| step(Effect::None, Some(Saw::This(*variant)))),
                    );
                    if steps.len() == before {
                        let nothing =
                            if is_feed { Saw::NothingDated(*subject) } else { Saw::Nothing };
                        steps.push(step(Effect::None, Some(nothing)));
                    }
                }
            }
            Operation::Get { outcome: None, .. }
            | Operation::Walk { outcome: None, .. }
            | Operation::Feed { outcome: None } => {}
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
        // A call that began after the first end must come later.
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

/// The calls that concern a subject.
fn show(history: &History, subject: Subject) -> String {
    let mut calls: Vec<&Call> = history
        .calls
        .iter()
        .filter(|call| match &call.operation {
            Operation::Create { subject: of, .. }
            | Operation::Delete { subject: of, .. }
            | Operation::Get { subject: of, .. } => *of == subject,
            Operation::Walk { outcome, .. } | Operation::Feed { outcome } => outcome.is_some(),
        })
        .collect();
    calls.sort_by_key(|call| call.start);
    let shown = |outcome: &Option<Vec<(Subject, Variant)>>| -> Vec<(Subject, Variant)> {
        outcome.iter().flatten().copied().filter(|(of, _)| *of == subject).collect()
    };
    let line = |call: &Call| {
        let operation = match &call.operation {
            Operation::Walk { query, outcome } => {
                format!("Walk {query:?} shows {:?}", shown(outcome))
            }
            Operation::Feed { outcome } => format!("Feed shows {:?}", shown(outcome)),
            operation => format!("{operation:?}"),
        };
        format!("  {:>9} to {:>9} µs, client {}: {operation}\n", call.start, call.end, call.client)
    };
    calls.into_iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const K: Subject = Subject::Key(0);

    fn history(calls: &[(u64, u64, Operation)]) -> History {
        let calls = calls
            .iter()
            .map(|(start, end, operation)| Call {
                client: 0,
                start: *start,
                end: *end,
                operation: operation.clone(),
            })
            .collect();
        History { calls }
    }

    fn create(variant: Variant, outcome: Option<Created>) -> Operation {
        Operation::Create { subject: K, variant, outcome }
    }

    fn delete(outcome: Option<Deleted>) -> Operation {
        Operation::Delete { subject: K, outcome }
    }

    fn get(stored: Option<Variant>) -> Operation {
        Operation::Get { subject: K, outcome: Some(stored) }
    }

    fn walk(seen: &[Variant]) -> Operation {
        let outcome = Some(seen.iter().map(|variant| (K, *variant)).collect());
        Operation::Walk { query: String::new(), outcome }
    }

    fn feed(seen: &[Variant]) -> Operation {
        Operation::Feed { outcome: Some(seen.iter().map(|variant| (K, *variant)).collect()) }
    }

    #[track_caller]
    fn right(calls: &[(u64, u64, Operation)]) {
        assert_eq!(check(&history(calls)), Ok(()));
    }

    #[track_caller]
    fn wrong(calls: &[(u64, u64, Operation)]) {
        assert!(check(&history(calls)).is_err());
    }

    #[test]
    fn an_acknowledged_event_exists_until_it_is_deleted() {
        let new = create(0, Some(Created::New));
        right(&[(0, 1, new.clone()), (2, 3, get(Some(0))), (4, 5, walk(&[0]))]);
        wrong(&[(0, 1, new.clone()), (2, 3, get(None))]);
        wrong(&[(0, 1, new.clone()), (2, 3, walk(&[]))]);
        wrong(&[(0, 1, new.clone()), (2, 3, walk(&[0, 0]))]);
        wrong(&[(0, 1, new.clone()), (2, 3, get(Some(1)))]);
        // A client reads the event, and another client does not find it after that.
        wrong(&[(0, 5, new.clone()), (1, 2, get(Some(0))), (3, 4, get(None))]);
        right(&[(0, 5, new.clone()), (1, 2, get(None)), (3, 4, get(Some(0)))]);
        right(&[(0, 1, new.clone()), (2, 3, delete(Some(Deleted::Done))), (4, 5, get(None))]);
        right(&[(0, 1, new.clone()), (2, 3, delete(None)), (4, 5, get(None))]);
        right(&[(0, 1, new), (2, 3, delete(None)), (4, 5, get(Some(0))), (6, 7, get(None))]);
    }

    #[test]
    fn only_a_create_brings_a_deleted_event_back() {
        let new = create(0, Some(Created::New));
        let deleted = delete(Some(Deleted::Done));
        wrong(&[(0, 1, new.clone()), (2, 3, deleted.clone()), (4, 5, get(Some(0)))]);
        wrong(&[(0, 1, new.clone()), (2, 3, deleted.clone()), (4, 5, deleted.clone())]);
        // The create overlaps the delete, or its outcome is unknown.
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
        // Nothing was created before the delete.
        right(&[(0, 1, delete(Some(Deleted::NotFound))), (2, 3, new.clone())]);
        // The function's retry of a delete finds nothing.
        right(&[(0, 1, new), (2, 3, delete(Some(Deleted::NotFound))), (4, 5, get(None))]);
    }

    #[test]
    fn too_many_calls_of_a_subject_are_an_error() {
        let calls = |count: usize| {
            let new = (0, 1, create(0, Some(Created::New)));
            [vec![new], vec![(2, 3, get(Some(0))); count - 1]].concat()
        };
        right(&calls(MOST_CALLS));
        wrong(&calls(MOST_CALLS + 1));
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
    fn a_walk_shows_every_event_that_exists_throughout() {
        let new = create(0, Some(Created::New));
        right(&[(0, 5, new.clone()), (1, 2, walk(&[])), (3, 4, walk(&[0]))]);
        wrong(&[(0, 5, new), (1, 2, walk(&[0])), (3, 4, walk(&[]))]);
        wrong(&[(0, 1, walk(&[0])), (2, 3, create(0, Some(Created::New)))]);
    }

    #[test]
    fn a_feed_shows_every_event_with_a_date_that_exists_throughout() {
        // The first content of this subject has no date, the second one has.
        assert!(!K.is_dated(0) && K.is_dated(1));
        let (undated, dated) = (create(0, Some(Created::New)), create(1, Some(Created::New)));
        right(&[(0, 1, undated.clone()), (2, 3, feed(&[])), (4, 5, walk(&[0]))]);
        right(&[(0, 1, dated.clone()), (2, 3, feed(&[1])), (4, 5, feed(&[1]))]);
        wrong(&[(0, 1, dated.clone()), (2, 3, feed(&[]))]);
        wrong(&[(0, 1, dated.clone()), (2, 3, feed(&[1, 1]))]);
        wrong(&[(0, 1, undated), (2, 3, feed(&[1]))]);
        // A feed that "did not change", after a delete.
        wrong(&[
            (0, 1, dated),
            (2, 3, feed(&[1])),
            (4, 5, delete(Some(Deleted::Done))),
            (6, 7, feed(&[1])),
        ]);
    }
}
