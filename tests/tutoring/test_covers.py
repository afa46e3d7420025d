"""Who covers for a tutor: what they hold and for how long, what an interest leaves out, who is told, what is refused."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from placements.accounts.models import Account
from placements.accounts.queries import principal_of
from placements.agreements.models import Party
from placements.agreements.policy import sides
from placements.agreements.queries import signers
from placements.agreements.workflow import AgreementState
from placements.assessment.queries import is_tutored_by
from placements.cohorts.models import Enrolment, TutorCover
from placements.cohorts.queries import acting_group_tutor_id
from placements.concerns.queries import candidates
from placements.core.clock import today
from placements.core.errors import Refused
from placements.core.policy import Principal
from placements.db import db
from placements.history.models import History
from placements.mail.models import Notification
from placements.partners.models import InterestKind
from placements.people.models import Person
from placements.placing.models import Placement
from placements.placing.queries import acting_tutor_id, people_to_ask, placement_visible_to, tutored_by
from placements.signing import actions as signing
from placements.tutoring import covering, notices
from tests import factories as make
from tests.factories import DAY, NOW
from tests.golden import check_golden, said
from tests.tutoring.scene import Scene, cover

TODAY = today(NOW)  # Tuesday 20 October 2026
WEEK = (TODAY, TODAY + timedelta(days=6))


@pytest.fixture
def scene(session: Any) -> Scene:
    return Scene()


def who(app: Flask, account: Account, at: datetime = NOW) -> Principal:
    return principal_of(account, app.extensions["placements.roles_of"], today(at))


def tutored(principal: Principal) -> set[str]:
    """The given names of the students whose placements they tutor."""
    rows = select(Person.given_name).join(Enrolment, Enrolment.person_id == Person.id)
    rows = rows.join(Placement, Placement.enrolment_id == Enrolment.id)
    return set(db.session.scalars(rows.where(tutored_by(principal))))


def arranged(scene: Scene, days: tuple[date, date] = WEEK, **said: Any) -> TutorCover:
    """Uma covers for Tom."""
    people = {"tutor": scene.tom.person, "by": scene.uma.person, "form_key": "key", **said}
    return covering.cover(scene.run, days=days, **people, actor=scene.leader, now=NOW)


def test_from_the_first_day_to_the_last_the_cover_holds_what_the_tutor_holds(app: Flask, scene: Scene) -> None:
    arranged(scene, (TODAY + timedelta(days=1), TODAY + timedelta(days=2)))
    seen = {days: tutored(who(app, scene.uma, NOW + days * DAY)) for days in range(4)}
    assert seen == {0: set(), 1: {"Ada", "Ben", "Cyd"}, 2: {"Ada", "Ben", "Cyd"}, 3: set()}
    assert all(tutored(who(app, scene.tom, NOW + days * DAY)) == {"Ada", "Ben", "Cyd"} for days in range(4))
    acting = {days: acting_tutor_id(scene.ada, TODAY + timedelta(days=days)) for days in range(4)}
    tom, uma = scene.tom.person_id, scene.uma.person_id
    assert acting == {0: tom, 1: uma, 2: uma, 3: tom}
    groups = {days: acting_group_tutor_id(scene.group, TODAY + timedelta(days=days)) for days in range(4)}
    assert groups == acting


def test_a_placement_of_another_group_is_covered_too_and_other_tutors_ones_are_not(app: Flask, scene: Scene) -> None:
    scene.dan.tutor = scene.tom.person
    scene.ada.tutor = scene.tia.person
    arranged(scene)
    principal = who(app, scene.uma)
    assert principal.held_on("placement_tutor") == {scene.ben.id, scene.dan.id}
    assert principal.held_on("group_tutor") == {scene.group.id}
    reads = db.session.scalars(select(Enrolment.id).where(is_tutored_by(principal))).all()
    assert scene.dan.enrolment_id in reads
    assert placement_visible_to(principal, scene.dan.public_id) is scene.dan


def test_an_interest_leaves_the_placement_out(app: Flask, scene: Scene) -> None:
    make.interest(scene.ada.challenge.organisation, scene.uma.person, InterestKind.TRUSTEE)
    arranged(scene)
    assert who(app, scene.uma).held_on("placement_tutor") == {scene.ben.id}
    assert acting_tutor_id(scene.ada, TODAY) == scene.tom.person_id


def test_ended_sooner_it_ends_at_once(app: Flask, scene: Scene) -> None:
    made = arranged(scene)
    for _ in range(2):
        covering.end_cover(made, actor=scene.leader, now=NOW)
    assert tutored(who(app, scene.uma)) == set()
    assert db.session.scalar(select(func.count()).where(History.verb == "ended a tutor's cover")) == 1


def test_the_cover_signs_in_their_own_name_for_the_tutor(app: Flask, scene: Scene) -> None:
    arranged(scene)
    agreement = make.agreement(scene.ada, state=AgreementState.SIGNING)
    actor = who(app, scene.uma)
    assert sides(actor, scene.ada) == [Party.TUTOR]
    with pytest.raises(Refused, match="Uma Tutor"):
        signing.sign(agreement, "Tom Tutor", "::1", seen=agreement.sha256, actor=actor, now=NOW)
    signing.sign(agreement, "Uma Tutor", "::1", seen=agreement.sha256, actor=actor, now=NOW)
    db.session.flush()
    assert [signature.person_id for signature in agreement.signatures] == [scene.uma.person_id]
    assert "Uma Tutor, for Tom Tutor" in [signer.name for signer in signers(agreement)]
    tom = who(app, scene.tom)
    with pytest.raises(Refused):  # the university has signed
        signing.sign(agreement, "Tom Tutor", "::1", seen=agreement.sha256, actor=tom, now=NOW)


def test_the_cover_owns_concerns_and_is_among_the_people_to_ask(app: Flask, scene: Scene) -> None:
    concern = make.concern(scene.ada)
    assert scene.tom.person in candidates(concern, NOW)[0]
    arranged(scene)
    assert candidates(concern, NOW)[0] == [scene.uma.person]
    cards = people_to_ask(Principal(scene.ada.enrolment.person_id), scene.ada, NOW)
    assert [(card.role, card.name) for card in cards if "utor" in card.role] == [
        ("Tutor", "Tom Tutor"),
        ("Covers for the tutor until Mon 26 Oct 2026", "Uma Tutor"),
    ]


def test_everybody_concerned_is_told_once_however_many_placements(scene: Scene) -> None:
    scene.ben.supervisor = scene.ada.supervisor
    for _ in range(2):
        made = arranged(scene)
    told = db.session.scalars(select(Notification.recipient_id).filter_by(notice="tutoring.covered")).all()
    students = {each.enrolment.person_id for each in (scene.ada, scene.ben, scene.cyd)}
    assert sorted(told) == sorted({*students, scene.ada.supervisor_id, scene.tom.person_id, scene.uma.person_id})
    assert db.session.scalar(select(func.count(TutorCover.id))) == 1
    assert made.made_by_id == scene.lea.person_id


@pytest.mark.parametrize(
    ("days", "people", "sentence"),
    [
        ((1, 0), ("tom", "uma"), "before the first"),
        ((-3, -1), ("tom", "uma"), "past"),
        ((0, 3), ("tom", "tom"), "somebody else"),
        ((0, 3), ("tom", "stranger"), "run’s team"),
        ((3, 9), ("tia", "tom"), "Tia Tutor covers for Tom Tutor"),
        ((3, 9), ("tom", "uma"), "Tia Tutor covers for Tom Tutor"),
        ((3, 9), ("tia", "uma"), "Tia Tutor covers for Tom Tutor"),
    ],
    ids=["turned", "past", "oneself", "stranger", "is-away", "twice", "stands-in"],
)
def test_what_is_refused(scene: Scene, days: tuple[int, int], people: tuple[str, str], sentence: str) -> None:
    stands = TODAY + timedelta(days=5), TODAY + timedelta(days=8)
    cover(scene.run, scene.tom.person, scene.tia.person, scene.lea.person, from_on=stands[0], to_on=stands[1])
    scene.stranger = make.account(make.person(given_name="Sam"))  # type: ignore[attr-defined]
    first, last = (TODAY + timedelta(days=number) for number in days)
    tutor, by = (getattr(scene, name).person for name in people)
    with pytest.raises(Refused, match=sentence):
        arranged(scene, (first, last), tutor=tutor, by=by)
    assert db.session.scalar(select(func.count(TutorCover.id))) == 1


def test_two_tutors_may_have_the_same_cover(scene: Scene) -> None:
    arranged(scene)
    arranged(scene, tutor=scene.tia.person, form_key="other")
    assert db.session.scalar(select(func.count(TutorCover.id))) == 2


def test_what_each_reads(scene: Scene) -> None:
    for each, name in ((scene.ada, "Sue"), (scene.ben, "Una"), (scene.cyd, "Sam")):
        each.supervisor.given_name, each.supervisor.family_name = name, "Supervisor"
        each.supervisor.email = f"{name}@example.org".lower()
    scene.ben.supervisor = scene.ada.supervisor
    made = arranged(scene)
    check_golden("tutoring/covered", said(notices.COVERED, made.id, scene.ada.enrolment.person) or "")
    check_golden("tutoring/covered-supervisor", said(notices.COVERED, made.id, scene.ada.supervisor) or "")
    check_golden("tutoring/covered-cover", said(notices.COVERED, made.id, scene.uma.person) or "")
    check_golden("tutoring/covered-tutor", said(notices.COVERED, made.id, scene.tom.person) or "")
    assert said(notices.COVERED, made.id, scene.dan.supervisor) is None
    covering.end_cover(made, actor=scene.leader, now=NOW)
    assert said(notices.COVERED, made.id, scene.uma.person) is None
    check_golden("tutoring/back", said(notices.BACK, made.id, scene.ada.supervisor) or "")
    check_golden("tutoring/back-cover", said(notices.BACK, made.id, scene.uma.person) or "")
    check_golden("tutoring/back-tutor", said(notices.BACK, made.id, scene.tom.person) or "")
