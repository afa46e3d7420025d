"""The waiting list: a place that comes free is offered to the student whose turn it is."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import joinedload

from placements.applications.finding import misfits_of
from placements.applications.models import Application, Preference
from placements.applications.policy import CHOOSING
from placements.applications.queries import answers_for, limits_of
from placements.applications.rules import Answer
from placements.applications.workflow import ApplicationState
from placements.challenges.models import Challenge
from placements.cohorts.models import Enrolment
from placements.core.clock import today
from placements.core.policy import NOBODY
from placements.db import db
from placements.history.actions import record
from placements.mail.actions import tell
from placements.offers import notices
from placements.offers.models import Offer
from placements.offers.queries import locked_challenges, locked_clearing, taken, undecided
from placements.offers.rules import turn, usual_deadline, why_not
from placements.offers.workflow import LIVE


def promote(freed: Collection[Offer], *, now: datetime) -> list[Offer]:
    """Offer each freed place to the student whose turn it is, and mail them. Returns the offers made.

    One offer for one place, and only while students can be placed in its challenge, it has room, and its organisation
    has not just said that it cannot take them. On a waiting list stand those of the clearing list who chose the
    challenge, whom it fits and suits, and who never had an offer of it: by `rules.turn`, over all these challenges
    together, so that a student gets the one that they ranked higher.
    What decides is held first, challenges before rows of the clearing list, and then read again.
    """
    if not freed:
        return []
    challenges = locked_challenges({offer.challenge_id for offer in freed})
    waiting = locked_clearing(_who_wait(challenges).with_only_columns(Enrolment.id))
    refused = undecided()
    free = Counter(offer.challenge_id for offer in freed)
    counted = {year: taken(year) for year in {each.academic_year for each in challenges.values()}}
    made: dict[int, Offer] = {}
    for _, enrolment, challenge in sorted(_turns(challenges, waiting), key=lambda each: each[0]):
        places = counted[challenge.academic_year]
        is_open = challenge.is_live(today(now)) and challenge.id not in refused and free[challenge.id] > 0
        if enrolment.id in made or why_not(is_open=is_open, is_for_level=True, room=places.room(challenge)):
            continue
        free[challenge.id] -= 1
        places.take(challenge.id, challenge.organisation_id)
        made[enrolment.id] = _offer(enrolment, challenge, now)
    return list(made.values())


def _offer(enrolment: Enrolment, challenge: Challenge, now: datetime) -> Offer:
    offer = Offer(enrolment=enrolment, challenge=challenge, made_at=now, deadline_at=usual_deadline(now))
    db.session.add(offer)
    db.session.flush()
    record("offered, as a place became free", offer, actor=NOBODY, now=now, person_id=enrolment.person_id)
    tell(notices.PLACE_FREE, offer.id, [enrolment.person_id], now)
    return offer


def _who_wait(challenges: Collection[int]) -> Select[*tuple[Any, ...]]:
    """(student, challenge, rank) of those who chose one of these, have no offer now and never had one of it."""
    theirs = Offer.enrolment_id == Enrolment.id
    return (
        select(Enrolment, Preference.challenge_id, Preference.rank)
        .join(Application, Application.enrolment_id == Enrolment.id)
        .join(Application.preferences)
        .where(Preference.challenge_id.in_(challenges), Application.state == ApplicationState.SUBMITTED)
        .where(Enrolment.state.in_(CHOOSING), ~exists().where(theirs, Offer.state.in_(LIVE)))
        .where(~exists().where(theirs, Offer.challenge_id == Preference.challenge_id))
    )


def _turns(
    challenges: Mapping[int, Challenge], waiting: Collection[int]
) -> Iterator[tuple[tuple[int, bool, str], Enrolment, Challenge]]:
    """Every turn of those who wait, on the clearing list, whom the challenge suits and fits."""
    rows = _who_wait(challenges).where(Enrolment.id.in_(waiting)).options(joinedload(Enrolment.run))
    found = db.session.execute(rows).all()
    ids = [enrolment.id for enrolment, _, _ in found]
    limits, answers = limits_of(ids), answers_for(ids)
    for enrolment, challenge_id, rank in found:
        challenge, said = challenges[challenge_id], answers.get((enrolment.id, challenge_id))
        suits = challenge.suits(enrolment.run.level) and challenge.academic_year == enrolment.run.academic_year
        if suits and said is not Answer.NOT_SUITABLE and not misfits_of(limits.get(enrolment.id), challenge):
            yield turn(rank, said is Answer.KEEN, challenge.public_id, enrolment.public_id), enrolment, challenge
