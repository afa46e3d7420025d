"""What a brief still lacks, what stands in the way of its publication, and whose review or day has come."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, case, literal, or_, select

from placements.accounts.models import Account, GlobalRole
from placements.accounts.queries import holders
from placements.challenges.models import Challenge, WorkMode, free_champions, has_a_side
from placements.challenges.rules import LONGEST_REVIEW, Part, others_asked_at, parts, publishes_at
from placements.challenges.workflow import ChallengeState
from placements.core.clock import in_london, today
from placements.db import UTCDateTime
from placements.partners.queries import current_contacts
from placements.people.models import Person


def parts_of(challenge: Challenge) -> list[Part]:
    """What its brief has and lacks."""
    here = {contact.person_id for contact in current_contacts(challenge.organisation_id)}
    return parts(challenge, is_remote=challenge.mode is WorkMode.REMOTE, contacts=here)


def why_not_published(challenge: Challenge, now: datetime) -> str | None:
    """What must be done before students may see it, in a sentence; None where nothing stands in the way."""
    name = challenge.organisation.name
    if not challenge.organisation.is_approved(today(now)):
        return f"It can be published once {name} is approved by the engagement team."
    unchecked = places_unchecked(challenge, now)
    if unchecked:
        return f"It can be published once the checks of {unchecked} are passed."
    if challenge.is_too_risky:
        return "It cannot be published while what is left of its risk is high."
    if supervisors_gone(challenge):
        return f"Its supervisor has left {name}. It can be published once another one is named."
    return None


def places_unchecked(challenge: Challenge, now: datetime) -> str:
    """The names of its places whose own checks do not hold: one is enough to keep all of it out of sight."""
    return " and ".join(site.name for site in challenge.all_sites if not site.is_cleared(today(now)))


def supervisors_gone(challenge: Challenge) -> set[int]:
    """Those of its supervisors, by key, who do not work there any more."""
    return challenge.all_supervisors - {contact.person_id for contact in current_contacts(challenge.organisation_id)}


def to_publish(now: datetime) -> Select[Challenge]:
    """The approved briefs whose day to be published has come."""
    last = today(now) if now >= publishes_at(today(now)) else today(now) - timedelta(days=1)
    rows = select(Challenge).where(Challenge.state == ChallengeState.APPROVED, Challenge.publish_on <= last)
    return rows.order_by(Challenge.publish_on, Challenge.id)


def reviews_to_take_over(now: datetime) -> Select[int, int, datetime]:
    """Champions of other areas and the engagement team, for each review that is late, at the time when they are asked.

    Nobody who works at its organisation or has an interest in it.
    """
    asked = {}  # what was sent on one day is asked about at one time
    for ago in range(LONGEST_REVIEW.days):
        sent_at = in_london(today(now) - timedelta(days=ago), datetime.min.time())
        if others_asked_at(sent_at) <= now:
            asked[_sent_on(sent_at)] = literal(others_asked_at(sent_at), UTCDateTime())
    officers = holders(GlobalRole.ENGAGEMENT).where(~has_a_side(Account.person_id, Challenge.organisation_id))
    others = free_champions(None, Challenge.academic_year, Challenge.organisation_id)
    may_take_over = or_(Person.id.in_(others.correlate(Challenge)), Person.id.in_(officers.correlate(Challenge)))
    own = free_champions(Challenge.theme, Challenge.academic_year, Challenge.organisation_id)
    told = and_(may_take_over, Person.id.not_in(own.correlate(Challenge)))
    found = select(Challenge.id, Person.id, case(*asked.items())).join(Person, told)
    return found.where(Challenge.state == ChallengeState.SUBMITTED, or_(*asked))


def _sent_on(from_at: datetime) -> ColumnElement[bool]:
    until_at = in_london(today(from_at) + timedelta(days=1), datetime.min.time())
    return and_(Challenge.submitted_at >= from_at, Challenge.submitted_at < until_at)
