"""What each tutor of a run takes on and knows, plans of who looks after whom, and what is fixed by hand."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from placements.allocation.models import Question
from placements.allocation.workflow import AttemptState
from placements.cohorts.models import ModuleRun
from placements.db import Key, Model, check_one_of, public_id
from placements.people.models import Person
from placements.placing.models import Placement
from placements.tutoring.rules import MOST_LOAD, USUAL_LOAD

REASON_LENGTH = 500


class TutorLoad(Model):
    """The most placements of a run that a tutor looks after, and the areas that they know.

    Of whom has no row here nothing has been said: `queries.tutors_of` says what holds then.
    """

    __tablename__ = "tutor_load"
    __table_args__ = (
        UniqueConstraint("run_id", "person_id"),
        CheckConstraint(f"load BETWEEN 0 AND {MOST_LOAD}", name="load_in_range"),
        Index(None, "person_id"),
    )

    id: Mapped[Key]
    run_id: Mapped[int] = mapped_column(ForeignKey("module_run.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    load: Mapped[int] = mapped_column(default=USUAL_LOAD)
    themes: Mapped[list[str]] = mapped_column(JSON, default=list)


class TutorPlan(Question, Model):
    """Who would look after whom: asked of the solver as an attempt of a round is, then applied or left.

    `before` is who did when it was asked: placement → tutor or None, by public id, as in the inputs.
    """

    __tablename__ = "tutor_plan"
    __table_args__ = (check_one_of("state", AttemptState), Index(None, "run_id"), Index(None, "state"))

    public_id: Mapped[str] = public_id()
    run_id: Mapped[int] = mapped_column(ForeignKey("module_run.id"))
    before: Mapped[dict[str, str | None]] = mapped_column(JSON, deferred=True)
    applied_at: Mapped[datetime | None]

    run: Mapped[ModuleRun] = relationship()


class TutorFix(Model):
    """A placement that a module leader has fixed to a tutor by hand: every plan keeps to it until it is let go."""

    __tablename__ = "tutor_fix"
    __table_args__ = (Index(None, "tutor_id"),)

    id: Mapped[Key]
    public_id: Mapped[str] = public_id()
    placement_id: Mapped[int] = mapped_column(ForeignKey("placement.id"), unique=True)
    tutor_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    fixed_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(String(REASON_LENGTH))
    fixed_at: Mapped[datetime]

    placement: Mapped[Placement] = relationship()
    tutor: Mapped[Person] = relationship(foreign_keys=[tutor_id])
