"""Agreements as their reader may see them: a placement's versions, who has signed, who must act, a tutor's queue."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, case, exists, func, select
from sqlalchemy.orm import aliased, contains_eager, joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from placements.agreements.models import (
    PARTIES,
    Agreement,
    AgreementComment,
    Objective,
    Party,
    PlannedWeek,
    Signature,
)
from placements.agreements.policy import sides
from placements.agreements.rules import PARTS, Facts, is_name, part_digest, short
from placements.agreements.workflow import OPEN, AgreementState
from placements.challenges.models import Challenge
from placements.cohorts.models import Enrolment
from placements.core.policy import Principal
from placements.db import db, slice_of
from placements.partners.policy import has_no_side
from placements.people.models import Person
from placements.placing.models import Placement
from placements.placing.queries import as_told, followed_by, tutored_by, whole
from placements.placing.workflow import GOING_ON, NOT_BEGUN

STANDING = (*OPEN, AgreementState.IN_FORCE)


def signatory_now(placement: Placement) -> Person | None:
    """Who would sign for the organisation in the supervisor's place, if it has named somebody else."""
    key = _signatory_id(placement)
    return db.session.get(Person, key) if key else None


def _signatory_id(placement: Placement) -> int | None:
    named = placement.challenge.organisation.signatory_id
    return named if named != placement.supervisor_id else None


def facts_now(placement: Placement, agreement: Agreement | None = None) -> Facts:
    """What that version, or any, would say about the placement if it went out for signing now."""
    facts, signatory = _facts_but_signatory(placement, agreement), signatory_now(placement)
    return replace(facts, signatory=signatory.name, signatory_id=signatory.public_id) if signatory else facts


def _facts_but_signatory(placement: Placement, agreement: Agreement | None) -> Facts:
    starts_on, ends_on = dates_of(placement, agreement)
    challenge, student = placement.challenge, placement.enrolment.person
    site, tutor = placement.site, placement.tutor
    return Facts(
        module=placement.enrolment.run.title,
        challenge=challenge.title,
        organisation=challenge.organisation.name,
        where=f"{site.name}, {site.address}, {site.postcode}" if site else "Remote",
        student=student.name,
        student_id=student.public_id,
        supervisor=placement.supervisor.name,
        supervisor_id=placement.supervisor.public_id,
        tutor=tutor.name if tutor else "",
        tutor_id=tutor.public_id if tutor else "",
        starts_on=starts_on,
        ends_on=ends_on,
        minutes=placement.minutes_agreed,
    )


def dates_of(placement: Placement, agreement: Agreement | None) -> tuple[date, date]:
    """First and last day as the version makes them, or as they are. What has begun keeps its first day."""
    if agreement is None:
        return placement.starts_on, placement.ends_on
    moved = agreement.starts_on if placement.state in NOT_BEGUN else None
    return moved or placement.starts_on, agreement.ends_on or placement.ends_on


def facts_of(agreement: Agreement) -> Facts:
    """What a version says about the placement: as it was signed, or, while it is a draft, as it is now."""
    return agreement.signed_facts or facts_now(agreement.placement, agreement)


def is_out_of_date(agreement: Agreement) -> bool:
    """Whether dates, hours or people have changed since the version went out for signing.

    What the organisation is called is no such change: it is the same one, renamed or part of another record. Nor is
    whom it names to sign, once it has signed.
    """
    signed, placement = agreement.signed_facts, agreement.placement
    if signed is None:
        return False
    if agreement.state is AgreementState.SIGNING and agreement.signatory_id != _signatory_id(placement):
        return True
    same = {name: getattr(signed, name) for name in ("organisation", "signatory", "signatory_id")}
    return signed != replace(_facts_but_signatory(placement, agreement), **same)


@dataclass(frozen=True)
class Signer:
    """One party of a version: who signs for it, and the signature once there is one."""

    party: Party
    name: str
    signature: Signature | None
    is_signatory: bool = False

    @property
    def title(self) -> str:
        """“Supervisor”, or in which capacity somebody else signs."""
        return "For the organisation" if self.is_signatory else PARTIES[self.party]


def in_force_of(placement_id: int) -> Agreement | None:
    """The version in force, with its signatures."""
    found = select(Agreement).where(Agreement.placement_id == placement_id, Agreement.state == AgreementState.IN_FORCE)
    return db.session.scalar(found.options(selectinload(Agreement.signatures)))


