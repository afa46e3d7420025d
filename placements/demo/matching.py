"""November: locks, the round, its offers and their answers, and places found by hand for those without one."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select

from placements.allocation import actions as allocation
from placements.allocation.models import Attempt, Match
from placements.allocation.queries import taken_by_matches
from placements.allocation.results import frozen_inputs
from placements.allocation.solving import solve_next
from placements.applications.models import Application, Preference
from placements.applications.workflow import ApplicationState
from placements.changes import trials
from placements.clearing.actions import give_alternative, reassign
from placements.clearing.asking import ask
from placements.clearing.choosing import own_places
from placements.cohorts.models import Enrolment
from placements.core.clock import machine_now
from placements.core.policy import Principal
from placements.db import begin_to_write, db
from placements.demo.opening import LEADER
from placements.demo.stage import LATEST, Beat, Season, person_at, principal
from placements.offers import actions as offers
from placements.offers.models import Clearing, Offer
from placements.offers.queries import open_places, taken
from placements.offers.workflow import OfferState
from placements.rounds.actions import open_round
from placements.rounds.locking import lock_pair
from placements.rounds.models import Round
from placements.solver.changes import Change, Kind

LEFT_OPEN = 3  # students whom nobody has placed by February


def chapter(season: Season) -> Iterator[Beat]:
    """From the tutors' locks to the last place found by hand."""
    if season.starts == LATEST:
        yield Beat(season.at(11, 2, 10), lambda now: _lock(season, now))
    yield Beat(season.at(11, 3, 11), lambda now: _solve(season, now))
    yield Beat(season.at(11, 3, 15), lambda now: _publish(season, now))
    for index in range(sum(season.students.values())):
        moment = season.around(season.on(11, 4), season.on(11, 9))
        yield Beat(moment, lambda now, index=index: _answer(season, index, now))  # type: ignore[misc]
    yield Beat(season.at(11, 10, 17, 5), _lapse)
    yield Beat(season.at(11, 13, 10), lambda now: _place_by_hand(season, now))
    yield Beat(season.at(11, 16, 10), lambda now: _take_what_was_found(season, now))
    if season.starts == LATEST:
        yield Beat(season.at(1, 28, 10), lambda now: _look_again(season, now))


def _lock(season: Season, now: datetime) -> None:
    wanted = (
        select(Preference)
        .join(Preference.application)
        .join(Application.enrolment)
        .where(Enrolment.run_id == season.runs()[0].id, Preference.rank == 2)
        .where(Application.state == ApplicationState.SUBMITTED)
        .order_by(Preference.id)
        .limit(2)
    )
    for preference in db.session.scalars(wanted).all():
        enrolment = preference.application.enrolment
        tutor = principal(enrolment.group.tutor_id or 0)
        reason = "They have worked together before, at the organisation's wish."
        lock_pair(enrolment, preference.challenge, reason, actor=tutor, now=now)


def _solve(season: Season, now: datetime) -> None:
    leader = principal(person_at(LEADER).id)
    round_ = open_round(f"demo-{season.starts}", f"Autumn {season.starts}", season.runs(), actor=leader, now=now)
    db.session.flush()
    usual = allocation.run(round_, actor=leader, now=now).id
    db.session.commit()
    while solve_next(machine_now(), now):
        pass
    begin_to_write()
    _ask(db.session.get_one(Attempt, usual), leader, now)
    db.session.commit()
    while solve_next(machine_now(), now):
        pass
    begin_to_write()
    allocation.stage(db.session.get_one(Attempt, usual), actor=leader, now=now)


def _ask(base: Attempt, leader: Principal, now: datetime) -> None:
    """What one place more where most want to go would change."""
    inputs = frozen_inputs(base)
    wanted = Counter(option.challenge for student in inputs.students for option in student.options)
    most = max(inputs.challenges, key=lambda each: (wanted[each.id], each.id))
    trials.ask(base, [Change(Kind.PLACES, most.id, number=most.maximum + 1)], actor=leader, now=now)


def _publish(season: Season, now: datetime) -> None:
    leader = principal(person_at(LEADER).id)
    round_ = db.session.scalars(select(Round).where(Round.academic_year == season.year)).one()
    _override(season, round_, now)
    allocation.publish(round_, season.at(11, 10, 17), season.on(11, 24), actor=leader, now=now)


def _override(season: Season, round_: Round, now: datetime) -> None:
    """One student goes elsewhere, as a leader might decide over the telephone."""
    if season.starts != LATEST:
        return
    leader = principal(person_at(LEADER).id)
    moved = db.session.scalars(
        select(Match).where(Match.round_id == round_.id, Match.rank == 1).order_by(Match.id).offset(8).limit(1)
    ).one()
    places = open_places(moved.enrolment, taken_by_matches(round_, but=moved), leader, now)
    elsewhere = next((each.challenge for each in places if each.challenge is not moved.challenge), None)
    if elsewhere is not None:
        reason = "Asked for a place without stairs after submitting."
        allocation.override(moved, elsewhere, reason, actor=leader, now=now)


def _made(season: Season) -> Sequence[Offer]:
    return db.session.scalars(
        select(Offer)
        .join(Offer.enrolment)
        .where(Offer.state == OfferState.MADE, Enrolment.run_id.in_([run.id for run in season.runs()]))
        .order_by(Offer.id)
    ).all()


def _answer(season: Season, index: int, now: datetime) -> None:
    """Whoever is next answers: nearly all accept; of this year's, one in thirty declines and one stays silent."""
    waiting = [each for each in _made(season) if each.id % 31 != 7 or season.starts != LATEST]
    if not waiting:
        return
    offer = waiting[0]
    student = principal(offer.enrolment.person_id)
    if season.starts == LATEST and index % 30 == 11:
        offers.decline(offer, "I have found paid work on that day.", actor=student, now=now)
    else:
        offers.accept(offer, actor=student, now=now)


def _lapse(now: datetime) -> None:
    while offers.lapse_due(now):
        pass


def _place_by_hand(season: Season, now: datetime) -> None:
    """The owners work through the clearing list; a few students are still on it in February."""
    rows = db.session.scalars(select(Clearing).where(Clearing.closed_at.is_(None)).order_by(Clearing.id)).all()
    left = LEFT_OPEN if season.starts == LATEST else 0
    for row in rows[: len(rows) - left]:
        owner = principal(row.owner_id)
        places = open_places(row.enrolment, taken(season.year), owner, now)
        if places:
            place = season.chance.choice(places)
            why = "Near where the student lives, and the organisation is glad of another pair of hands."
            offers.make_offers(
                [(row.enrolment, place.challenge.id)], now + timedelta(days=7), why=why, actor=owner, now=now
            )
            db.session.flush()
    if left and rows:
        leader = principal(person_at(LEADER).id)
        give_alternative(
            rows[-1], "A research task with the London Met Lab, agreed on the telephone.", actor=leader, now=now
        )


def _look_again(season: Season, now: datetime) -> None:
    """Who is still on the clearing list asks for two of the open places, and is given another date."""
    rows = db.session.scalars(select(Clearing).where(Clearing.closed_at.is_(None)).order_by(Clearing.id)).all()
    for row in rows:
        for each in own_places(row, now)[:2]:
            words = "I could begin at once, on any afternoon."
            ask(row, each.place.challenge, words, actor=principal(row.enrolment.person_id), now=now)
        reassign(row, row.owner_id, season.on(2, 19), actor=principal(row.owner_id), now=now)


def _take_what_was_found(season: Season, now: datetime) -> None:
    for offer in _made(season):
        offers.accept(offer, actor=principal(offer.enrolment.person_id), now=now)
