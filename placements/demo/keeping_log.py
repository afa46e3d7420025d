"""November to April: students log their visits, and answer what supervisors and tutors ask about them."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from functools import partial
from io import BytesIO
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload
from werkzeug.datastructures import FileStorage

from placements.challenges.models import Challenge
from placements.cohorts.models import Enrolment
from placements.core.clock import in_london, today
from placements.core.policy import Principal
from placements.db import db
from placements.demo.papers import pdf
from placements.demo.placed import Habit, Placed, days_between, habit_of
from placements.demo.stage import Beat, Season
from placements.demo.words import WORK, visit_words
from placements.files.actions import Received, receive_evidence
from placements.logbook import actions
from placements.logbook.models import Entry, EntryComment
from placements.logbook.rules import Visit
from placements.logbook.workflow import EntryState
from placements.placing.models import Placement
from placements.placing.workflow import PlacementState

RESTS = {
    2025: (((12, 20), (1, 9)), ((3, 30), (4, 11))),
    2026: (((12, 19), (1, 9)), ((3, 22), (4, 3))),
}  # Christmas and Easter

# Of this year's placements by number.
SILENT_FROM = {20: (2, 11), 55: (2, 11), 81: (2, 11), 27: (2, 2), 74: (2, 2)}
DRAFTED_FROM = {9: (2, 8), 36: (2, 8)}  # they keep drafts and do not send them
NOT_TO_COUNT = {  # a visit before the Agreement was in force, and one during a pause
    24: ((11, 26), "Came by to meet everybody and to see the place. Helped to put up the stall."),
    42: ((11, 27), "First talk about the brief, and a walk round the building."),
    10: ((2, 3), "The building is shut, so I sorted the photographs at home."),
}
BEHIND = 11  # one student in so many comes far less often than planned
LONG = 300  # minutes of work: whoever comes for so long misses no visit, and is the first to be done


def chapter(season: Season) -> Iterator[Beat]:
    """Two moments of each evening at which students log, two of each week at which they answer."""
    placed = Placed(season)
    for day in _term(season):
        early = time(17, season.chance.randrange(35, 60))
        late = time(21, season.chance.randrange(36, 60))
        yield Beat(in_london(day, early), partial(_students_log, placed, is_early=True))
        yield Beat(in_london(day, late), partial(_students_log, placed, is_early=False))
    for day in days_between(season.on(12, 1), season.on(5, 4), [2, 6]):
        yield Beat(in_london(day, time(20, 10)), partial(_students_answer, season))
    if season.starts == 2026:
        for number, (on, did) in NOT_TO_COUNT.items():
            yield Beat(season.at(*on, 19), partial(_log_in_vain, placed, number, did))


def _term(season: Season) -> Iterator[date]:
    rests = [(season.on(*first), season.on(*last)) for first, last in RESTS[season.starts]]
    for day in days_between(season.on(11, 23), season.on(4, 30)):
        if not any(first <= day <= last for first, last in rests):
            yield day


def _students_log(placed: Placed, now: datetime, is_early: bool) -> None:
    """Whoever was there today logs it: some on the way home, the others before bed."""
    day = today(now)
    due: dict[int, Habit] = {}
    for row in db.session.execute(_at_work(placed.season)):
        habit = habit_of(row.id, row.days, row.times, row.mode)
        if habit.weekday == day.weekday() and is_early == _logs_early(habit, day, now):
            due[row.id] = habit
    numbers = placed.numbers()
    comes = [key for key, habit in due.items() if _comes(placed.season, numbers.get(key, -1), habit, day)]
    so_far = _so_far(comes)
    for placement in db.session.scalars(_whole(comes)).unique():
        nth, minutes = so_far.get(placement.enrolment_id, (0, 0))
        to_go = placement.enrolment.run.minutes_target - minutes
        begins_at = due[placement.id].visit_on(day).starts_at
        if to_go > 0 and placement.agreed_at and placement.agreed_at <= begins_at:
            number = numbers.get(placement.id, -1)
            is_draft = _has_come(placed.season, DRAFTED_FROM, number, day)
            _log(placement, due[placement.id], nth, to_go=to_go, is_draft=is_draft, now=now)


def _at_work(season: Season) -> Any:
    return (
        select(Placement.id, Challenge.days, Challenge.times, Challenge.mode)
        .join(Placement.enrolment)
        .join(Placement.challenge)
        .where(Placement.state == PlacementState.ACTIVE, Enrolment.run_id.in_([run.id for run in season.runs()]))
        .order_by(Placement.id)
    )


def _logs_early(habit: Habit, day: date, now: datetime) -> bool:
    """Whether this student logs before supper: those whose visit is over by half past five, on every second day."""
    return habit.visit_on(day).ends <= time(17, 30) and (habit.key + day.toordinal()) % 2 == 0


def _comes(season: Season, number: int, habit: Habit, day: date) -> bool:
    if _has_come(season, SILENT_FROM, number, day):
        return False
    if season.starts == 2026 and (number in SILENT_FROM or habit.minutes >= LONG):
        return True
    is_behind = season.starts == 2026 and number % BEHIND == BEHIND // 2
    misses = 0.4 if is_behind else 0.03 if season.starts == 2025 else 0.1
    return random.Random(f"comes {habit.key} {day}").random() > misses  # noqa: S311 - a story, not a secret


def _has_come(season: Season, since: dict[int, tuple[int, int]], number: int, day: date) -> bool:
    """Whether the day of that number has come, in this year's story."""
    return season.starts == 2026 and number in since and day >= season.on(*since[number])


