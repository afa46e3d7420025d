"""The verbs of feedback: asked for on Mondays or by hand, written, given, read, given up or waived with a reason."""

from datetime import datetime

from placements.agreements.queries import objectives_of
from placements.confirming.rules import last_asking
from placements.core.clock import day_began, today
from placements.core.errors import Conflict, NotAllowed, Refused
from placements.core.policy import NOBODY, Principal
from placements.core.seen import fingerprint
from placements.db import db, hold_row
from placements.feedback import notices
from placements.feedback.models import Feedback, FeedbackRating, FeedbackVersion
from placements.feedback.policy import gives
from placements.feedback.queries import (
    WRITE_BY_LINK,
    Invitation,
    asked_of,
    asked_of_another,
    draft_of,
    final_of,
    to_ask,
    words_given,
)
from placements.feedback.rules import LINK_LASTS, OCCASIONS, Occasion, Progress, Words, due
from placements.feedback.workflow import FEEDBACK, FeedbackState
from placements.history.actions import record
from placements.links.actions import add_link, working_link
from placements.mail.actions import tell
from placements.placing.actions import hold
from placements.placing.models import Placement
from placements.placing.queries import whole
from placements.placing.workflow import PlacementState

PARTIES = "placing.people"  # the ability that what both sides may know is read by
WHY = "placing.read_reasons"
OVERTAKEN = "The words have changed since you looked at them. Read them as they are now, then give them."


def ask_due(*, now: datetime) -> int:
    """Ask the supervisors of all placements that have come so far, as of the last Monday at 9am, with the weekly mail.

    Whoever took over from a supervisor who was asked is asked instead. Returns how many were asked; for the worker.
    """
    asked_at, asked = last_asking(now), 0
    for row in to_ask(asked_at):
        is_completed = row.state is PlacementState.COMPLETED
        progress = Progress(row.starts_on, row.ends_on, row.minutes, row.minutes_target, is_completed)
        occasion = due(progress, today(asked_at))
        if occasion and not getattr(row, occasion.value):
            placement = db.session.get_one(Placement, row.id, options=whole())
            ask(placement, occasion, actor=NOBODY, now=asked_at)
            asked += 1
    for feedback in asked_of_another():
        ask(feedback.placement, feedback.occasion, actor=NOBODY, now=now)
        asked += 1
    return asked


def ask(placement: Placement, occasion: Occasion, *, actor: Principal, now: datetime) -> Feedback:
    """Mail the supervisor a link to give it, and begin the clock of the reminders anew. Once a day.

    Raises Refused where it was given, before there is an Agreement, and where the supervisor is the student.
    """
    hold(placement)
    feedback = asked_of(placement.id, occasion)
    supervisor_id = placement.supervisor_id
    if placement.agreed_at is None:
        raise Refused("There is no Agreement in force yet, so there are no objectives to speak of.")
    if supervisor_id == placement.enrolment.person_id:
        raise Refused("The student is named as the supervisor. Name another supervisor first.")
    if feedback is None:
        feedback = Feedback(placement=placement, occasion=occasion, asked_id=supervisor_id, asked_at=now)
        db.session.add(feedback)
        db.session.flush()
    else:
        was_asked = feedback.asked_id == supervisor_id and today(feedback.asked_at) == today(now)
        if feedback.state is FeedbackState.REQUESTED and was_asked:
            return feedback
        FEEDBACK.move(feedback, "ask")
        if feedback.asked_id != supervisor_id:
            feedback.draft = None  # it was the other's
        feedback.asked_id, feedback.asked_at, feedback.reason = supervisor_id, now, None
    add_link(WRITE_BY_LINK, feedback.id, supervisor_id, now=now, lasts=LINK_LASTS)
    tell(notices.ASKED, feedback.id, [supervisor_id], now)
    _record(f"asked for {OCCASIONS[occasion].lower()}", feedback, actor=actor, now=now)
    return feedback


def send_new_link(invitation: Invitation, *, now: datetime) -> None:
    """Mail the holder of a link that has run out one that works, once a day. Raises Refused where nothing is wanted."""
    if not invitation.is_theirs:
        raise Refused("Nothing is asked of you here any more.")
    feedback, holder_id = invitation.feedback, invitation.link.holder_id
    working_link(WRITE_BY_LINK, feedback.id, holder_id, now=now, lasts=LINK_LASTS)
    tell(notices.LINK, feedback.id, [holder_id], day_began(now))


def save(feedback: Feedback, words: Words, *, actor: Principal, now: datetime) -> None:
    """Keep what the supervisor has written so far; nobody else reads it. Raises NotAllowed for anybody else."""
    _hold_to_give(feedback, actor, now)
    if not FEEDBACK.allows(feedback.state, "give"):
        raise Refused("This cannot be changed any more.")
    feedback.draft = words.kept()


def seen_of(words: Words) -> str:
    """The fingerprint of words that were looked at before they are given."""
    return fingerprint(sorted(words.kept().items()))


