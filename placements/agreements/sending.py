"""Sending a version round: facts and hash are fixed, signatures that still hold stay, the others are asked for."""

from datetime import datetime, timedelta

from placements.agreements import notices, rules
from placements.agreements.actions import CHANGED, hold, problem_with_weeks
from placements.agreements.invitations import SIGN_BY_LINK
from placements.agreements.models import Agreement, Party, Signature
from placements.agreements.queries import facts_now, holding
from placements.agreements.workflow import AGREEMENT, AgreementState
from placements.core.errors import Conflict, Refused
from placements.core.policy import Principal
from placements.history.actions import record
from placements.links.actions import add_link
from placements.mail.actions import tell
from placements.placing.actions import parties, told_of
from placements.placing.queries import sides_of

LINK_LASTS = timedelta(days=21)
NOTHING_NEW = "Nothing differs from the version that is in force, so there is nothing to sign. Change something first."


def propose(agreement: Agreement, *, seen: int | None, actor: Principal, now: datetime) -> None:
    """Send the version round: facts and hash are fixed, and whoever has to sign is asked, the supervisor by a link.

    A party of the version in force whose part is the same in this one keeps its signature, and is told nothing.
    `seen`: the edit_version that was read and checked. Raises Conflict where it is another by now, Refused where a
    part is not written, nothing changed, nobody can sign as the tutor, or one person would sign on two sides.
    """
    hold(agreement)
    if agreement.state is AgreementState.SIGNING:
        return
    if seen != agreement.edit_version:
        raise Conflict(f"{CHANGED} Read it again as it is now, then send it.")
    placement = agreement.placement
    problem = problem_with_signing(agreement)
    if problem:
        raise Refused(problem)
    kept = holding(agreement)
    AGREEMENT.move(agreement, "propose")
    facts = facts_now(placement, agreement)
    agreement.facts, agreement.proposed_at, agreement.format = facts.kept(), now, rules.FORMAT
    agreement.sha256 = rules.digest(agreement.number, facts, agreement.content)
    agreement.signatures = [_carried(signature) for signature in kept]
    asked = told_of(placement, but=Principal(), now=now) - {signature.person_id for signature in kept}
    if placement.supervisor_id in asked:
        holder, version = placement.supervisor_id, agreement.sha256
        add_link(SIGN_BY_LINK, agreement.id, holder, now=now, lasts=LINK_LASTS, version=version)
    record("sent for signing", agreement, actor=actor, now=now, person_id=placement.enrolment.person_id)
    tell(notices.PLEASE_SIGN, agreement.id, asked, now)


def _carried(signed: Signature) -> Signature:
    """The same signature on the next version: it says what was really signed, when, from where, and on which one."""
    return Signature(
        party=signed.party,
        person_id=signed.person_id,
        typed_name=signed.typed_name,
        at=signed.at,
        address=signed.address,
        sha256=signed.sha256,
        carried_from_id=signed.carried_from_id or signed.id,
    )


def problem_with_signing(agreement: Agreement) -> str | None:
    """Why a draft cannot go out for signing, as a sentence; None where it can."""
    content, placement = agreement.content, agreement.placement
    missing = rules.missing(content)
    if missing:
        titles = ", ".join(f"“{section.title}”" for section in missing)
        return f"Write every part first. Still empty: {titles}."
    problem = problem_with_weeks(agreement, content.weeks)
    if problem:
        return problem
    if placement.tutor_id is None:
        return "Nobody is your tutor yet, so nobody could sign for the university. Ask the module leader to name one."
    if len(parties(placement, but=Principal())) < len(Party):
        return "One person would sign on two sides. Ask your tutor or the module leader to change that first."
    if placement.challenge.organisation_id in sides_of(placement.tutor_id):
        return "Your tutor cannot sign for this organisation. Ask the module leader to name another."
    return NOTHING_NEW if len(holding(agreement)) == len(Party) else None
