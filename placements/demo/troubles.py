"""What does not go to plan: declared interests; placements that start late, rest, are called off or end early."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import select

from placements.cohorts.models import Enrolment
from placements.core.clock import today
from placements.core.policy import Principal
from placements.db import db
from placements.demo.agreeing import agreement_of
from placements.demo.cast import TUTORS
from placements.demo.opening import LEADER, import_rows, row_of
from placements.demo.placed import Placed
from placements.demo.stage import Beat, Season, person_at, principal
from placements.offers import actions as offers
from placements.offers.models import Clearing
from placements.offers.queries import live_offers, open_places, taken
from placements.partners.actions import declare_interest
from placements.partners.models import InterestKind, Organisation
from placements.partners.workflow import OrganisationState
from placements.placing import actions, endings
from placements.placing.models import EndedBy, Placement
from placements.placing.queries import possible_placement_tutors, whole
from placements.placing.workflow import PlacementState

# Placements by number: this year's, and one of the finished year.
STARTS_LATER = (22, 58)
RESTS, RESTED = 10, 29
ENDED_BY_HOST, WITHDRAWN, CALLED_OFF = 37, 45, 50
ENDED_LAST_YEAR = 8
HAS_A_RELATIVE = 9  # a student, by enrolment


def chapter(season: Season) -> Iterator[Beat]:
    """This year's troubles, or the one of the year before."""
    placed = Placed(season)
    if season.starts == 2025:
        ends = partial(_end, placed, ENDED_LAST_YEAR, EndedBy.UNIVERSITY, "The supervisor is ill and nobody stands in.")
        yield Beat(season.at(1, 22, 15, 30), ends)
        yield from _placed_again(season, placed, ENDED_LAST_YEAR, season.at(1, 29, 11))
        return
    yield Beat(season.at(10, 6, 20, 15), partial(_student_declares, season))
    yield Beat(season.at(11, 16, 17), partial(_tutor_declares, season))
    for number in STARTS_LATER:
        yield Beat(season.at(11, 17, 10, number), partial(_start_later, season, placed, number))
    yield Beat(season.at(11, 17, 14), partial(_call_off, placed))
    yield from _placed_again(season, placed, CALLED_OFF, season.at(11, 24, 10))
    yield Beat(
        season.at(12, 14, 12), partial(_pause, placed, RESTED, "Exams in another module, at the student's wish.")
    )
    yield Beat(season.at(1, 18, 9, 30), partial(_resume, placed))
    yield Beat(season.at(1, 20, 11), partial(_withdraw, season, placed))
    yield Beat(season.at(2, 1, 13), partial(_pause, placed, RESTS, "The heating has failed and the building is shut."))
    ends = partial(_end, placed, ENDED_BY_HOST, EndedBy.ORGANISATION, "Its grant ended and the project closes.")
    yield Beat(season.at(2, 10, 15), ends)


def _student_declares(season: Season, now: datetime) -> None:
    run = season.runs()[0]
    students = select(Enrolment.person_id).where(Enrolment.run_id == run.id).order_by(Enrolment.id)
    student = db.session.scalars(students.offset(HAS_A_RELATIVE).limit(1)).one()
    approved = select(Organisation).where(Organisation.state == OrganisationState.APPROVED).order_by(Organisation.id)
    organisation = db.session.scalars(approved.limit(1)).one()
    declare_interest(organisation, InterestKind.RELATIVE, actor=Principal(student), now=now)


def _tutor_declares(season: Season, now: datetime) -> None:
    """A tutor is a trustee where one of their students goes: somebody else tutors there from now on."""
    tutor, leader = person_at(TUTORS[1].email), principal(person_at(LEADER).id)
    tutored = (
        select(Placement)
        .join(Placement.enrolment)
        .where(Enrolment.run_id.in_([run.id for run in season.runs()]), Placement.tutor_id == tutor.id)
        .order_by(Placement.id)
    )
    placements = db.session.scalars(tutored.options(*whole())).all()
    organisation = placements[0].challenge.organisation
    declare_interest(organisation, InterestKind.TRUSTEE, actor=principal(tutor.id), now=now)
    db.session.flush()
    for placement in placements:
        if placement.challenge.organisation_id == organisation.id:
            other = possible_placement_tutors(placement)[0]
            actions.change_tutor(placement, other, "The tutor is a trustee there.", actor=leader, now=now)


