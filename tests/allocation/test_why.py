"""Why a student has the place that they have: every sentence there is, true of a round made by hand, and only theirs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select

from placements.accounts.models import Account
from placements.allocation import actions
from placements.allocation.explained import mine
from placements.allocation.models import Attempt, Match, MatchReason
from placements.allocation.queries import attempts_of
from placements.allocation.why import TO_STAFF, WORDS, Told
from placements.applications.models import Application, HostAnswer
from placements.applications.rules import Unsuitable
from placements.applications.workflow import AnswerState
from placements.challenges.models import Challenge
from placements.challenges.workflow import ChallengeState
from placements.cohorts.models import Enrolment
from placements.core.policy import Principal
from placements.db import db
from placements.rounds.inputs import round_key
from placements.rounds.models import Round
from placements.solver.instance import Instance
from placements.solver.reasons import Reason, Reasons, Why
from tests import factories as make
from tests.allocation.scene import Scene, match_of, publish
from tests.applications.scene import needs
from tests.client import PageClient, counting_queries
from tests.factories import NOW


def kept(scene: Scene, said: Callable[[Challenge], Reason] | None = None) -> Round:
    """A staged round whose attempt gives, for Ada and the park, what `said` says: with her there, one more has none."""
    attempt = scene.solved()
    instance = Instance.from_json(attempt.instance)
    reason = said(scene.park) if said else Reason(scene.park.public_id, Why.UNPLACED, (1, 0, 0))
    key = round_key(attempt.round, scene.ada)
    attempt.reasons = Reasons(instance.sha256(), {key: (reason,)}).to_json()
    actions.stage(attempt, actor=scene.leader, now=NOW)
    db.session.flush()
    return attempt.round


def told(match: Match) -> list[tuple[str, int, Told]]:
    """Each reason of the match: about what, at which rank, why."""
    rows = db.session.scalars(select(MatchReason).where(MatchReason.match_id == match.id).order_by(MatchReason.rank))
    return [(row.challenge.title, row.rank, row.why) for row in rows]


@pytest.fixture
def scene(session: Any) -> Scene:
    return Scene()


@pytest.mark.pure
def test_whatever_the_solver_says_can_be_told_to_students_and_staff() -> None:
    assert {each.value for each in Why} <= {each.value for each in Told}
    assert set(WORDS) == set(Told)
    assert {each.value for each in Why} <= {each.value for each in TO_STAFF}
    assert set(TO_STAFF).isdisjoint({Told.NOT_FIT, Told.NOT_OPEN, Told.HOST, Told.BY_HAND})


@pytest.mark.parametrize("why", list(Why))
def test_what_the_solver_says_is_kept_when_it_is_staged_and_seen_when_it_is_published(scene: Scene, why: Why) -> None:
    round = kept(scene, lambda park: Reason(park.public_id, why))
    assert told(match_of(round, scene.ada)) == [("The park", 1, Told(why.value))]
    ada = Principal(scene.ada.person_id, frozenset({("student", scene.ada.id)}))
    assert mine(ada) is None
    publish(scene, round)
    assert [each.why for each in mine(ada).match.reasons] == [Told(why.value)]  # type: ignore[union-attr]


def test_the_solver_itself_says_who_would_go_without_and_what_the_lottery_settled(scene: Scene) -> None:
    round = scene.staged()
    unlucky = next(each for each in (scene.ben, scene.cyd) if match_of(round, each).challenge is None)
    assert told(match_of(round, scene.ada)) == [("The park", 1, Told.UNPLACED)]
    assert told(match_of(round, unlucky)) == [("The park", 1, Told.LOTTERY)]


def test_staging_again_keeps_no_old_reason(scene: Scene) -> None:
    round = kept(scene)
    attempt = attempts_of(round)[0]
    attempt.reasons = None
    actions.stage(attempt, actor=scene.leader, now=NOW)
    assert db.session.scalars(select(MatchReason)).all() == []


def agreed(of: Enrolment, about: Challenge) -> None:
    found = select(HostAnswer).join(HostAnswer.application).where(Application.enrolment_id == of.id)
    answer = db.session.scalars(found.where(HostAnswer.challenge_id == about.id)).one()
    answer.reason, answer.sentence, answer.state = Unsuitable.CONFLICT, "Her aunt works here.", AnswerState.AGREED


def test_what_the_round_never_could_give_says_why_not(scene: Scene) -> None:
    wrong = scene.challenge("Wrong level", suits_level_6=False)
    shut, far = scene.challenge("Shut"), scene.challenge("Far away", days=1)
    dee = scene.student("Dee", wrong, shut, far, scene.park, scene.challenge("The library"))
    shut.state = ChallengeState.PAUSED
    needs(dee, days=16)
    agreed(dee, scene.park)
    round = scene.staged()
    match = match_of(round, dee)
    assert (match.rank, told(match)) == (
        5,
        [
            *(("Wrong level", 1, Told.NOT_OPEN), ("Shut", 2, Told.NOT_OPEN)),
            *(("Far away", 3, Told.NOT_FIT), ("The park", 4, Told.HOST)),
        ],
    )
    assert [row.unsuitable for row in match.reasons] == [None, None, None, Unsuitable.CONFLICT]


def test_without_a_place_every_choice_has_its_reason(scene: Scene) -> None:
    scene.food.state = ChallengeState.PAUSED
    agreed(scene.ada, scene.park)
    match = match_of(scene.staged(), scene.ada)
    assert (match.challenge, told(match)) == (None, [("The park", 1, Told.HOST), ("The food bank", 2, Told.NOT_OPEN)])


def test_a_change_by_hand_is_the_reason_for_what_it_passed_over(scene: Scene) -> None:
    dee = scene.student("Dee", scene.challenge("The library"), scene.challenge("Shut", state=ChallengeState.PAUSED))
    round = kept(scene)
    for each in (scene.ada, dee):
        actions.override(match_of(round, each), None, "A secret.", actor=scene.leader, now=NOW)
    publish(scene, round)
    assert told(match_of(round, scene.ada)) == [("The park", 1, Told.BY_HAND), ("The food bank", 2, Told.BY_HAND)]
    assert told(match_of(round, dee)) == [("The library", 1, Told.BY_HAND), ("Shut", 2, Told.BY_HAND)]


def test_a_change_by_hand_for_the_better_leaves_no_reason(scene: Scene) -> None:
    round = kept(scene)
    scene.park.places_max = 2
    actions.override(match_of(round, scene.ada), scene.park, "A place was found.", actor=scene.leader, now=NOW)
    publish(scene, round)
    assert told(match_of(round, scene.ada)) == []


# On pages


@dataclass
class Town:
    """Somebody for each side, and where their pages are."""

    lea: Account
    ada: Account
    other: Account
    match: str


@pytest.fixture
def town(database: Flask) -> Callable[..., Town]:
    """A round published with Ada's one reason; `names`: whatever the others are called."""

    def build(names: str = "Student", state: str = "published") -> Town:
        with database.app_context():
            scene = Scene()
            for each in (scene.ben, scene.cyd):
                each.person.family_name = names
            round = kept(scene)
            if state == "published":
                publish(scene, round)
            unlucky = next(each for each in (scene.ben, scene.cyd) if match_of(round, each).challenge is None)
            accounts = [make.account(each) for each in (scene.lea, scene.ada.person, unlucky.person)]
            made = Town(*accounts, match=match_of(round, scene.ada).public_id)
            db.session.commit()
            for account in accounts:
                db.session.refresh(account)
                db.session.refresh(account.person)
            db.session.expunge_all()
            return made

    return build