def share(feedback: Feedback, *, seen: str, is_by_link: bool = False, actor: Principal, now: datetime) -> None:
    """Give what was written: the student reads it at once, and is told. Given again, it corrects what was said before.

    The same words again change nothing. Raises NotAllowed for anybody but the supervisor, Conflict where the words are
    not those of the fingerprint `seen`, Refused where something of them is missing.
    """
    _hold_to_give(feedback, actor, now)
    words = draft_of(feedback)
    if words is None and feedback.given is not None:
        return  # pressed again: it is given already
    objectives = [each.id for each in objectives_of(feedback.placement_id)]
    if words is None or not words.is_whole(objectives):
        raise Refused("Something is still missing. Go back, and answer for every objective.")
    if seen_of(words) != seen:
        raise Conflict(OVERTAKEN)
    feedback.draft = None
    if words == words_given(feedback.given):
        return
    is_first = feedback.given is None
    FEEDBACK.move(feedback, "give")
    feedback.reason = None
    _add_version(feedback, words, is_by_link=is_by_link, actor=actor, now=now)
    tell(notices.RECEIVED, feedback.id, [feedback.placement.enrolment.person_id], now)
    how = " by mail link" if is_by_link else ""
    _record(f"{'gave' if is_first else 'corrected'} {feedback.title.lower()}{how}", feedback, actor=actor, now=now)


def _hold_to_give(feedback: Feedback, actor: Principal, now: datetime) -> None:
    hold(feedback.placement)
    hold_row(feedback, "state", "draft")
    db.session.expire(feedback, ["versions"])
    if not gives(actor, feedback, now):
        raise NotAllowed


def _add_version(feedback: Feedback, words: Words, *, is_by_link: bool, actor: Principal, now: datetime) -> None:
    number = len(feedback.versions) + 1
    version = FeedbackVersion(number=number, given_by_id=actor.person_id, at=now, is_by_link=is_by_link)
    version.strengths, version.next_steps = words.strengths, words.next_steps
    in_order = [each.id for each in objectives_of(feedback.placement_id)]
    version.ratings = [FeedbackRating(objective_id=key, rating=words.ratings[key]) for key in in_order]
    feedback.versions.append(version)
    db.session.flush()


def share_by_link(invitation: Invitation, *, seen: str, now: datetime) -> None:
    """The same by the link of a mail. Raises Refused where it does not work."""
    if not invitation.can_write(now):
        raise Refused("This link does not work any more. Ask for a new one.")
    share(invitation.feedback, seen=seen, is_by_link=True, actor=Principal(invitation.link.holder_id), now=now)


def comment(feedback: Feedback, words: str, *, seen: int | None, actor: Principal, now: datetime) -> None:
    """Say as the student that one has read it, and what one thinks of it; said again, it replaces what was said.

    Raises Conflict where it was corrected since version `seen`.
    """
    hold_row(feedback)
    db.session.expire(feedback, ["versions"])
    FEEDBACK.move(feedback, "comment")
    if seen != len(feedback.versions):
        raise Conflict("The feedback has been corrected since. Read it as it is now.")
    is_news = (feedback.read_number, feedback.comment) != (seen, words)
    if not is_news:
        return
    verb = "commented on" if words and words != feedback.comment else "read"
    feedback.read_number, feedback.read_at, feedback.comment = seen, now, words
    _record(f"{verb} the {feedback.title.lower()}", feedback, actor=actor, now=now)


def give_up(feedback: Feedback, reason: str, *, actor: Principal, now: datetime) -> None:
    """Ask no longer, with a reason for the module team. Of final feedback the module leader is left to decide."""
    _settle(feedback, "give_up", "found that there is no", reason, actor=actor, now=now)


def waive(feedback: Feedback, reason: str, *, actor: Principal, now: datetime) -> None:
    """Let the student do without it, with a reason for the module team. It never held up mark or board."""
    _settle(feedback, "waive", "waived the", reason, actor=actor, now=now)


def waive_for(enrolment_id: int, reason: str, *, actor: Principal, now: datetime) -> None:
    """Let the student do without final feedback of every placement, asked for already or not. What was given stays.

    So that nobody is asked for it later either.
    """
    for placement in final_of(enrolment_id):
        hold(placement)
        feedback = asked_of(placement.id, Occasion.FINAL)
        if feedback is None:
            said = {"asked_id": placement.supervisor_id, "asked_at": now}
            feedback = Feedback(placement=placement, occasion=Occasion.FINAL, **said)
            db.session.add(feedback)
            db.session.flush()
        if FEEDBACK.allows(feedback.state, "waive"):
            waive(feedback, reason, actor=actor, now=now)


def ask_again_for(enrolment_id: int, *, actor: Principal, now: datetime) -> None:
    """Ask for the final feedback that was waived, of each placement of the student where it can be asked for."""
    for placement in final_of(enrolment_id):
        feedback = asked_of(placement.id, Occasion.FINAL)
        is_asked = placement.agreed_at is not None and placement.supervisor_id != placement.enrolment.person_id
        if feedback is not None and feedback.state is FeedbackState.WAIVED and is_asked:
            ask(placement, Occasion.FINAL, actor=actor, now=now)


def _settle(feedback: Feedback, verb: str, said: str, reason: str, *, actor: Principal, now: datetime) -> None:
    hold_row(feedback, "state")
    if not FEEDBACK.move(feedback, verb):
        return
    feedback.reason = reason
    _record(f"{said} {feedback.title.lower()}", feedback, actor=actor, now=now)
    placement, because = feedback.placement, f"{said} {feedback.title.lower()}, because"
    student = placement.enrolment.person_id
    record(because, placement, actor=actor, now=now, person_id=student, ability=WHY, reason=reason)


def _record(verb: str, feedback: Feedback, *, actor: Principal, now: datetime) -> None:
    placement = feedback.placement
    record(verb, placement, actor=actor, now=now, person_id=placement.enrolment.person_id, ability=PARTIES)
