"""The pages on which a module leader asks what a change would cost, changes the round, and sees how it stands."""

import pytest
from flask import Flask
from sqlalchemy import select

from placements.allocation.models import Attempt
from placements.allocation.workflow import AttemptState
from placements.applications.models import HostAnswer
from placements.applications.rules import Unsuitable
from placements.applications.workflow import AnswerState
from placements.db import db
from placements.rounds import inputs
from placements.rounds.models import Adjustment, Lock, Round
from placements.solver import instance as solver_instance
from placements.solver import possible
from placements.solver.changes import Change, Kind
from tests import factories as make
from tests.allocation.pages import Build, be, scene, work
from tests.allocation.scene import Scene
from tests.client import PageClient, counting_queries
from tests.factories import NOW
from tests.page import Page

__all__ = ["scene"]


def solved(scene: Scene) -> None:
    scene.attempt = scene.solved()  # type: ignore[attr-defined]
    scene.opened = scene.attempt.round  # type: ignore[attr-defined]


def opened(scene: Scene) -> None:
    scene.opened = scene.open()  # type: ignore[attr-defined]


def round_page(client: PageClient, made: Scene) -> Page:
    return client.page(f"/rounds/{made.opened.public_id}")  # type: ignore[attr-defined]


def attempt_page(client: PageClient, made: Scene) -> Page:
    return client.page(f"/rounds/attempts/{made.attempt.public_id}")  # type: ignore[attr-defined]


def test_what_would_it_cost_and_make_it_so(database: Flask, client: PageClient, scene: Build) -> None:
    made = scene(solved)
    be(client, made, "Lea")
    find = client.page(attempt_page(client, made).link("Ask about a student"))
    assert [row[0] for row in find.rows] == ["Ada Student", "Ben Student", "Cyd Student"]
    found = client.page(f"{find.url}?q=ada")
    assert [row[0] for row in found.rows] == ["Ada Student"]
    page = client.page(found.link("Choose Ada Student"))
    form = page.form("Ask what it would cost")
    assert client.submit(form).errors == ["Choose what to ask", "Choose a challenge"]
    waiting = client.submit(form, what="lock", challenge=made.park.public_id)
    assert "waits for its turn" in waiting.text
    work(database)
    trial = client.page(waiting.link("Check again"))
    assert trial.h1 == "What if we place Ada Student in “The park”?"
    assert "With this change: 1 more student without a place; " in trial.text
    assert "2 students would be placed elsewhere than now." in trial.text
    assert trial.rows[0] == ["Students unplaced", "1", "2", "1 more"]
    assert ["Ada Student", "The food bank 2nd choice", "The park 1st choice"] in trial.rows
    assert "Place Ada Student in “The park”" in attempt_page(client, made).text
    form = client.page(trial.link("Make it so")).form("Make it so, and run again")
    assert client.submit(form).errors == ["Say why, in a sentence"]
    again = client.submit(form, reason="Her tutor asked for it.")
    assert "It is so from now on." in again.text
    assert "The allocation waits for its turn" in again.text
    with database.app_context():
        assert db.session.scalars(select(Lock)).one().reason == "Her tutor asked for it."
        assert len(db.session.scalars(select(Attempt).where(Attempt.base_id.is_(None))).all()) == 4


def test_what_would_another_place_change(database: Flask, client: PageClient, scene: Build) -> None:
    made = scene(solved)
    be(client, made, "Lea")
    form = client.page(attempt_page(client, made).link("Ask about places")).form("Ask what it would change")
    assert client.submit(form, number="x", challenge=made.park.public_id).errors != []
    waiting = client.submit(form, number="2", challenge=made.park.public_id)
    work(database)
    trial = client.page(waiting.link("Check again"))
    assert trial.h1 == "What if we give “The park” 2 places in this round?"
    assert "With this change: 1 fewer student without a place; " in trial.text
    assert "They are written into its challenge" in client.page(trial.link("Make it so")).text.replace(
        "More are a promise of the organisation: they", "They"
    )