def holding(agreement: Agreement) -> list[Signature]:
    """The signatures on the version in force that hold for this draft too: nothing of their party's part differs."""
    in_force = in_force_of(agreement.placement_id)
    if in_force is None:
        return []
    was, now = (facts_of(in_force), in_force.content), (facts_of(agreement), agreement.content)
    same = [party for party in Party if part_digest(party, *was) == part_digest(party, *now)]
    return [signature for signature in in_force.signatures if signature.party in same]


def signers(agreement: Agreement) -> list[Signer]:
    """The three parties of a version, each named as the version names them; of a cover who signed, also who it was."""
    facts = facts_of(agreement)
    others = {Party.SUPERVISOR} if facts.signatory else set()
    return [_signer(each, facts.signer(each), agreement.signature_of(each), each in others) for each in Party]


def _signer(party: Party, name: str, signature: Signature | None, is_signatory: bool) -> Signer:
    is_cover = signature is not None and party is Party.TUTOR and not is_name(signature.typed_name, name)
    return Signer(
        party, f"{signature.typed_name}, for {name}" if signature and is_cover else name, signature, is_signatory
    )


def awaited(current: Agreement | None, placement: Placement) -> tuple[str, ...]:
    """The names of those who must act before an Agreement is in force: the student, then whoever has not signed."""
    if current is None or current.state is not AgreementState.SIGNING or is_out_of_date(current):
        return (placement.enrolment.person.name,)
    return tuple(signer.name for signer in signers(current) if signer.signature is None)


def _with_placement() -> tuple[ORMOption, ...]:
    of_placement: list[Any] = [*whole()]
    signatures = selectinload(Agreement.signatures)
    carried = signatures.joinedload(Signature.carried_from).joinedload(Signature.agreement)
    return (joinedload(Agreement.placement).options(*of_placement), signatures, carried)


def agreement_of(who: Principal, public_id: str) -> Agreement | None:
    """The version at that address, with its placement and signatures, where `who` follows the placement."""
    followed = followed_by(who).with_only_columns(Placement.id)
    found = select(Agreement).where(Agreement.public_id == public_id, Agreement.placement_id.in_(followed))
    return db.session.scalar(found.options(*_with_placement()))


def agreement_to_tell_of(agreement_id: int) -> Agreement:
    """A version, with its placement and signatures, for those who write to people about it."""
    return db.session.get_one(Agreement, agreement_id, options=_with_placement())


@dataclass(frozen=True)
class Papers:
    """A placement and every version of its Agreement, the newest first."""

    placement: Placement
    versions: Sequence[Agreement]

    @property
    def open(self) -> Agreement | None:
        """The version that is being written or signed."""
        return next((each for each in self.versions if each.state in OPEN), None)

    @property
    def current(self) -> Agreement | None:
        """The one being worked on; otherwise the one in force."""
        in_force = (each for each in self.versions if each.state is AgreementState.IN_FORCE)
        return self.open or next(in_force, None)


def papers_of(who: Principal, public_id: str) -> Papers | None:
    """The Agreements of the placement at that address, where `who` follows it. Two queries."""
    placement = db.session.scalar(followed_by(who).where(Placement.public_id == public_id).options(*whole()))
    return Papers(placement, versions_of(placement)) if placement else None


def papers_to_tell_of(placement_id: int) -> Papers:
    """The same for those who write to people about a placement, whoever they are."""
    placement = db.session.get_one(Placement, placement_id, options=whole())
    return Papers(placement, versions_of(placement))


def versions_of(placement: Placement) -> Sequence[Agreement]:
    """Every version of the placement's Agreement, the newest first."""
    of_it = select(Agreement).where(Agreement.placement_id == placement.id)
    return db.session.scalars(of_it.order_by(Agreement.number.desc())).all()


def objectives_of(placement_id: int) -> Sequence[Objective]:
    """The objectives of the version in force, in their order; none before there is one. One query."""
    return db.session.scalars(
        select(Objective)
        .join(Agreement, Objective.agreement_id == Agreement.id)
        .where(Agreement.placement_id == placement_id, Agreement.state == AgreementState.IN_FORCE)
        .order_by(Objective.position)
    ).all()


def weeks_of(placement_ids: Collection[int]) -> dict[int, dict[date, int]]:
    """The minutes by week of the versions in force, of those placements that have any: see `PlannedWeek`. One query."""
    planned = (
        select(Agreement.placement_id, PlannedWeek.monday, PlannedWeek.minutes)
        .join(Agreement, PlannedWeek.agreement_id == Agreement.id)
        .where(Agreement.placement_id.in_(placement_ids), Agreement.state == AgreementState.IN_FORCE)
        .order_by(PlannedWeek.monday)
    )
    found: dict[int, dict[date, int]] = {}
    for placement_id, monday, minutes in db.session.execute(planned):
        found.setdefault(placement_id, {})[monday] = minutes
    return found


