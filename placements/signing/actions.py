"""Signing: in any order, once each, over what was read; the last signature brings it into force. Or it is sent back."""

from datetime import datetime

from sqlalchemy import select

from placements.agreements.actions import add_comment, hold, next_version, start
from placements.agreements.groups import group_of
from placements.agreements.models import Agreement, Party, Signature
from placements.agreements.policy import signs_for
from placements.agreements.queries import dates_of, facts_of, is_out_of_date
from placements.agreements.rules import is_name
from placements.agreements.workflow import AGREEMENT, AgreementState
from placements.core.errors import Conflict, NotAllowed, Refused
from placements.core.policy import Principal
from placements.db import db
from placements.history.actions import record
from placements.links.actions import add_link, spend
from placements.mail.actions import tell
from placements.people.models import Person
from placements.placing.actions import come_to_agreement
from placements.placing.actions import hold as hold_placement
from placements.signing import notices
from placements.signing.invitations import SIGN_BY_LINK, Invitation
from placements.signing.sending import LINK_LASTS, asked_to_sign
from placements.signing.together import hash_of, waiting_with


def sign(agreement: Agreement, typed_name: str, address: str, *, seen: str, actor: Principal, now: datetime) -> None:
    """Sign for the one party that `actor` is; signing again changes nothing. The last signature brings it into force.

    `seen`: the hash of what was read; `address`: the network address it is signed from. Raises Refused where the
    version does not go round any more, its facts have changed or the name is another's, Conflict where other words do.
    """
    hold(agreement)
    if agreement.signature_of_person(actor.person_id):
        return
    AGREEMENT.move(agreement, "sign")
    party = _party_of(actor, agreement)
    if agreement.signature_of(party):
        raise Refused("It is signed for the university already. You need do nothing more.")
    _check(agreement, _name_of(actor, agreement, party), typed_name, seen)
    agreement.signatures.append(
        Signature(
            party=party,
            person_id=actor.person_id,
            typed_name=typed_name,
            at=now,
            address=address,
            sha256=agreement.sha256,
        )
    )
    student = agreement.placement.enrolment.person_id
    record(f"signed by the {party}", agreement, actor=actor, now=now, person_id=student)
    if len(agreement.signatures) == len(Party):
        _come_into_force(agreement, actor=actor, now=now)


def sign_together(
    agreement: Agreement, typed_name: str, address: str, *, seen: str, actor: Principal, now: datetime
) -> None:
    """Sign the version, and with it each part of its group's that waits for the same signature.

    `seen`: the hash of all that was read. Raises as `sign` does, and Conflict where other parts wait by now.
    """
    for placement in group_of(agreement.placement).parts:
        hold_placement(placement)
    hold(agreement)
    parts = waiting_with(agreement, actor)
    if len(parts) < 2:
        sign(agreement, typed_name, address, seen=seen, actor=actor, now=now)
        return
    if seen != hash_of(parts):
        raise Conflict("This is not what goes round for signing now. Read it as it is, then sign.")
    for part in parts:
        sign(part, typed_name, address, seen=part.sha256 or "", actor=actor, now=now)


def _party_of(actor: Principal, agreement: Agreement) -> Party:
    found = signs_for(actor, agreement)
    if not found:
        raise NotAllowed
    if len(found) > 1:
        raise Refused("You would sign on two sides. Ask the module leader to change that first.")
    return found[0]


def _name_of(actor: Principal, agreement: Agreement, party: Party) -> str:
    """The name to sign with: as the Agreement has it, and of whoever covers for the tutor their own."""
    if party is Party.TUTOR and actor.person_id != agreement.placement.tutor_id:
        return db.session.get_one(Person, actor.person_id).name
    return facts_of(agreement).signer(party)


def _check(agreement: Agreement, name: str, typed_name: str, seen: str) -> None:
    if not agreement.placement.goes_on:
        raise Refused("This placement has ended, so there is nothing to sign any more.")
    if seen != agreement.sha256:
        raise Conflict("This is not what goes round for signing now. Read it as it is, then sign.")
    if is_out_of_date(agreement):
        raise Refused("Dates or people have changed since this was sent. The student has to send it round again.")
    if not is_name(typed_name, name):
        raise Refused(f"Type your own name as it stands in the Agreement: {name}", "typed_name")


