"""Placements as their reader may see them, what they still need, and the people to ask for."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, false, func, or_, select, true
from sqlalchemy.orm import aliased, joinedload, undefer
from sqlalchemy.orm.interfaces import ORMOption

from placements.challenges.models import BriefRisk, Challenge, Dbs
from placements.clearing.choosing import Candidate, candidates_before_a_round
from placements.cohorts.models import Enrolment, TutorCover
from placements.cohorts.queries import closed_days, possible_tutors
from placements.core.clock import say_date, today
from placements.core.policy import Principal
from placements.db import db
from placements.history.models import Read
from placements.offers.models import Offer
from placements.offers.queries import open_places, taken
from placements.offers.workflow import OfferState
from placements.partners.models import Contact, Interest, Organisation, Site
from placements.partners.rules import stopping_papers
from placements.people.models import Person
from placements.placing import rules
from placements.placing.models import Placement, PlacementGate
from placements.placing.policy import covering
from placements.placing.rules import Asked, Exit, Gate, GateKind, Stage, Story
from placements.placing.workflow import GOING_ON, NOT_BEGUN, GateState
from placements.vetting.models import SiteRisk


def whole() -> tuple[ORMOption, ...]:
    """The student with run and group, where, what and with whom: what every page shows and every ability asks."""
    enrolment, challenge = joinedload(Placement.enrolment), joinedload(Placement.challenge)
    return (
        enrolment.joinedload(Enrolment.person),
        enrolment.joinedload(Enrolment.run),
        enrolment.joinedload(Enrolment.group),
        challenge.joinedload(Challenge.organisation).undefer(Organisation.signatory_id),
        joinedload(Placement.site),
        joinedload(Placement.supervisor),
        joinedload(Placement.tutor),
        *(undefer(each) for each in (Placement.is_too_risky, Placement.is_assessed, Placement.is_unsafe)),
    )


def tutored_by(who: Principal) -> ColumnElement[bool]:
    """Which placements `who` tutors today, joined with their enrolments: by the placement, the group, or as cover."""
    return or_(Placement.id.in_(who.held_on("placement_tutor")), Enrolment.group_id.in_(who.held_on("group_tutor")))


def _its_people(who: Principal) -> list[ColumnElement[bool]]:
    of_enrolments = select(Enrolment.id).where(
        or_(
            Enrolment.person_id == who.person_id,
            Enrolment.group_id.in_(who.held_on("group_tutor")),
            Enrolment.run_id.in_(who.held_on("leader")),
        )
    )
    return [
        Placement.enrolment_id.in_(of_enrolments),
        Placement.supervisor_id == who.person_id,
        Placement.id.in_(who.held_on("placement_tutor")),
    ]


def followed_by(who: Principal) -> Select[Placement]:
    """Those of which `who` may know what is agreed and done: as student, supervisor, tutor, or leader of the run."""
    return select(Placement).where(or_(*_its_people(who)))


def visible_to(who: Principal) -> Select[Placement]:
    """Those and, of whom only name, course and dates are theirs to know, one's organisation's; engagement: all."""
    of_own = select(Challenge.id).where(Challenge.organisation_id.in_(who.held_on("contact")))
    is_engagement = true() if who.has("engagement") else false()
    return select(Placement).where(or_(*_its_people(who), Placement.challenge_id.in_(of_own), is_engagement))


def placement_visible_to(who: Principal, public_id: str) -> Placement | None:
    """The placement at that address, whole, where `who` may see it."""
    return db.session.scalar(visible_to(who).where(Placement.public_id == public_id).options(*whole()))


def gates_of(placement: Placement, now: datetime, awaits: Sequence[str] = ()) -> list[Gate]:
    """What all who follow the placement know that it needs. `awaits`: who must act on its Agreement, by name."""
    first_day, place = max(today(now), placement.starts_on), placement.site
    return rules.gates(
        has_tutor=placement.tutor_id is not None,
        is_agreed=placement.agreed_at is not None,
        is_approved=placement.challenge.organisation.is_approved(first_day),
        is_cleared=place is None or place.is_cleared(first_day),
        is_assessed=placement.is_assessed,
        is_too_risky=placement.is_too_risky,
        awaits=awaits,
    )


def asked_of(placement: Placement) -> Asked:
    """What its gates are asked about now."""
    level = [*Dbs].index(placement.challenge.dbs)
    return Asked(level, placement.starts_on, placement.ends_on, placement.site_id)


def is_asked_for(placement: Placement, kind: GateKind, gate: PlacementGate | None) -> bool:
    """Whether the placement needs that gate now, whether or not anybody has been asked yet."""
    is_sponsored = placement.enrolment.is_visa_sponsored
    return rules.is_asked_for(kind, asked_of(placement), is_sponsored=is_sponsored, was_raised=gate is not None)


def is_settled(gate: PlacementGate, now_asked: Asked) -> bool:
    """Whether the gate was settled, and for what it is asked about now."""
    has_left = gate.state is GateState.EXITED and gate.exit is not Exit.NOT_NEEDED
    return (has_left or gate.state is GateState.HELD) and rules.still_answers(gate.kind, gate.asked, now_asked)


def own_gates(placement: Placement) -> list[Gate]:
    """The university's own checks of this one placement, held or not: for whoever may know that there are any."""
    rows, now_asked = {gate.kind: gate for gate in placement.gates}, asked_of(placement)
    found = []
    for kind, (what, who) in rules.SAID.items():
        gate = rows.get(kind)
        if not is_asked_for(placement, kind, gate):
            continue
        holds = gate is not None and is_settled(gate, now_asked)
        found.append(Gate(what, holds, who, gate.due_on if gate else None))
    return found