def test_a_student_reads_why_this_place_and_nothing_of_others(client: PageClient, town: Callable[..., Town]) -> None:
    made = town(names="~secret~")
    client.forbidden |= {"~secret~", "Ben", "Cyd", "(1,"}
    client.sign_in_as(made.ada)
    home = client.page("/home")
    page = client.page(home.link("Why this place?"))
    assert page.h1 == "Why this place?"
    assert "Read why it is this place, then accept or decline your offer by Tue 27 Oct 2026, 8am." in page.text
    gave = "The matching gave you a place in “The food bank” with Friends of the food bank, your 2nd choice."
    assert gave in page.text
    assert "1st choice: The park With you there, at least one more student would have had no place at all." in page.text
    offer = client.page(page.link("See your offer"))
    assert client.page(offer.link("Why this place?")).h1 == "Why this place?"
    assert client.page(client.page("/offers").link("Why this place?")).h1 == "Why this place?"
    client.page(f"/rounds/matches/{made.match}/reasons", 404)


def test_the_page_is_the_same_whatever_the_others_are_called(database: Flask, town: Callable[..., Town]) -> None:
    made = town(names="Short")
    client = PageClient(database)
    client.sign_in_as(made.ada)
    before = client.page("/why").text
    with database.app_context():
        for match in db.session.scalars(select(Match)):
            if match.public_id != made.match:
                match.enrolment.person.given_name, match.enrolment.person.family_name = "Zacharias", "O’Longname"
        db.session.commit()
    assert client.page("/why").text == before


