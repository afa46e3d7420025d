"""What the reminder of marking counts is what the tutor's home counts, and the page that both lead to opens it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from placements.accounts.models import Account
from placements.assessment.notices import MARKING_DUE
from placements.assessment.workflow import SubmissionState
from placements.db import db
from tests import factories as make
from tests.assessment.scene import HOUR, Scene, agree, hand_in, scene, seeded
from tests.client import PageClient
from tests.factories import NOW
from tests.page import Page

DAY = timedelta(days=1)
CAPPED = {"kind": "capped_within", "days": 7, "cap": 40}
Case = tuple[Scene, Account, Any]


def portfolio() -> Case:
    of = scene()
    hand_in(of)
    return of, of.tutor, of.portfolio


def agreement() -> Case:
    of = scene(due=NOW + DAY)
    agree(of)
    return of, of.tutor, of.agreement


def accepted_late_work() -> Case:
    of = scene(due=NOW - DAY, late_policy=CAPPED)
    assert hand_in(of, 0, NOW - HOUR).state is SubmissionState.LATE
    return of, of.tutor, of.portfolio


def of_a_placement() -> Case:
    of = scene()
    cover = make.account(make.person(given_name="Cora", family_name="Cover"))
    of.placements[0].tutor = cover.person
    hand_in(of)
    return of, cover, of.portfolio


def seen(client: PageClient, who: Account) -> tuple[Page, Page]:
    client.sign_in_as(who)
    return client.page("/home"), client.page("/marking")


@pytest.mark.parametrize("build", [portfolio, agreement, accepted_late_work, of_a_placement])
def test_what_the_mail_counts_the_home_shows_and_the_page_opens(
    database: Flask, client: PageClient, build: Callable[[], Case]
) -> None:
    of, marker, component = seeded(database, build)
    with database.app_context():
        said = MARKING_DUE.context(component.id, db.session.merge(marker.person, load=False), NOW)
    assert said is not None
    assert said["count"] == 1
    home, marking = seen(client, marker)
    assert "1 piece of work to mark" in home.text
    assert home.link("Mark") == "/marking"
    [row] = marking.rows
    assert row[0] == of.students[0].person.name
    assert client.page(marking.link(row[0])).h1 == f"{row[0]}: {component.title}"


def test_whoever_only_covers_for_another_is_not_asked_to_mark_too(database: Flask, client: PageClient) -> None:
    of, _, _ = seeded(database, of_a_placement)
    home, marking = seen(client, of.tutor)
    assert "to mark" not in home.text
    assert len(marking.rows) == 1  # theirs to read, and to mark if need be


def test_the_earliest_of_all_that_waits_says_by_when(database: Flask, client: PageClient) -> None:
    def both() -> Case:
        of = scene(students=2, due=NOW - DAY)
        hand_in(of, 0)
        hand_in(of, 1)
        agree(of, 0, NOW - 5 * DAY)
        return of, of.tutor, of.agreement

    of, _, _ = seeded(database, both)
    assert "3 pieces of work to mark by Thu 5 Nov 2026, 9am" in seen(client, of.tutor)[0].text
