"""Having the supervisor read a draft: a link by mail, what they say by it, and a fresh one when it has run out."""

from datetime import datetime

from placements.agreements import notices
from placements.agreements.actions import comment, hold
from placements.agreements.models import Agreement
from placements.agreements.reading import READ_BY_LINK, READING_LASTS, Reading, asked_to_read, words_seen
from placements.agreements.workflow import AGREEMENT
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.history.actions import record
from placements.links.actions import add_link
from placements.mail.actions import tell


def ask_to_read(agreement: Agreement, *, actor: Principal, now: datetime) -> None:
    """Mail the supervisor a link to read the draft and comment on it; once for the same saved words.

    Raises Refused where it is no draft any more.
    """
    hold(agreement)
    AGREEMENT.move(agreement, "edit")
    asked = asked_to_read(agreement.placement)
    if asked is None or not asked.is_open(now) or asked.version != words_seen(agreement):
        _send(agreement, actor=actor, now=now)


def comment_by_link(reading: Reading, text: str, form_key: str, *, now: datetime) -> None:
    """The supervisor comments by the link of their mail, as often as they like until it runs out; the student is told.

    Raises Refused where there is nothing to comment on, or the link has run out.
    """
    if reading.agreement is None or not reading.can_comment(now):
        raise Refused("This draft cannot be commented on by this link any more.")
    comment(reading.agreement, text, form_key, actor=Principal(reading.link.holder_id), now=now)


def send_new_reading_link(reading: Reading, *, now: datetime) -> None:
    """Mail the link's holder a fresh one. Refused where nothing is being written."""
    if reading.agreement is None or not reading.can_be_renewed:
        raise Refused("There is nothing for you to read by a new link now.")
    _send(reading.agreement, actor=Principal(reading.link.holder_id), now=now)


def _send(agreement: Agreement, *, actor: Principal, now: datetime) -> None:
    placement = agreement.placement
    holder = placement.supervisor_id
    add_link(READ_BY_LINK, placement.id, holder, now=now, lasts=READING_LASTS, version=words_seen(agreement))
    student = placement.enrolment.person_id
    record("sent to the supervisor to read", agreement, actor=actor, now=now, person_id=student)
    tell(notices.PLEASE_READ, agreement.id, [holder], now)