def comments_on(placement: Placement) -> Sequence[AgreementComment]:
    """What was said of any version, the oldest first."""
    return db.session.scalars(
        select(AgreementComment)
        .join(AgreementComment.agreement)
        .where(Agreement.placement_id == placement.id)
        .options(contains_eager(AgreementComment.agreement), joinedload(AgreementComment.author))
        .order_by(AgreementComment.id)
    ).all()


@dataclass(frozen=True)
class Line:
    """One line of a tutor's queue. `current` is the version being worked on or in force, if there is one."""

    placement: Placement
    current: Agreement | None
    awaits: tuple[str, ...]
    is_mine_to_sign: bool


def queue(who: Principal, size: int, number: int) -> tuple[list[Line], int]:
    """A page of one's students' Agreements, those that wait for one's own signature first. Three queries."""
    newest = aliased(Agreement)
    newest_number = (
        select(func.max(newest.number))
        .where(newest.placement_id == Placement.id, newest.state.in_(STANDING))
        .correlate(Placement)
        .scalar_subquery()
    )
    signed = exists().where(Signature.agreement_id == Agreement.id, Signature.party == Party.TUTOR)
    waits_for_me = (
        Placement.id.in_(who.held_on("placement_tutor")) & (Agreement.state == AgreementState.SIGNING) & ~signed
    )
    urgency = case(
        (waits_for_me, 0),
        (Agreement.state == AgreementState.SIGNING, 1),
        (Agreement.state == AgreementState.DRAFT, 2),
        (Agreement.id.is_(None), 3),
        else_=4,
    )
    rows = _tutored(who).outerjoin(
        Agreement, (Agreement.placement_id == Placement.id) & (Agreement.number == newest_number)
    )
    found, count = slice_of(
        rows.order_by(urgency, Person.family_name, Person.given_name, Placement.id), size, number, *whole()
    )
    current = _current_of([placement.id for placement in found])
    return [_line(who, placement, current.get(placement.id)) for placement in found], count


def _tutored(who: Principal) -> Select[Placement]:
    going_on = select(Placement).join(Placement.enrolment).join(Enrolment.person)
    return going_on.where(Placement.state.in_(GOING_ON), tutored_by(who))


def _current_of(placement_ids: Sequence[int]) -> dict[int, Agreement]:
    """The newest standing version of each placement, with its signatures. Two queries."""
    rows = db.session.scalars(
        select(Agreement)
        .where(Agreement.placement_id.in_(placement_ids), Agreement.state.in_(STANDING))
        .options(selectinload(Agreement.signatures))
        .order_by(Agreement.number)
    )
    return {agreement.placement_id: agreement for agreement in rows}


def _line(who: Principal, placement: Placement, current: Agreement | None) -> Line:
    is_mine = (
        current is not None
        and current.state is AgreementState.SIGNING
        and who.has("placement_tutor", placement.id)
        and current.signature_of(Party.TUTOR) is None
        and not is_out_of_date(current)
        and has_no_side(who, placement.challenge.organisation_id)
    )
    is_done = current is not None and current.state is AgreementState.IN_FORCE
    return Line(placement, current, () if is_done else awaited(current, placement), is_mine)


def prefilled(challenge: Challenge) -> dict[str, str]:
    """What the first draft begins with: the organisation's own words."""
    return {"challenge": challenge.need, "output": challenge.output}


def document_of(agreement: Agreement) -> dict[str, Any]:
    """What `agreements/_document.html` shows."""
    return {
        "agreement": agreement,
        "placement": agreement.placement,
        "facts": facts_of(agreement),
        "parts": PARTS,
        "content": agreement.content,
        "signers": signers(agreement),
        "short_hash": short(agreement.sha256) if agreement.sha256 else None,
    }


def said_of(placement: Placement, recipient: Person, now: datetime) -> dict[str, Any]:
    """What every mail about an Agreement says of the placement, and which party its recipient is."""
    return {
        "placement": placement,
        "student": placement.enrolment.person,
        "organisation": placement.challenge.organisation,
        "party": next(iter(sides(as_told(recipient.id, placement, now), placement)), None),
    }
