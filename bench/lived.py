"""A year as people live it: hundreds of placements on paper, and a story that is played through the areas' own verbs.

Everybody acts at one of `MOMENTS`; in between only the worker does anything.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

from sqlalchemy import select

from placements.assessment.actions import submit
from placements.assessment.queries import task_of
from placements.attendance.actions import cancel, close_host, restore
from placements.attendance.models import PlannedDay
from placements.cohorts.actions import move_enrolment, set_dates
from placements.cohorts.models import Component, Enrolment, RoleOnRun, RunRole
from placements.cohorts.queries import key_dates
from placements.core.clock import in_london, today
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import begin_to_write, db
from placements.demo import boards, marking, story
from placements.demo.stage import Beat
from placements.mail.muting import choose_hour, mute
from placements.placing.endings import pause
from placements.placing.models import Placement
from placements.reminding.actions import say_own_way
from placements.reminding.queries import listed_one
from tests.watch.year import AT_ONE_PLACE, DAY, FIRST, Failures, Year

MOMENTS = (time(14, 55, 5), time(16, 55, 5), time(22, 5, 5))  # before two usual deadlines, and after the day's work
AFTERNOON, _, EVENING = MOMENTS
ELSEWHEN = "2036/37"  # the academic year of the placements on paper: the story takes all of its own year as its own
SAID_OTHERWISE = "logbook.comment"  # what the run on paper does not say
BEGINS, ENDS = date(2026, 10, 5), date(2027, 7, 9)
DEADLINES = (date(2026, 10, 30), date(2026, 11, 10), date(2027, 5, 12))  # choices, offers, portfolios of the story


def acted_at(at: datetime) -> datetime:
    """When that is done here: in the evening, or before the day's deadline where there is one."""
    day = today(at)
    later = [there for each in MOMENTS if day in DEADLINES and (there := in_london(day, each)) >= at]
    return later[0] if later else in_london(day, EVENING)


