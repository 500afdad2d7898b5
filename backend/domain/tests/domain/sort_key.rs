use domain::{Date, EventId, SortKey};
use proptest::option;
use proptest::prelude::*;
use uuid::Uuid;

use crate::strategies::{date, time};

/// Keys that often have the same date, time or id.
fn sort_key() -> impl Strategy<Value = SortKey> {
    let few = (2026..=2027, 1..=2_u8, 1..=3_u8)
        .prop_map(|(year, month, day)| Date::from_ymd(year, month, day).unwrap());
    let ends =
        prop::sample::select(vec!["0001-01-01".parse().unwrap(), "9999-12-31".parse().unwrap()]);
    let start = (prop_oneof![3 => few, 1 => date(), 1 => ends], option::of(time()));
    let id = prop_oneof![any::<u128>(), 0..3_u128, Just(u128::MAX)];
    (option::weighted(0.8, start), id)
        .prop_map(|(start, id)| SortKey { start, id: EventId::from(Uuid::from_u128(id)) })
}

#[test]
fn keys_order_by_date_then_time_then_id_and_undated_last() {
    let key = |start: Option<(&str, Option<&str>)>, id| SortKey {
        start: start
            .map(|(date, time)| (date.parse().unwrap(), time.map(|time| time.parse().unwrap()))),
        id: Uuid::from_u128(id).into(),
    };
    let expected = [
        key(Some(("0001-01-01", Some("23:59"))), 7),
        key(Some(("2026-06-15", None)), 5),
        key(Some(("2026-06-15", None)), 6),
        key(Some(("2026-06-15", Some("00:00"))), 4),
        key(Some(("2026-06-15", Some("09:00"))), 3),
        key(Some(("2026-06-15", Some("10:00"))), 0),
        key(Some(("2026-06-16", None)), 2),
        key(Some(("9999-12-31", Some("23:59"))), 1),
        key(None, 0),
        key(None, u128::MAX),
    ];
    let mut sorted = expected;
    sorted.reverse();
    sorted.sort();
    assert_eq!(sorted, expected);
}

proptest! {
    #[test]
    fn the_text_of_keys_has_their_order(a in sort_key(), b in sort_key()) {
        prop_assert_eq!(a.to_string().cmp(&b.to_string()), a.cmp(&b));
    }

    #[test]
    fn a_key_parses_from_its_text(key in sort_key()) {
        prop_assert_eq!(key.to_string().parse(), Ok(key));
    }

    #[test]
    fn bounds_lie_between_keys(key in sort_key(), other in sort_key(), day in date()) {
        let (text, other_text) = (key.to_string(), other.to_string());
        prop_assert!(SortKey::FIRST < &*text && &*text < SortKey::END);
        prop_assert_eq!(&*text > SortKey::UNDATED, key.start.is_none());

        prop_assert!(key.just_before() < text && text < key.just_after());
        prop_assert_eq!(other_text >= key.just_after(), other > key);
        prop_assert_eq!(other_text <= key.just_before(), other < key);

        for day in [Some(day), key.start.map(|(date, _)| date)].into_iter().flatten() {
            let date = other.start.map(|(date, _)| date);
            prop_assert_eq!(other_text > SortKey::day_start(day), date.is_none_or(|d| d >= day));
            prop_assert_eq!(other_text > SortKey::day_end(day), date.is_none_or(|d| d > day));
        }
    }
}
