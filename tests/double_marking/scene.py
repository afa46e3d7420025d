"""A run whose portfolio is marked twice: Tariq tutors and marks first, Bea and Cleo are tutors of the same run."""

from dataclasses import dataclass
from typing import Any

from placements.accounts.models import Account
from placements.assessment.models import Mark
from placements.cohorts.models import RunRole
from placements.core.policy import Principal
from placements.db import db
from placements.double_marking.actions import allot, submit
from placements.double_marking.models import SecondMark
from placements.double_marking.rules import Judgement
from tests import factories as make
from tests.assessment.scene import Scene, hand_in, mark_it, scene
from tests.factories import NOW


@dataclass
class Twice:
    """The scene, its other tutors, and the marks of its portfolios in the order of the students."""

    of: Scene
    bea: Account
    cleo: Account
    marks: list[Mark]

    def who(self, account: Account) -> Principal:
        """The principal of an account, with every role."""
        return self.of.who(account)


def twice(students: int = 1, **component: Any) -> Twice:
    """Everybody has handed in; nobody is allotted or has marked anything."""
    of = scene(students, is_double_marked=True, **component)
    others = []
    for name in ("Bea", "Cleo"):
        account = make.account(make.person(given_name=name, family_name="Marker"))
        make.run_role(RunRole.TUTOR, account.person, of.run)
        others.append(account)
    marks = []
    for place in range(students):
        found = hand_in(of, place).mark
        assert found is not None
        marks.append(found)
    return Twice(of, others[0], others[1], marks)


def allotted(at: Twice, place: int = 0, to: Account | None = None) -> SecondMark:
    """Bea, or whom it is said, is second marker of that student's portfolio."""
    chosen = {at.marks[place].id: (to or at.bea).person_id}
    allot(at.of.portfolio, chosen, actor=at.who(at.of.leader), now=NOW)
    db.session.flush()
    return db.session.query(SecondMark).filter_by(mark_id=at.marks[place].id).one()


def judged(at: Twice, *scores: int | None, feedback: str = "Solid throughout.") -> Judgement:
    """A score for each criterion in order, each with a comment."""
    parts = zip(at.of.portfolio.criteria, scores, strict=True)
    return Judgement({each.id: (score, f"Second on {each.title}.") for each, score in parts}, feedback)


def second_in(at: Twice, second: SecondMark, mark: int) -> None:
    """The second marker gives that mark on every criterion."""
    said = judged(at, mark, mark, mark)
    submit(second, said, seen=second.version, actor=Principal(second.marker_id), now=NOW)
    db.session.flush()


def first_in(at: Twice, mark: int, place: int = 0) -> Mark:
    """The tutor gives that mark on every criterion."""
    return mark_it(at.of, at.marks[place].submission, mark, mark, mark)
