"""The text that calendars read keeps to the standard, whoever's it is; and each check finds the fault that it is for."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from placements.calendar.entries import Entry
from placements.calendar.feed import calendar_text
from tests.calendar.everybody import everybody
from tests.calendar.strict import events, problems
from tests.factories import DAY, NOW

AT = datetime(2027, 3, 17, 15, tzinfo=UTC)


def entry(**said: Any) -> Entry:
    said = {"uid": "due-1", "what": "Hand in", "where": "WL6W50", "at": AT, "sequence": 3, "endpoint": "x", **said}
    return Entry(**said)


def written(*entries: Entry, now: datetime = NOW) -> bytes:
    return calendar_text([(each, "https://example.org/assessment") for each in entries], now)


WHOLE = written(entry(), entry(uid="day-1", at=date(2027, 3, 18), is_visit=True))


def test_everybodys_calendar_is_one_that_two_parsers_read(session: Any) -> None:
    there = everybody(students=2)
    there.of.portfolio.title = "Évaluation — “ÀÉÎÕÜ”, “ÀÉÎÕÜ”; “ÀÉÎÕÜ”\\ “ÀÉÎÕÜ” “ÀÉÎÕÜ” “ÀÉÎÕÜ” “ÀÉÎÕÜ”\n“ÀÉÎÕÜ”"
    sizes = []
    for account in (there.of.students[0], there.of.tutor, there.supervisor, there.of.leader, there.external):
        text = written(*there.entries(account))
        assert problems(text) == []
        sizes.append(len(events(text)))
    assert sizes == [9, 6, 8, 8, 1]


def test_an_empty_calendar_is_one() -> None:
    assert events(written()) == {}
    assert problems(written()) == []


@pytest.mark.parametrize(
    ("was", "planted", "found"),
    [
        (b"\r\nVERSION:2.0\r\n", b"\nVERSION:2.0\r\n", "a line ends without CRLF"),
        (b"SUMMARY:Hand in\r\n", b"SUMMARY:" + b"x" * 68 + b"\r\n", "76 octets in a line"),
        (b"VERSION:2.0\r\n", b"", "VCALENDAR has not one VERSION"),
        (b"UID:day-1@", b"UID:due-1@", "due-1@placements is there twice"),
        (b"DTSTAMP:20261020T080000Z\r\n", b"", "VEVENT has not one DTSTAMP"),
        (b"SEQUENCE:3\r\n", b"", "VEVENT has not one SEQUENCE"),
        (b"SEQUENCE:3\r\n", b"SEQUENCE:three\r\n", "SEQUENCE"),
        (b"DTSTART;VALUE=DATE:20270318", b"DTSTART;VALUE=DATE:20270338", "it cannot be read"),
        (b"ACTION:DISPLAY\r\n", b"", "VALARM has not one ACTION"),
        (b"BYDAY=-1SU;BYMONTH=3", b"BYDAY=1SU;BYMONTH=3", "the clocks are wrong around"),
        (b"DTSTART:19960331T010000", b"DTSTART:19960331T020000", "the clocks are wrong around 2026-03-29"),
        (b"DTSTART:19961027T020000", b"DTSTART:19961027T010000", "the clocks are wrong around 2036-10-26"),
        (b"TZID=Europe/London:", b"TZID=Europe/Londinium:", "the time zone Europe/Londinium is not in it"),
        (b"END:VEVENT\r\n", b"", "it cannot be read"),
    ],
)
def test_a_fault_is_found(was: bytes, planted: bytes, found: str) -> None:
    assert problems(WHOLE) == []
    assert was in WHOLE
    assert any(found in each for each in problems(WHOLE.replace(was, planted))), problems(WHOLE.replace(was, planted))


def alarms(*entries: Entry, now: datetime = NOW) -> list[str]:
    text = written(*entries, now=now).decode()
    return [line.removeprefix("TRIGGER:") for line in text.split("\r\n") if line.startswith("TRIGGER")]


def test_one_is_reminded_in_time_of_what_is_still_to_do() -> None:
    assert alarms(entry()) == ["-P2D"]  # a deadline: two days
    assert alarms(entry(is_visit=True)) == ["-PT2H"]  # a visit: two hours
    assert alarms(entry(at=date(2027, 3, 17))) == ["-P1DT15H"]  # a day: 9am, two days before
    assert alarms(entry(at=date(2027, 3, 17), is_visit=True)) == ["-PT6H"]  # a day there: the evening before, 6pm
    assert alarms(entry(is_to_do=False)) == []
    assert alarms(entry(), now=AT) == []
    assert alarms(entry(), now=AT - timedelta(minutes=1)) == ["-P2D"]


def test_only_who_is_somewhere_for_a_time_is_busy() -> None:
    there = entry(uid="day-1", is_visit=True, until=AT + timedelta(hours=3))
    found = events(written(there, entry(), entry(uid="day-2", at=date(2027, 3, 18), is_visit=True)))
    assert {uid.partition("@")[0]: str(each["TRANSP"]) for uid, each in found.items()} == {
        "day-1": "OPAQUE",
        "due-1": "TRANSPARENT",
        "day-2": "TRANSPARENT",
    }
    assert found["day-1@placements"].decoded("DTEND") == datetime(2027, 3, 17, 18, tzinfo=UTC)
    assert found["day-2@placements"].decoded("DTSTART") == date(2027, 3, 18)


def test_the_clocks_are_in_it_for_entries_on_either_side_of_a_change() -> None:
    text = written(entry(), entry(uid="due-2", at=AT + 28 * DAY - timedelta(hours=1))).decode()
    assert "DTSTART;TZID=Europe/London:20270317T150000" in text
    assert "DTSTART;TZID=Europe/London:20270414T150000" in text
