"""Sending a version round: facts and hash are fixed, signatures that still hold stay, the others are asked for."""

from datetime import datetime, timedelta

from placements.agreements import rules
from placements.agreements.actions import CHANGED, hold, problem_with_weeks
from placements.agreements.groups import Group, group_of, newest_of
from placements.agreements.models import Agreement, Party, Signature
from placements.agreements.queries import facts_now, holding, signatory_now
from placements.agreements.workflow import AGREEMENT, AgreementState
from placements.core.clock import today
from placements.core.errors import Conflict, Refused
from placements.core.policy import Principal
from placements.history.actions import record
from placements.links.actions import add_link
from placements.mail.actions import tell
from placements.placing.actions import hold as hold_placement
from placements.placing.actions import parties
from placements.placing.queries import acting_tutor_id, sides_of
from placements.signing import notices
from placements.signing.invitations import SIGN_BY_LINK

LINK_LASTS = timedelta(days=21)
NOTHING_NEW = "Nothing differs from the version that is in force, so there is nothing to sign. Change something first."


def propose_together(agreement: Agreement, *, seen: int | None, actor: Principal, now: datetime) -> None:
    """Send the version round, and with it the other drafts of its group's that say something new.

    Raises as `propose` does, and Refused where another's part cannot go out yet.
    """
    group = group_of(agreement.placement)
    for placement in group.parts:
        hold_placement(placement)
    hold(agreement)
    if agreement.state is AgreementState.SIGNING:
        return
    problem = problem_with_parts(group)
    if problem:
        raise Refused(problem)
    propose(agreement, seen=seen, actor=actor, now=now)
    for part in drafts_with(group):
        propose(part, seen=part.edit_version, actor=actor, now=now)


def drafts_with(group: Group) -> list[Agreement]:
    """The others' drafts that go out with one's own: those that say something that is not in force."""
    newest = [newest_of(member) for member in group.members] if group.is_member else []
    drafts = [each for each in newest if each is not None and each.state is AgreementState.DRAFT]
    return [each for each in drafts if problem_with_signing(each) != NOTHING_NEW]


def problem_with_parts(group: Group) -> str | None:
    """Why another's part keeps the group's Agreement back, as a sentence; None where none does."""
    for part in drafts_with(group):
        problem = problem_with_signing(part)
        if problem:
            name = part.placement.enrolment.person.name
            return f"The part of {name} is not ready, and your group’s Agreement goes out as one. {problem}"
    return None


def propose(agreement: Agreement, *, seen: int | None, actor: Principal, now: datetime) -> None:
    """Send the version round: facts and hash are fixed, and whoever has to sign is asked, the organisation by a link.

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
    signatory = signatory_now(placement)
    agreement.signatory_id = signatory.id if signatory else None
    agreement.signatures = [_carried(signature) for signature in kept]
    asked = {party: keys for party, keys in asked_to_sign(agreement, now).items() if not agreement.signature_of(party)}
    for holder in asked.get(Party.SUPERVISOR, ()):
        version = agreement.sha256
        add_link(SIGN_BY_LINK, agreement.id, holder, now=now, lasts=LINK_LASTS, version=version)
    record("sent for signing", agreement, actor=actor, now=now, person_id=placement.enrolment.person_id)
    tell(notices.PLEASE_SIGN, agreement.id, set[int]().union(*asked.values()), now)


def asked_to_sign(agreement: Agreement, now: datetime) -> dict[Party, set[int]]:
    """Whose signature each party's may be, by key: the tutor's also whoever covers for them."""
    acting = acting_tutor_id(agreement.placement, today(now))
    people = agreement.signing_people
    return {
        party: {key for key in (people[party], acting if party is Party.TUTOR else None) if key is not None}
        for party in Party
    }


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
    signatory = signatory_now(placement)
    is_on_another_side = signatory is not None and signatory.id in (placement.enrolment.person_id, placement.tutor_id)
    if is_on_another_side or len(parties(placement, but=Principal())) < len(Party):
        return "One person would sign on two sides. Ask your tutor or the module leader to change that first."
    if placement.challenge.organisation_id in sides_of(placement.tutor_id):
        return "Your tutor cannot sign for this organisation. Ask the module leader to name another."
    return NOTHING_NEW if len(holding(agreement)) == len(Party) else None