def test_without_a_place_one_reads_who_looks_and_by_when(client: PageClient, town: Callable[..., Town]) -> None:
    made = town()
    client.sign_in_as(made.other)
    page = client.page(client.page("/home").link("Why no place?"))
    assert page.h1 == "Why no place?"
    assert "You need do nothing now: Tom Tutor looks for a place with you." in page.text
    assert "Tom Tutor looks for a place with you, and sees to it by Tue 3 Nov 2026 (in 14 days)." in page.text
    assert client.page(client.page("/offers").link("Why no place?")).h1 == "Why no place?"


def test_before_publication_there_is_nothing_to_read(client: PageClient, town: Callable[..., Town]) -> None:
    made = town(state="staged")
    client.sign_in_as(made.ada)
    assert "Nothing to explain yet" in client.page("/why").text
    client.forbidden |= {"Why this place?", "Why no place?"}
    client.page("/home")
    client.page("/offers")


def test_the_leader_sees_what_each_choice_would_cost(client: PageClient, town: Callable[..., Town]) -> None:
    made = town()
    client.sign_in_as(made.lea)
    matches = client.page(client.page(client.page("/rounds").link("Main round")).link("See the matches"))
    page = client.page(matches.link("Why Ada Student has no better choice"))
    assert "At least one more student would have no place." in page.text
    assert page.rows == [
        *(["Students unplaced", "+1"], ["Total rank of those at choices 1 to 3", "0"]),
        ["Displeasure of organisations", "0"],
    ]


def test_a_result_without_reasons_says_so_to_the_leader_and_the_student(
    database: Flask, client: PageClient, town: Callable[..., Town]
) -> None:
    made = town()
    with database.app_context():
        attempt = db.session.scalars(select(Attempt).where(Attempt.staged_at.is_not(None))).one()
        attempt.reasons = Reasons(attempt.instance_sha256, {}).to_json()
        db.session.execute(delete(MatchReason))
        db.session.commit()
    client.sign_in_as(made.lea)
    assert "The reasons were not kept" in client.page(f"/rounds/matches/{made.match}/reasons").text
    client.sign_in_as(made.ada)
    assert "The reasons were not kept this time." in client.page("/why").text


def test_why_is_a_few_queries_however_many_reasons(client: PageClient, town: Callable[..., Town]) -> None:
    made = town()
    client.sign_in_as(made.ada)
    client.page("/why")
    with counting_queries() as queries:
        client.page("/why")
    assert queries.count == 6  # the account, its roles; the match, its reasons; the offer, the clearing list
