"""Whether the `.ics` files of a folder say the same as the JSON beside them, by a parser that is not ours."""

import json
import re
import sys
from datetime import date, datetime, time, timedelta, timezone
from pathlib import Path

from icalendar import Calendar


def expected(event: dict) -> dict:
    day = date.fromisoformat(event["date"])
    if "time" in event:
        start, end = datetime.combine(day, time.fromisoformat(event["time"])), None
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


def found(file: bytes) -> dict:
    calendar = Calendar.from_ical(file)
    (event,) = calendar.walk("VEVENT")
    assert not event.errors and not calendar.errors, (event.errors, calendar.errors)
    values = {}
    for name in ("UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "LOCATION", "DESCRIPTION", "URL"):
        value = event.get(name)
        values[name] = value if value is None else getattr(value, "dt", None) or str(value)
    return values


def main() -> int:
    passed = failed = 0
    for source in sorted(Path(sys.argv[1]).glob("*.json")):
        want = expected(json.loads(source.read_text(encoding="utf-8")))
        got = found(source.with_suffix(".ics").read_bytes())
        # A date and a time of day are different kinds of value, also where Python takes them for equal.
        if got == want and type(got["DTSTART"]) is type(want["DTSTART"]):
            passed += 1
            continue
        failed += 1
        for name, value in want.items():
            if got[name] != value:
                print(f"{source.name} {name}:\n  want {value!r}\n  got  {got[name]!r}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