def test_a_question_without_an_answer_says_so(database: Flask, client: PageClient, scene: Build) -> None:
    def locked(scene: Scene) -> None:
        make.lock(scene.ben, scene.park)
        solved(scene)
        waiting = make.attempt(scene.opened, base=scene.attempt, changes="[]", state=AttemptState.FAILED)  # type: ignore[attr-defined]
        waiting.problem = "There was no result after 2 minutes."
        scene.failed = waiting  # type: ignore[attr-defined]

    made = scene(locked)
    be(client, made, "Lea")
    page = client.page(f"/rounds/attempts/{made.attempt.public_id}/ask-about-a-student?student={made.ada.public_id}")  # type: ignore[attr-defined]
    refused = client.submit(page.form("Ask what it would cost"), what="lock", challenge=made.park.public_id)
    assert refused.errors == [
        "That cannot be: other locks of this round stand against it, or there is no room for them all."
    ]
    assert refused.form("Ask what it would cost").values["what"] == ["lock"]
    assert "There was no result after 2 minutes." in client.page(f"/rounds/trials/{made.failed.public_id}").text  # type: ignore[attr-defined]
    client.page(f"/rounds/attempts/{made.failed.public_id}", 404)  # type: ignore[attr-defined]
    client.page(f"/rounds/attempts/{made.attempt.public_id}/ask-about-a-student?student=nobody", 404)  # type: ignore[attr-defined]


def test_changes_are_made_listed_and_taken_back(database: Flask, client: PageClient, scene: Build) -> None:
    made = scene(solved)
    be(client, made, "Lea")
    assert "Compare what each rule comes to" in round_page(client, made).text
    places = client.page(f"/rounds/{made.opened.public_id}/places")  # type: ignore[attr-defined]
    form = client.page(places.link("Change what The food bank can take")).form("Change it")
    assert form.values["challenge"] == [made.food.public_id]
    assert client.submit(form).errors == [
        "Choose what is different",
        "Enter how many students",
        "Say why, in a sentence",
    ]
    page = client.submit(form, what="places", number="0", reason="Mr Food is away.")
    assert "Done: Give “The food bank” 0 places in this round." in page.text
    assert "Run the allocation again: students, choices, places" in page.text
    find = client.page(page.link("Keep a student out of a challenge"))
    form = client.page(find.link("Choose Ben Student")).form("Keep them apart")
    page = client.submit(form, challenge=made.park.public_id, reason="He worked there.")
    rows = [row[:2] for row in page.rows if row[1] in ("Mr Food is away.", "He worked there.")]
    assert rows == [
        ["Give “The food bank” 0 places in this round", "Mr Food is away."],
        ["Keep Ben Student out of “The park”", "He worked there."],
    ]
    with database.app_context():
        address = f"/rounds/adjustments/{db.session.scalars(select(Adjustment.public_id).order_by(Adjustment.id)).first()}/take-back"
    page = client.submit(page.form(address))
    assert "It is taken back." in page.text
    assert "Mr Food is away." not in [row[1] for row in page.rows]


def test_the_rule_is_chosen_in_words_and_compared(database: Flask, client: PageClient, scene: Build) -> None:
    made = scene(solved)
    be(client, made, "Lea")
    page = round_page(client, made)
    assert "Rule: Any of the first three choices is good enough." in page.text
    form = client.page(page.link("Change the rule")).form("Go by this")
    assert form.values["threshold"] == ["3"]
    page = client.submit(form, threshold="1")
    assert "Rule: Only a first choice is good enough." in page.text
    client.submit(page.form("Run again"))
    work(database)
    assert [row[0] for row in round_page(client, made).rows[:4]] == [
        "Kindest to the worst off",
        "Kindest to the worst off, below choice 1",
        "Most first choices",
        "Least total rank",
    ]


