"""October: students rank what they would like to do, and organisations say what they think of it."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from placements.applications import actions, answering
from placements.applications.answers import seen_by_organisations
from placements.applications.models import HostAnswer
from placements.applications.queries import application_of, draft_of
from placements.applications.rules import Answer, Choice, Draft, Unsuitable
from placements.challenges.models import Challenge, WorkMode
from placements.challenges.queries import published
from placements.cohorts.models import Enrolment
from placements.cohorts.workflow import EnrolmentState
from placements.core.clock import today
from placements.core.policy import Principal
from placements.db import db
from placements.demo.opening import LEADER
from placements.demo.stage import Beat, Season, person_at, principal
from placements.partners.boroughs import Distance, within
from placements.partners.queries import main_contacts

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
UNSUITABLE = (
    (Unsuitable.CONFLICT, "Our treasurer, who decides about this work, is their aunt."),
    (Unsuitable.SAME_WORK, "They volunteer in this project already, on Saturdays."),
)

HOMES = ("Islington", "Haringey", "Hackney", "Waltham Forest")


def chapter(season: Season) -> Iterator[Beat]:
    """One moment for each student; some only begin, a few do nothing."""
    for index in range(sum(season.students.values())):
        first, last = season.on(10, 12), season.on(10, 29)
        yield Beat(season.around(first, last), lambda now, index=index: _rank(season, index, now))  # type: ignore[misc]
    yield Beat(season.at(11, 2), lambda now: _answer(season, now))


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


def _answer(season: Season, now: datetime) -> None:
    """Of one applicant in ten something is said: two are not suitable, and the module leader agrees to the first."""
    of_year = seen_by_organisations().where(Enrolment.run_id.in_([run.id for run in season.runs()]))
    asked = db.session.scalars(of_year.order_by(HostAnswer.id)).all()[::10]
    leader = principal(person_at(LEADER).id)
    for each in asked[2:]:
        answering.answer(each, Answer.KEEN, seen=each.version, actor=_contact(each), now=now)
    for each, (why, sentence) in zip(asked, UNSUITABLE, strict=False):
        said, contact = Answer.NOT_SUITABLE, _contact(each)
        answering.answer(each, said, reason=why, sentence=sentence, seen=each.version, actor=contact, now=now)
    answering.agree(asked[0], seen=asked[0].version, actor=leader, now=now)
    other_duties = "The brief has other duties for a student than for volunteers."
    answering.disagree(asked[1], other_duties, seen=asked[1].version, actor=leader, now=now)


def _contact(asked: HostAnswer) -> Principal:
    return Principal(main_contacts(asked.challenge.organisation_id)[0])
