"""Copies of Agreements: what one says, which are still to be made, and whose bytes a file has."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from placements.agreements.models import Agreement
from placements.agreements.queries import Signer, agreement_of, facts_of, signers
from placements.agreements.rules import PARTS, digest, short
from placements.agreements.weeks import say_hours
from placements.copies.models import AgreementCopy
from placements.copies.policy import WAS_IN_FORCE
from placements.core.clock import say_date, say_when
from placements.core.policy import Principal
from placements.db import db
from placements.files.models import StoredFile


def uncopied(most: int) -> Sequence[int]:
    """The keys of versions that came into force and have no copy yet, the oldest first. One query."""
    has_one = select(AgreementCopy.id).where(AgreementCopy.agreement_id == Agreement.id).exists()
    found = select(Agreement.id).where(Agreement.state.in_(WAS_IN_FORCE), Agreement.sha256.is_not(None), ~has_one)
    return db.session.scalars(found.order_by(Agreement.id).limit(most)).all()


def copy_of(agreement_id: int) -> AgreementCopy | None:
    """The copy of a version, once it is made."""
    found = select(AgreementCopy).where(AgreementCopy.agreement_id == agreement_id)
    return db.session.scalar(found.options(joinedload(AgreementCopy.file)))


def agreement_with_bytes(who: Principal, sha256: str) -> Agreement | None:
    """The version whose copy has just these bytes, where `who` may read it. Two queries."""
    found = select(Agreement.public_id).join(AgreementCopy, AgreementCopy.agreement_id == Agreement.id)
    public_id = db.session.scalar(found.join(AgreementCopy.file).where(StoredFile.sha256 == sha256).limit(1))
    return agreement_of(who, public_id) if public_id else None


def still_says_what_was_signed(agreement: Agreement) -> bool:
    """Whether our own record of the version has the fingerprint that was signed."""
    signed, form = agreement.signed_facts, agreement.format
    if signed is None or form is None:
        return False
    return digest(agreement.number, signed, agreement.content, form) == agreement.sha256


def words_of(agreement: Agreement) -> dict[str, Any]:
    """Everything that its PDF says, as plain values. Network addresses stay with us: they are nobody's to pass on."""
    said, content = facts_of(agreement), agreement.content
    assert agreement.sha256 is not None and agreement.in_force_at is not None
    return {
        "subtitle": f"{said.student} at {said.organisation}",
        "student": said.student,
        "number": agreement.number,
        "short_hash": short(agreement.sha256),
        "sha256": agreement.sha256,
        "in_force": f"Version {agreement.number}, in force since {say_when(agreement.in_force_at)}, London time.",
        "facts": [
            ["Student", said.student],
            ["Organisation", said.organisation],
            ["Supervisor", said.supervisor],
            ["Tutor", said.tutor],
            ["Challenge", said.challenge],
            ["Where", said.where],
            ["Dates", f"{say_date(said.starts_on)} to {say_date(said.ends_on)}"],
            ["Hours", say_hours(said.minutes)],
            ["Module", said.module],
        ],
        "parts": [{"title": part.title, "text": content.said(part.name)} for part in PARTS],
        "signatures": [_signature(signer) for signer in signers(agreement)],
    }


def _signature(signer: Signer) -> dict[str, str]:
    signature = signer.signature
    if signature is None:
        return {"party": signer.title, "name": signer.name, "at": "Not signed"}
    carried = signature.carried_from
    holds = f", on version {carried.agreement.number}: nothing of this part changed since" if carried else ""
    return {"party": signer.title, "name": signature.typed_name, "at": f"{say_when(signature.at)}{holds}"}
