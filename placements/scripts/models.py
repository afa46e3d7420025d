"""How much of a component's marking falls to whom, and scripts that were given to somebody by hand."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from placements.assessment.models import Mark
from placements.cohorts.models import Component
from placements.db import Key, Model
from placements.people.models import Person

USUAL_WEIGHT = 1


class MarkerShare(Model):
    """What a marker takes on of one component: by weight beside the others, and at most so many (None: no limit).

    Who has no row here takes on the usual weight, without a limit. A weight of 0: none.
    """

    __tablename__ = "marker_share"
    __table_args__ = (
        UniqueConstraint("component_id", "person_id"),
        CheckConstraint("weight BETWEEN 0 AND 100", name="weight_in_range"),
        CheckConstraint("most BETWEEN 0 AND 1000", name="most_in_range"),
    )

    id: Mapped[Key]
    component_id: Mapped[int] = mapped_column(ForeignKey("component.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    weight: Mapped[int] = mapped_column(default=USUAL_WEIGHT)
    most: Mapped[int | None]

    component: Mapped[Component] = relationship()
    person: Mapped[Person] = relationship()


class ScriptFix(Model):
    """That a script was given to its marker by hand, and why: sharing anew leaves it there."""

    __tablename__ = "script_fix"

    id: Mapped[Key]
    mark_id: Mapped[int] = mapped_column(ForeignKey("mark.id", ondelete="CASCADE"), unique=True)
    reason: Mapped[str] = mapped_column(String(2000))
    fixed_by_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    fixed_at: Mapped[datetime]

    mark: Mapped[Mark] = relationship()
    fixed_by: Mapped[Person] = relationship(foreign_keys=[fixed_by_id])
