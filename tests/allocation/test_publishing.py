"""Publishing a round: everybody is told at once, nothing that no longer fits, and students never why."""

from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select

from placements.allocation import actions
from placements.applications.models import Application
from placements.challenges.workflow import ChallengeState
from placements.cohorts import enrolling
from placements.cohorts.actions import move_enrolment
from placements.cohorts.imports import look
from placements.cohorts.models import Enrolment
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db
from placements.files.actions import keep_sheet
from placements.history.models import History
from placements.history.queries import lately
from placements.mail.models import Notification
from placements.offers.models import Clearing, ClearingReason, Offer
from placements.offers.queries import open_clearing
from placements.offers.workflow import OfferState
from placements.rounds import entrants
from placements.rounds.actions import open_round
from placements.rounds.locking import lock_pair, undo_lock
from placements.rounds.models import Lock
from placements.rounds.workflow import RoundState
from tests import factories as make
from tests.allocation.scene import BY_ON, DEADLINE, Scene, match_of, publish
from tests.cohorts.enrolment_files import file, line
from tests.factories import DAY, NOW


@pytest.fixture
def scene(session: Any) -> Scene:
    return Scene()


def test_publishing_tells_everybody_at_once(scene: Scene) -> None:
    late = scene.student("Late")
    lock = make.lock(scene.ada, scene.food)
    staged = scene.staged()
    publish(scene, staged)
    offers = {each.enrolment.person.given_name: each for each in db.session.scalars(select(Offer))}
    assert len(offers) == 2
    assert (offers["Ada"].challenge_id, offers["Ada"].state) == (scene.food.id, OfferState.MADE)
    assert (offers["Ada"].deadline_at, offers["Ada"].why_made) == (DEADLINE, None)
    unlucky = next(each for each in (scene.ben, scene.cyd) if each.person.given_name not in offers)
    rows = {each.enrolment_id: each for each in db.session.scalars(select(Clearing))}
    assert {key: (row.why, row.owner_id, row.by_on) for key, row in rows.items()} == {
        unlucky.id: (ClearingReason.UNPLACED, scene.tom.id, BY_ON),
        late.id: (ClearingReason.DID_NOT_APPLY, scene.tom.id, BY_ON),
    }
    told = db.session.execute(select(Notification.notice, Notification.recipient_id)).all()
    assert sorted((notice, recipient) for notice, recipient in told) == sorted(
        [
            *(("offers.made", offer.enrolment.person_id) for offer in offers.values()),
            ("offers.no_place_yet", unlucky.person_id),
            ("offers.no_place_yet", late.person_id),
            ("offers.your_clearing_list", scene.tom.id),
            ("offers.students_offered", scene.food.supervisor_id),
            ("offers.students_offered", scene.park.supervisor_id),
        ]
    )
    assert (staged.state, staged.published_at) == (RoundState.PUBLISHED, NOW)
    assert match_of(staged, scene.ada).offer is offers["Ada"]
    assert db.session.get_one(Lock, lock.id).ended_at == NOW
    db.session.expire_all()
    decided = db.session.scalars(select(Application.decided_at)).all()
    assert decided == [NOW, NOW, NOW]


def test_an_organisation_to_which_nobody_comes_is_told_at_once(scene: Scene) -> None:
    empty = scene.challenge("Empty")
    publish(scene, scene.staged())
    told = select(Notification.about_id, Notification.recipient_id, Notification.due_at)
    assert db.session.execute(told.where(Notification.notice == "offers.nobody_came")).all() == [
        (empty.id, empty.supervisor_id, NOW)
    ]


def test_publishing_twice_makes_no_second_offer(scene: Scene) -> None:
    staged = scene.staged()
    publish(scene, staged)
    publish(scene, staged)
    assert len(db.session.scalars(select(Offer)).all()) == 2


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("left", "Ada Student does not need a place now"),
        ("paused", "The food bank: This challenge is not open to students now"),
        ("offered", "Ada Student has an offer already"),
        ("taken", "The food bank: Every place in this challenge is taken"),
    ],
)
def test_what_no_longer_fits_is_not_published(scene: Scene, change: str, sentence: str) -> None:
    staged = scene.staged()
    if change == "left":
        move_enrolment(scene.ada, "withdraw", actor=scene.leader, now=NOW)
    elif change == "paused":
        scene.food.state = ChallengeState.PAUSED
    elif change == "offered":
        make.offer(scene.ada)
    else:
        make.offer(to=scene.food)
    with pytest.raises(Refused, match=f"{sentence}.*Run the allocation again"):
        publish(scene, staged)


@pytest.mark.parametrize("who", ["matched elsewhere", "without choices"])
def test_a_lock_made_after_staging_is_not_passed_over(scene: Scene, who: str) -> None:
    late = scene.student("Late")
    staged = scene.staged()
    wide = scene.challenge("Wide", places_max=5)
    lock = make.lock(scene.ada if who == "matched elsewhere" else late, wide)
    name = lock.enrolment.person.name
    with pytest.raises(
        Refused, match=f"{name} has been locked to Wide since this was staged. Undo that lock, or run the"
    ):
        publish(scene, staged)
    assert lock.ended_at is None


