"""Writing down the end: a student's record, and what an organisation says of the next year."""

from datetime import datetime, timedelta

from placements.challenges.actions import reoffer
from placements.challenges.models import Challenge
from placements.challenges.queries import next_year
from placements.closing.models import Closing, ClosingAnswer, StudentRecord
from placements.closing.queries import Invited, answers_without_draft, worked_on
from placements.closing.records import record_of
from placements.closing.rules import COMING, Again
from placements.core.clock import today
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db, hold_row
from placements.files.actions import Received, keep
from placements.history.actions import record
from placements.partners.queries import is_current_contact
from placements.partners.workflow import CURRENT
from placements.placing.actions import hold
from placements.placing.models import Placement
from placements.placing.workflow import PlacementState

LINK_LASTS = timedelta(days=60)


def keep_record(placement: Placement, pdf: Received, *, actor: Principal, now: datetime) -> None:
    """Keep the record of achievement as it was typeset, in the place of the last one. The same again changes nothing.

    Raises Refused where the placement is not completed.
    """
    hold(placement)
    if placement.state is not PlacementState.COMPLETED:
        raise Refused("The record is made once the placement is completed.")
    last = record_of(placement)
    if last is not None and last.file.sha256 == pdf.sha256:
        return
    file = keep(pdf, actor=actor, now=now)
    if last is None:
        db.session.add(StudentRecord(placement_id=placement.id, file=file, made_at=now))
    else:
        gone, last.file, last.made_at = last.file, file, now
        db.session.flush()
        db.session.delete(gone)
    student = placement.enrolment.person_id
    record("made a record of achievement", placement, actor=actor, now=now, person_id=student)


def answer(closing: Closing, public_id: str, said: Again, *, actor: Principal, now: datetime) -> ClosingAnswer:
    """Say whether a challenge is to be offered again; a yes makes a draft for the next year, once there is one.

    Until there is a draft it can be said otherwise; the same again changes nothing. Raises Refused for a challenge of
    another year, and where a draft is made already.
    """
    hold_row(closing, "asked_id")
    challenges = {each.public_id: each for each in worked_on(closing.organisation_id, closing.academic_year)}
    if public_id not in challenges:
        raise Refused("That challenge is not one of this year's. Open the page again and choose your answer.")
    challenge, person = challenges[public_id], actor.person_id
    assert person is not None
    given = next((each for each in closing.answers if each.challenge_id == challenge.id), None)
    if given is not None and given.answer is said:
        return given
    if given is not None and given.draft_id is not None:
        raise Refused("A draft for next year is made already. Change it, or withdraw it, among your challenges.")
    if given is None:
        given = ClosingAnswer(challenge=challenge, answer=said, by_id=person, at=now)
        closing.answers.append(given)
    else:
        given.answer, given.by_id, given.at = said, person, now
    record("answered about next year", closing, actor=actor, now=now, fields=["answer"])
    if said in COMING:
        _draft(given, now)
    return given


def answer_by_link(invited: Invited, public_id: str, said: Again, *, now: datetime) -> ClosingAnswer:
    """The same by the link of a mail: it asks of each challenge, so it works until it runs out. Refused after that."""
    if not invited.works(now):
        raise Refused("This link does not work any more. Sign in, or write to us, to answer.")
    return answer(invited.closing, public_id, said, actor=Principal(invited.link.holder_id), now=now)


def draft_due(now: datetime) -> int:
    """Make the drafts that waited for their year to be set up. For the worker, which commits. Returns how many."""
    return sum(_draft(each, now) for each in answers_without_draft())


def _draft(given: ClosingAnswer, now: datetime) -> bool:
    """Whether one was made: there is a later year, the organisation goes on, and who said yes still works there."""
    challenge: Challenge = given.challenge
    can_be = challenge.organisation.state in CURRENT and next_year(challenge, today(now)) is not None
    if not can_be or not is_current_contact(given.by_id, challenge.organisation_id):
        return False
    given.draft = reoffer(challenge, actor=Principal(given.by_id), now=now)
    return True
