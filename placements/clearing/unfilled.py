"""Challenges that nobody has chosen or is offered a place in, from the days on in which something can be done."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select
from sqlalchemy.orm import joinedload

from placements.accounts.models import Account
from placements.applications.models import Application, Preference
from placements.applications.workflow import ApplicationState
from placements.challenges.models import Challenge, live_on
from placements.cohorts.models import ModuleRun
from placements.cohorts.workflow import RunState
from placements.core.clock import in_london, today
from placements.db import UTCDateTime, db, shifted
from placements.offers.models import Offer
from placements.offers.workflow import LIVE
from placements.partners.models import Contact, ContactRole, Organisation
from placements.partners.queries import looks_after

SAID_BEFORE = timedelta(days=7)  # before choosing closes; ours
SAID_AT = time(9)  # London

Closings = dict[tuple[str, int], datetime]


def closings() -> Closings:
    """By year and level, when the last open run's choosing closes. One query."""
    keys = (ModuleRun.academic_year, ModuleRun.level)
    rows = select(*keys, func.max(ModuleRun.ranking_closes_at)).where(ModuleRun.state == RunState.OPEN).group_by(*keys)
    return {(year, level): closes_at for year, level, closes_at in db.session.execute(rows)}


def closes_for(challenge: Challenge) -> datetime | None:
    """Until when the last of those whom it suits choose; None where no run is open. One query."""
    found = [
        at for (year, level), at in closings().items() if year == challenge.academic_year and challenge.suits(level)
    ]
    return max(found, default=None)


def said_since() -> ColumnElement[datetime]:
    """When it is said of a challenge, over rows of it: a week before the last choosing closes. One query."""
    moments = {}
    for (year, level), closes_at in sorted(closings().items(), key=lambda each: each[1], reverse=True):
        suits = {5: Challenge.suits_level_5, 6: Challenge.suits_level_6}[level]
        at = in_london(_day_before(closes_at), SAID_AT)
        moments[and_(Challenge.academic_year == year, suits)] = literal(at, UTCDateTime())
    nobody_chooses = literal(None, UTCDateTime())
    return case(*moments.items(), else_=nobody_chooses) if moments else nobody_chooses


def _day_before(closes_at: datetime) -> date:
    return today(closes_at) - SAID_BEFORE


def unfilled(now: datetime) -> Select[Challenge]:
    """Those open to students in which nobody is offered a place, and whom nobody still to be matched has chosen."""
    offered = select(Offer.id).where(Offer.challenge_id == Challenge.id, Offer.state.in_(LIVE))
    chosen = select(Preference.id).join(Preference.application).where(Preference.challenge_id == Challenge.id)
    waits = chosen.where(Application.state == ApplicationState.SUBMITTED, Application.decided_at.is_(None))
    return select(Challenge).where(live_on(today(now)), ~offered.exists(), ~waits.exists())


def of_organisations(now: datetime) -> Select[int, int, datetime]:
    """(challenge, person, since when) for the main contacts of each, and whoever sent it in.

    Not where students had less than a week to see it by then.
    """
    since = said_since()
    here = and_(Contact.organisation_id == Challenge.organisation_id, Contact.left_on.is_(None))
    told = or_(Contact.role == ContactRole.PRIMARY, Contact.person_id == Challenge.submitted_by_id)
    was_seen = shifted(Challenge.published_at, SAID_BEFORE) <= since
    rows = unfilled(now).join(Contact, here).where(told, was_seen)
    return rows.with_only_columns(Challenge.id, Contact.person_id, since)


def of_keepers(now: datetime) -> Select[int, int, datetime]:
    """(person, the same person, since when) for whoever looks after their organisations."""
    since = said_since()
    rows = _kept(now).where(since.is_not(None))
    return rows.with_only_columns(Account.person_id.label("about"), Account.person_id, since).distinct()


def kept_by(person_id: int, now: datetime) -> Sequence[Challenge]:
    """Those of organisations that this person looks after, by title. Two queries."""
    rows = _kept(now).where(Account.person_id == person_id, said_since() <= now)
    whole = joinedload(Challenge.organisation)
    return db.session.scalars(rows.options(whole).order_by(Challenge.title, Challenge.id)).all()


def _kept(now: datetime) -> Select[Challenge]:
    rows = unfilled(now).join(Organisation, Organisation.id == Challenge.organisation_id)
    return rows.join(Account, looks_after(Organisation.owner_id))
