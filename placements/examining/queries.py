"""What an external examiner reads of a run: every script and mark, by student number. No names."""

from collections.abc import Sequence

from sqlalchemy import and_, select
from sqlalchemy.orm import contains_eager, joinedload

from placements.assessment.models import Submission
from placements.assessment.queries import submissions, with_mark
from placements.cohorts.models import ComponentKind, Enrolment, ModuleRun
from placements.cohorts.workflow import LEFT
from placements.core.policy import Principal
from placements.db import db, slice_of
from placements.logbook.models import Entry, EntryEvidence
from placements.logbook.queries import UNSENT
from placements.people.models import Person
from placements.placing.models import Placement


def scripts(run: ModuleRun, size: int, number: int) -> tuple[Sequence[Submission], int]:
    """One page of what an external examiner may read: by student number and component, with marks. No names."""
    found = submissions().join(Enrolment.person).where(Enrolment.run_id == run.id, Enrolment.state.not_in(LEFT))
    found = found.order_by(Person.student_number, Submission.component_id)
    return slice_of(found, size, number, joinedload(Submission.mark))


def evidence_behind(submission: Submission) -> Sequence[EntryEvidence]:
    """The photos and files that show the visits of the student's logbook, the first visit first. One query."""
    if submission.component.kind is not ComponentKind.PORTFOLIO:
        return ()
    found = select(EntryEvidence).join(EntryEvidence.entry).join(Entry.placement)
    found = found.where(Placement.enrolment_id == submission.enrolment_id, Entry.state.not_in(UNSENT))
    found = found.where(EntryEvidence.removed_at.is_(None)).order_by(Entry.on, EntryEvidence.id)
    return db.session.scalars(found.options(contains_eager(EntryEvidence.entry))).all()


def script_of(who: Principal, public_id: str) -> Submission | None:
    """One script of a run that `who` examines."""
    found = submissions().where(and_(Submission.public_id == public_id, Enrolment.run_id.in_(who.held_on("external"))))
    return db.session.scalar(found.options(with_mark()))
