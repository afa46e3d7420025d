"""Entries as calendars read them (RFC 5545)."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from icalendar import Alarm, Calendar, Event, Timezone

from placements.calendar.entries import Entry
from placements.core.clock import london

NAME = "Empowering London"
READ_AGAIN = timedelta(hours=6)
LONDON = """BEGIN:VTIMEZONE
TZID:Europe/London
BEGIN:DAYLIGHT
DTSTART:19960331T010000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3
TZNAME:BST
TZOFFSETFROM:+0000
TZOFFSETTO:+0100
END:DAYLIGHT
BEGIN:STANDARD
DTSTART:19961027T020000
RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10
TZNAME:GMT
TZOFFSETFROM:+0100
TZOFFSETTO:+0000
END:STANDARD
END:VTIMEZONE
"""  # since 1996; what icalendar would write by itself lets summer begin an hour late
BEFORE_A_DEADLINE = timedelta(days=-2)
BEFORE_A_VISIT = timedelta(hours=-2)
BEFORE_A_DAY = timedelta(days=-2, hours=9)  # of a whole day that begins at midnight: 9am, two days before
BEFORE_A_DAY_THERE = timedelta(hours=-6)  # and 6pm on the evening before, where nobody said at what time


def calendar_text(entries: Iterable[tuple[Entry, str]], now: datetime) -> bytes:
    """The calendar of these entries, each with the address of its page; in London's time, whose rules are in it."""
    calendar = Calendar()
    calendar.add("prodid", "-//London Metropolitan University//Placements//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("name", NAME)
    calendar.add("x-wr-calname", NAME)
    calendar.add("refresh-interval", READ_AGAIN, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", READ_AGAIN, parameters={"VALUE": "DURATION"})
    calendar.add_component(Timezone.from_ical(LONDON))
    for entry, address in entries:
        calendar.add_component(_event(entry, address, now))
    return calendar.to_ical()


def _event(entry: Entry, address: str, now: datetime) -> Event:
    event = Event()
    event.add("uid", f"{entry.uid}@placements")
    event.add("sequence", entry.sequence)
    event.add("dtstamp", now)
    event.add("dtstart", london(entry.at) if isinstance(entry.at, datetime) else entry.at)
    if entry.until is not None:
        event.add("dtend", london(entry.until))
    event.add("summary", entry.what)
    event.add("description", entry.where)
    event.add("url", address)
    event.add("transp", "OPAQUE" if entry.until else "TRANSPARENT")  # only who is somewhere for a time is busy
    if entry.is_to_do and entry.begins_at > now:
        event.add_component(_alarm(entry))
    return event


def _alarm(entry: Entry) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("trigger", _before(entry))
    alarm.add("description", entry.what)
    return alarm


def _before(entry: Entry) -> timedelta:
    if isinstance(entry.at, datetime):
        return BEFORE_A_VISIT if entry.is_visit else BEFORE_A_DEADLINE
    return BEFORE_A_DAY_THERE if entry.is_visit else BEFORE_A_DAY