def open_gates(placement: Placement, now: datetime, awaits: Sequence[str] = ()) -> list[Gate]:
    """All that does not hold; nothing once the placement has begun or will not. What decides whether it starts."""
    if placement.state not in NOT_BEGUN:
        return []
    return [gate for gate in (*gates_of(placement, now, awaits), *own_gates(placement)) if not gate.holds]


def stops_work(placement: Placement, now: datetime) -> bool:
    """Whether something stops work on a placement that has begun: a safety gate, or a paper out for too long."""
    until = stopping_papers(today(now), closed_days())
    return bool(db.session.scalar(select(Placement.id).where(Placement.id == placement.id, is_stopped(until))))


def is_stopped(until: date) -> ColumnElement[bool]:
    """The same of many. `until`: papers that ran out on that day, or before it, stop work."""
    organisation = Challenge.organisation.has(Organisation.approved_until <= until)
    place = Placement.site.has(Site.cleared_until <= until)
    return or_(Placement.is_unsafe, Placement.challenge.has(organisation), place)


def gates_told(who: Principal, placement: Placement, now: datetime, awaits: Sequence[str] = ()) -> list[Gate]:
    """The same as `who` may know it: the university's own checks of a student are told to that student alone."""
    if who.has("student", placement.enrolment_id):
        return open_gates(placement, now, awaits)
    if placement.state not in NOT_BEGUN:
        return []
    return [gate for gate in gates_of(placement, now, awaits) if not gate.holds]


def stages_of(placement: Placement, who: Principal, told: Sequence[Gate]) -> list[Stage]:
    """The strip of the placement's story, as `components/placement.html` draws it. `told`: its open gates, see above.

    To all but the student the university's own checks stand open until it begins, so that nobody reads from the strip
    whether there are any.
    """
    open_to_them = told if who.has("student", placement.enrolment_id) else [*told, rules.TO_OTHERS]
    story = Story(
        state=placement.state.value,
        accepted_on=today(placement.created_at),
        starts_on=placement.starts_on,
        ends_on=placement.ends_on,
        agreed_on=today(placement.agreed_at) if placement.agreed_at else None,
        ended_on=placement.ended_on,
    )
    return rules.stages(story, open_to_them)


def first_day_of(placement: Placement, now: datetime) -> date:
    """The first of the challenge's usual days on which it starts: never before its Agreement, nor past if not begun."""
    begun = placement.state not in NOT_BEGUN
    can_start_on = today(placement.agreed_at or placement.created_at) if begun else today(now)
    return rules.first_day(max(placement.starts_on, can_start_on), placement.challenge.days)


@dataclass(frozen=True)
class Card:
    """Somebody to ask for: what they are to the placement, and how to reach them at work."""

    role: str
    person_id: int
    name: str
    email: str
    phone: str = ""
    does: str = ""


def people_to_ask(who: Principal, placement: Placement, now: datetime) -> list[Card]:
    """Student, supervisor, tutor, who covers, group mates, but not `who`, with names and work contacts. 3 queries."""
    supervisor = placement.supervisor
    cards = [
        Card("Student", *_named(placement.enrolment.person)),
        Card("Supervisor", *_named(supervisor), phone=supervisor.phone or "", does=_job_title(placement)),
    ]
    if placement.tutor:
        cards.append(Card("Tutor", *_named(placement.tutor)))
    cover = cover_of(placement, today(now))
    if cover:
        cards.append(Card(f"Covers for the tutor until {say_date(cover.to_on)}", *_named(cover.cover)))
    cards += [Card("Group mate", *_named(mate)) for mate in _mates(who, placement)]
    return [card for card in cards if card.person_id != who.person_id]


def acting_tutor(on: date) -> ColumnElement[int | None]:
    """Who sees to a placement that day: whoever covers for its tutor, otherwise the tutor. A column beside it."""
    other = aliased(Placement)
    found = covering(TutorCover.lasts(on), other).with_only_columns(TutorCover.cover_id).where(other.id == Placement.id)
    return func.coalesce(found.correlate(Placement).limit(1).scalar_subquery(), Placement.tutor_id)


