"""What is wrong with a calendar's text by RFC 5545, as two parsers that know nothing of each other and its bytes say."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import chain
from typing import Any

import vobject
from icalendar import Calendar, Component

LONGEST = 75  # octets of a line, without its end
ONCE = {  # what each part has exactly once
    "VCALENDAR": ("PRODID", "VERSION", "METHOD"),
    "VEVENT": ("UID", "DTSTAMP", "DTSTART", "SEQUENCE", "SUMMARY", "URL"),
    "VALARM": ("ACTION", "TRIGGER", "DESCRIPTION"),
    "VTIMEZONE": ("TZID",),
    "STANDARD": ("DTSTART", "TZOFFSETFROM", "TZOFFSETTO"),
    "DAYLIGHT": ("DTSTART", "TZOFFSETFROM", "TZOFFSETTO"),
}
SPRING = ["2026-03-29", "2027-03-28", "2028-03-26", "2029-03-25", "2030-03-31", "2031-03-30", "2032-03-28", "2033-03-27", "2034-03-26", "2035-03-25", "2036-03-30"]  # fmt: skip
AUTUMN = ["2026-10-25", "2027-10-31", "2028-10-29", "2029-10-28", "2030-10-27", "2031-10-26", "2032-10-31", "2033-10-30", "2034-10-29", "2035-10-28", "2036-10-26"]  # fmt: skip
HOUR, HALF = timedelta(hours=1), timedelta(minutes=30)


def problems(text: bytes) -> list[str]:
    """Everything that is wrong; nothing where it is a calendar that any program reads."""
    found: list[str] = []
    try:
        for problem in chain(_of_lines(text), _of_parts(text), _of_another_parser(text)):
            found.append(problem)
    except (ValueError, KeyError, vobject.base.VObjectError) as error:
        found.append(f"it cannot be read: {error}")
    return found


def _of_lines(text: bytes) -> Iterator[str]:
    if not text.endswith(b"\r\n"):
        yield "the last line does not end"
    for line in text.split(b"\r\n"):
        if b"\n" in line or b"\r" in line:
            yield f"a line ends without CRLF: {line[:30]!r}"
        if len(line) > LONGEST:
            yield f"{len(line)} octets in a line: {line[:30]!r}"
    text.replace(b"\r\n ", b"").decode()  # folded between octets, it is UTF-8 again once unfolded


def _of_parts(text: bytes) -> Iterator[str]:
    calendar = Calendar.from_ical(text)
    assert isinstance(calendar, Calendar)
    parts = list(calendar.walk())
    for part in parts:
        yield from (f"{part.name}: {error}" for error in part.errors)
        yield from _of_properties(part)
    uids = [str(part["UID"]) for part in parts if part.name == "VEVENT" and "UID" in part]
    yield from (f"{uid} is there twice" for uid in {each for each in uids if uids.count(each) > 1})
    wanted = {part["DTSTART"].params.get("TZID") for part in parts if part.name == "VEVENT" and "DTSTART" in part}
    known = {str(part["TZID"]) for part in parts if part.name == "VTIMEZONE"}
    yield from (f"the time zone {name} is not in it" for name in wanted - known - {None})


def _of_properties(part: Component) -> Iterator[str]:
    for name in ONCE.get(str(part.name), ()):
        found = part.get(name)
        if found is None or isinstance(found, list):
            yield f"{part.name} has not one {name}"
    begins, ends = part.get("DTSTART"), part.get("DTEND")
    if part.name == "VEVENT" and begins and ends and ends.dt <= begins.dt:
        yield f"{part['UID']} ends before it begins"


def _of_another_parser(text: bytes) -> Iterator[str]:
    calendar = vobject.readOne(text.decode())
    calendar.validate(raiseException=True)
    for zone in calendar.contents.get("vtimezone", ()):
        yield from _of_zone(zone.tzinfo)


def _of_zone(zone: tzinfo) -> Iterator[str]:
    """In London the clocks change at 1am UTC of the last Sunday of March and of October."""
    for days, before, after in ((SPRING, 0 * HOUR, HOUR), (AUTUMN, HOUR, 0 * HOUR)):
        for day in days:
            change = datetime.fromisoformat(day).replace(tzinfo=UTC) + HOUR
            for at, offset in ((change - HALF, before), (change + HALF, after)):
                there = at.astimezone(zone)
                if there.replace(tzinfo=UTC) != at + offset:
                    yield f"the clocks are wrong around {day}: {there}"


def events(text: bytes) -> dict[str, Any]:
    """The events by their UID, as icalendar reads them."""
    return {str(each["UID"]): each for each in Calendar.from_ical(text).walk("VEVENT")}
