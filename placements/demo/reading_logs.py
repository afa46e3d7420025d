"""November to May: supervisors confirm and ask; tutors comment, decide, grade, and complete what is done."""

import random
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

from sqlalchemy import select

from placements.challenges.models import WorkMode
from placements.cohorts.models import Enrolment
from placements.confirming import actions as confirming
from placements.confirming import completing
from placements.confirming.rules import CONFIRM_WEEK, last_asking
from placements.core.clock import in_london, today
from placements.core.policy import Principal
from placements.db import db
from placements.demo.placed import Placed, days_between, worth_of
from placements.demo.stage import Beat, Season, principal
from placements.demo.words import WORK, filled
from placements.links.models import Link
from placements.logbook import actions
from placements.logbook.hours import hours_of
from placements.logbook.models import Entry, How, LedgerKind
from placements.logbook.queries import entries_seen
from placements.logbook.workflow import EntryState
from placements.placing.models import Placement
from placements.placing.queries import whole
from placements.placing.workflow import PlacementState
from placements.reading import actions as reading
from placements.reading import desk, grading
from placements.reading.policy import ABILITIES
from placements.reading.queries import checkpoints_of, criteria_at, final_grade

ANSWERS = ((0, time(12, 40)), (1, time(10, 15)), (2, time(18, 20)), (4, time(16, 30)))  # when supervisors confirm
NO_ANSWER_FROM = (1, 25)  # some of this year's supervisors have not answered since
ASKED_FOR_SURE = ((2, 15), (2, 16))  # this year, a supervisor asks about a visit
COMMENTS = 3  # of each tutor in a week
GRADED = (PlacementState.ACTIVE, PlacementState.COMPLETED)
BANDS = (70, 60, 50, 40)
DECISIONS = (
    (True, "I have seen the attendance sheet of that day. The supervisor is on leave."),
    (True, "Confirmed to me by telephone by the deputy, who was in charge that day."),
    (False, "This was paid work in the organisation's shop, which is not part of the placement."),
    (False, "This was the journey to and from the conference. The conference itself is logged and counts."),
)


def chapter(season: Season) -> Iterator[Beat]:
    """Four moments of each week at which supervisors answer, one at which tutors read, and the gradings."""
    for turn, (weekday, at) in enumerate(ANSWERS):
        for day in _working(season, season.on(11, 30), season.on(5, 5), weekday):
            yield Beat(in_london(day, at), partial(_supervisors_answer, season, turn))
    for day in _working(season, season.on(12, 3), season.on(4, 30), 3):
        yield Beat(in_london(day, time(15, 25)), partial(_tutors_read, season))
    for day in days_between(season.on(2, 1), season.on(5, 5), [1, 3]):
        yield Beat(in_london(day, time(16, 45)), partial(_tutors_complete, season, is_over=False))
    yield Beat(season.at(5, 6, 11), partial(_tutors_complete, season, is_over=True))
    if season.starts == 2026:
        yield Beat(season.at(2, 12, 11, 30), partial(_tutors_decide, season))
    placed = Placed(season)
    for number in range(sum(season.students.values()) + 1):  # one student of the finished year was placed twice
        mid = season.around(season.on(2, 2), season.on(2, 20))
        if season.starts == 2025 or number % 5:
            yield Beat(mid, partial(_grade, placed, number, is_final=False))
        final = season.around(season.on(4, 20), season.on(4, 29))
        yield Beat(final, partial(_grade, placed, number, is_final=True))


def _working(season: Season, first: date, last: date, weekday: int) -> Iterator[date]:
    """That day of each week, but for the days around Christmas."""
    for day in days_between(first, last, [weekday]):
        if not season.on(12, 23) <= day <= season.on(1, 3):
            yield day


def _supervisors_answer(season: Season, turn: int, now: datetime) -> None:
    """The supervisors whose turn it is confirm what waits, nearly all by the link of their weekly mail."""
    is_near_the_end = season.starts == 2025 and today(now) >= season.on(4, 20)
    asked = db.session.scalars(_asked(season, now)).all()
    answering = [each for each in asked if is_near_the_end or _answers(season, each, turn, now)]
    waiting = entries_seen().where(Entry.state == EntryState.SUBMITTED, Placement.supervisor_id.in_(answering))
    by_supervisor: dict[int, list[Entry]] = {each: [] for each in answering}
    for entry in db.session.scalars(waiting.order_by(Entry.id)).all():
        by_supervisor[entry.placement.supervisor_id].append(entry)
    for supervisor_id, entries in by_supervisor.items():
        words = {} if is_near_the_end else _questions(entries, season.chance)
        if _is_asked_for_sure(season, now) and supervisor_id == answering[0]:
            words[entries[0].id] = WORK["queries"][0]["asks"]
        seen = {entry.id: entry.version for entry in entries}
        how = How.LINK if _has_link(supervisor_id, now) and supervisor_id % 6 else How.ACCOUNT
        confirming.answer(seen, words, how=how, actor=Principal(supervisor_id), now=now)


def _is_asked_for_sure(season: Season, now: datetime) -> bool:
    return season.starts == 2026 and today(now) in [season.on(*day) for day in ASKED_FOR_SURE]


