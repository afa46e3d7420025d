"""Renewal by the link of a mail, without an account: the links, and what they let a contact say."""

from datetime import datetime, timedelta

from sqlalchemy import or_, select

from placements.core.clock import day_began, today
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db, hold_row
from placements.links.actions import add_link, spend, working_link
from placements.links.models import Link
from placements.mail.actions import tell
from placements.partners.models import Contact, ContactRole, Organisation, Site
from placements.partners.queries import is_current_contact
from placements.partners.workflow import OrganisationState
from placements.vetting import notices
from placements.vetting.actions import renew
from placements.vetting.renewals import RENEW_BY_LINK, Renewal
from placements.vetting.rules import RENEWED_FROM

LINK_LASTS = timedelta(days=40)  # from a month before the last day until well after it
RECENT = timedelta(days=30)  # how long after the last day a link is still made


def make_links(*, now: datetime) -> int:
    """A link for each main contact of an organisation whose approval, or a place of it, runs out. Returns how many.

    Asked again it finds nothing to do: who has an open link needs no other.
    """
    day = today(now)
    soon = (day - RECENT, day + RENEWED_FROM)
    place = select(Site.id).where(Site.organisation_id == Organisation.id, Site.cleared_until.between(*soon)).exists()
    has_one = (
        select(Link.id)
        .where(Link.purpose == RENEW_BY_LINK, Link.about_id == Organisation.id, Link.holder_id == Contact.person_id)
        .where(Link.spent_at.is_(None), Link.expires_at > now)
        .exists()
    )
    holders = (
        select(Organisation.id, Contact.person_id)
        .join(Contact, Contact.organisation_id == Organisation.id)
        .where(Organisation.state == OrganisationState.APPROVED, ~has_one)
        .where(or_(Organisation.approved_until.between(*soon), place))
        .where(Contact.role == ContactRole.PRIMARY, Contact.left_on.is_(None))
    )
    found = db.session.execute(holders.order_by(Organisation.id, Contact.id)).all()
    for organisation_id, person_id in found:
        add_link(RENEW_BY_LINK, organisation_id, person_id, now=now, lasts=LINK_LASTS)
    return len(found)


def renew_by_link(renewal: Renewal, *, now: datetime) -> int:
    """Renew every check of the organisation for which its word is enough, and use the link up. Returns how many.

    Refused where the link is used or too old, its holder has left, or there is nothing that can be renewed so.
    """
    link, organisation = renewal.link, renewal.organisation
    hold_row(organisation, "state")
    hold_row(link, "spent_at")
    if renewal.is_over or not is_current_contact(link.holder_id, organisation.id):
        raise Refused(f"You cannot answer for {organisation.name} any more.")
    due = [each.check for each in renewal.renewable(today(now)) if each.check]
    if not due:
        raise Refused("Nothing can be renewed like this now.")
    actor = Principal(spend(link, now).person_id, frozenset({("contact", organisation.id)}))
    for check in due:
        renew(check, actor=actor, now=now)
    return len(due)


def send_new_link(renewal: Renewal, *, now: datetime) -> None:
    """Mail the holder of a link that is used or too old one that works, made now if need be; at most once a day.

    Refused for who is no longer a contact, and where nothing is asked of the organisation any more.
    """
    link, organisation = renewal.link, renewal.organisation
    if renewal.is_over or not renewal.is_contact:
        raise Refused(f"You cannot answer for {organisation.name} any more, so there is no new link for you.")
    latest = working_link(RENEW_BY_LINK, organisation.id, link.holder_id, now=now, lasts=LINK_LASTS)
    tell(notices.RENEWAL_LINK, latest.id, [link.holder_id], day_began(now))
