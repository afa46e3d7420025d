"""Entries as calendars read them (RFC 5545)."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from icalendar import Alarm, Calendar, Event

from placements.calendar.queries import Entry
from placements.core.clock import london

WARNED = timedelta(days=-2)
READ_AGAIN = timedelta(hours=6)
FIRST_YEAR, LAST_YEAR = date(2025, 1, 1), date(2037, 1, 1)  # for which the clocks' changes are spelt out


def calendar_text(entries: Iterable[tuple[Entry, str]], now: datetime) -> bytes:
    """The calendar of these entries, each with the address of its page; in London's time, whose rules are in it."""
    calendar = Calendar()
    calendar.add("prodid", "-//London Metropolitan University//Placements//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", "Empowering London")
    calendar.add("refresh-interval", READ_AGAIN, parameters={"VALUE": "DURATION"})
    for entry, address in entries:
        calendar.add_component(_event(entry, address, now))
    calendar.add_missing_timezones(first_date=FIRST_YEAR, last_date=LAST_YEAR)
    return calendar.to_ical()


def _event(entry: Entry, address: str, now: datetime) -> Event:
    event = Event()
    event.add("uid", f"{entry.uid}@placements")
    event.add("sequence", entry.sequence)
    event.add("dtstamp", now)
    event.add("dtstart", london(entry.at))
    event.add("summary", entry.what)
    event.add("description", entry.where)
    event.add("url", address)
    event.add("transp", "TRANSPARENT")
    if entry.is_to_do:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("trigger", WARNED)
        alarm.add("description", entry.what)
        event.add_component(alarm)
    return event
