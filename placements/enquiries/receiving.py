"""How an enquiry comes in: kept, acknowledged, confirmed from the address itself, or closed where nobody does that."""

from datetime import datetime

from sqlalchemy import func, select

from placements.core.clock import day_began
from placements.core.errors import Refused
from placements.core.policy import NOBODY, Principal
from placements.db import db, hold_row, new_public_id
from placements.enquiries import notices
from placements.enquiries.models import Enquiry
from placements.enquiries.newsletter import ask_for_newsletter
from placements.enquiries.rules import CONFIRM, DAY, KEPT_UNCONFIRMED, LINK_LASTS, MOST_ENQUIRIES_A_DAY
from placements.enquiries.workflow import ENQUIRY, EnquiryState
from placements.history.actions import record
from placements.links.actions import add_link, spend, working_link
from placements.links.models import Link
from placements.mail.actions import tell
from placements.partners.queries import engagement_officers
from placements.partners.rules import split_name
from placements.people.actions import find_or_add_person


def receive(
    *,
    form_key: str,
    organisation_name: str,
    name: str,
    email: str,
    challenges_faced: str,
    thoughts: str = "",
    wants_newsletter: bool = False,
    actor: Principal,
    now: datetime,
) -> Enquiry:
    """Keep an enquiry and acknowledge it to its writer, who confirms it by the mail's link; then our time begins.

    From somebody signed in, about themselves, it is confirmed at once. The same form twice is one. Refused where the
    same address has written too often today.
    """
    known = db.session.scalar(select(Enquiry).where(Enquiry.form_key == form_key))
    if form_key and known is not None:
        return known
    writer = find_or_add_person(*split_name(name), email, now)
    of_today = select(func.count(Enquiry.id)).where(Enquiry.writer_id == writer.id, Enquiry.received_at > now - DAY)
    if (db.session.scalar(of_today) or 0) >= MOST_ENQUIRIES_A_DAY:
        raise Refused("We have several enquiries from this address today. We will answer those first.", "email")
    enquiry = Enquiry(
        form_key=form_key or new_public_id(),
        organisation_name=organisation_name,
        challenges_faced=challenges_faced,
        thoughts=thoughts,
        wants_newsletter=wants_newsletter,
        writer=writer,
        received_at=now,
        touched_at=now,
    )
    db.session.add(enquiry)
    record("received", enquiry, actor=actor, now=now, person_id=writer.id)
    if actor.person_id == writer.id:
        confirm(enquiry, actor=actor, now=now)
    else:
        add_link(CONFIRM, enquiry.id, writer.id, now=now, lasts=LINK_LASTS)
    tell(notices.RECEIVED, enquiry.id, [writer.id], now)
    return enquiry


def confirm(enquiry: Enquiry, *, actor: Principal, now: datetime) -> None:
    """Its writer says that it is theirs: the engagement team is told, and has five working days to answer.

    Whoever asked for the newsletter is asked whether they do. Again changes nothing. Refused once it is closed.
    """
    hold_row(enquiry, "state", "confirmed_at")
    if enquiry.confirmed_at is not None:
        return
    if enquiry.state is not EnquiryState.RECEIVED:
        raise Refused("This enquiry was closed, because nobody confirmed it for a month. Please write to us again.")
    record("confirmed", enquiry, actor=actor, now=now, person_id=enquiry.writer_id)
    take_as_confirmed(enquiry, actor, now)
    tell(notices.WAITING, enquiry.id, engagement_officers(but=enquiry.writer_id), now)


def take_as_confirmed(enquiry: Enquiry, actor: Principal, now: datetime) -> None:
    """From now on it waits for us; whoever ticked the newsletter is asked whether they want it."""
    enquiry.confirmed_at = enquiry.touched_at = now
    if enquiry.wants_newsletter:
        ask_for_newsletter(enquiry.writer, actor=actor, now=now)


def confirm_by_link(enquiry: Enquiry, link: Link, *, now: datetime) -> None:
    """The same by the link of a mail, which is spent. Refused where the link does not work any more."""
    hold_row(enquiry, "state", "confirmed_at")
    if enquiry.confirmed_at is None:
        confirm(enquiry, actor=spend(link, now), now=now)


def send_link_again(enquiry: Enquiry, *, now: datetime) -> None:
    """Mail its writer the newest link to confirm it, made now if need be; at most once a day, whoever asks."""
    if enquiry.confirmed_at is not None or enquiry.state is not EnquiryState.RECEIVED:
        return
    working_link(CONFIRM, enquiry.id, enquiry.writer_id, now=now, lasts=LINK_LASTS)
    tell(notices.RECEIVED, enquiry.id, [enquiry.writer_id], day_began(now))


def lapse_unconfirmed(now: datetime) -> int:
    """Close what nobody confirmed for a month, and forget what it said. Returns how many.

    Nobody is mailed: the address may be a stranger's.
    """
    old = select(Enquiry).where(
        Enquiry.state == EnquiryState.RECEIVED,
        Enquiry.confirmed_at.is_(None),
        Enquiry.received_at <= now - KEPT_UNCONFIRMED,
    )
    enquiries = db.session.scalars(old.with_for_update(skip_locked=True)).all()
    for enquiry in enquiries:
        if ENQUIRY.move(enquiry, "lapse"):
            enquiry.outcome, enquiry.touched_at = "Nobody confirmed the address.", now
            enquiry.challenges_faced = enquiry.thoughts = ""
            record("closed", enquiry, actor=NOBODY, now=now, person_id=enquiry.writer_id, reason=enquiry.outcome)
    return len(enquiries)