def test_an_impossible_round_is_made_possible_by_one_press(
    database: Flask, client: PageClient, scene: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    def two_locked(scene: Scene) -> None:
        make.lock(scene.ada, scene.park)
        make.lock(scene.ben, scene.park)
        opened(scene)

    made = scene(two_locked)
    be(client, made, "Lea")
    with database.app_context():
        key = inputs.round_key(db.session.get_one(Round, made.opened.id), made.ben)  # type: ignore[attr-defined]
    park = made.park.public_id
    needs = [Change(Kind.PLACES, park, number=2), Change(Kind.UNLOCK, park, key)]
    monkeypatch.setattr(solver_instance, "_check_locks", lambda instance: None, raising=False)
    monkeypatch.setattr(possible, "needed", lambda instance: tuple(needs))
    page = round_page(client, made)
    assert "This cannot work as it is: make the changes below, or undo other locks." in page.text
    assert "The smallest changes that together make it work:" in page.text
    assert page.form("Do all of these").values["change"] == ["all"]
    form = next(form for form in page.forms if form.values.get("change", [""])[0].startswith("Give"))
    done = client.submit(form)
    assert "Done: Give “The park” 2 places in this round." in done.text
    needs.clear()
    with database.app_context():
        assert [each.ended_at for each in db.session.scalars(select(Lock))] == [None, None]
    assert "Run the allocation" in round_page(client, made).text


def test_the_page_tells_what_waits_and_what_is_new(client: PageClient, scene: Build) -> None:
    def more(scene: Scene) -> None:
        solved(scene)
        scene.challenge("The late one", published_at=NOW.replace(year=2027))
        asked = db.session.scalars(select(HostAnswer).order_by(HostAnswer.id)).first()
        assert asked is not None
        asked.state, asked.reason, asked.sentence = AnswerState.NOT_SUITABLE, Unsuitable.DAYS, "Not on Mondays."
        asked.undecided_since = NOW

    made = scene(more)
    be(client, made, "Lea")
    page = round_page(client, made)
    assert "1 answer of “not suitable” waits for you. Until you decide, it counts as happy. Decide now" in page.text
    assert "1 challenge published since the last run: The late one." in page.text


def test_progress_is_told_where_it_is_worked_out(client: PageClient, scene: Build) -> None:
    def working(scene: Scene) -> None:
        solved(scene)
        making = {"state": AttemptState.SOLVING, "progress": "14 of 60 tried."}
        scene.working = make.attempt(scene.opened, **making)  # type: ignore[attr-defined]

    made = scene(working)
    be(client, made, "Lea")
    address = f"/rounds/attempts/{made.working.public_id}"  # type: ignore[attr-defined]
    for page in (round_page(client, made), client.page(address)):
        assert "The allocation is being worked out." in page.text
        assert "Least total rank, asked for Tue 20 Oct 2026, 9am. 14 of 60 tried." in page.text
        assert f'data-refresh="{address}"' in page.html
        assert page.link("Check again") == page.url


@pytest.mark.parametrize("more", [0, 2])
@pytest.mark.parametrize(
    ("path", "count"),
    [
        ("/rounds/trials/{trial}", 10),
        ("/rounds/trials/{trial}/make-it-so", 6),
        ("/rounds/attempts/{attempt}", 9),
        ("/rounds/attempts/{attempt}/ask-about-a-student", 5),
        ("/rounds/attempts/{attempt}/ask-about-places", 5),
        ("/rounds/{round}", 18),
        ("/rounds/{round}/keep-apart", 14),
        ("/rounds/{round}/change-places", 14),
    ],
)
def test_pages_ask_no_more_for_more_of_it(client: PageClient, scene: Build, path: str, count: int, more: int) -> None:
    def several(scene: Scene) -> None:
        for number in range(more):
            scene.student(f"More {number}", scene.park, scene.food)
        solved(scene)
        for number in range(more + 1):
            change = f'[{{"kind": "places", "about": "{scene.food.public_id}", "student": "", "number": {number}}}]'
            asked = {"base": scene.attempt, "changes": change, "state": AttemptState.SOLVED}  # type: ignore[attr-defined]
            scene.trial = make.attempt(scene.opened, **asked)  # type: ignore[attr-defined]

    made = scene(several)
    be(client, made, "Lea")
    names = {"trial": made.trial, "attempt": made.attempt, "round": made.opened}  # type: ignore[attr-defined]
    url = path.format(**{name: thing.public_id for name, thing in names.items()})
    client.page(url)
    with counting_queries() as queries:
        client.page(url)
    assert queries.count == count
