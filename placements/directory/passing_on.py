"""Passing an organisation on to another part of the university, where students are not what it needs."""

from datetime import datetime

from sqlalchemy import select

from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db, hold_row
from placements.enquiries.models import Referral, Route
from placements.enquiries.referrals import receiver_of, refer
from placements.history.actions import record
from placements.partners.models import Contact, Organisation
from placements.partners.workflow import OrganisationState


def pass_on(
    organisation: Organisation,
    route: Route,
    asker: Contact,
    words: str,
    *,
    instead: tuple[str, str] | None = None,
    note: str = "",
    actor: Principal,
    now: datetime,
) -> Referral:
    """Pass a contact and what they need on to whoever receives for the route, or to somebody else; both are told.

    The same words to the same place again, while nobody has said that they have them, are one. Refused once it is put
    away: it may have become part of another a moment ago.
    """
    hold_row(organisation, "state")
    if organisation.state is OrganisationState.ARCHIVED:
        raise Refused(f"{organisation.name} is put away, so it is passed on to nobody.")
    open_one = (Referral.organisation_id == organisation.id, Referral.route_id == route.id, Referral.words == words)
    known = db.session.scalar(select(Referral).where(*open_one, Referral.acknowledged_at.is_(None)))
    if known is not None:
        return known
    receiver = receiver_of(route, instead, now)
    made = refer(
        route,
        receiver,
        subject=organisation.name,
        words=words,
        asker=asker.person,
        note=note,
        organisation=organisation,
        actor=actor,
        now=now,
    )
    record("passed on", organisation, actor=actor, now=now, person_id=asker.person_id, reason=route.name)
    return made
