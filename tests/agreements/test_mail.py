"""The words that writing an Agreement sends, to whom, and when reminders fall due."""

from typing import Any

import pytest

from placements.agreements import notices
from placements.agreements.models import Party
from placements.placing.workflow import PlacementState
from placements.signing import actions as signing
from tests.agreements.mails import SECOND, compare, reminded, said
from tests.agreements.scene import drafted, principal, proposed
from tests.factories import DAY, NOW
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
    assert reminded("agreements.to_write", NOW + 7 * DAY - SECOND) == {(student, NOW)}
    assert reminded("agreements.to_write", NOW + 7 * DAY) == {(student, NOW), (student, NOW + 7 * DAY)}


def test_whoever_has_sent_it_round_is_asked_no_more(scene: Scene) -> None:
    proposed(scene)
    assert reminded("agreements.to_write", NOW + 8 * DAY) == set()


def test_nobody_is_reminded_to_write_for_a_placement_that_has_ended(scene: Scene, session: Any) -> None:
    scene.placement.state = PlacementState.NOT_STARTED
    session.flush()
    assert reminded("agreements.to_write", NOW + 8 * DAY) == set()
