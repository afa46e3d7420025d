"""The words that signing sends, to whom, and when reminders fall due."""

from collections.abc import Callable
from typing import Any

import pytest

from placements.agreements.models import Agreement, Party
from placements.agreements.workflow import AgreementState
from placements.core.policy import NOBODY
from placements.db import db
from placements.mail.notices import Notice
from placements.placing.workflow import PlacementState
from placements.signing import actions as signing
from placements.signing import notices
from placements.signing.amending import amend_dates
from tests.agreements.mails import PARTIES, SECOND, compare, reminded, said
from tests.agreements.scene import in_force, link_to_sign, principal, proposed, sign
from tests.factories import DAY, NOW, in_days
from tests.golden import check_golden
from tests.placing.scene import Scene


@pytest.fixture
def scene(session: Any) -> Scene:
    return Scene(public_id="placement-pu")


def sent_back(scene: Scene) -> Agreement:
    agreement = proposed(scene)
    signing.ask_for_changes(agreement, "A secret word.", "", actor=principal(scene, Party.TUTOR), now=NOW)
    return agreement


MAILS: list[tuple[Notice, Callable[[Scene], Agreement], tuple[str, ...]]] = [
    (notices.PLEASE_SIGN, proposed, PARTIES),
    (notices.UNSIGNED, proposed, PARTIES),
    (notices.CHANGES_ASKED, sent_back, ("student",)),
    (notices.TAKEN_BACK, sent_back, ("supervisor", "tutor")),
    (notices.IN_FORCE, in_force, PARTIES),
]


@pytest.mark.parametrize(("notice", "make", "to"), MAILS, ids=lambda each: getattr(each, "name", ""))
def test_what_each_reads(scene: Scene, notice: Notice, make: Callable[[Scene], Agreement], to: tuple[str, ...]) -> None:
    compare(scene, notice, make(scene), to)


def test_what_each_reads_of_a_later_version(scene: Scene) -> None:
    in_force(scene)
    dates = (scene.placement.starts_on, scene.placement.ends_on + 7 * DAY)
    tutor = principal(scene, Party.TUTOR)
    agreement = amend_dates(scene.placement, *dates, "The hall is closed.", "key", actor=tutor, now=NOW)
    mails = [f"To the {name}\n\n{said(scene, notices.PLEASE_SIGN, agreement, name)}" for name in PARTIES[:2]]
    assert said(scene, notices.PLEASE_SIGN, agreement, "tutor") is None
    assert said(scene, notices.UNSIGNED, agreement, "tutor") is None
    for party in (Party.STUDENT, Party.SUPERVISOR):
        sign(scene, agreement, party, now=NOW + DAY)
    mails += [f"To the {name}\n\n{said(scene, notices.IN_FORCE, agreement, name)}" for name in PARTIES[:2]]
    check_golden("signing/later_version", "\n----\n".join(mails))


def test_no_mail_holds_what_was_agreed_or_said(scene: Scene) -> None:
    agreement = sent_back(scene)
    mails = [
        said(scene, notice, agreement, name) or ""
        for notice in (notices.CHANGES_ASKED, notices.TAKEN_BACK)
        for name in PARTIES
    ]
    assert "secret" not in "".join(mails)
    assert "Our words" not in "".join(mails)


@pytest.mark.parametrize("party", list(Party))
def test_whoever_has_signed_is_asked_no_more(scene: Scene, party: Party) -> None:
    agreement = proposed(scene)
    assert said(scene, notices.UNSIGNED, agreement, party.value) is not None
    sign(scene, agreement, party)
    assert said(scene, notices.UNSIGNED, agreement, party.value) is None


@pytest.mark.parametrize("why", ["taken back", "ended", "moved", "not a party"])
def test_what_cannot_be_signed_is_not_asked_for(scene: Scene, session: Any, why: str) -> None:
    agreement = proposed(scene)
    if why == "taken back":
        signing.take_back(agreement, actor=principal(scene, Party.STUDENT), now=NOW)
    elif why == "ended":
        scene.placement.state = PlacementState.NOT_STARTED
    elif why == "moved":
        scene.placement.ends_on += DAY
    session.flush()
    for name in ("contact",) if why == "not a party" else PARTIES:
        assert said(scene, notices.PLEASE_SIGN, agreement, name) is None


def test_a_supervisor_whose_link_ran_out_is_sent_no_dead_link(scene: Scene) -> None:
    agreement = proposed(scene)
    later = link_to_sign(agreement).expires_at
    assert said(scene, notices.UNSIGNED, agreement, "supervisor", later - SECOND) is not None
    assert said(scene, notices.UNSIGNED, agreement, "supervisor", later) is None
    assert said(scene, notices.UNSIGNED, agreement, "tutor", later) is not None


# Reminders


def test_whoever_has_not_signed_is_reminded_after_three_and_seven_days(scene: Scene) -> None:
    agreement = proposed(scene)
    sign(scene, agreement, Party.STUDENT)
    supervisor, tutor = scene.supervisor.person_id, scene.tutor.person_id
    three, seven = in_days(NOW, 3), in_days(NOW, 7)
    assert reminded("signing.unsigned", three - SECOND) == set()
    assert reminded("signing.unsigned", three) == {(supervisor, three), (tutor, three)}
    sign(scene, agreement, Party.TUTOR)
    db.session.flush()
    assert reminded("signing.unsigned", seven) - {(tutor, three)} == {(supervisor, three), (supervisor, seven)}


@pytest.mark.parametrize("state", [state for state in AgreementState if state is not AgreementState.SIGNING])
def test_nobody_is_reminded_of_what_does_not_go_round(scene: Scene, session: Any, state: AgreementState) -> None:
    proposed(scene).state = state
    session.flush()
    assert reminded("signing.unsigned", NOW + 8 * DAY) == set()


def test_nobody_is_reminded_of_a_placement_that_has_ended(scene: Scene, session: Any) -> None:
    proposed(scene)
    scene.placement.state = PlacementState.NOT_STARTED
    session.flush()
    assert reminded("signing.unsigned", NOW + 8 * DAY) == set()


def test_a_placement_without_a_tutor_reminds_nobody_in_their_place(session: Any) -> None:
    scene = Scene()
    proposed(scene)
    scene.placement.tutor = None
    session.flush()
    keys = {key for key, _ in reminded("signing.unsigned", NOW + 3 * DAY)}
    assert keys == {scene.student.person_id, scene.supervisor.person_id}
    assert NOBODY.person_id not in keys
