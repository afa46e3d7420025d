"""What a student is told in every state of their enrolment: nothing is promised that will not come."""

from datetime import UTC, date, datetime

import pytest
from flask import Flask

from placements.agreements.models import Party
from placements.agreements.workflow import AgreementState
from placements.assessment.workflow import SubmissionState
from placements.cohorts.models import ComponentKind
from placements.cohorts.workflow import EnrolmentState, RunState
from placements.logbook.workflow import EntryState
from placements.placing.workflow import PlacementState
from tests import factories as make
from tests.client import PageClient
from tests.factories import DAY, NOW
from tests.placing.scene import Scene, scene_in

S = EnrolmentState
PROMISE = "Once the places are given out, your offer shows here."
HAND_IN = "Hand in your Final Project Portfolio by Wed 4 Nov 2026, 3pm (in 15 days)"
ENDED = "Your placement has ended, and the hours that were confirmed stay yours."
ALTERNATIVE = "Something else was agreed with you in place of a placement: see your offers."


def text_for(client: PageClient, made: Scene, name: str) -> str:
    client.sign_in_as(getattr(made, name))
    return client.page("/home").text


def without_a_place(database: Flask, state: EnrolmentState, run: RunState = RunState.OPEN) -> Scene:
    """Ben, who has no placement and no offer, in that state; a portfolio is due in a fortnight."""

    def add(made: Scene) -> None:
        group = make.group(made.run, made.other_tutor.person)
        made.ben = make.account(make.person(given_name="Ben", family_name="Where"))  # type: ignore[attr-defined]
        make.enrolment(group, made.ben.person, state=state)  # type: ignore[attr-defined]
        make.component(ComponentKind.PORTFOLIO, made.run, due_at=datetime(2026, 11, 4, 15, 0, tzinfo=UTC))
        made.run.state = run

    return scene_in(database, add)


@pytest.mark.parametrize(
    ("state", "told", "is_asked"),
    [
        (S.REGISTERED, PROMISE, True),
        (S.SEEKING, PROMISE, True),
        (S.NOT_PLACED, ALTERNATIVE, True),
        (S.COMPLETED, ENDED, True),
        (S.DEFERRED, "You have deferred the module, so nothing is asked of you now.", False),
        (S.WITHDRAWN, "You have withdrawn from the module, so nothing is asked of you now.", False),
    ],
)
def test_who_has_no_place_is_told_what_is_true_of_them(
    database: Flask, client: PageClient, state: EnrolmentState, told: str, is_asked: bool
) -> None:
    text = text_for(client, without_a_place(database, state), "ben")
    assert told in text
    assert (PROMISE in text) is (told is PROMISE)
    assert (HAND_IN in text) is is_asked
    assert ("Choose up to six challenges" in text) is (state in (S.REGISTERED, S.SEEKING))


def test_a_run_that_is_over_promises_nothing(database: Flask, client: PageClient) -> None:
    assert PROMISE not in text_for(client, without_a_place(database, S.SEEKING, RunState.CLOSED), "ben")


@pytest.mark.parametrize("enrolled", [S.PLACED, S.COMPLETED])
def test_whose_placement_ended_early_is_told_so(database: Flask, client: PageClient, enrolled: EnrolmentState) -> None:
    def now_done(made: Scene) -> None:
        made.enrolment.state = enrolled

    over = {"state": PlacementState.ENDED_EARLY, "starts_on": date(2026, 10, 5), "ended_on": date(2026, 10, 19)}
    text = text_for(client, scene_in(database, now_done, **over), "student")
    assert ENDED in text
    assert PROMISE not in text


def test_the_latest_enrolment_is_the_one_that_is_spoken_of(database: Flask, client: PageClient) -> None:
    def left_one_and_joined_another(made: Scene) -> None:
        made.eva = make.account(make.person(given_name="Eva", family_name="Again"))  # type: ignore[attr-defined]
        for state in (S.WITHDRAWN, S.REGISTERED):
            make.enrolment(make.group(make.run()), made.eva.person, state=state)  # type: ignore[attr-defined]

    assert PROMISE in text_for(client, scene_in(database, left_one_and_joined_another), "eva")


@pytest.mark.parametrize(
    ("state", "is_asked"),
    [(SubmissionState.OPEN, True), (SubmissionState.RECEIVED, False), (SubmissionState.NOT_SUBMITTED, False)],
)
def test_what_can_be_handed_in_again_is_asked_for_again(
    database: Flask, client: PageClient, state: SubmissionState, is_asked: bool
) -> None:
    """Open once more: its deadline was moved after it had been missed."""

    def moved(made: Scene) -> None:
        part = make.component(ComponentKind.PORTFOLIO, made.run, due_at=datetime(2026, 11, 4, 15, 0, tzinfo=UTC))
        make.submission(made.enrolment, part, state=state, received_at=NOW - DAY)

    assert (HAND_IN in text_for(client, scene_in(database, moved), "student")) is is_asked


def test_a_question_about_a_visit_outlives_its_placement(database: Flask, client: PageClient) -> None:
    def queried(made: Scene) -> None:
        make.agreement(made.placement)
        make.entry(made.placement, state=EntryState.QUERIED)

    over = {"state": PlacementState.COMPLETED, "starts_on": date(2026, 10, 5), "ended_on": date(2026, 10, 19)}
    text = text_for(client, scene_in(database, queried, **over), "student")
    assert "Answer 1 question about your visits" in text
    assert "Challenge Agreement" not in text


AGAIN = "Send your Challenge Agreement round again"
SIGN = {
    "student": "Sign your Challenge Agreement",
    "supervisor": "Sign the Challenge Agreement",
    "tutor": "1 Challenge Agreement waits for your signature",
}


def later(made: Scene) -> None:
    made.placement.ends_on = date(2027, 5, 7)


def another_supervisor(made: Scene) -> None:
    made.placement.supervisor = made.contact.person


@pytest.mark.parametrize("signed_by", [(), (Party.STUDENT,), (Party.STUDENT, Party.SUPERVISOR)])
@pytest.mark.parametrize("name", SIGN)
def test_what_was_overtaken_by_a_change_is_signed_by_nobody(
    database: Flask, client: PageClient, name: str, signed_by: tuple[Party, ...]
) -> None:
    def going_round(made: Scene) -> None:
        make.agreement(made.placement, *signed_by, state=AgreementState.SIGNING)

    text = text_for(client, scene_in(database, going_round, later), name)
    assert SIGN[name] not in text
    assert (AGAIN in text) is (name == "student")


def test_the_new_supervisor_is_not_asked_to_sign_what_names_the_old(database: Flask, client: PageClient) -> None:
    def going_round(made: Scene) -> None:
        make.agreement(made.placement, state=AgreementState.SIGNING)

    made = scene_in(database, going_round, another_supervisor)
    assert SIGN["supervisor"] not in text_for(client, made, "contact")
    assert AGAIN in text_for(client, made, "student")


def test_a_tutor_who_has_come_to_have_a_side_is_not_asked_to_sign(database: Flask, client: PageClient) -> None:
    def tied(made: Scene) -> None:
        make.agreement(made.placement, state=AgreementState.SIGNING)
        make.interest(made.organisation, made.tutor.person)

    scene = scene_in(database, tied)
    assert SIGN["tutor"] not in text_for(client, scene, "tutor")
    assert "Read and sign" not in client.page("/agreements").text


def test_an_agreement_in_force_that_was_overtaken_is_to_be_sent_again(database: Flask, client: PageClient) -> None:
    made = scene_in(database, lambda made: make.agreement(made.placement), later)
    assert AGAIN in text_for(client, made, "student")