def _asked(season: Season, now: datetime) -> Any:
    return (
        select(Placement.supervisor_id)
        .join(Placement.enrolment)
        .join(Entry, Entry.placement_id == Placement.id)
        .where(Entry.state == EntryState.SUBMITTED, Entry.submitted_at < last_asking(now), _of(season))
        .distinct()
        .order_by(Placement.supervisor_id)
    )


def _answers(season: Season, supervisor_id: int, turn: int, now: datetime) -> bool:
    if season.starts == 2026 and supervisor_id % 9 == 4 and today(now) >= season.on(*NO_ANSWER_FROM):
        return False
    week = today(now).toordinal() // 7
    own = random.Random(f"answers {supervisor_id} {week}")  # noqa: S311 - a story, not a secret
    return (supervisor_id + week) % len(ANSWERS) == turn and own.random() > 0.12


def _has_link(supervisor_id: int, now: datetime) -> bool:
    links = select(Link.id).where(Link.purpose == CONFIRM_WEEK, Link.holder_id == supervisor_id)
    return db.session.scalar(links.where(Link.expires_at > now).limit(1)) is not None


def _questions(waiting: Sequence[Entry], chance: random.Random) -> dict[int, str]:
    """Now and then a supervisor asks about a visit, never twice about the same."""
    return {
        entry.id: chance.choice(WORK["queries"])["asks"]
        for entry in waiting
        if chance.random() < 0.045 and all(event.kind is not LedgerKind.QUERIED for event in entry.events)
    }


def _of(season: Season) -> Any:
    return Enrolment.run_id.in_([run.id for run in season.runs()])


def _tutors_read(season: Season, now: datetime) -> None:
    """Each tutor reads the week's reflections and comments on a few; of this year's last ones some are unread."""
    recent = (
        entries_seen()
        .where(Entry.state.in_([EntryState.SUBMITTED, EntryState.CONFIRMED]), Entry.reflection != "", _of(season))
        .where(Entry.submitted_at > now - timedelta(days=7), ~Entry.comments.any())
        .order_by(Placement.tutor_id, Entry.id)
    )
    by_tutor: dict[int, list[Entry]] = {}
    for entry in db.session.scalars(recent).unique().all():
        by_tutor.setdefault(entry.placement.tutor_id or 0, []).append(entry)
    for tutor_id, entries in by_tutor.items():
        desk.mark_read([(each.id, each.version) for each in entries], actor=Principal(tutor_id), now=now)
        for entry in season.chance.sample(entries, min(COMMENTS, len(entries))):
            said = WORK["tutor"]["comments"]
            if entry.mode is WorkMode.ON_SITE:
                said = said + WORK["tutor"]["comments_there"]
            text = filled(season.chance.choice(said), entry.placement)
            actions.comment(entry, text, actor=Principal(tutor_id), now=now)


def _tutors_decide(season: Season, now: datetime) -> None:
    """Where a supervisor has not answered for weeks, the tutor settles the oldest visits, with a reason."""
    oldest = (
        entries_seen()
        .where(Entry.state == EntryState.SUBMITTED, Entry.submitted_at < now - timedelta(days=10), _of(season))
        .order_by(Entry.id)
        .limit(len(DECISIONS))
    )
    for entry, (counts, reason) in zip(db.session.scalars(oldest).all(), DECISIONS, strict=False):
        tutor = principal(entry.placement.tutor_id or 0)
        if ABILITIES["reading.decide"](tutor, entry, now):
            reading.decide(entry, counts, reason, actor=tutor, now=now)


def _tutors_complete(season: Season, now: datetime, is_over: bool) -> None:
    """Tutors complete the placements whose target is reached; once all are over, those above the minimum too."""
    at_work = select(Placement).join(Placement.enrolment).where(Placement.state == PlacementState.ACTIVE, _of(season))
    placements = db.session.scalars(at_work.options(*whole()).order_by(Placement.id)).all()
    hours = hours_of([placement.id for placement in placements])
    for placement in placements:
        run = placement.enrolment.run
        if hours[placement.id].confirmed >= (run.minutes_minimum if is_over else run.minutes_target):
            completing.complete(placement, actor=Principal(placement.tutor_id), now=now)


def _grade(placed: Placed, number: int, now: datetime, is_final: bool) -> None:
    """The tutor grades a logbook that has enough in it, by the rubric's criteria about it."""
    placement = placed.any(number)
    if placement is None or placement.tutor_id is None or placement.state not in GRADED:
        return
    if is_final and final_grade(placement.enrolment_id) is not None:
        return
    checkpoint = next(each for each in checkpoints_of(placement.enrolment.run_id) if each.is_final is is_final)
    evidence, reflection = criteria_at(checkpoint)
    own = random.Random(f"quality {placement.id}")  # noqa: S311 - a story, not a secret
    quality = worth_of(placement.enrolment) - (0 if is_final else 4)
    scores = [max(0, min(100, round(quality + own.uniform(-6, 6)))) for _ in range(2)]
    given = {
        evidence.id: (scores[0], _says("evidence", scores[0])),
        reflection.id: (scores[1], _says("reflection", scores[1])),
    }
    overall = "" if is_final else _says("mid", sum(scores) // 2)
    grading.grade(placement, checkpoint, given, overall, version=0, actor=Principal(placement.tutor_id), now=now)


def _says(about: str, score: int) -> str:
    band = next((lowest for lowest in BANDS if score >= lowest), BANDS[-1])
    return str(WORK["tutor"][f"{about}_{band}"])
