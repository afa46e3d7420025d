"""What signing has us say to people: sign it, still unsigned, changes asked for, taken back, in force."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from flask import url_for
from sqlalchemy import Select, func, select, union_all

from placements.agreements.models import Agreement, Party, Signature
from placements.agreements.policy import signs_for
from placements.agreements.queries import agreement_to_tell_of, is_out_of_date, said_of, signers
from placements.agreements.workflow import AgreementState
from placements.cohorts.models import Enrolment
from placements.core.clock import today
from placements.links.actions import latest_link, token
from placements.mail.notices import Context, Notice, Pace, Timed, TimedReminder
from placements.mail.stepping import NO_DEADLINE, latest_step
from placements.people.models import Person
from placements.placing.models import Placement
from placements.placing.queries import acting_tutor, as_told
from placements.placing.workflow import GOING_ON
from placements.signing.invitations import SIGN_BY_LINK
from placements.signing.together import waiting_with

Values = Mapping[str, Any] | None


def _about(is_true: Callable[[Agreement], bool]) -> Context:
    """A notice about a version, while `is_true` and its placement goes on."""

    def context(agreement_id: int, recipient: Person, now: datetime) -> Values:
        agreement = agreement_to_tell_of(agreement_id)
        if not agreement.placement.goes_on or not is_true(agreement):
            return None
        return {
            **said_of(agreement.placement, recipient, now),
            "agreement": agreement,
            "unsigned": [signer for signer in signers(agreement) if signer.signature is None],
            "address": _where_to_read(agreement, recipient, now),
        }

    return context


def _where_to_read(agreement: Agreement, recipient: Person, now: datetime) -> str:
    """Who signed by a link reads by it, as long as it lasts; a signatory follows no placement, so has no other page."""
    link = latest_link(SIGN_BY_LINK, agreement.id, recipient.id)
    if link is not None and (now < link.expires_at or agreement.signatory_id == recipient.id):
        return url_for("signing.sign_by_link", token=token(link), _external=True)
    return url_for("agreements.agreement", public_id=agreement.placement.public_id, _external=True)


def _to_sign(agreement_id: int, recipient: Person, now: datetime) -> Values:
    """The version goes round, and the recipient signs for a party that has not. An organisation signs by link."""
    agreement = agreement_to_tell_of(agreement_id)
    reader = as_told(recipient.id, agreement.placement, now)
    found = signs_for(reader, agreement)
    waits = agreement.state is AgreementState.SIGNING and agreement.placement.goes_on
    if not waits or is_out_of_date(agreement) or len(found) != 1 or agreement.signature_of(found[0]):
        return None
    parts = waiting_with(agreement, reader)
    if parts[0].id != agreement.id:
        return None  # said with the first part of the group's
    address, works_until = _where_to_sign(agreement, found[0], recipient, now)
    if address is None:
        return None
    return {
        **said_of(agreement.placement, recipient, now),
        "party": found[0],
        "is_signatory": agreement.signatory_id == recipient.id,
        "agreement": agreement,
        "students": [part.placement.enrolment.person.name for part in parts],
        "others": [each for each in signers(agreement) if each.signature is None and each.party is not found[0]],
        "address": address,
        "works_until": works_until,
        "now": now,
    }


def _where_to_sign(
    agreement: Agreement, party: Party, recipient: Person, now: datetime
) -> tuple[str | None, datetime | None]:
    if party is not Party.SUPERVISOR:
        return url_for("signing.sign", public_id=agreement.public_id, _external=True), None
    link = latest_link(SIGN_BY_LINK, agreement.id, recipient.id)
    if link is None or not link.is_open(now):
        return None, None
    return url_for("signing.sign_by_link", token=token(link), _external=True), link.expires_at


def _is(*states: AgreementState) -> Callable[[Agreement], bool]:
    return lambda agreement: agreement.state in states


RUN = "placement.enrolment.run_id"
FILLS = {"student": "student.name", "organisation": "organisation.name"}

PLEASE_SIGN = Notice("signing.please_sign", _to_sign, run=RUN, fills=FILLS)
UNSIGNED = Notice("signing.unsigned", _to_sign, pace=Pace.DAILY, run=RUN, fills=FILLS)
CHANGES_ASKED = Notice("signing.changes_asked", _about(_is(AgreementState.TAKEN_BACK)), run=RUN, fills=FILLS)
TAKEN_BACK = Notice("signing.taken_back", _about(_is(AgreementState.TAKEN_BACK)), run=RUN, fills=FILLS)
IN_FORCE = Notice("signing.in_force", _about(_is(AgreementState.IN_FORCE)), pace=Pace.DAILY, run=RUN, fills=FILLS)

NOTICES = (PLEASE_SIGN, UNSIGNED, CHANGES_ASKED, TAKEN_BACK, IN_FORCE)


def unsigned(now: datetime, steps: tuple[int, ...]) -> Timed:
    """Each party that has not signed a version, so many days after it went out."""
    parties: dict[Party, Any] = {
        Party.STUDENT: Enrolment.person_id,
        Party.SUPERVISOR: func.coalesce(Agreement.signatory_id, Placement.supervisor_id),
        Party.TUTOR: acting_tutor(today(now)),
    }
    found = (_of_party(party, person_id, steps, now) for party, person_id in parties.items())
    rows = union_all(*found).subquery()
    return select(rows.c.id, rows.c.person_id, rows.c.due_at, rows.c.run_id, NO_DEADLINE)


def _of_party(party: Party, person_id: Any, steps: tuple[int, ...], now: datetime) -> Select[int, int, datetime, int]:
    signed = select(Signature.id).where(Signature.agreement_id == Agreement.id, Signature.party == party)
    due_at, is_due = latest_step(Agreement.proposed_at, steps, now)
    return (
        select(Agreement.id, person_id.label("person_id"), due_at.label("due_at"), Enrolment.run_id.label("run_id"))
        .join(Agreement.placement)
        .join(Placement.enrolment)
        .where(Agreement.state == AgreementState.SIGNING, is_due)
        .where(Placement.state.in_(GOING_ON), person_id.is_not(None), ~signed.exists())
    )


REMINDERS = (TimedReminder(UNSIGNED, unsigned, steps=(3, 7), hangs_on="the day on which it went out for signing"),)
