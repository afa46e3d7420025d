"""The words that writing an Agreement sends, to whom, and when reminders fall due."""

from typing import Any

import pytest

from placements.agreements import notices
from placements.agreements.models import Party
from placements.placing.workflow import PlacementState
from placements.signing import actions as signing
from tests.agreements.mails import SECOND, compare, reminded, said
from tests.agreements.scene import drafted, principal, proposed
from tests.factories import DAY, NOW, in_days
from tests.golden import check_golden
from tests.placing.scene import Scene


@pytest.fixture
def scene(session: Any) -> Scene:
    return Scene(public_id="placement-pu")


def test_what_each_reads_of_a_comment(scene: Scene) -> None:
    compare(scene, notices.COMMENTED, drafted(scene), ("student", "tutor"))


def test_what_the_student_reads_before_and_after_a_draft_is_begun(scene: Scene) -> None:
    compare(scene, notices.TO_WRITE, scene.placement, ("student",))
    drafted(scene)
    check_golden("agreements/to_write_begun", said(scene, notices.TO_WRITE, scene.placement, "student") or "")
    agreement = proposed(scene)
    assert said(scene, notices.TO_WRITE, scene.placement, "student") is None
    signing.take_back(agreement, actor=principal(scene, Party.STUDENT), now=NOW)
    assert said(scene, notices.TO_WRITE, scene.placement, "student") is None  # they know how


def test_the_student_is_asked_to_write_at_once_and_after_a_week(scene: Scene) -> None:
    student = scene.student.person_id
    assert reminded("agreements.to_write", NOW) == {(student, NOW)}
    assert reminded("agreements.to_write", in_days(NOW, 7) - SECOND) == {(student, NOW)}
    assert reminded("agreements.to_write", in_days(NOW, 7)) == {(student, NOW), (student, in_days(NOW, 7))}


def test_whoever_has_sent_it_round_is_asked_no_more(scene: Scene) -> None:
    proposed(scene)
    assert reminded("agreements.to_write", NOW + 8 * DAY) == set()


def test_nobody_is_reminded_to_write_for_a_placement_that_has_ended(scene: Scene, session: Any) -> None:
    scene.placement.state = PlacementState.NOT_STARTED
    session.flush()
    assert reminded("agreements.to_write", NOW + 8 * DAY) == set()


def test_the_tutor_hears_after_a_fortnight_and_the_leader_after_three_weeks(scene: Scene) -> None:
    tutor, leader = scene.tutor.person_id, scene.leader.person_id
    assert reminded("agreements.not_agreed", in_days(NOW, 14) - SECOND) == set()
    assert reminded("agreements.not_agreed", in_days(NOW, 14)) == {(tutor, in_days(NOW, 14))}
    assert reminded("agreements.not_agreed_in_run", in_days(NOW, 21) - SECOND) == set()
    assert reminded("agreements.not_agreed_in_run", in_days(NOW, 21)) == {(leader, in_days(NOW, 21))}
    assert reminded("agreements.not_agreed", in_days(NOW, 28)) == {(tutor, in_days(NOW, 14))}


def test_what_tutor_and_leader_read_until_it_is_in_force(scene: Scene, session: Any) -> None:
    compare(scene, notices.NOT_YET_AGREED, scene.placement, ("tutor",))
    compare(scene, notices.NOT_AGREED_IN_RUN, scene.run, ("leader",))
    proposed(scene)
    text = said(scene, notices.NOT_YET_AGREED, scene.placement, "tutor") or ""
    assert "not everybody has signed its Challenge Agreement" in text
    scene.placement.agreed_at = NOW
    session.flush()
    assert said(scene, notices.NOT_YET_AGREED, scene.placement, "tutor") is None
    assert said(scene, notices.NOT_AGREED_IN_RUN, scene.run, "leader") is None
    assert reminded("agreements.not_agreed", NOW + 14 * DAY) == set()
    assert reminded("agreements.not_agreed_in_run", NOW + 21 * DAY) == set()
