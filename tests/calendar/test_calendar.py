"""One's own dates, on a page and as calendars read them: the same entry moves, and nobody else is in it."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event
from sqlalchemy import select, update

from placements.assessment.models import Mark
from placements.calendar.feed import calendar_text
from placements.calendar.queries import entries_of
from placements.cohorts.actions import set_dates
from placements.cohorts.queries import key_dates
from placements.db import db
from placements.extensions.actions import grant, withdraw
from placements.extensions.models import Extension
from placements.extensions.planning import Wanted, fingerprint_of, plan
from placements.extensions.rules import Cause
from placements.history.actions import record
from tests.assessment.scene import HOUR, Scene, hand_in, mark_it, scene
from tests.factories import NOW

DAY = timedelta(days=1)
DUE = datetime(2027, 3, 17, 15, 0, tzinfo=UTC)  # Wednesday, 3pm in London, before the clocks go forward
LATER = datetime(2027, 4, 14, 14, 0, tzinfo=UTC)  # Wednesday, 3pm in London, after it
LONDON = ZoneInfo("Europe/London")


def extended(of: Scene, due: datetime = LATER, place: int = 0, at: datetime = NOW) -> None:
    wanted = Wanted([of.enrolments[place]], [of.portfolio], due)
    seen = fingerprint_of(plan(wanted, at))
    said = {"seen": seen, "form_key": f"{place}-{due}"}
    grant(wanted, Cause.ADJUSTMENT, "DS-1", **said, actor=of.who(of.leader), now=at)


def read(of: Scene, of_tutor: bool = False, place: int = 0) -> dict[str, Event]:
    """The calendar as a program reads it, by what stands in it."""
    who = of.who(of.tutor if of_tutor else of.students[place])
    text = calendar_text([(each, "https://example.org") for each in entries_of(who)], NOW)
    events = Calendar.from_ical(text).walk("VEVENT")
    return {str(each["SUMMARY"]): each for each in events if isinstance(each, Event)}


def said(event: Event) -> tuple[int, datetime]:
    return int(str(event["SEQUENCE"])), event.decoded("DTSTART")


def test_a_moved_deadline_is_the_same_entry_with_the_next_sequence(session: object) -> None:
    of = scene(due=DUE)
    before = read(of)
    due, feedback = "Hand in: Final Project Portfolio", "Mark and feedback due: Final Project Portfolio"
    assert said(before[due]) == (1, datetime(2027, 3, 17, 15, 0, tzinfo=LONDON))
    assert said(before[feedback]) == (1, datetime(2027, 4, 7, 15, 0, tzinfo=LONDON))
    extended(of)
    after = read(of)
    assert said(after[due]) == (2, datetime(2027, 4, 14, 15, 0, tzinfo=LONDON))
    assert said(after[feedback]) == (2, datetime(2027, 5, 5, 15, 0, tzinfo=LONDON))
    assert [after[each]["UID"] for each in (due, feedback)] == [before[each]["UID"] for each in (due, feedback)]
    extension = db.session.scalars(select(Extension)).one()
    withdraw(extension, "A mistake.", actor=of.who(of.leader), now=NOW)
    assert said(read(of)[due]) == (3, datetime(2027, 3, 17, 15, 0, tzinfo=LONDON))


def test_everybodys_deadline_moved_past_an_extension_moves_its_entry_too(session: object) -> None:
    of = scene(due=DUE)
    extended(of)
    dates = key_dates(of.run)
    moved = type(dates)(**{**vars(dates), "portfolio_due_at": datetime(2027, 5, 12, 14, tzinfo=UTC)})
    set_dates(of.run, moved, actor=of.who(of.leader), now=NOW)
    db.session.flush()
    due = "Hand in: Final Project Portfolio"
    assert said(read(of)[due]) == (3, datetime(2027, 5, 12, 15, 0, tzinfo=LONDON))
    assert [each.at for each in entries_of(of.who(of.tutor))] == [datetime(2027, 6, 2, 14, tzinfo=UTC)]


def test_everybodys_deadline_moves_everybodys_entry(session: object) -> None:
    of = scene(due=DUE)
    dates = key_dates(of.run)
    moved = type(dates)(**{**vars(dates), "portfolio_due_at": datetime(2027, 5, 12, 14, tzinfo=UTC)})
    set_dates(of.run, moved, actor=of.who(of.leader), now=NOW)
    record("changed", of.agreement, actor=of.who(of.leader), now=NOW, fields=["due_at"])
    db.session.flush()
    assert said(read(of)["Hand in: Final Project Portfolio"])[0] == 2
    assert said(read(of, of_tutor=True)["Marking due: Final Project Portfolio"])[0] == 2


def test_a_tutor_has_a_date_for_each_deadline_and_no_names(session: object) -> None:
    of = scene(students=3, due=DUE)
    extended(of, place=1)
    entries = entries_of(of.who(of.tutor))
    assert [(each.what, each.at) for each in entries] == [
        ("Marking due: Final Project Portfolio", datetime(2027, 4, 7, 14, 0, tzinfo=UTC)),
        ("Marking due: Final Project Portfolio", datetime(2027, 5, 5, 14, 0, tzinfo=UTC)),
    ]
    assert len({each.uid for each in entries}) == 2


def test_it_says_london_and_reminds_two_days_before_what_is_to_be_done(session: object) -> None:
    of = scene(due=DUE)
    who = of.who(of.students[0])
    text = calendar_text([(each, "https://example.org") for each in entries_of(who)], NOW).decode()
    assert "BEGIN:VTIMEZONE\r\nTZID:Europe/London" in text
    assert "DTSTART;TZID=Europe/London:20270317T150000" in text
    assert text.count("TRIGGER:-P2D") == 1
    hand_in(of, 0, NOW)
    text = calendar_text([(each, "https://example.org") for each in entries_of(who)], NOW).decode()
    assert "TRIGGER" not in text


def test_no_mark_no_cause_and_no_other_name_stands_in_it(session: object) -> None:
    of = scene(students=2, due=NOW - HOUR)
    mark_it(of, hand_in(of), 73, 73, 73)
    db.session.execute(update(Mark).values(released_at=NOW))
    extended(of, NOW + DAY)
    for of_tutor in (True, False):
        text = "".join(event.to_ical().decode() for event in read(of, of_tutor).values())
        for word in ("73", "DS-1", "djustment", "Okoro", "Tariq", "Student"):
            assert word not in text, word
