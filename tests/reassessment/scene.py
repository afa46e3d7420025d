"""The scene of assessment with a day for reassessed work, and the verbs of this area as short as tests want them."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from placements.assessment.collecting import find_missing
from placements.assessment.models import Mark, Submission
from placements.board.releasing import fingerprint_of, release
from placements.db import db
from placements.reassessment import actions, claims
from placements.reassessment.models import Mitigation
from placements.reassessment.queries import Standing, standing_of
from placements.reassessment.queries import fingerprint_of as seen_of
from placements.reassessment.rules import Claimed
from tests.assessment.scene import Scene, agree, hand_in, mark_it, scene
from tests.factories import NOW

JULY = datetime(2027, 7, 14, 14, tzinfo=UTC)  # Wednesday, 3pm in London
IN_JULY = date(2027, 7, 14)
TODAY = date(2026, 10, 20)


def failing(*marks: tuple[int | None, int | None]) -> Scene:
    """A run with a reassessment deadline; each student's Agreement and portfolio are marked so, and released.

    A portfolio of None was never handed in; an Agreement of None is not there.
    """
    of = scene(len(marks))
    of.run.reassessment_due_at = JULY
    given: list[Mark] = []
    for place, (agreement, portfolio) in enumerate(marks):
        if agreement is not None:
            given.append(mark_it(of, agree(of, place), agreement, agreement, agreement))
        if portfolio is not None:
            given.append(mark_it(of, hand_in(of, place), portfolio, portfolio, portfolio))
    find_missing(NOW)
    db.session.flush()
    by_rule = [each for each in db.session.query(Mark) if each not in given and each.mark == 0]
    released(of, [*given, *by_rule])
    return of


def released(of: Scene, marks: Sequence[Mark]) -> None:
    release(of.run, marks, seen=fingerprint_of(marks), actor=of.who(of.leader), now=NOW)
    db.session.flush()


def standing(of: Scene, place: int = 0) -> Standing:
    """One student's, read anew."""
    db.session.flush()
    db.session.expire_all()
    return next(each for each in standing_of(of.run) if each.enrolment.id == of.enrolments[place].id)


def opened(of: Scene, *places: int) -> int:
    """The leader opens reassessment for these students, or for all who are to be reassessed."""
    rows = standing_of(of.run, stands="to_open")
    rows = [each for each in rows if not places or each.enrolment.id in [of.enrolments[at].id for at in places]]
    ids = [each.enrolment.public_id for each in rows]
    count = actions.open_again(of.run, ids, seen=seen_of(rows), actor=of.who(of.leader), now=NOW)
    db.session.flush()
    return count


def claimed(of: Scene, place: int = 0, on: date = TODAY, late_reason: str = "") -> Mitigation:
    """A claim for the student's portfolio."""
    said = Claimed("MC-2026-117", on, late_reason, f"key-{place}-{on}")
    return claims.claim(of.portfolio, of.enrolments[place], said, actor=of.who(of.leader), now=NOW)


def accepted(of: Scene, made: Mitigation, due_on: date = IN_JULY, now: datetime = NOW) -> None:
    claims.accept(made, TODAY, due_on, actor=of.who(of.leader), now=now)
    db.session.flush()


def attempts(of: Scene, place: int = 0) -> list[Submission]:
    """The student's attempts at the portfolio."""
    found = db.session.query(Submission).filter_by(component_id=of.portfolio.id, enrolment_id=of.enrolments[place].id)
    return list(found.order_by(Submission.attempt))