def test_a_lock_made_after_somebody_was_placed_by_hand_is_undone_before_it_is_published(scene: Scene) -> None:
    staged = scene.staged()
    actions.override(match_of(staged, scene.ada), None, "Asked to wait.", actor=scene.leader, now=NOW)
    lock = lock_pair(scene.ada, scene.challenge("Wide"), "Knows them.", actor=scene.leader, now=NOW + DAY)
    with pytest.raises(Refused, match="Ada Student has been locked to Wide since this was staged"):
        publish(scene, staged, now=NOW + 2 * DAY)
    undo_lock(lock, "They wait.", actor=scene.leader, now=NOW + DAY)
    publish(scene, staged, now=NOW + 2 * DAY)
    assert match_of(staged, scene.ada).challenge_id is None


def test_an_override_is_published_whatever_the_lock_says(scene: Scene) -> None:
    lock = make.lock(scene.ada, scene.food)
    staged = scene.staged()
    actions.override(match_of(staged, scene.ada), None, "Asked to wait.", actor=scene.leader, now=NOW)
    publish(scene, staged)
    assert lock.ended_at == NOW
    [row] = db.session.scalars(select(History).where(History.about_kind == "allocation_lock"))
    assert (row.verb, row.about_id, row.person_id) == ("used by a round", lock.id, scene.ada.person_id)


def test_students_never_read_how_they_were_matched_or_why(scene: Scene) -> None:
    make.lock(scene.ada, scene.food)
    staged = scene.staged()
    actions.override(match_of(staged, scene.ada), None, "A secret.", actor=scene.leader, now=NOW)
    ada = Principal(scene.ada.person_id)
    assert lately(ada, 10) == []
    publish(scene, staged)
    assert [each.verb for each in lately(ada, 10)] == ["put on the clearing list"]
    [by_hand] = db.session.scalars(select(History).where(History.reason == "A secret."))
    assert (by_hand.verb, by_hand.ability) == ("placed nowhere", "allocation.matches")


@pytest.mark.parametrize(
    ("dates", "sentence"),
    [
        ({"deadline_at": NOW}, "Choose a deadline that is still to come"),
        ({"clearing_by_on": date(2026, 10, 19)}, "Choose a date that is still to come"),
    ],
)
def test_dates_that_are_past_are_refused(scene: Scene, dates: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        publish(scene, scene.staged(), **dates)


def test_a_second_round_places_who_is_left(scene: Scene) -> None:
    publish(scene, scene.staged())
    scene.park.places_max = 2
    second = open_round("second", "Second round", [scene.run], actor=scene.leader, now=NOW)
    field = entrants.field_of(second, NOW)
    assert len(field.entrants) == 1
    assert {each.why for each in field.outsiders} == {"Has an offer already"}


# Whoever comes after that


def bring_in(scene: Scene, status: str) -> Enrolment:
    """Import a file with one line, about Zoe."""
    row = line(Forename="Zoe", Period=scene.run.period, Occurrence=scene.group.occurrence, Status=status)
    upload = keep_sheet(enrolling.read_upload("zoe.csv", file(row)), actor=scene.leader, now=NOW)
    fingerprint = look(upload, scene.leader).fingerprint
    enrolling.apply_roster(upload, fingerprint=fingerprint, leaves_out_errors=False, actor=scene.leader, now=NOW)
    return db.session.scalars(select(Enrolment).join(Enrolment.person).filter_by(given_name="Zoe")).one()


def test_whoever_is_enrolled_or_comes_back_after_publication_is_looked_after(scene: Scene) -> None:
    publish(scene, scene.staged())
    stands_there = []
    for status in ("Registered", "Deferred", "Registered"):
        zoe = bring_in(scene, status)
        row = open_clearing([zoe.id]).get(zoe.id)
        stands_there.append(row and (row.why, row.owner, row.by_on))
    assert stands_there == [(ClearingReason.CAME_LATE, scene.tom, BY_ON), None, stands_there[0]]
    told = select(Notification.notice, func.count()).where(Notification.recipient_id == zoe.person_id)
    assert dict(db.session.execute(told.group_by(Notification.notice)).all())["offers.no_place_yet"] == 2


@pytest.mark.parametrize("when", ["there is no round", "the round is staged", "another run is published"])
def test_whoever_comes_before_publication_waits_for_the_round(scene: Scene, when: str) -> None:
    if when == "the round is staged":
        scene.staged()
    elif when == "another run is published":
        make.allocation_round(make.run(), state=RoundState.PUBLISHED)
    zoe = bring_in(scene, "Registered")
    assert open_clearing([zoe.id]) == {}