def _so_far(placement_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Enrolment → how many visits were logged and their minutes. One query."""
    of_them = select(Placement.enrolment_id).where(Placement.id.in_(placement_ids))
    rows = db.session.execute(
        select(Placement.enrolment_id, func.count(Entry.id), func.sum(Entry.minutes))
        .join(Entry.placement)
        .where(Placement.enrolment_id.in_(of_them), Entry.state.not_in([EntryState.DISCARDED, EntryState.NOT_COUNTED]))
        .group_by(Placement.enrolment_id)
    )
    return {enrolment_id: (count, minutes) for enrolment_id, count, minutes in rows}


def _whole(placement_ids: Sequence[int]) -> Any:
    return (
        select(Placement)
        .where(Placement.id.in_(placement_ids))
        .options(
            joinedload(Placement.enrolment).joinedload(Enrolment.run),
            joinedload(Placement.challenge).joinedload(Challenge.organisation),
            joinedload(Placement.supervisor),
        )
        .order_by(Placement.id)
    )


def _log(placement: Placement, habit: Habit, nth: int, *, to_go: int, is_draft: bool, now: datetime) -> None:
    day = today(now)
    own = random.Random(f"logs {placement.id} {day}")  # noqa: S311 - a story, not a secret
    did, thought, mode = visit_words(placement, habit, nth, to_go)
    actions.log(
        placement,
        habit.visit_on(day),
        form_key=f"visit-{placement.id}-{day}",
        mode=mode,
        activity=did,
        reflection=thought if own.random() < 0.88 else "",
        is_reflection_shared=own.random() < 0.1,
        evidence=[_notes(did)] if own.random() < 0.02 else [],
        is_draft=is_draft,
        actor=Principal(placement.enrolment.person_id),
        now=now,
    )


def _notes(did: str) -> Received:
    """What a student noted on the day, to show the visit by."""
    page = pdf("Notes of the day", [("What was done", did)])
    return receive_evidence(FileStorage(BytesIO(page), "Notes of the day.pdf"))


def _log_in_vain(placed: Placed, number: int, did: str, now: datetime) -> None:
    """Somebody works when nothing counts: it is kept all the same."""
    placement = placed.number(number)
    if placement is not None:
        actions.log(
            placement,
            Visit(today(now), time(14), time(17)),
            form_key=f"extra-{placement.id}",
            mode=placement.challenge.mode,
            activity=did,
            actor=Principal(placement.enrolment.person_id),
            now=now,
        )


def _students_answer(season: Season, now: datetime) -> None:
    """Most students answer within days: they mend the times, or add what was missing."""
    asked = (
        select(Entry)
        .join(Entry.placement)
        .join(Placement.enrolment)
        .where(Entry.state == EntryState.QUERIED, Enrolment.run_id.in_([run.id for run in season.runs()]))
        .order_by(Entry.id)
    )
    for entry in db.session.scalars(asked).all():
        is_near_the_end = season.starts == 2025 and today(now) >= season.on(4, 20)
        if is_near_the_end or season.chance.random() < 0.7:
            _answer(entry, now)
    _students_reply(season, now)


def _answer(entry: Entry, now: datetime) -> None:
    word = entry.events[-1].word
    query: dict[str, Any] = next((each for each in WORK["queries"] if each["asks"] == word), {})
    visit = entry.visit
    ends = datetime.combine(visit.on, visit.ends) - timedelta(minutes=query.get("shortens", 0))
    actions.edit(
        entry,
        replace(visit, ends=ends.time()),
        mode=entry.mode,
        activity=f"{entry.activity} {query.get('adds', '')}".strip(),
        reflection=entry.reflection,
        is_reflection_shared=entry.is_reflection_shared,
        actor=Principal(entry.placement.enrolment.person_id),
        now=now,
    )


def _students_reply(season: Season, now: datetime) -> None:
    """Some students say something to what their tutor said this week."""
    asked = (
        select(Entry)
        .join(Entry.placement)
        .join(Placement.enrolment)
        .join(Entry.comments)
        .where(EntryComment.at > now - timedelta(days=3), EntryComment.author_id == Placement.tutor_id)
        .where(Enrolment.run_id.in_([run.id for run in season.runs()]))
        .order_by(Entry.id)
    )
    for entry in db.session.scalars(asked).unique().all():
        if len(entry.comments) == 1 and season.chance.random() < 0.4:
            student = Principal(entry.placement.enrolment.person_id)
            actions.comment(entry, season.chance.choice(WORK["tutor"]["replies"]), actor=student, now=now)