def _come_into_force(agreement: Agreement, *, actor: Principal, now: datetime) -> None:
    placement = agreement.placement
    student = placement.enrolment.person_id
    earlier = db.session.scalar(
        select(Agreement).where(Agreement.placement_id == placement.id, Agreement.state == AgreementState.IN_FORCE)
    )
    if earlier is not None:
        AGREEMENT.move(earlier, "supersede")
        record("superseded", earlier, actor=actor, now=now, person_id=student)
        db.session.flush()  # only one version of a placement may be in force
    AGREEMENT.move(agreement, "come_into_force")
    agreement.in_force_at = now
    record("came into force", agreement, actor=actor, now=now, person_id=student)
    come_to_agreement(placement, dates_of(placement, agreement), actor=actor, now=now)
    signed = {signature.person_id for signature in agreement.signatures if signature.carried_from_id is None}
    tell(notices.IN_FORCE, agreement.id, signed | ({placement.supervisor_id} if agreement.signatory_id else set()), now)


def take_back(agreement: Agreement, *, actor: Principal, now: datetime) -> Agreement:
    """Take the version out of signing: its signatures are void and kept, whoever was asked is told, a new draft begins.

    Returns the draft. Raises Refused where the version is in force already.
    """
    hold(agreement)
    if not AGREEMENT.move(agreement, "take_back"):
        return start(agreement.placement, actor=actor, now=now)
    return _again(agreement, "taken back", actor=actor, now=now)


def ask_for_changes(agreement: Agreement, text: str, form_key: str, *, actor: Principal, now: datetime) -> None:
    """Supervisor or tutor will not sign it so: it is taken out of signing, and the student is told to read why."""
    hold(agreement)
    if not AGREEMENT.move(agreement, "ask_for_changes"):
        return
    add_comment(agreement, text, form_key, actor=actor, now=now)
    _again(agreement, "sent back for changes", actor=actor, now=now)
    tell(notices.CHANGES_ASKED, agreement.id, [agreement.placement.enrolment.person_id], now)


def _again(agreement: Agreement, verb: str, *, actor: Principal, now: datetime) -> Agreement:
    placement = agreement.placement
    student = placement.enrolment.person_id
    record(verb, agreement, actor=actor, now=now, person_id=student)
    db.session.flush()  # only one version of a placement may be open
    draft = next_version(placement, agreement, actor=actor, now=now)
    holds = {each.person_id for each in agreement.signatures if each.carried_from_id}  # they were asked for nothing
    asked = set[int]().union(*asked_to_sign(agreement, now).values())
    tell(notices.TAKEN_BACK, agreement.id, asked - {student, actor.person_id, *holds}, now)
    return draft


def sign_by_link(
    invitation: Invitation, typed_name: str, address: str, *, seen: str | None = None, now: datetime
) -> None:
    """Sign with the link of one's mail, which is used up. Raises Refused as `sign_together` and `spend` do.

    `seen`: the hash of all that was read, where it was more than what the link was sent for.
    """
    link = invitation.link
    seen = seen or link.version
    sign_together(invitation.agreement, typed_name, address, seen=seen, actor=spend(link, now), now=now)


def ask_by_link(invitation: Invitation, text: str, form_key: str, *, now: datetime) -> None:
    """The supervisor asks for changes by the link of their mail, which is used up. Refused where nothing is to sign."""
    if not invitation.can_sign(now):
        raise Refused("This version does not go round for signing any more, so nothing needs changing in it.")
    ask_for_changes(invitation.agreement, text, form_key, actor=spend(invitation.link, now), now=now)


def send_new_link(invitation: Invitation, *, now: datetime) -> None:
    """Mail the link's holder a fresh one for the version that goes round now. Refused where none waits for them."""
    newest, holder = invitation.newest, invitation.link.holder_id
    if newest is None or not invitation.can_be_renewed:
        raise Refused("Nothing waits for your signature now. We write to you when something does.")
    add_link(SIGN_BY_LINK, newest.id, holder, now=now, lasts=LINK_LASTS, version=newest.sha256 or "")
    student = newest.placement.enrolment.person_id
    record("sent to the supervisor again", newest, actor=Principal(holder), now=now, person_id=student)
    tell(notices.PLEASE_SIGN, newest.id, [holder], now)
