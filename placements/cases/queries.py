"""Case files of a student as the run's leaders see them, and which wait to be made or to be deleted."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from placements.cases.models import CaseExport
from placements.cases.workflow import ExportState
from placements.cohorts.models import Enrolment
from placements.core.policy import Principal
from placements.db import db


def enrolment_of(who: Principal, public_id: str) -> Enrolment | None:
    """A student on a run that `who` leads."""
    found = select(Enrolment).where(Enrolment.public_id == public_id, Enrolment.run_id.in_(who.held_on("leader")))
    whole = (joinedload(Enrolment.person), joinedload(Enrolment.run), joinedload(Enrolment.group))
    return db.session.scalar(found.options(*whole))


def _exports() -> Select[CaseExport]:
    whole = (joinedload(CaseExport.asked_by), joinedload(CaseExport.file))
    enrolment = joinedload(CaseExport.enrolment)
    return select(CaseExport).options(
        *whole,
        enrolment.joinedload(Enrolment.person),
        enrolment.joinedload(Enrolment.run),
    )


def exports_of(enrolment: Enrolment) -> Sequence[CaseExport]:
    """Everything that was ever asked for of that student, the latest first. One query."""
    found = _exports().where(CaseExport.enrolment_id == enrolment.id)
    return db.session.scalars(found.order_by(CaseExport.id.desc())).all()


def export_of(who: Principal, public_id: str) -> CaseExport | None:
    """A case file of a student on a run that `who` leads."""
    led = select(Enrolment.id).where(Enrolment.run_id.in_(who.held_on("leader")))
    return db.session.scalar(_exports().where(CaseExport.public_id == public_id, CaseExport.enrolment_id.in_(led)))


def whole(export_id: int) -> CaseExport:
    """One of them, read anew."""
    found = _exports().where(CaseExport.id == export_id).execution_options(populate_existing=True)
    return db.session.scalars(found).one()


def asked_by(enrolment: Enrolment, person_id: int | None) -> CaseExport | None:
    """What that person asked for of the student and waits to be made."""
    waiting = (CaseExport.enrolment_id == enrolment.id, CaseExport.state == ExportState.ASKED)
    return db.session.scalar(_exports().where(*waiting, CaseExport.asked_by_id == person_id))


def to_make(most: int) -> Sequence[int]:
    """The keys of those that wait to be made, the first asked first."""
    found = select(CaseExport.id).where(CaseExport.state == ExportState.ASKED).order_by(CaseExport.id)
    return db.session.scalars(found.limit(most)).all()


def to_delete(today: date) -> Sequence[CaseExport]:
    """Those whose last day has passed."""
    over = (CaseExport.state == ExportState.MADE, CaseExport.kept_until < today)
    return db.session.scalars(_exports().where(*over).order_by(CaseExport.id)).all()
