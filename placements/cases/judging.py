"""What one student was asked for and handed in, and what it was judged: every version by everybody, in a constant
number of queries."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import contains_eager, joinedload, selectinload, undefer

from placements.assessment.models import (
    CriterionScore,
    GivenTask,
    HandIn,
    HandInEvidence,
    Mark,
    MarkVersion,
    Submission,
)
from placements.board.models import BoardDecision, BoardMeeting, Correction, Withholding
from placements.db import db
from placements.double_marking.models import SecondMark, SecondScore, Settlement
from placements.extensions.models import Extension
from placements.feedback.models import FeedbackVersion
from placements.history.models import Read
from placements.moderation.models import ModeratedMark, Moderation, SetAdjustment
from placements.moderation.workflow import ModerationState
from placements.reassessment.models import Mitigation, Waiver


@dataclass(frozen=True)
class Judged:
    """Work and marks of all attempts, by component and attempt; the rest by what it is about."""

    submissions: Sequence[Submission]
    extensions: Sequence[Extension]
    claims: Sequence[Mitigation]
    waivers: Sequence[Waiver]
    marks: Sequence[Mark]
    versions: Sequence[MarkVersion]
    seconds: Sequence[SecondMark]
    settlements: Sequence[Settlement]
    moderated: Sequence[ModeratedMark]
    withholdings: Sequence[Withholding]
    decisions: Sequence[tuple[BoardDecision, BoardMeeting]]
    corrections: Sequence[Correction]

    @property
    def sensitive(self) -> list[Read]:
        """What of it is written down as read."""
        return [
            *(("withholding", each.id, "reason") for each in self.withholdings),
            *(("mitigation", each.id, "reference") for each in self.claims),
            *(("extension", each.id, "reference") for each in self.extensions if each.reference),
            *(("hand_in", each.id, "file") for row in self.submissions for each in row.hand_ins),
        ]


def judged(enrolment_id: int) -> Judged:
    """Read it. As many queries whatever there is."""
    submissions = _submissions(enrolment_id)
    ids = [each.id for each in submissions]
    marks = _marks(enrolment_id)
    keys = [each.id for each in marks]
    return Judged(
        submissions=submissions,
        extensions=_of(Extension, ids, joinedload(Extension.granted_by), joinedload(Extension.ended_by)),
        claims=_of(Mitigation, ids, undefer(Mitigation.reference), joinedload(Mitigation.recorded_by)),
        waivers=_of(Waiver, ids, joinedload(Waiver.waived_by)),
        marks=marks,
        versions=_about(MarkVersion, keys, joinedload(MarkVersion.marker), joinedload(MarkVersion.by)),
        seconds=_about(
            SecondMark,
            keys,
            joinedload(SecondMark.marker),
            selectinload(SecondMark.scores).joinedload(SecondScore.criterion),
        ),
        settlements=_about(Settlement, keys, joinedload(Settlement.proposed_by), joinedload(Settlement.answered_by)),
        moderated=_moderated(keys),
        withholdings=_about(
            Withholding,
            keys,
            undefer(Withholding.reason),
            undefer(Withholding.end_reason),
            joinedload(Withholding.by),
            joinedload(Withholding.ended_by),
        ),
        decisions=_decisions(keys),
        corrections=_about(Correction, keys, joinedload(Correction.asked_by), joinedload(Correction.decided_by)),
    )


def _all(found: Any) -> Sequence[Any]:
    return db.session.scalars(found).unique().all()


def _of(model: Any, submission_ids: Collection[int], *options: Any) -> Sequence[Any]:
    return _all(select(model).where(model.submission_id.in_(submission_ids)).order_by(model.id).options(*options))


def _about(model: Any, mark_ids: Collection[int], *options: Any) -> Sequence[Any]:
    return _all(select(model).where(model.mark_id.in_(mark_ids)).order_by(model.id).options(*options))


def _submissions(enrolment_id: int) -> Sequence[Submission]:
    hand_ins = selectinload(Submission.hand_ins)
    evidence = hand_ins.selectinload(HandIn.evidence)
    version = evidence.joinedload(HandInEvidence.feedback_version)
    return _all(
        select(Submission)
        .where(Submission.enrolment_id == enrolment_id)
        .order_by(Submission.component_id, Submission.attempt)
        .options(
            joinedload(Submission.component),
            joinedload(Submission.agreement),
            joinedload(Submission.instead).options(undefer(GivenTask.reason), joinedload(GivenTask.given_by)),
            selectinload(Submission.files),
            hand_ins.joinedload(HandIn.snapshot),
            hand_ins.selectinload(HandIn.files),
            evidence.joinedload(HandInEvidence.agreement),
            version.joinedload(FeedbackVersion.feedback),
        )
    )


def _marks(enrolment_id: int) -> Sequence[Mark]:
    return _all(
        select(Mark)
        .where(Mark.enrolment_id == enrolment_id)
        .order_by(Mark.component_id, Mark.attempt)
        .options(
            joinedload(Mark.component),
            joinedload(Mark.marker),
            joinedload(Mark.allocated),
            selectinload(Mark.scores).joinedload(CriterionScore.criterion),
        )
    )


def _moderated(mark_ids: Collection[int]) -> Sequence[ModeratedMark]:
    """Of the draws that counted; whatever else they drew is others'."""
    moderation = contains_eager(ModeratedMark.moderation)
    adjustments = moderation.selectinload(Moderation.adjustments)
    found = select(ModeratedMark).join(ModeratedMark.moderation).where(ModeratedMark.mark_id.in_(mark_ids))
    return _all(
        found.where(Moderation.state != ModerationState.DISCARDED)
        .order_by(ModeratedMark.id)
        .options(
            joinedload(ModeratedMark.marker),
            moderation.joinedload(Moderation.moderator),
            adjustments.joinedload(SetAdjustment.by),
        )
    )


def _decisions(mark_ids: Collection[int]) -> list[tuple[BoardDecision, BoardMeeting]]:
    """What a board said of other marks, and what it wrote of its meeting as a whole, is not read."""
    found = select(BoardDecision, BoardMeeting).join(BoardMeeting, BoardMeeting.id == BoardDecision.meeting_id)
    rows = db.session.execute(found.where(BoardDecision.mark_id.in_(mark_ids)).order_by(BoardDecision.id))
    return [(decision, meeting) for decision, meeting in rows]
