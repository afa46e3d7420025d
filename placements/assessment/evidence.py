"""What stands beside work as evidence: what would be kept with it now, and what was kept when it was handed in."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, or_, select
from sqlalchemy.orm import contains_eager, joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from placements.agreements.models import Agreement
from placements.agreements.workflow import AgreementState
from placements.assessment.models import HandIn, HandInEvidence, Mark, Submission
from placements.assessment.queries import is_read_by, knows_whose
from placements.cohorts.models import ComponentKind, Enrolment
from placements.core.policy import Principal
from placements.db import db
from placements.feedback.models import Feedback, FeedbackRating, FeedbackVersion
from placements.feedback.workflow import FeedbackState
from placements.logbook.hours import hours_of
from placements.logbook.ledger import Totals
from placements.placing.models import Placement
from placements.reading.frozen import Frozen, read, snapshot_at


@dataclass(frozen=True)
class KeptAgreement:
    """The version that was in force then; `since` is the one in force now, where that is another."""

    agreement: Agreement
    since: Agreement | None


@dataclass(frozen=True)
class KeptFeedback:
    """The version of a supervisor's feedback that had been given by then, and whether it was corrected since."""

    version: FeedbackVersion
    is_corrected: bool


@dataclass(frozen=True)
class Evidence:
    """What was kept when the work was handed in, each part beside what has become of it since.

    `given_since`: how many pieces of supervisors' feedback came only afterwards, which are no part of it.
    """

    hand_in: HandIn | None
    book: Frozen | None
    agreements: tuple[KeptAgreement, ...]
    feedback: tuple[KeptFeedback, ...]
    given_since: int = 0

    @property
    def has_changed(self) -> bool:
        """Whether anything is not as it was handed in."""
        changed = any(each.since for each in self.agreements) or any(each.is_corrected for each in self.feedback)
        return changed or self.given_since > 0 or (self.book is not None and self.book.changed > 0)


def agreements_in_force(enrolment_id: int) -> Sequence[Agreement]:
    """The version that is in force on each of a student's placements, the first placement first. One query."""
    found = select(Agreement).join(Agreement.placement).where(Placement.enrolment_id == enrolment_id)
    return db.session.scalars(found.where(Agreement.state == AgreementState.IN_FORCE).order_by(Placement.id)).all()


def feedback_given(enrolment_id: int) -> Sequence[FeedbackVersion]:
    """What each piece of supervisors' feedback on a student says now, the first asked for first. One query."""
    newest = select(func.max(FeedbackVersion.number)).where(FeedbackVersion.feedback_id == Feedback.id)
    found = select(FeedbackVersion).join(FeedbackVersion.feedback).join(Feedback.placement)
    found = found.where(Placement.enrolment_id == enrolment_id, Feedback.state == FeedbackState.RECEIVED)
    found = found.where(FeedbackVersion.number == newest.correlate(Feedback).scalar_subquery())
    return db.session.scalars(found.order_by(Feedback.id).options(joinedload(FeedbackVersion.feedback))).all()


def _whole() -> tuple[ORMOption, ...]:
    """A hand-in with all that was kept beside it."""
    version = selectinload(HandIn.evidence).joinedload(HandInEvidence.feedback_version)
    return (
        joinedload(HandIn.snapshot),
        selectinload(HandIn.files),
        version.joinedload(FeedbackVersion.feedback),
        version.selectinload(FeedbackVersion.ratings).joinedload(FeedbackRating.objective),
        selectinload(HandIn.evidence).joinedload(HandInEvidence.agreement),
    )


def hand_ins_of(submission: Submission) -> Sequence[HandIn]:
    """Everything that was ever handed in for the attempt, the newest first, each with its evidence. Four queries."""
    found = select(HandIn).where(HandIn.submission_id == submission.id).order_by(HandIn.id.desc())
    return db.session.scalars(found.options(*_whole())).all()


def receipt_seen(who: Principal, public_id: str) -> HandIn | None:
    """One's own hand-in, or one of a student whose work `who` reads, and may know whose it is."""
    is_own = Enrolment.id.in_(who.held_on("student"))
    found = select(HandIn).join(HandIn.submission).join(Submission.enrolment)
    found = found.where(HandIn.public_id == public_id, or_(is_own, is_read_by(who)))
    submission = contains_eager(HandIn.submission)
    enrolment = submission.contains_eager(Submission.enrolment)
    whose = (enrolment.joinedload(Enrolment.person), submission.joinedload(Submission.component))
    seen = db.session.scalar(found.options(*_whole(), *whose))
    mark = seen.submission.mark if seen and not who.has("student", seen.submission.enrolment_id) else None
    return None if mark and mark.is_nameless and not knows_whose(who, mark) else seen


def evidence_of(submission: Submission) -> Evidence:
    """What was kept beside the work as it counts, and what has changed since. As many queries whatever there is.

    Of an Agreement it is the version that is marked. Work from before such things were kept has its logbook alone.
    """
    in_force = {each.placement_id: each for each in agreements_in_force(submission.enrolment_id)}
    if submission.component.kind is ComponentKind.AGREEMENT:
        marked = [submission.agreement] if submission.agreement else []
        return Evidence(None, None, tuple(_kept(each, in_force.get(each.placement_id)) for each in marked), ())
    hand_in = next(iter(hand_ins_of(submission)), None)
    if hand_in is None:
        taken = snapshot_at(submission.enrolment_id, submission.received_at)
        return Evidence(None, read(taken) if taken else None, (), ())
    given = {each.feedback_id: each for each in feedback_given(submission.enrolment_id)}
    return Evidence(
        hand_in,
        read(hand_in.snapshot) if hand_in.snapshot else None,
        tuple(_kept(each, in_force.get(each.placement_id)) for each in hand_in.agreements),
        tuple(KeptFeedback(each, given.get(each.feedback_id, each).id != each.id) for each in hand_in.versions),
        len(given.keys() - {each.feedback_id for each in hand_in.versions}),
    )


def _kept(agreement: Agreement, now: Agreement | None) -> KeptAgreement:
    return KeptAgreement(agreement, now if now is not None and now.id != agreement.id else None)


def agreement_of(mark: Mark) -> Agreement | None:
    """The version of the Challenge Agreement that is marked; else None.

    Of what was taken before that was written down, the one in force then.
    """
    if mark.component.kind is not ComponentKind.AGREEMENT:
        return None
    if mark.submission.agreement_id is not None:
        return mark.submission.agreement
    found = select(Agreement).where(
        Agreement.placement_id.in_([each.id for each in mark.placements]),
        Agreement.in_force_at <= mark.submission.received_at,
    )
    return db.session.scalar(found.order_by(Agreement.in_force_at.desc()).limit(1))


def logbook_behind(mark: Mark) -> Frozen | None:
    """The logbook as it was handed in with what is marked; None where it is no evidence, or was not kept."""
    taken = snapshot_at(mark.enrolment_id, mark.submission.received_at)
    return read(taken) if taken else None


def hours_behind(mark: Mark) -> Totals | None:
    """The hours of the student's placements together; None without one."""
    ids = [each.id for each in mark.placements]
    return hours_of(ids)[ids[-1]] if ids else None
