"""What Agreements write to people: write it, sign it, still unsigned, changes asked for, taken back, in force."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import url_for
from sqlalchemy import Select, select, union_all

from placements.agreements.invitations import SIGN_BY_LINK
from placements.agreements.models import Agreement, Party, Signature
from placements.agreements.policy import sides
from placements.agreements.queries import (
    agreement_to_tell_of,
    is_out_of_date,
    signers,
    versions_of,
)
from placements.agreements.workflow import OPEN, AgreementState
from placements.cohorts.models import Enrolment
from placements.core.clock import today
from placements.db import db, shifted
from placements.links.actions import latest_link, token
from placements.mail.notices import Context, Due, Notice, Reminder
from placements.people.models import Person
from placements.placing.models import Placement
from placements.placing.queries import acting_tutor, as_told, whole
from placements.placing.workflow import GOING_ON, NOT_BEGUN

Values = Mapping[str, Any] | None
NUDGED_AFTER = timedelta(days=7)  # after acceptance, while nothing has been sent for signing; ours
REMINDED_AFTER = (timedelta(days=3), timedelta(days=7))  # after it went out, whoever has not signed


def _to_write(placement_id: int, recipient: Person, now: datetime) -> Values:
    """The student's placement has no Agreement that ever went out for signing."""
    placement = db.session.get_one(Placement, placement_id, options=whole())
    versions = versions_of(placement)
    if not placement.goes_on or any(version.proposed_at for version in versions):
        return None
    return {
        **_values(placement, recipient, now),
        "is_begun": bool(versions),
        "created_at": placement.created_at,
        "now": now,
        "address": url_for("agreements.agreement", public_id=placement.public_id, _external=True),
    }


def _values(placement: Placement, recipient: Person, now: datetime) -> dict[str, Any]:
    return {
        "placement": placement,
        "student": placement.enrolment.person,
        "organisation": placement.challenge.organisation,
        "party": next(iter(sides(as_told(recipient.id, placement, now), placement)), None),
    }


def _about(is_true: Callable[[Agreement], bool]) -> Context:
    """A notice about a version, while `is_true` and its placement goes on."""

    def context(agreement_id: int, recipient: Person, now: datetime) -> Values:
        agreement = agreement_to_tell_of(agreement_id)
        if not agreement.placement.goes_on or not is_true(agreement):
            return None
        return {
            **_values(agreement.placement, recipient, now),
            "agreement": agreement,
            "unsigned": [signer for signer in signers(agreement) if signer.signature is None],
            "address": _where_to_read(agreement, recipient, now),
        }

    return context


def _where_to_read(agreement: Agreement, recipient: Person, now: datetime) -> str:
    """The supervisor reads by the link that they signed with, as long as it lasts."""
    link = latest_link(SIGN_BY_LINK, agreement.id, recipient.id)
    if link is not None and now < link.expires_at:
        return url_for(SIGN_BY_LINK, token=token(link), _external=True)
    return url_for("agreements.agreement", public_id=agreement.placement.public_id, _external=True)


def _to_sign(agreement_id: int, recipient: Person, now: datetime) -> Values:
    """The version goes round, and the recipient is a party that has not signed it. A supervisor signs by link."""
    agreement = agreement_to_tell_of(agreement_id)
    found = sides(as_told(recipient.id, agreement.placement, now), agreement.placement)
    waits = agreement.state is AgreementState.SIGNING and agreement.placement.goes_on
    if not waits or is_out_of_date(agreement) or len(found) != 1 or agreement.signature_of(found[0]):
        return None
    address, works_until = _where_to_sign(agreement, found[0], recipient, now)
    if address is None:
        return None
    return {
        **_values(agreement.placement, recipient, now),
        "agreement": agreement,
        "others": [each for each in signers(agreement) if each.signature is None and each.party is not found[0]],
        "address": address,
        "works_until": works_until,
        "now": now,
    }


def _where_to_sign(
    agreement: Agreement, party: Party, recipient: Person, now: datetime
) -> tuple[str | None, datetime | None]:
    if party is not Party.SUPERVISOR:
        return url_for("agreements.sign", public_id=agreement.public_id, _external=True), None
    link = latest_link(SIGN_BY_LINK, agreement.id, recipient.id)
    if link is None or not link.is_open(now):
        return None, None
    return url_for(SIGN_BY_LINK, token=token(link), _external=True), link.expires_at


def _is(*states: AgreementState) -> Callable[[Agreement], bool]:
    return lambda agreement: agreement.state in states


TO_WRITE = Notice("agreements.to_write", _to_write)
PLEASE_SIGN = Notice("agreements.please_sign", _to_sign)
UNSIGNED = Notice("agreements.unsigned", _to_sign)
COMMENTED = Notice("agreements.commented", _about(_is(*OPEN)))
CHANGES_ASKED = Notice("agreements.changes_asked", _about(_is(AgreementState.TAKEN_BACK)))
TAKEN_BACK = Notice("agreements.taken_back", _about(_is(AgreementState.TAKEN_BACK)))
IN_FORCE = Notice("agreements.in_force", _about(_is(AgreementState.IN_FORCE)))

NOTICES = (TO_WRITE, PLEASE_SIGN, UNSIGNED, COMMENTED, CHANGES_ASKED, TAKEN_BACK, IN_FORCE)


def _nothing_sent(after: timedelta) -> Due:
    """The students whose placement has nothing out for signing, `after` it was accepted."""

    def due(now: datetime) -> Select[int, int, datetime]:
        due_at = shifted(Placement.created_at, after)
        sent = select(Agreement.id).where(Agreement.placement_id == Placement.id, Agreement.proposed_at.is_not(None))
        return (
            select(Placement.id, Enrolment.person_id, due_at)
            .join(Placement.enrolment)
            .where(Placement.state.in_(NOT_BEGUN), Placement.agreed_at.is_(None))
            .where(Placement.created_at <= now - after, ~sent.exists())
        )

    return due


def _unsigned(after: timedelta) -> Due:
    """Each party that has not signed a version, `after` it went out."""

    def due(now: datetime) -> Select[int, int, datetime]:
        parties: dict[Party, Any] = {
            Party.STUDENT: Enrolment.person_id,
            Party.SUPERVISOR: Placement.supervisor_id,
            Party.TUTOR: acting_tutor(today(now)),
        }
        rows = union_all(*(_of_party(party, person_id, after, now) for party, person_id in parties.items())).subquery()
        return select(rows.c.id, rows.c.person_id, rows.c.due_at)

    return due


def _of_party(party: Party, person_id: Any, after: timedelta, now: datetime) -> Select[int, int, datetime]:
    signed = select(Signature.id).where(Signature.agreement_id == Agreement.id, Signature.party == party)
    due_at = shifted(Agreement.proposed_at, after).label("due_at")
    return (
        select(Agreement.id, person_id.label("person_id"), due_at)
        .join(Agreement.placement)
        .join(Placement.enrolment)
        .where(Agreement.state == AgreementState.SIGNING, Agreement.proposed_at <= now - after)
        .where(Placement.state.in_(GOING_ON), person_id.is_not(None), ~signed.exists())
    )


REMINDERS = (
    Reminder(TO_WRITE, _nothing_sent(timedelta())),
    Reminder(TO_WRITE, _nothing_sent(NUDGED_AFTER)),
    *(Reminder(UNSIGNED, _unsigned(after)) for after in REMINDED_AFTER),
)
