"""Rounds before they are run, and locks, as module leaders and tutors meet them."""

import pytest

from tests import factories as make
from tests.allocation.pages import Build, be, scene
from tests.allocation.scene import Scene
from tests.client import PageClient, counting_queries
from tests.factories import DAY, NOW

__all__ = ["scene"]


def test_the_leader_looks_who_is_in_and_what_there_is(client: PageClient, scene: Build) -> None:
    def more(scene: Scene) -> None:
        scene.student("Dee")
        make.lock(scene.ben, scene.food)
        make.offer(to=scene.challenge("The library", places_max=3, suits_level_5=False))
        scene.opened = scene.open()  # type: ignore[attr-defined]

    made = scene(more)
    be(client, made, "Lea")
    page = client.page(f"/rounds/{made.opened.public_id}")  # type: ignore[attr-defined]
    assert [row[::2] for row in client.page(page.link("1 not in it")).rows] == [
        ["Dee Student", "No Has submitted no choices"],
        ["Ada Student", "Yes"],
        ["Ben Student", "Yes Locked to The food bank"],
        ["Cyd Student", "Yes"],
    ]
    assert [row[:5] for row in client.page(page.link("4 places left")).rows] == [
        ["The food bank", "Friends of the food bank", "5 and 6", "1", "1"],
        ["The library", "Friends of the library", "6", "3", "2"],
        ["The park", "Friends of the park", "5 and 6", "1", "1"],
    ]


def test_choices_must_have_closed(client: PageClient, scene: Build) -> None:
    def still_open(scene: Scene) -> None:
        scene.run.ranking_closes_at = NOW + DAY

    made = scene(still_open)
    be(client, made, "Lea")
    form = client.page("/rounds/new").form("Open this round")
    page = client.submit(form, name="Too early", runs=made.run.public_id)
    assert page.errors == ["Students of WL6W50 2026/27 choose until Wed 21 Oct 2026, 9am."]
    assert page.form("Open this round").values["name"] == ["Too early"]


def test_a_discarded_round_says_so(client: PageClient, scene: Build) -> None:
    made = scene(lambda scene: scene.staged())
    be(client, made, "Lea")
    url = client.page(client.page("/rounds").link("Main round")).link("Discard this round")
    assert client.submit(client.page(url).form(url), reason="Too early.").rows[0][-1] == "Discarded"


def test_a_tutor_locks_a_student_of_their_own_group_and_the_leader_undoes_it(client: PageClient, scene: Build) -> None:
    made = scene()
    be(client, made, "Tom")
    client.forbidden.add("1st choice")  # a tutor never sees a rank
    page = client.page(client.page("/locks").link("Lock a place for Ben Student"))
    form = page.form("Lock this place")
    assert client.submit(form).errors == ["Choose a challenge", "Say why this place, in a sentence"]
    done = client.submit(form, challenge=made.food.public_id, reason="Ben volunteers there.")
    assert done.rows[0][:5] == [
        "Ben Student",
        "WL6W50 Wednesday afternoon",
        "The food bank Friends of the food bank",
        "Ben volunteers there.",
        "You Tue 20 Oct 2026, 9am",
    ]
    be(client, made, "Lea")
    url = client.page("/locks").link("Undo the lock for Ben Student")
    undone = client.submit(client.page(url).form(url), reason="He asked for the park.")
    assert "The lock for Ben Student is undone." in undone.text


def test_students_are_found_by_name(client: PageClient, scene: Build) -> None:
    made = scene()
    be(client, made, "Tom")
    assert [row[0] for row in client.page("/locks?q=ad+stud").rows] == ["Ada Student"]
    assert "Nobody to lock" in client.page("/locks?q=nobody").text


def test_a_tutor_of_another_group_can_lock_nobody_here(client: PageClient, scene: Build) -> None:
    def elsewhere(scene: Scene) -> None:
        scene.other = make.account()  # type: ignore[attr-defined]
        make.group(scene.run, scene.other.person)  # type: ignore[attr-defined]
        scene.lock = make.lock(scene.ada, scene.park)  # type: ignore[attr-defined]

    made = scene(elsewhere)
    client.sign_in_as(made.other)  # type: ignore[attr-defined]
    client.page(f"/locks/students/{made.ada.public_id}", 404)
    client.page(f"/locks/{made.lock.public_id}/undo", 404)  # type: ignore[attr-defined]
    assert "Nobody to lock" in client.page("/locks").text


@pytest.mark.parametrize("more", [0, 2])
@pytest.mark.parametrize(
    ("path", "count"),
    [
        ("/rounds", 4),  # the account, its roles; the rounds, their runs
        ("/locks", 4),  # the account, its roles; the locks, the students
        ("/rounds/{}/students", 14),
        ("/rounds/{}/places", 14),
    ],
)
def test_lists_ask_no_more_for_more_students(
    client: PageClient, scene: Build, path: str, count: int, more: int
) -> None:
    def several(scene: Scene) -> None:
        for number in range(more):
            scene.student(f"More {number}", scene.park, scene.food)
            make.lock(scene.student(f"Locked {number}"), scene.challenge(f"Wide {number}"))
        scene.opened = scene.staged()  # type: ignore[attr-defined]

    made = scene(several)
    be(client, made, "Lea")
    url = path.format(made.opened.public_id)  # type: ignore[attr-defined]
    client.page(url)
    with counting_queries() as queries:
        client.page(url)
    assert queries.count == count