def _tutor(placement: Placement) -> Principal:
    return principal(placement.tutor_id or 0)


def _start_later(season: Season, placed: Placed, number: int, now: datetime) -> None:
    placement = placed.number(number)
    if placement is not None:
        first, last = season.on(3, 1), season.on(5, 28)
        reason = "The organisation moves to another building in February and can take a student after that."
        actions.change_dates(placement, first, last, reason, actor=_tutor(placement), now=now)


def _call_off(placed: Placed, now: datetime) -> None:
    placement = placed.number(CALLED_OFF)
    if placement is not None:
        reason = "The coordinator who would have supervised has left."
        endings.call_off(placement, EndedBy.ORGANISATION, reason, actor=_tutor(placement), now=now)


def _pause(placed: Placed, number: int, reason: str, now: datetime) -> None:
    placement = placed.number(number)
    if placement is not None and placement.state is PlacementState.ACTIVE:
        endings.pause(placement, reason, actor=_tutor(placement), now=now)


def _resume(placed: Placed, now: datetime) -> None:
    placement = placed.number(RESTED)
    if placement is not None and placement.state is PlacementState.PAUSED:
        endings.resume(placement, actor=_tutor(placement), now=now)


def _end(placed: Placed, number: int, by: EndedBy, reason: str, now: datetime) -> None:
    """It ends before its time, and the student needs another place for the hours that are left."""
    placement = placed.number(number)
    if placement is not None and placement.state is PlacementState.ACTIVE:
        tutor = _tutor(placement)
        endings.end_early(placement, by, reason, today(now), needs_another=True, actor=tutor, now=now)


def _withdraw(season: Season, placed: Placed, now: datetime) -> None:
    """The student record system says that a student has left."""
    placement = placed.number(WITHDRAWN)
    if placement is not None:
        row = {**row_of(placement.enrolment), "Status": "Withdrawn"}
        import_rows(f"withdrawn-{season.starts}.csv", [row], now)


def _placed_again(season: Season, placed: Placed, number: int, offered: datetime) -> Iterator[Beat]:
    """Another place by hand for the student of that placement: offered, taken, and agreed within a week."""

    def find() -> Placement | None:
        latest = select(Placement).where(Placement.enrolment_id == _student_of(placed, number).id)
        found = db.session.scalar(latest.order_by(Placement.id.desc()).limit(1).options(*whole()))
        return found if found and found.goes_on else None

    yield Beat(offered, partial(_offer_another, season, placed, number))
    yield Beat(offered + timedelta(days=1, hours=7), partial(_take_it, placed, number))
    yield from agreement_of(season, find, today(offered) + timedelta(days=4))


def _student_of(placed: Placed, number: int) -> Enrolment:
    placement = placed.any(number)
    assert placement is not None
    return placement.enrolment


def _offer_another(season: Season, placed: Placed, number: int, now: datetime) -> None:
    enrolment = _student_of(placed, number)
    waiting = select(Clearing).where(Clearing.enrolment_id == enrolment.id, Clearing.closed_at.is_(None))
    row = db.session.scalars(waiting).one()
    owner = principal(row.owner_id)
    places = open_places(enrolment, taken(season.year), owner, now)
    why = "They would be glad to begin next week, and it is on the same bus line."
    pair = (enrolment, season.chance.choice(places).challenge.id)
    offers.make_offers([pair], now + timedelta(days=7), why=why, actor=owner, now=now)


def _take_it(placed: Placed, number: int, now: datetime) -> None:
    enrolment = _student_of(placed, number)
    offer = live_offers([enrolment.id])[enrolment.id]
    offers.accept(offer, actor=principal(enrolment.person_id), now=now)