def cover_of(placement: Placement, on: date) -> TutorCover | None:
    """Who covers for its tutor that day, from when until when. One query."""
    found = covering(TutorCover.lasts(on)).with_only_columns(TutorCover.id).where(Placement.id == placement.id)
    cover = select(TutorCover).where(TutorCover.id.in_(found)).options(joinedload(TutorCover.cover))
    return db.session.scalars(cover).first()


def acting_tutor_id(placement: Placement, on: date) -> int | None:
    """The key of whoever sees to it that day. One query."""
    cover = cover_of(placement, on)
    return placement.tutor_id if cover is None else cover.cover_id


def as_told(person_id: int, placement: Placement, now: datetime) -> Principal:
    """Somebody who is written to about it: its tutor, where they see to it today. One query."""
    sees_to_it = acting_tutor_id(placement, today(now)) == person_id
    return Principal(person_id, frozenset({("placement_tutor", placement.id)} if sees_to_it else ()))


def others_told(who: Principal, placement: Placement) -> str:
    """Those who are told of what `who` does to the placement, as names: “Ana and Ben”."""
    people = (placement.enrolment.person, placement.supervisor, placement.tutor)
    return rules.say_names([person.name for person in people if person and person.id != who.person_id])


def _named(person: Person) -> tuple[int, str, str]:
    return person.id, person.name, person.email


def _job_title(placement: Placement) -> str:
    at_work = select(Contact.job_title).where(
        Contact.organisation_id == placement.challenge.organisation_id, Contact.person_id == placement.supervisor_id
    )
    return db.session.scalar(at_work) or ""


def _mates(who: Principal, placement: Placement) -> Sequence[Person]:
    """The other students of the same challenge, once nobody is still thinking about an offer of it.

    To its student, all of them; to others, those whose placements they follow too.
    """
    undecided = select(Offer.id).where(Offer.challenge_id == placement.challenge_id, Offer.state == OfferState.MADE)
    others = (
        select(Person)
        .join(Enrolment, Enrolment.person_id == Person.id)
        .join(Placement, Placement.enrolment_id == Enrolment.id)
        .where(Placement.challenge_id == placement.challenge_id, Placement.id != placement.id)
        .where(Placement.state.in_(GOING_ON), ~undecided.exists())
    )
    if who.person_id != placement.enrolment.person_id:
        others = others.where(or_(*_its_people(who)))
    return db.session.scalars(others.order_by(Person.family_name, Person.given_name)).all()


def precautions(placement: Placement) -> list[str]:
    """What the risk profiles of its place and of its work say to do, in their words and nothing else. One query."""
    of_place = select(SiteRisk.actions).where(SiteRisk.site_id == placement.site_id)
    of_work = select(BriefRisk.actions).where(BriefRisk.challenge_id == placement.challenge_id)
    return [actions for actions in db.session.scalars(of_place.union_all(of_work)) if actions]


def possible_supervisors(placement: Placement) -> Sequence[Person]:
    """Whoever works at the organisation now and is neither the student nor the tutor, by name."""
    there = select(Contact.person_id).where(
        Contact.organisation_id == placement.challenge.organisation_id, Contact.left_on.is_(None)
    )
    taken = [key for key in (placement.enrolment.person_id, placement.tutor_id) if key is not None]
    found = select(Person).where(Person.id.in_(there), Person.id.not_in(taken))
    return db.session.scalars(found.order_by(Person.family_name, Person.given_name)).all()


def places_to_move_to(who: Principal, placement: Placement, now: datetime) -> list[Candidate]:
    """The open places elsewhere that suit the student, the likeliest first, as `who` may see them. Seven queries."""
    enrolment = placement.enrolment
    places = open_places(enrolment, taken(enrolment.run.academic_year), who, now)
    elsewhere = [place for place in places if place.challenge.id != placement.challenge_id]
    return [each for each in candidates_before_a_round(enrolment, elsewhere, who) if not each.is_refused]


def sides_of(person_id: int) -> set[int]:
    """The organisations, by key, that the person works at or has declared an interest in."""
    interests = select(Interest.organisation_id).where(Interest.person_id == person_id, Interest.ended_at.is_(None))
    contacts = select(Contact.organisation_id).where(Contact.person_id == person_id, Contact.left_on.is_(None))
    return set(db.session.scalars(interests.union(contacts)))


def possible_placement_tutors(placement: Placement) -> Sequence[Person]:
    """Whoever can tutor on the run, without a side in the organisation. Two queries."""
    organisation_id = placement.challenge.organisation_id
    with_a_side = set(
        db.session.scalars(
            select(Interest.person_id)
            .where(Interest.organisation_id == organisation_id, Interest.ended_at.is_(None))
            .union(
                select(Contact.person_id).where(Contact.organisation_id == organisation_id, Contact.left_on.is_(None))
            )
        )
    )
    team = possible_tutors(placement.enrolment.run_id)
    return [person for person in team if person.id not in {*with_a_side, placement.enrolment.person_id}]


def visa_read(placement: Placement) -> Read:
    """What somebody learns who is told that the student's visa is sponsored."""
    return Enrolment.__tablename__, placement.enrolment_id, "is_visa_sponsored"
