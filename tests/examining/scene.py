"""A run with its external examiner, Edda: one portfolio is marked, in the moderator's sample, and has its evidence."""

from typing import Any

from placements.accounts.models import Account
from placements.cohorts.models import RoleOnRun, RunRole
from placements.db import db
from placements.files.actions import put
from tests import factories as make
from tests.assessment.scene import Scene, hand_in, mark_it, scene
from tests.files.samples import PDF
from tests.moderation.scene import Moderated, drawn


def examined(*given: int, **component: Any) -> tuple[Scene, Account]:
    """One student for each of these marks, all submitted by the tutor; and Edda."""
    of = scene(len(given), **component)
    for place, mark in enumerate(given):
        mark_it(of, hand_in(of, place, None, put("My portfolio.pdf", PDF)), mark, mark, mark)
    edda = make.account(make.person(given_name="Edda", family_name="External"))
    make.run_role(RunRole.EXTERNAL, edda.person, of.run)
    return of, edda


def role() -> RoleOnRun:
    """Edda's, as the database has it."""
    return db.session.query(RoleOnRun).filter_by(role=RunRole.EXTERNAL).one()


def in_sample(*given: int) -> tuple[Scene, Account]:
    """The same, and a sample is drawn: with so few marks, the fails and the square root of the others."""
    of, edda = examined(*given, moderation={"kind": "sample", "within": 2})
    for each in of.run.components:
        each.moderation = {"kind": "sample", "within": 2}
    mona = make.account(make.person(given_name="Mona", family_name="Moderator"))
    make.run_role(RunRole.MODERATOR, mona.person, of.run)
    drawn(Moderated(of, mona, []))
    return of, edda