class Lives(Year):
    """The year on paper, with more of what happens in one: by the student's number or the organisation's."""

    def __init__(self, students: int, academic_year: str, due_at: datetime, failures: Failures | None = None) -> None:
        super().__init__(failures or Failures(), students, academic_year)
        placement = db.session.get_one(Placement, self.parties[0].placement)
        self.run = placement.enrolment.run_id
        leads = select(RoleOnRun.person_id).filter_by(run_id=self.run, role=RunRole.LEADER)
        self.leader = Principal(db.session.scalars(leads).one())
        part = db.session.scalars(select(Component).where(Component.run_id == self.run)).one()
        part.due_at, self.part, self.due_at = due_at, part.public_id, due_at
        for number, party in enumerate(self.parties):
            if number % 9 == 4:
                choose_hour(party.supervisor, (12, 17, 20)[number // 9 % 3])
            if number % 11 == 3:
                choose_hour(party.student, 20)
            if number % 5 == 2:
                mute(party.student, ["placing.completed"])
        choose_hour(self.parties[1].tutor, 17)
        mute(self.parties[2].tutor, ["attendance.note_wanted"])
        db.session.commit()

    def act(self, day: date, now: datetime) -> None:
        """All that people do on an evening; who cannot come tomorrow says so."""
        self.evening(day, now)
        self.morning(day + DAY, now)
        self._hand_in(day, now)
        for on, happens in self._what_happens():
            if on == day:
                happens(now)
        db.session.commit()

    def _what_happens(self) -> list[tuple[date, Callable[[datetime], None]]]:
        return [
            (FIRST, self._leave_unsaid),
            (FIRST, self._think_again),
            (FIRST + DAY, partial(self._close, 1)),
            (FIRST + 2 * DAY, partial(self._rest, 4)),
            (FIRST + 3 * DAY, partial(self._leave, 2)),
            (today(self.due_at) - 3 * DAY, self._move_the_deadline),
        ]

    def _placement(self, number: int) -> Placement:
        return db.session.get_one(Placement, self.parties[number].placement)

    def _think_again(self, now: datetime) -> None:
        """Somebody says that they cannot come tomorrow, and a little later that they can after all."""
        days = select(PlannedDay).filter_by(placement_id=self.parties[0].placement, on=today(now) + DAY)
        student = Principal(self.parties[0].student)
        for day in db.session.scalars(days).all():
            cancel(day, actor=student, now=now)
            restore(day, actor=student, now=now)

    def _close(self, place: int, now: datetime) -> None:
        """A week and a half, from next Monday."""
        organisation = self._placement(place * AT_ONE_PLACE).challenge.organisation
        first = today(now) + 6 * DAY
        close_host(organisation, first, first + 9 * DAY, actor=self.leader, now=now)

    def _rest(self, number: int, now: datetime) -> None:
        placement = self._placement(number)
        until, actor = today(now) + 3 * DAY, Principal(self.parties[number].tutor)
        pause(placement, "Exams.", until_on=until, actor=actor, now=now)

    def _leave(self, number: int, now: datetime) -> None:
        enrolment = db.session.get_one(Enrolment, self.parties[number].enrolment)
        move_enrolment(enrolment, "withdraw", actor=self.leader, now=now, reason="The student record says so.")

    def _leave_unsaid(self, now: datetime) -> None:
        run = self._placement(0).enrolment.run
        usual = listed_one(SAID_OTHERWISE, run)
        assert usual is not None
        said = {"is_off": True, "steps": (), "subject": "", "words": "", "seen": ""}
        say_own_way(run, usual, **said, actor=self.leader, now=now)

    def _move_the_deadline(self, now: datetime) -> None:
        """By a day and two hours, after everybody was told of the old one."""
        run = self._placement(0).enrolment.run
        part = db.session.scalars(select(Component).where(Component.run_id == self.run)).one()
        self.due_at = part.due_at = self.due_at + timedelta(days=1, hours=2)
        with suppress(Refused):  # of a short year, whose other dates are not those of one
            set_dates(run, replace(key_dates(run), portfolio_due_at=self.due_at), actor=self.leader, now=now)

    def _hand_in(self, day: date, now: datetime) -> None:
        """Some early, most on the last evening, every 25th never."""
        early = {6: 0, 3: 1, 1: 2}.get((today(self.due_at) - day).days)
        if early is None:
            return
        for number, party in enumerate(self.parties):
            task = task_of(Principal(party.student), self.part) if number % 3 == early and number % 25 != 24 else None
            if task is not None:
                submit(task, [], text=f"What I did, by {number}.", actor=Principal(party.student), now=now)


def story_of(until: datetime) -> list[Beat]:
    """Play the story up to then into an empty database. What is still to come of it, its year to the very end."""
    beats = [*story.beats_of(story.SEED), *the_end_of(story.seasons(story.SEED)[-1])]
    past = [beat for beat in beats if beat.at <= until]
    for beat in sorted([*story._worker(until), *past], key=lambda each: each.at):
        begin_to_write()
        beat.play(beat.at)
        db.session.commit()
    return [beat for beat in beats if beat.at > until]


def the_end_of(season: Any) -> Iterator[Beat]:
    """What the story leaves open: portfolios come in and are marked, released, confirmed; some are taken again."""
    yield from marking._portfolios(season)
    yield Beat(season.at(6, 4, 15), partial(boards._release, season, at=season.at(6, 7, 9), withholds=True))
    yield Beat(season.at(6, 18, 11), partial(boards._end_withholding, season))
    yield Beat(season.at(6, 24, 10), partial(boards._confirm, season))
    yield Beat(season.at(6, 25, 10), partial(boards._open_again, season))
    yield Beat(season.at(6, 29, 10), partial(boards._correct, season))
    yield from boards._again(season)


@dataclass
class Played:
    """What people did, and what they could not do: the story knows nothing of what else happens."""

    done: int = 0
    refused: list[str] = field(default_factory=list)

    def play(self, play: Callable[[datetime], None], at: datetime) -> None:
        """Let one thing happen, in a transaction of its own."""
        begin_to_write()
        try:
            play(at)
            db.session.commit()
            self.done += 1
        except Exception as error:
            db.session.rollback()
            self.refused.append(f"{at:%Y-%m-%d} {type(error).__name__}: {error}")
