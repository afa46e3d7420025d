"""October: students rank what they would like to do."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from placements.applications import actions
from placements.applications.queries import application_of, draft_of
from placements.applications.rules import Choice, Draft
from placements.challenges.models import Challenge, WorkMode
from placements.challenges.queries import published
from placements.cohorts.models import Enrolment
from placements.cohorts.workflow import EnrolmentState
from placements.core.clock import today
from placements.db import db
from placements.demo.stage import Beat, Season, principal
from placements.partners.boroughs import Distance, within

STATEMENTS = (
    "I grew up near here and know how long a bus can take. I listen well and I finish what I start.",
    "I have volunteered at a food bank since school and would like to see how one is run.",
    "My course taught me to ask good questions. I want to learn what to do with the answers.",
    "I look after my brothers, so I plan carefully and turn up when I say I will.",
    "I like to make complicated things simple, on paper or on a screen.",
    "I speak three languages and am happy to use them all.",
)
ADDITIONS = (
    "",
    "",
    "I live ten minutes away.",
    "My grandmother went to a club like yours.",
    "I have done this before.",
)

HOMES = ("Islington", "Haringey", "Hackney", "Waltham Forest")


def chapter(season: Season) -> Iterator[Beat]:
    """One moment for each student; some only begin, a few do nothing."""
    for index in range(sum(season.students.values())):
        first, last = season.on(10, 12), season.on(10, 29)
        yield Beat(season.around(first, last), lambda now, index=index: _rank(season, index, now))  # type: ignore[misc]


def _rank(season: Season, index: int, now: datetime) -> None:
    enrolments = db.session.scalars(
        select(Enrolment)
        .where(Enrolment.run_id.in_([run.id for run in season.runs()]))
        .options(joinedload(Enrolment.run), joinedload(Enrolment.person))
        .order_by(Enrolment.id)
        .offset(index)
        .limit(1)
    ).all()
    lazy = season.starts == 2026 and index % 40 == 13
    if not enrolments or lazy or enrolments[0].state is EnrolmentState.WITHDRAWN:
        return
    enrolment = enrolments[0]
    chance = season.chance
    open_now = db.session.scalars(published(season.year, today(now), enrolment.run.level)).unique().all()
    liked = sorted(open_now, key=lambda challenge: chance.random() ** (1 + 4 / (1 + challenge.id % 7)), reverse=True)
    choices = tuple(
        Choice(each.public_id, chance.choice(ADDITIONS)) for each in liked[: chance.choice((3, 4, 5, 6, 6))]
    )
    student = principal(enrolment.person_id)
    if index % 5 == 2:
        said = _needed(HOMES[index % len(HOMES)], liked[: len(choices)])
        actions.keep_needs(enrolment, said, actor=student, now=now)
    draft = Draft(chance.choice(STATEMENTS), choices)
    actions.save_draft(enrolment, draft, seen=draft_of(enrolment).version, actor=student, now=now)
    db.session.flush()
    begun_only = season.starts == 2026 and index % 40 == 27
    application = application_of(enrolment)
    if application is not None and not begun_only:
        actions.submit(application, seen=application.working.version, actor=student, now=now)


def _needed(home: str, chosen: Sequence[Challenge]) -> dict[str, Any]:
    """What somebody from that borough may need who has chosen these: all of them fit."""
    asked = [challenge.days for challenge in chosen]
    is_near = (
        each for each in Distance if all(c.mode is WorkMode.REMOTE or c.boroughs & within(each, home) for c in chosen)
    )
    return {
        "days": reduce(or_, asked) if all(asked) else 0,
        "borough": home,
        "journey": next(is_near),
        "mode": WorkMode.ON_SITE,
        "access": "",
        "times": "Before 10am, when I take my brother to school.",
    }
