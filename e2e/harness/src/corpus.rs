//! Inputs close to those of a corpus, for properties that must hold for any input.

use proptest::prelude::*;
use proptest::sample::Index;

/// A change of some bytes.
#[derive(Debug, Clone)]
enum Change {
    Set(Index, u8),
    Insert(Index, u8),
    Cut(Index, u8),
    Repeat(Index, u8),
}

/// A line of a corpus after a few changes.
pub fn near(corpus: &'static str) -> impl Strategy<Value = Vec<u8>> {
    let lines: Vec<&str> = corpus.lines().collect();
    let byte = prop_oneof![any::<u8>(), prop::sample::select(br#"{}[]",:\&=%+-0~"#.to_vec())];
    let change = (any::<Index>(), byte, 0..4_u8).prop_map(|(at, byte, kind)| match kind {
        0 => Change::Set(at, byte),
        1 => Change::Insert(at, byte),
        2 => Change::Cut(at, byte % 16),
        _ => Change::Repeat(at, byte % 16),
    });
    (prop::sample::select(lines), prop::collection::vec(change, 0..5)).prop_map(
        |(line, changes)| {
            let mut bytes = line.as_bytes().to_vec();
            for change in changes {
                let (Change::Set(at, _)
                | Change::Insert(at, _)
                | Change::Cut(at, _)
                | Change::Repeat(at, _)) = change;
                let at = at.index(bytes.len() + 1);
                let some = |count: u8| at..(at + usize::from(count)).min(bytes.len());
                match change {
                    Change::Set(_, byte) if at < bytes.len() => bytes[at] = byte,
                    Change::Set(_, byte) | Change::Insert(_, byte) => bytes.insert(at, byte),
                    Change::Cut(_, count) => drop(bytes.drain(some(count))),
                    Change::Repeat(_, count) => {
                        let part = bytes[some(count)].to_vec();
                        bytes.splice(at..at, part);
                    }
                }
            }
            bytes
        },
    )
}
