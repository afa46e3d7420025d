"""A year of 300 placements on paper, and what people do on each of its days; only what went wrong is typed by name.

Three students each at a hundred organisations, twelve tutors, one module leader. Everybody else is healthy: they come on
their day, some write it up a day late, each calls off one day and makes up for it; supervisors answer the weekly mail,
every fifth of them only every other week.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import insert, inspect, select, update
from sqlalchemy.orm import joinedload

from placements.agreements.models import Agreement, PlannedWeek
from placements.agreements.weeks import even_spread
from placements.attendance import actions as attendance
from placements.attendance import contacts
from placements.attendance.models import ContactKind, PlannedDay
from placements.challenges.models import WorkMode
from placements.cohorts.closures import usual_closures
from placements.cohorts.models import ClosedDay, RunRole
from placements.core.clock import in_london, is_working_day
from placements.core.policy import Principal
from placements.db import db, new_public_id
from placements.logbook.actions import comment
from placements.logbook.models import Entry, How, LedgerEvent, LedgerKind
from placements.logbook.workflow import EntryState
from placements.placing.models import Placement
from placements.watch.rules import Kind
from tests import factories as make
from tests.factories.base import YEAR

FIRST, LAST = date(2026, 11, 16), date(2027, 4, 30)
DAY, WEEK = timedelta(days=1), timedelta(days=7)
STUDENTS, AT_ONE_PLACE, TUTORS = 300, 3, 12
CLOSED = usual_closures(YEAR)
STARTS = time(13)
MONDAY, TUESDAY, FRIDAY = 0, 1, 4


def monday_of(week: int) -> date:
    """The Monday of a week of the placements, from 1."""
    return FIRST + (week - 1) * WEEK


@dataclass(frozen=True)
class Failures:
    """What goes wrong, by the student's number or the organisation's, from which week on or on which day."""

    silent: dict[int, int] = field(default_factory=lambda: {7: 3, 67: 9, 127: 14, 187: 19})
    slow: dict[int, int] = field(default_factory=lambda: {20: 1, 80: 1, 140: 4, 200: 8})
    never_answers: dict[int, int] = field(default_factory=lambda: {10: 2, 35: 10, 70: 16})
    runs_out: dict[int, date] = field(default_factory=lambda: {50: date(2027, 2, 12), 90: date(2027, 3, 19)})


# The day by which each has to be noticed: typed from what a tutor would want, not from the rules.
NOTICED_BY: dict[tuple[Kind, int], date] = {
    **{(Kind.SILENT, number): monday_of(week + 2) for number, week in Failures().silent.items()},
    (Kind.BEHIND, 20): monday_of(9),
    (Kind.BEHIND, 80): monday_of(9),
    (Kind.BEHIND, 140): monday_of(13),
    (Kind.BEHIND, 200): monday_of(16),
    **{
        (Kind.UNANSWERED, place * AT_ONE_PLACE + which): monday_of(week + 4)
        for place, week in Failures().never_answers.items()
        for which in range(AT_ONE_PLACE)
    },
    **{
        (Kind.PAPER, place * AT_ONE_PLACE + which): day - 3 * WEEK
        for place, day in Failures().runs_out.items()
        for which in range(AT_ONE_PLACE)
    },
}


@dataclass(frozen=True)
class Party:
    """A placement and its people, by their keys."""

    placement: int
    enrolment: int
    student: int
    supervisor: int
    tutor: int


def _party(of: Placement) -> Party:
    assert of.tutor
    return Party(of.id, of.enrolment.id, of.enrolment.person.id, of.supervisor.id, of.tutor.id)


class Year:
    """The year as it stands; `parties` by the student's number."""

    def __init__(self, failures: Failures, students: int = STUDENTS, academic_year: str = YEAR) -> None:
        self.failures, self.academic_year = failures, academic_year
        db.session.execute(insert(ClosedDay), [{"day": day, "name": name} for day, name in CLOSED.items()])
        before = in_london(FIRST - 3 * WEEK, time(9))
        dates = {"placements_start_on": FIRST, "placements_end_on": LAST, "ranking_closes_at": before - 2 * WEEK}
        run = make.run(academic_year=academic_year, **dates)
        make.component(of=run)
        make.run_role(RunRole.LEADER, make.person(), run)
        groups = [make.group(run, make.person()) for _ in range(TUTORS)]
        places = [self._place(number) for number in range(students // AT_ONE_PLACE)]
        self.weeks = even_spread(45 * 60, FIRST, LAST, frozenset(CLOSED))
        said = {"starts_on": FIRST, "ends_on": LAST, "created_at": before}
        made = []
        for number in range(students):
            enrolment = make.enrolment(groups[number % TUTORS])
            made.append(make.placement(enrolment, places[number // AT_ONE_PLACE], **said))
        self.parties = [_party(each) for each in made]
        self._agree([each.id for each in made], before)
        self.owed: defaultdict[int, int] = defaultdict(int)  # minutes of visits that did not take place, by student
        self.late: list[tuple[int, date]] = []  # who came on which day and writes it up on the next
        db.session.commit()

    def _place(self, number: int) -> Any:
        until = self.failures.runs_out.get(number)
        at = make.organisation(approved_until=until)
        asked = {"academic_year": self.academic_year, "days": 2 << number % 3, "places_max": AT_ONE_PLACE}
        return make.challenge(at, **asked)

    def _agree(self, placements: Sequence[int], at: datetime) -> None:
        """One Agreement as it always is; the others with the same words, weeks and day."""
        said = {"created_at": at, "proposed_at": at, "in_force_at": at}
        first = make.agreement(db.session.get_one(Placement, placements[0]), weeks=self.weeks, **said)
        words = {column.key: getattr(first, column.key) for column in inspect(Agreement).column_attrs}
        keys = {key: first.id + place for place, key in enumerate(placements[1:], 1)}
        rows = [{**words, "id": keys[key], "public_id": new_public_id(), "placement_id": key} for key in keys]
        db.session.execute(insert(Agreement), rows)
        weeks = [
            {"agreement_id": key, "monday": monday, "minutes": minutes}
            for key in keys.values()
            for monday, minutes in self.weeks.items()
        ]
        db.session.execute(insert(PlannedWeek), weeks)
        db.session.execute(update(Placement).values(agreed_at=at))

    def morning(self, day: date, now: datetime) -> None:
        """Who cannot come says so: each healthy student once."""
        for number in self._expected(day):
            if self._week(day) == 4 + number % 17 and self._is_healthy(number):
                party = self.parties[number]
                on = select(PlannedDay).filter_by(placement_id=party.placement, on=day)
                attendance.cancel(db.session.scalars(on).one(), actor=Principal(party.student), now=now)
                self.owed[number] += self._planned(day)
        db.session.commit()

    def evening(self, day: date, now: datetime) -> None:
        """Visits are written up, supervisors answer, tutors comment and plan to visit or call."""
        came = [(number, day) for number in self._expected(day) if self._comes(number, day)]
        self._log([*self.late, *((number, on) for number, on in came if number % 4)], now)
        self.late = [(number, on) for number, on in came if not number % 4]
        self._owe(day)
        self._answer(day, now)
        if day.weekday() == FRIDAY:
            self._comment(day, now)
        if self._week(day) in (6, 15):
            self._plan_contacts(day, now)
        db.session.commit()

    def _week(self, day: date) -> int:
        return (day - FIRST).days // 7 + 1

    def _planned(self, day: date) -> int:
        return self.weeks.get(day - day.weekday() * DAY, 0)

    def _expected(self, day: date) -> list[int]:
        """The students whose day it is, in a week with hours and on an open day."""
        if not FIRST <= day <= LAST or not is_working_day(day, CLOSED) or not self._planned(day):
            return []
        return [number for number in range(len(self.parties)) if day.weekday() == 1 + number // AT_ONE_PLACE % 3]

    def _is_healthy(self, number: int) -> bool:
        gone = self.failures
        is_there = number // AT_ONE_PLACE in (*gone.never_answers, *gone.runs_out)
        return number not in (*gone.silent, *gone.slow) and not is_there

    def _comes(self, number: int, day: date) -> bool:
        called_off = self._is_healthy(number) and self._week(day) == 4 + number % 17
        return not called_off and self._week(day) < self.failures.silent.get(number, 99)

    def _owe(self, day: date) -> None:
        """Whoever would have come on a closed day of a week with hours makes up for it."""
        if self._planned(day) and day in CLOSED:
            for number in range(len(self.parties)):
                if day.weekday() == 1 + number // AT_ONE_PLACE % 3:
                    self.owed[number] += self._planned(day)

    def _log(self, visits: list[tuple[int, date]], now: datetime) -> None:
        entries = [self._entry(number, on, now) for number, on in visits]
        if not entries:
            return
        db.session.execute(insert(Entry), entries)
        kept = select(Entry).where(Entry.form_key.in_([each["form_key"] for each in entries]))
        self._post(db.session.scalars(kept.options(joinedload(Entry.placement))).all(), LedgerKind.SUBMITTED, now)

    def _entry(self, number: int, on: date, now: datetime) -> dict[str, Any]:
        minutes = self._planned(on) + self.owed.pop(number, 0)
        if self._week(on) >= self.failures.slow.get(number, 99):
            minutes //= 3
        return {
            "public_id": new_public_id(),
            "form_key": f"{number}-{on}",
            "placement_id": self.parties[number].placement,
            "state": EntryState.SUBMITTED,
            "on": on,
            "starts": STARTS,
            "ends": time(STARTS.hour + minutes // 60, minutes % 60),
            "minutes": minutes,
            "mode": WorkMode.ON_SITE,
            "activity": "Counted the stock.",
            "submitted_at": now,
        }

    def _post(self, entries: Sequence[Entry], kind: LedgerKind, now: datetime) -> None:
        rows = [
            {
                "entry_id": each.id,
                "kind": kind,
                "entry_version": 1,
                "starts_at": each.visit.starts_at,
                "ends_at": each.visit.ends_at,
                "minutes": each.minutes,
                "at": now,
                "by_id": each.placement.supervisor_id,
                "how": How.LINK,
            }
            for each in entries
        ]
        if rows:
            db.session.execute(insert(LedgerEvent), rows)

    def _answer(self, day: date, now: datetime) -> None:
        """On Tuesdays; every fifth supervisor on every other Monday."""
        week, gone = self._week(day), self.failures.never_answers
        if day.weekday() not in (MONDAY, TUESDAY):
            return
        is_slow = day.weekday() == MONDAY
        asked = [
            party.placement
            for number, party in enumerate(self.parties)
            if (number // AT_ONE_PLACE % 5 == 4) is is_slow and week < gone.get(number // AT_ONE_PLACE, 99)
        ]
        if is_slow and week % 2:
            return
        waiting = select(Entry).where(Entry.state == EntryState.SUBMITTED, Entry.placement_id.in_(asked))
        before = waiting.where(Entry.submitted_at < now).options(joinedload(Entry.placement))
        entries = db.session.scalars(before).all()
        self._post(entries, LedgerKind.CONFIRMED, now)
        keys = [each.id for each in entries]
        db.session.execute(update(Entry).where(Entry.id.in_(keys)).values(state=EntryState.CONFIRMED))

    def _comment(self, day: date, now: datetime) -> None:
        """Each tutor on the last visit of every eighth student."""
        for number in range(self._week(day) % 8, len(self.parties), 8):
            party = self.parties[number]
            last = select(Entry).filter_by(placement_id=party.placement).order_by(Entry.on.desc()).limit(1)
            entry = db.session.scalar(last)
            if entry is not None:
                comment(entry, f"Tell me more. ({day})", actor=Principal(party.tutor), now=now)

    def _plan_contacts(self, day: date, now: datetime) -> None:
        """Each tutor with all their students at once, on a day of the week of their own."""
        at = now + 2 * WEEK
        for number, party in enumerate(self.parties):
            if number % TUTORS % 5 == day.weekday():
                actor, key = Principal(party.tutor), f"{number}-{day}"
                placement = db.session.get_one(Placement, party.placement)
                contacts.plan_contact(placement, ContactKind.CALL, at, key, actor=actor, now=now)
