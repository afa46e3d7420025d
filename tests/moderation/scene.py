"""A run whose portfolios are marked and wait for moderation: by Tariq, its tutor, and with Mona as moderator."""

from dataclasses import dataclass
from typing import Any

from placements.accounts.models import Account
from placements.assessment.models import Mark, Submission
from placements.board.releasing import fingerprint_of, release
from placements.cohorts.models import RunRole
from placements.db import db
from placements.moderation.actions import close, draw, note
from placements.moderation.models import Moderation
from placements.moderation.workflow import Outcome
from tests import factories as make
from tests.assessment.scene import HOUR, Scene, hand_in, mark_it, scene
from tests.factories import NOW


@dataclass
class Moderated:
    """The scene, its moderator, and the marks in the order of the students."""

    of: Scene
    mona: Account
    marks: list[Mark]


def moderated(*given: int, **component: Any) -> Moderated:
    """One student for each of these marks, all submitted by the tutor, who marks for the first time."""
    of = scene(len(given), **{"moderation": {"kind": "sample", "within": 2}, **component})
    mona = make.account(make.person(given_name="Mona", family_name="Moderator"))
    make.run_role(RunRole.MODERATOR, mona.person, of.run)
    marks = [mark_it(of, hand_in(of, place), mark, mark, mark) for place, mark in enumerate(given)]
    return Moderated(of, mona, marks)


def drawn(at: Moderated) -> Moderation:
    """The leader draws, and Mona moderates."""
    made = draw(at.of.portfolio, at.mona.person_id, actor=at.of.who(at.of.leader), now=NOW)
    db.session.flush()
    return made


def noted(at: Moderated, of: Moderation, agrees: bool = True) -> Moderation:
    """Mona has written down what she thinks of every script of the sample."""
    for each in of.sample:
        note(each, agrees, "Fits.", actor=at.of.who(at.mona), now=NOW)
    db.session.flush()
    return of


def second_attempt(session: Any, at: Moderated, mark: int) -> Mark:
    """The first student's first mark is released; their second attempt is in and marked."""
    leader = at.of.who(at.of.leader)
    close(noted(at, drawn(at)), Outcome.STAND, "Fits.", actor=at.of.who(at.mona), now=NOW)
    release(at.of.run, at.marks, seen=fingerprint_of(at.marks), actor=leader, now=NOW)
    session.add(Submission(component=at.of.portfolio, enrolment=at.of.enrolments[0], attempt=2, due_at=NOW + HOUR))
    session.flush()
    return mark_it(at.of, hand_in(at.of, 0, NOW), mark, mark, mark)
