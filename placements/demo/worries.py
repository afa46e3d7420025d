"""A worry about hours that a student told, and what came of it."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from sqlalchemy import select

from placements.concerns import actions
from placements.concerns.models import Concern
from placements.concerns.rules import About, Kind, Report, Severity
from placements.core.policy import Principal
from placements.db import db, new_public_id
from placements.demo.placed import Placed
from placements.demo.stage import Beat, Season

WORRIED = 15  # this year's placement by number
TOLD = "Twice this month I was sent home after an hour, because nobody had time to show me what to do next."
NOTE = "Rang the supervisor, who had not known. They keep a list of work for quiet days from now on."
OUTCOME = "There is work for every visit, and the two lost hours are made up for. We look again at Easter."


def chapter(season: Season) -> Iterator[Beat]:
    """This year's: told, taken on the next morning, acted on, resolved within the week."""
    if season.starts != 2026:
        return
    yield Beat(season.at(2, 1, 18, 20), partial(_tell, Placed(season)))
    yield Beat(season.at(2, 2, 9, 40), partial(_look_after, "own"))
    yield Beat(season.at(2, 3, 11, 15), partial(_look_after, "note"))
    yield Beat(season.at(2, 9, 16, 5), partial(_look_after, "resolve"))


def _tell(placed: Placed, now: datetime) -> None:
    placement = placed.number(WORRIED)
    if placement is not None and placement.tutor_id is not None:
        said = Report(Kind.HOURS, Severity.SOON, About.NOBODY, None, TOLD)
        student = Principal(placement.enrolment.person_id)
        actions.report(placement, said, new_public_id(), actor=student, now=now)


def _look_after(verb: str, now: datetime) -> None:
    for concern in db.session.scalars(select(Concern)):
        tutor = Principal(concern.placement.tutor_id)
        if verb == "own":
            actions.own(concern, actor=tutor, now=now)
        elif verb == "note":
            actions.note(concern, NOTE, new_public_id(), actor=tutor, now=now)
        else:
            actions.resolve(concern, OUTCOME, actor=tutor, now=now)
