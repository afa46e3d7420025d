"""What organisations are told when places are given out; that they cannot take the students, and what follows."""

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select

from placements.challenges.actions import close
from placements.challenges.models import Challenge
from placements.challenges.workflow import CHALLENGE
from placements.cohorts.models import ModuleRun
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db, hold_row
from placements.history.actions import record
from placements.links.actions import add_link, spend
from placements.mail.actions import tell
from placements.offers import notices
from placements.offers.actions import withdraw
from placements.offers.hosts import (
    REFUSE_BY_LINK,
    Asked,
    asked_by,
    concerned,
    latest_refusal,
    leaders_concerned,
    unanswered,
    who_speaks_for,
)
from placements.offers.models import HostRefusal, Offer, RefusalKind
from placements.offers.queries import locked_challenges
from placements.offers.workflow import REFUSAL, OfferState, RefusalState

FOLLOWS = "challenges.preview"  # the ability of those who follow a challenge: its own people, and staff
TOLD = "The organisation cannot take any more students for this challenge."


def tell_organisations(
    offers: Sequence[Offer], runs: Collection[ModuleRun], *, with_nobody: bool = True, now: datetime
) -> None:
    """Mail whoever speaks for each challenge that students of a round are offered places in it, or why none is.

    Without `with_nobody` only of those that are offered: why nobody comes has been said before.

    Those of whose challenge places are offered get a link to say that they cannot take the students.
    """
    deadlines = {offer.challenge_id: offer.deadline_at for offer in offers}
    [year] = {run.academic_year for run in runs}
    challenges = concerned(year, {run.level for run in runs}, deadlines)
    for challenge_id, people in who_speaks_for(challenges).items():
        deadline_at = deadlines.get(challenge_id)
        if deadline_at is None:
            if with_nobody:
                tell(notices.NOBODY_CAME, challenge_id, people, now)
            continue
        for person_id in people:
            add_link(REFUSE_BY_LINK, challenge_id, person_id, now=now, lasts=deadline_at - now)
        tell(notices.STUDENTS_OFFERED, challenge_id, people, now)


def refuse(challenge: Challenge, kind: RefusalKind, words: str, *, actor: Principal, now: datetime) -> None:
    """Say for the organisation that it cannot take the students who are offered a place; nothing is decided by it.

    The module leaders of those students are told. Said while it waits to be decided, it changes nothing.
    Raises Refused where no offer waits for an answer.
    """
    locked_challenges([challenge.id])
    said = latest_refusal(challenge.id)
    if said is not None and said.state is RefusalState.OPEN:
        return
    if not unanswered(challenge.id).number:
        raise Refused("No student has an offer to answer now, so there is nothing to take back.")
    refusal = HostRefusal(challenge=challenge, kind=kind, words=words, said_by_id=actor.person_id, said_at=now)
    db.session.add(refusal)
    db.session.flush()
    record("said that it cannot take the students", challenge, actor=actor, now=now, ability=FOLLOWS)
    tell(notices.REFUSED, refusal.id, leaders_concerned(challenge.id), now)


def refuse_by_link(asked: Asked, kind: RefusalKind, words: str, *, now: datetime) -> None:
    """The same by the link of a mail, which is used up. Raises Refused where it cannot be said by it."""
    locked_challenges([asked.challenge.id])
    if not asked_by(asked.link).can_answer(now):
        raise Refused("Nothing waits for this answer any more.")
    refuse(asked.challenge, kind, words, actor=spend(asked.link, now), now=now)


def take_back(refusal: HostRefusal, *, actor: Principal, now: datetime) -> None:
    """Take back every unanswered offer of the challenge, and close it: nobody is offered its places any more.

    Each student is told and goes to the clearing list; whoever said it for the organisation is told.
    """
    if not _settle(refusal, "take_back", actor=actor, now=now):
        return
    rows = select(Offer).where(Offer.challenge_id == refusal.challenge_id, Offer.state == OfferState.MADE)
    offers = db.session.scalars(rows.order_by(Offer.id).with_for_update(of=Offer)).all()
    challenge = locked_challenges([refusal.challenge_id])[refusal.challenge_id]
    if CHALLENGE.allows(challenge.state, "close"):
        close(challenge, refusal.kind_said, TOLD, actor=actor, now=now)
    for offer in offers:
        withdraw(offer, f"The organisation cannot take students: {refusal.kind_said}.", actor=actor, now=now)


def let_stand(refusal: HostRefusal, reason: str, *, actor: Principal, now: datetime) -> None:
    """Let the offers stand; whoever said for the organisation that it cannot take the students is told why."""
    if _settle(refusal, "let_stand", actor=actor, now=now):
        refusal.decision = reason


def _settle(refusal: HostRefusal, verb: str, *, actor: Principal, now: datetime) -> bool:
    """Decide it, and tell its author. False where it was decided so before."""
    hold_row(refusal, "state")
    if not REFUSAL.move(refusal, verb):
        return False
    refusal.settled_at, refusal.settled_by_id = now, actor.person_id
    record(refusal.state.value.replace("_", " "), refusal, actor=actor, now=now)
    tell(notices.REFUSAL_SETTLED, refusal.id, [refusal.said_by_id], now)
    return True
