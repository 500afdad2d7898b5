"""Whether the calendar files of a folder say the same as the JSON beside them, by a parser that is not ours: `N.ics` of
one event each, and the feed of many."""

import json
import re
import sys
from datetime import date, datetime, time, timedelta, timezone
from pathlib import Path

from icalendar import Calendar

NAMES = ("UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "LOCATION", "DESCRIPTION", "URL")


def expected(event: dict) -> dict:
    day = date.fromisoformat(event["date"])
    if "time" in event:
        start, end = datetime.combine(day, time.fromisoformat(event["time"])), None
        if "endTime" in event:
            end_time = time.fromisoformat(event["endTime"])
            is_next_day = end_time <= start.time()
            end = datetime.combine(day + timedelta(days=1) if is_next_day else day, end_time)
    else:
        # The end is exclusive; the calendar's last day has none.
        start, end = day, None if day == date.max else day + timedelta(days=1)
    created = datetime.fromisoformat(event["createdAt"].replace("Z", "+00:00"))
    return {
        "UID": event["id"] + "@events",
        "DTSTAMP": created.replace(microsecond=0).astimezone(timezone.utc),
        "DTSTART": start,
        "DTEND": end,
        "SUMMARY": event["name"],
        "LOCATION": event.get("location"),
        # In a calendar file every line break is the same one.
        "DESCRIPTION": re.sub("\r\n|\r", "\n", event["description"]) if "description" in event else None,
        "URL": "https://events.example/events/" + event["id"],
    }


def found(file: bytes) -> list[dict]:
    calendar = Calendar.from_ical(file)
    events = calendar.walk("VEVENT")
    assert not calendar.errors and not any(event.errors for event in events), calendar.errors
    return [{name: value(event.get(name)) for name in NAMES} for event in events]


def value(found):
    return found if found is None else getattr(found, "dt", None) or str(found)


def is_same(want: dict, got: dict) -> bool:
    # A date and a time of day are different kinds of value, also where Python takes them for equal.
    return got == want and all(type(got[name]) is type(want[name]) for name in ("DTSTART", "DTEND"))


def main() -> int:
    passed = failed = 0
    for source in sorted(Path(sys.argv[1]).glob("*.json")):
        stored = json.loads(source.read_text(encoding="utf-8"))
        events = stored if isinstance(stored, list) else [stored]
        calendar = found(source.with_suffix(".ics").read_bytes())
        assert len(calendar) == len(events), f"{source.name}: {len(calendar)} of {len(events)} events"
        for want, got in zip(map(expected, events), calendar):
            if is_same(want, got):
                passed += 1
                continue
            failed += 1
            for name, wanted in want.items():
                if got[name] != wanted:
                    print(f"{source.name} {want['UID']} {name}:\n  want {wanted!r}\n  got  {got[name]!r}")
    print(f"icalendar: {passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
