"""A run with three markers and students' portfolios to share out among them."""

from placements.accounts.models import Account
from placements.assessment.models import Mark
from placements.cohorts.models import MarkedBy, RunRole
from placements.db import db
from tests import factories as make
from tests.assessment.scene import Scene, hand_in, scene


def staffed(students: int = 5, marked_by: MarkedBy = MarkedBy.SHARED) -> tuple[Scene, list[Account]]:
    """Lena leads; Tariq, whose group it is, Olu and Pia tutor. Everybody has handed in. Returns the three markers."""
    of = scene(students, marked_by=marked_by)
    markers = [of.tutor]
    for given, family in (("Olu", "Umar"), ("Pia", "Vale")):
        markers.append(make.account(make.person(given_name=given, family_name=family)))
    for each in markers:
        make.run_role(RunRole.TUTOR, each.person, of.run)
    for place in range(students):
        hand_in(of, place)
    db.session.flush()
    return of, markers


def marks(of: Scene) -> list[Mark]:
    """The portfolio's marks, by student."""
    found = db.session.query(Mark).filter_by(component_id=of.portfolio.id).order_by(Mark.id).all()
    return sorted(found, key=lambda mark: mark.enrolment_id)


def given(of: Scene) -> list[str | None]:
    """Who was given each student's portfolio, by first name."""
    return [mark.allocated and mark.allocated.given_name for mark in marks(of)]
