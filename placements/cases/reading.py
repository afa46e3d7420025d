"""Everything that the platform knows of one student on one run, as far as one person may read it: a constant number of
queries, however much there is."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload, undefer

from placements.agreements.models import Agreement, GroupPart, Signature
from placements.attendance.models import PlannedDay
from placements.cases.rules import Others
from placements.challenges.models import Challenge
from placements.cohorts.models import Component, Enrolment, ModuleRun, RoleOnRun, TimeslotGroup
from placements.concerns.models import Concern, ConcernNote
from placements.concerns.queries import ITS_WORDS, WHOLE, visible_to
from placements.copies.models import AgreementCopy
from placements.core.policy import Principal
from placements.db import db
from placements.feedback.models import Feedback
from placements.feedback.queries import on_placements
from placements.logbook.hours import ledgers_of
from placements.logbook.ledger import Ledger
from placements.logbook.models import Entry, EntryEvidence, LedgerEvent
from placements.logbook.queries import UNSENT
from placements.offers.models import Clearing, Offer
from placements.people.models import Person
from placements.placing.models import Placement
from placements.placing.queries import whole
from placements.reading.models import LogbookGrade, LogbookScore


@dataclass(frozen=True)
class Placed:
    """The student, the run, and what they did at organisations; what is by placement or agreement is by its key."""

    enrolment: Enrolment
    leaders: Sequence[Person]
    offers: Sequence[Offer]
    clearings: Sequence[Clearing]
    placements: Sequence[Placement]
    agreements: Sequence[Agreement]
    copies: Mapping[int, AgreementCopy]
    in_groups: Collection[int]
    planned: Sequence[PlannedDay]
    entries: Sequence[Entry]
    ledger: Ledger | None
    feedback: Sequence[Feedback]
    grades: Sequence[LogbookGrade]
    concerns: Sequence[Concern] = ()
    others: Others = field(default_factory=Others)

    @property
    def run(self) -> ModuleRun:
        """The run that it is about."""
        return self.enrolment.run

    def agreements_of(self, placement: Placement) -> list[Agreement]:
        """The versions of one placement's Agreement, the first one first."""
        return [each for each in self.agreements if each.placement_id == placement.id]

    def entries_of(self, placement: Placement) -> list[Entry]:
        """The visits of one placement that were sent, the first one first."""
        return [each for each in self.entries if each.placement_id == placement.id]


def placed(enrolment_id: int, who: Principal) -> Placed:
    """Read it as far as `who` may: of concerns those that are theirs to read. As many queries whatever there is."""
    enrolment = _enrolment(enrolment_id)
    placements = _all(
        select(Placement)
        .where(Placement.enrolment_id == enrolment_id)
        .order_by(Placement.id)
        .options(*whole(), selectinload(Placement.pauses))
    )
    ids = [each.id for each in placements]
    agreements = _agreements(ids)
    copies = _all(
        select(AgreementCopy)
        .where(AgreementCopy.agreement_id.in_([each.id for each in agreements]))
        .options(joinedload(AgreementCopy.file))
    )
    ledgers = ledgers_of(ids)
    return Placed(
        enrolment=enrolment,
        leaders=_leaders(enrolment.run_id),
        offers=_offers(enrolment_id),
        clearings=_all(
            select(Clearing)
            .where(Clearing.enrolment_id == enrolment_id)
            .order_by(Clearing.id)
            .options(joinedload(Clearing.owner))
        ),
        placements=placements,
        agreements=agreements,
        copies={each.agreement_id: each for each in copies},
        in_groups=set(db.session.scalars(select(GroupPart.placement_id).where(GroupPart.placement_id.in_(ids)))),
        planned=_all(select(PlannedDay).where(PlannedDay.placement_id.in_(ids)).order_by(PlannedDay.on, PlannedDay.id)),
        entries=_entries(ids),
        ledger=ledgers[ids[0]] if ids else None,
        feedback=on_placements(ids),
        grades=_grades(ids),
        concerns=_concerns(ids, who),
        others=Others(_names_of_others(enrolment, [each.challenge_id for each in placements])),
    )


def _all(found: Any) -> Sequence[Any]:
    return db.session.scalars(found).unique().all()


def _enrolment(enrolment_id: int) -> Enrolment:
    run = joinedload(Enrolment.run)
    return db.session.get_one(
        Enrolment,
        enrolment_id,
        options=(
            joinedload(Enrolment.person),
            run.selectinload(ModuleRun.components).selectinload(Component.criteria),
            joinedload(Enrolment.group).joinedload(TimeslotGroup.tutor),
        ),
    )


def _leaders(run_id: int) -> Sequence[Person]:
    leads = select(RoleOnRun.person_id).where(RoleOnRun.leads(run_id))
    return _all(select(Person).where(Person.id.in_(leads)).order_by(Person.id))


def _offers(enrolment_id: int) -> Sequence[Offer]:
    whole_offer = (joinedload(Offer.challenge).joinedload(Challenge.organisation), joinedload(Offer.made_by))
    return _all(select(Offer).where(Offer.enrolment_id == enrolment_id).order_by(Offer.id).options(*whole_offer))


def _agreements(placement_ids: Collection[int]) -> Sequence[Agreement]:
    signatures = selectinload(Agreement.signatures)
    return _all(
        select(Agreement)
        .where(Agreement.placement_id.in_(placement_ids))
        .order_by(Agreement.placement_id, Agreement.number)
        .options(
            signatures.joinedload(Signature.carried_from).joinedload(Signature.agreement),
            selectinload(Agreement.objectives),
            selectinload(Agreement.weeks),
        )
    )


def _entries(placement_ids: Collection[int]) -> Sequence[Entry]:
    return _all(
        select(Entry)
        .where(Entry.placement_id.in_(placement_ids), Entry.state.not_in(UNSENT))
        .order_by(Entry.on, Entry.starts, Entry.id)
        .options(
            joinedload(Entry.objective),
            selectinload(Entry.events).joinedload(LedgerEvent.by),
            selectinload(Entry.evidence).joinedload(EntryEvidence.file),
        )
    )


def _grades(placement_ids: Collection[int]) -> Sequence[LogbookGrade]:
    scores = selectinload(LogbookGrade.scores).joinedload(LogbookScore.criterion)
    return _all(
        select(LogbookGrade)
        .where(LogbookGrade.placement_id.in_(placement_ids))
        .order_by(LogbookGrade.at, LogbookGrade.id)
        .options(joinedload(LogbookGrade.checkpoint), joinedload(LogbookGrade.grader), scores)
    )


def _concerns(placement_ids: Collection[int], who: Principal) -> Sequence[Concern]:
    notes = selectinload(Concern.notes)
    said = (undefer(ConcernNote.text), joinedload(ConcernNote.author), joinedload(ConcernNote.to))
    found = visible_to(who).where(Concern.placement_id.in_(placement_ids)).order_by(Concern.id)
    return _all(found.options(*WHOLE, *ITS_WORDS, notes.options(*said)))


def _names_of_others(enrolment: Enrolment, challenge_ids: Collection[int]) -> list[str]:
    """Of the students who were ever placed on the same challenges; a namesake keeps the student's own name."""
    found = select(Person).join(Enrolment, Enrolment.person_id == Person.id)
    found = found.join(Placement, Placement.enrolment_id == Enrolment.id)
    found = found.where(Placement.challenge_id.in_(challenge_ids), Person.id != enrolment.person_id)
    names = {each.name for each in _all(found)} - {enrolment.person.name}
    return sorted(name for name in names if name)
