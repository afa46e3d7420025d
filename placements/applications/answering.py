"""What organisations answer about applicants, what module leaders decide about “not suitable”, and until when."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from placements.applications import notices
from placements.applications.answers import why_answers_shut
from placements.applications.models import Application, HostAnswer
from placements.applications.rules import ANSWERS, Answer, Unsuitable
from placements.applications.workflow import ANSWER, AnswerState
from placements.cohorts.models import Enrolment
from placements.core.errors import Conflict, Refused
from placements.core.policy import NOBODY, Principal
from placements.db import db, hold_row
from placements.history.actions import record
from placements.mail.actions import tell

WHO = "applications.ranks"  # the ability that the history of answers is read by: never the student's
Words = Mapping[int, tuple[str, str]]  # by challenge: the statement, and what was added for its organisation


def answer(
    asked: HostAnswer,
    said: Answer,
    *,
    reason: Unsuitable | None = None,
    sentence: str = "",
    seen: str,
    actor: Principal,
    now: datetime,
) -> None:
    """Say what the organisation thinks of an applicant; what a module leader decided about it before is gone.

    `seen`: the version that was answered. History does not name the student, of whom the organisation loses sight.
    Raises Refused where answers stand, or for “not suitable” without a reason; Conflict where the version is another.
    """
    _hold(asked)
    given = (reason, sentence) if said is Answer.NOT_SUITABLE else (None, "")
    if said is Answer.NOT_SUITABLE and not all(given):
        raise Refused("Say why, from the list and in one sentence.")
    if (asked.said, asked.reason, asked.sentence) == (said, *given):
        return
    _refuse_if_changed(asked, seen)
    ANSWER.move(asked, f"say_{said.value}")
    asked.reason, asked.sentence = given
    asked.answered_by_id, asked.answered_at = actor.person_id, now
    _undo_decision(asked, now if said is Answer.NOT_SUITABLE else None)
    record(f"answered {ANSWERS[said].lower()}", asked.application, actor=actor, now=now, ability=WHO)


def agree(asked: HostAnswer, *, seen: str, actor: Principal, now: datetime) -> None:
    """Let “not suitable” take effect: the choice is left out of the matching.

    Raises Refused where answers stand, Conflict where the answer or what it is about is no longer what was `seen`.
    """
    _hold(asked)
    if asked.state is AnswerState.AGREED:
        return
    _refuse_if_changed(asked, seen)
    ANSWER.move(asked, "agree")
    _decide(asked, actor, now)
    student = asked.application.enrolment.person_id
    record("agreed to “not suitable”", asked.application, actor=actor, now=now, person_id=student, ability=WHO)


def disagree(asked: HostAnswer, reason: str, *, seen: str, actor: Principal, now: datetime) -> None:
    """Let “not suitable” count as happy. Mails whoever said it. Raises as `agree` does."""
    _hold(asked)
    if asked.state is AnswerState.DISAGREED and asked.decision == reason:
        return
    _refuse_if_changed(asked, seen)
    ANSWER.move(asked, "disagree")
    _decide(asked, actor, now, reason)
    student = asked.application.enrolment.person_id
    record("disagreed to “not suitable”", asked.application, actor=actor, now=now, person_id=student, ability=WHO)
    if asked.answered_by_id is not None:
        tell(notices.DISAGREED, asked.id, [asked.answered_by_id], now)


def follow_choices(application: Application, before: Words, *, now: datetime) -> None:
    """Let there be one answer for each choice that was just submitted; `before`: the words that answers are about.

    One about a choice that stays is kept, whatever its rank; what a module leader agreed to about other words is asked
    for again. One about a choice that is gone is gone, and begins anew if that is chosen later.
    """
    db.session.flush()
    said = {each.challenge_id: (application.statement, each.addition) for each in application.preferences}
    there = db.session.scalars(select(HostAnswer).where(HostAnswer.application_id == application.id)).all()
    kept = {each.challenge_id for each in there if each.challenge_id in said.keys() & before.keys()}
    for each in there:
        if each.challenge_id not in kept:
            db.session.delete(each)
        elif each.state is AnswerState.AGREED and said[each.challenge_id] != before[each.challenge_id]:
            ANSWER.move(each, "ask_again")
            _undo_decision(each, now)
            record("asked again about “not suitable”", application, actor=NOBODY, now=now, ability=WHO)
    db.session.flush()
    new = [each.challenge_id for each in application.preferences if each.challenge_id not in kept]
    db.session.add_all(HostAnswer(application=application, challenge_id=challenge_id) for challenge_id in new)


def close_answers(run_ids: Collection[int], *, now: datetime) -> None:
    """A round over these runs is being staged: from now on answers stand as they are."""
    _set_closed(run_ids, now)


def open_answers(run_ids: Collection[int]) -> None:
    """The round over these runs is discarded: answers can change again."""
    _set_closed(run_ids, None)


def _set_closed(run_ids: Collection[int], at: datetime | None) -> None:
    theirs = select(Enrolment.id).where(Enrolment.run_id.in_(run_ids))
    concerned = update(Application).where(Application.enrolment_id.in_(theirs), Application.decided_at.is_(None))
    db.session.execute(concerned.values(answers_closed_at=at))


def _hold(asked: HostAnswer) -> None:
    """Read application and answer again, and keep everybody else off them. Raises Refused where answers stand."""
    hold_row(asked.application)
    there = select(HostAnswer).where(HostAnswer.id == asked.id).options(joinedload(HostAnswer.preference))
    if db.session.scalar(there.execution_options(populate_existing=True)) is None:
        raise Refused("The student has changed their choices, and this one is not among them any more.")
    shut = why_answers_shut(asked)
    if shut:
        raise Refused(shut)


def _refuse_if_changed(asked: HostAnswer, seen: str) -> None:
    if seen != asked.version:
        raise Conflict(
            "Somebody has changed this since you opened the page. It stands below as it is now: read it again."
        )


def _decide(asked: HostAnswer, actor: Principal, now: datetime, why: str = "") -> None:
    asked.decided_by_id, asked.decided_at, asked.decision, asked.undecided_since = actor.person_id, now, why, None


def _undo_decision(asked: HostAnswer, waits_since: datetime | None) -> None:
    asked.decided_by_id, asked.decided_at, asked.decision, asked.undecided_since = None, None, "", waits_since
