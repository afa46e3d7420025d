"""Sharing placements out as a module leader meets it, from limits to the mail that tells the tutors."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from placements.accounts.models import Account
from placements.allocation.models import Attempt
from placements.allocation.solving import solve_next
from placements.allocation.workflow import AttemptState
from placements.cohorts.models import Theme
from placements.db import db
from placements.tutoring import actions, notices
from placements.tutoring.models import TutorFix, TutorPlan
from tests import factories as make
from tests.client import PageClient, counting_queries
from tests.factories import NOW
from tests.golden import check_golden, said
from tests.tutoring.scene import Scene, fix, load, plan

Build = Callable[..., Scene]


@pytest.fixture
def scene(database: Flask, client: PageClient) -> Build:
    """The scene with whatever `more` adds, committed; its leader is signed in."""

    def build(*more: Callable[[Scene], object]) -> Scene:
        with database.app_context():
            made = Scene()
            for add in more:
                add(made)
            db.session.commit()
            for thing in vars(made).values():
                if isinstance(thing, db.Model):
                    db.session.refresh(thing)
            people = {name: each.person.public_id for name, each in vars(made).items() if isinstance(each, Account)}
            db.session.expunge_all()
            made.keys = people
        client.sign_in_as(made.lea)
        return made

    return build


def work(database: Flask) -> None:
    """What the worker does until nothing waits."""
    with database.app_context():
        while solve_next(NOW, NOW, (Attempt, TutorPlan)):
            pass


def test_placements_are_shared_from_limits_to_the_end(database: Flask, client: PageClient, scene: Build) -> None:
    made = scene()
    run = client.page(f"/runs/{made.run.public_id}")
    page = client.page(run.link("Tutors’ placements"))
    assert page.rows == [
        ["Tia Tutor", "Friday morning", "1", "25", "Not said", "Change what Tia Tutor takes on"],
        ["Tom Tutor", "Wednesday afternoon", "2", "25", "Not said", "Change what Tom Tutor takes on"],
        ["Uma Tutor", "–", "0", "25", "Not said", "Change what Uma Tutor takes on"],
    ]
    limits = client.page(page.link("Change what Uma Tutor takes on"))
    page = client.submit(limits.form("Save"), load="5", themes=[Theme.POVERTY.value, Theme.CRIME.value])
    assert page.rows[2][2:5] == ["0", "5", "Crime, Poverty and deprivation"]
    limits = client.page(page.link("Change what Tom Tutor takes on"))
    page = client.submit(limits.form("Save"), load="2", themes=[Theme.HEALTH.value])
    waiting = client.submit(page.form("Propose who looks after whom"))
    assert "waits for its turn" in waiting.text
    work(database)
    solved = client.page(waiting.link("Check again"))
    assert "1 of 4 placements would change tutor" in solved.text
    assert solved.rows[:3] == [
        ["Tia Tutor", "1", "1", "1", "25"],
        ["Tom Tutor", "2", "2", "2", "2"],
        ["Uma Tutor", "0", "1", "0", "5"],
    ]
    assert "With their own group’s tutor: 3 before, 3 after. Without a tutor: 1 before, 0 after." in solved.text
    assert solved.rows[3][0].startswith("Cyd Student")
    assert solved.rows[3][2:4] == ["–", "Uma Tutor Changes Another tutor, knows the area"]
    by_hand = client.page(solved.link("Choose the tutor of Dan Student"))
    waiting = client.submit(by_hand.form("Fix, and work out the others"), tutor=made.keys["uma"], reason="Met.")
    work(database)
    solved = client.page(waiting.link("Check again"))
    assert "2 of 4 placements would change tutor" in solved.text
    assert "Fixed by hand: Met." in solved.text
    check = client.page(solved.link("Check and apply"))
    assert "Placements that change tutor 2" in check.text
    assert "Tutors told, each in one email of all of theirs Tia Tutor, Uma Tutor" in check.text
    assert "Uma Tutor 0 before, 2 after, at most 5" in check.text
    applied = client.submit(check.form("Apply to 2 placements"))
    assert "This plan was applied on Tue 20 Oct 2026, 9am: 2 placements changed tutor." in applied.text
    page = client.page(applied.link("See tutors and limits"))
    assert [row[2] for row in page.rows[:3]] == ["0", "2", "2"]
    again = client.submit(page.form("Propose who looks after whom"))
    work(database)
    assert "Nothing would change" in client.page(again.link("Check again")).text


def test_a_plan_that_is_out_of_date_says_so_and_offers_another(client: PageClient, scene: Build) -> None:
    def later(made: Scene) -> None:
        made.plan = plan(made.run).public_id
        load(made.role("tom"), 2)

    made = scene(later)
    page = client.page(f"/tutoring/plans/{made.plan}")
    assert "Placements, tutors or limits have changed since this was worked out. Propose again." in page.text
    assert "Check and apply" not in page.text
    check = client.page(f"/tutoring/plans/{made.plan}/apply")
    refused = client.submit(check.form("Apply to 1 placement"))
    assert "Placements, tutors or limits have changed since this was worked out" in refused.text
    assert "waits for its turn" in client.submit(page.form("Propose again")).text


def test_want_of_room_is_said_and_nothing_can_be_applied(client: PageClient, scene: Build) -> None:
    def tight(made: Scene) -> None:
        for name in ("tom", "tia", "uma"):
            load(made.role(name), 1)
        made.plan = plan(made.run).public_id

    made = scene(tight)
    page = client.page(f"/tutoring/plans/{made.plan}")
    assert "1 placement finds no tutor with room. Raise a limit, then propose again." in page.text
    assert page.rows[3][3] == "Nobody Nobody has room"
    assert "Check and apply" not in page.text


def test_where_every_tutor_has_an_interest_the_page_says_so(client: PageClient, scene: Build) -> None:
    def sided(made: Scene) -> None:
        for name in ("tom", "tia", "uma"):
            make.interest(made.cyd.challenge.organisation, getattr(made, name).person)
        made.plan = plan(made.run).public_id

    made = scene(sided)
    assert client.page(f"/tutoring/plans/{made.plan}").rows[3][3] == "Nobody Every tutor has an interest here"


def test_what_failed_says_why_and_can_be_asked_again(client: PageClient, scene: Build) -> None:
    def failed(made: Scene) -> None:
        made.plan = plan(made.run, state=AttemptState.FAILED, problem="It took too long.").public_id

    made = scene(failed)
    page = client.page(f"/tutoring/plans/{made.plan}")
    assert "This plan has no result. It took too long." in page.text
    assert "waits for its turn" in client.submit(page.form("Propose again")).text


def test_what_is_fixed_is_listed_and_can_be_let_go(client: PageClient, scene: Build, database: Flask) -> None:
    made = scene(lambda made: fix(made.dan, made.uma.person, made.lea.person))
    page = client.page(f"/tutoring/{made.run.public_id}")
    assert page.rows[3][:3] == ["Dan Student", "Uma Tutor", "They know each other’s work."]
    page = client.submit(page.form("Let go of the tutor of Dan Student"))
    assert "Dan Student is no longer fixed to a tutor." in page.text
    with database.app_context():
        assert db.session.query(TutorFix).count() == 0


def test_what_stands_in_the_way_is_said_instead_of_the_button(client: PageClient, scene: Build) -> None:
    def full(made: Scene) -> None:
        fix(made.dan, made.uma.person, made.lea.person)
        load(made.role("uma"), 0)

    made = scene(full)
    page = client.page(f"/tutoring/{made.run.public_id}")
    assert "Uma Tutor is fixed to 1 by hand, and looks after at most 0." in page.text
    assert "Propose who looks after whom" not in page.text


def test_whoever_only_stepped_in_takes_on_no_more_than_they_have(client: PageClient, scene: Build) -> None:
    made = scene(lambda made: setattr(made.cyd, "tutor", made.lea.person))
    page = client.page(f"/tutoring/{made.run.public_id}")
    assert page.rows[0] == ["Lea Leader", "–", "1", "1", "Not said", "Change what Lea Leader takes on"]
    assert 'value="1"' in client.page(page.link("Change what Lea Leader takes on")).html


def test_who_tutors_nobody_has_no_limit_to_set(client: PageClient, scene: Build) -> None:
    made = scene()
    client.page(f"/tutoring/tutors/{made.role('lea').public_id}", status=404)


def test_a_limit_that_is_passed_already_shows(client: PageClient, scene: Build) -> None:
    made = scene(lambda made: load(made.role("tom"), 1))
    assert client.page(f"/tutoring/{made.run.public_id}").rows[1][0] == "Tom Tutor Too many"


def test_a_tutor_with_an_interest_is_not_offered_by_hand(client: PageClient, scene: Build) -> None:
    made = scene(lambda made: make.interest(made.dan.challenge.organisation, made.uma.person))
    page = client.page(f"/tutoring/placements/{made.dan.public_id}/fix")
    assert "Tom Tutor (has 2, at most 25)" in page.text
    assert "Uma Tutor" not in page.text


def test_the_leaders_home_leads_here_where_several_lack_a_tutor(client: PageClient, scene: Build) -> None:
    def unaccompanied(made: Scene) -> None:
        for each in (made.ada, made.ben):
            each.tutor, each.state = None, "preparing"

    made = scene(unaccompanied)
    page = client.page("/home")
    assert "WL6W50 2026/27: 2 placements have no tutor who can sign" in page.text
    assert client.page(page.link("Share them out")).url == f"/tutoring/{made.run.public_id}"


def grown(number: int) -> Callable[[Scene], object]:
    """That many of everything that the pages list beyond the scene."""

    def add(made: Scene) -> None:
        for each in range(number):
            placement = made.place(f"New{each}", made.group, Theme.CRIME)
            fix(placement, made.uma.person, made.lea.person)
            made._somebody(f"Tutor{each}", made.role("tom").role)
        for _ in range(number):
            made.plan = plan(made.run).public_id

    return add


@pytest.mark.parametrize("number", [1, 3])
def test_the_pages_ask_as_many_queries_for_many_as_for_few(client: PageClient, scene: Build, number: int) -> None:
    made = scene(grown(number))
    counts = {}
    for name, url in {
        "show": f"/tutoring/{made.run.public_id}",
        "plan": f"/tutoring/plans/{made.plan}",
        "apply": f"/tutoring/plans/{made.plan}/apply",
    }.items():
        with counting_queries() as queries:
            client.page(url)
        counts[name] = queries.count
    assert counts == {"show": 11, "plan": 11, "apply": 8}


def test_cover_is_arranged_and_ended_and_says_what_it_leaves_out(
    database: Flask, client: PageClient, scene: Build
) -> None:
    def uma_is_a_trustee(made: Scene) -> None:
        make.interest(made.ada.challenge.organisation, made.uma.person)

    made = scene(uma_is_a_trustee)
    page = client.page(f"/tutoring/{made.run.public_id}")
    page = client.page(page.link("Cover for a tutor who is away"))
    sent = {"tutor": made.keys["tom"], "by": made.keys["uma"], "from_on": ["21", "10", "2026"]}
    form = page.form("Have them cover, and tell everybody")
    page = client.submit(form, **sent, to_on=["20", "10", "2026"])
    assert "The last day is before the first" in page.text
    page = client.submit(page.form("Have them cover, and tell everybody"), **sent, to_on=["30", "10", "2026"])
    assert "Uma Tutor for Tom Tutor" in page.text
    assert "Wed 21 Oct 2026 to Fri 30 Oct 2026 (begins tomorrow)" in page.text
    assert "Uma has an interest in this organisation, so nobody covers there" in page.text
    assert page.link("Ada Student at Friends of Ada")
    with counting_queries() as queries:
        client.page(f"/tutoring/{made.run.public_id}/cover")
    assert queries.count == 9
    page = client.submit(page.form("Tom is back: end it now"))
    assert "Uma Tutor no longer covers for Tom Tutor" in page.text
    assert "Uma Tutor for Tom Tutor" not in page.text


# Mail


def mail_to(scene: Scene, made: TutorPlan, name: str) -> str | None:
    return said(notices.SHARED, made.id, getattr(scene, name).person)


def shared(scene: Scene) -> TutorPlan:
    """Ben goes from Uma to Tom, and Cyd, who had nobody, too."""
    scene.ben.tutor = scene.uma.person
    for each, name in ((scene.ben, "Sue"), (scene.cyd, "Sam")):
        each.supervisor.given_name, each.supervisor.family_name = name, "Supervisor"
        each.supervisor.email = f"{name}@example.org".lower()
    made = plan(scene.run)
    actions.apply(made, actor=scene.leader, now=NOW)
    db.session.flush()
    return made


def test_tutors_read_once_what_they_gained_and_handed_on(session: Any) -> None:
    scene = Scene()
    made = shared(scene)
    check_golden("tutoring/shared", mail_to(scene, made, "tom") or "")
    check_golden("tutoring/shared-handed-on", mail_to(scene, made, "uma") or "")
    assert mail_to(scene, made, "tia") is None


def test_what_is_no_longer_so_is_not_told(session: Any) -> None:
    scene = Scene()
    made = shared(scene)
    scene.ben.tutor = scene.tia.person
    assert "Ben" not in (mail_to(scene, made, "tom") or "")
    assert mail_to(scene, made, "uma") is None
