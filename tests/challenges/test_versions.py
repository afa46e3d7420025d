"""Every version of a brief is kept, and two of them are compared word by word."""

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from placements.challenges.models import Challenge, ChallengeVersion
from placements.challenges.versions import pieces
from placements.db import db
from tests import factories as make
from tests.challenges.stage import NEED, Stage, only_challenge, organisation
from tests.client import PageClient, counting_queries
from tests.conftest import Clock

MINUTE = timedelta(minutes=1)


@pytest.mark.pure
@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("We count tins", "We count tins", [("same", "We count tins")]),
        ("We count tins", "We count all tins", [("same", "We count"), ("new", "all"), ("same", "tins")]),
        ("We count tins", "We tins", [("same", "We"), ("gone", "count"), ("same", "tins")]),
        ("1 place", "2 places", [("gone", "1 place"), ("new", "2 places")]),
        ("", "Level 5", [("new", "Level 5")]),
    ],
)
def test_two_texts_as_one(old: str, new: str, expected: list[tuple[str, str]]) -> None:
    assert list(pieces(old, new)) == expected


def _draft(client: PageClient, stage: Stage) -> str:
    client.sign_in_as(stage.contact)
    url = f"/challenges/new/{stage.organisation}"
    page = client.submit(client.page(url).form(url), title="Cook what comes in", theme="poverty", mode="on_site")
    return page.url.removesuffix("/edit")


def _save(client: PageClient, url: str, **said: str) -> None:
    client.submit(client.page(f"{url}/edit").form(f"{url}/edit"), {**said}, button="Save draft")


def test_each_save_that_changes_words_is_a_version(database: Flask, client: PageClient, stage: Stage) -> None:
    url = _draft(client, stage)
    _save(client, url, need=NEED, output="Recipes")
    _save(client, url)
    _save(client, url, output="Twenty recipes")
    with database.app_context():
        kept = db.session.scalars(select(ChallengeVersion).order_by(ChallengeVersion.version)).all()
        assert [(each.version, each.words["output"]) for each in kept] == [
            (1, ""),
            (2, "Recipes"),
            (3, "Twenty recipes"),
        ]
        assert {each.saved_by_id for each in kept} == {stage.contact.person_id}
        assert (kept[0].words["theme"], kept[0].words["supervisor"]) == ("Poverty and deprivation", "Amina Yusuf")


def test_the_reviewer_reads_what_changed_since_it_was_last_sent(client: PageClient, stage: Stage, clock: Clock) -> None:
    url = _draft(client, stage)
    _save(client, url, need=NEED, output="Twenty recipes")
    clock.now += MINUTE
    client.submit(client.page(f"{url}/submit").form(f"{url}/submit"))
    client.sign_in_as(stage.champion)
    assert "They read the same." in client.page(f"{url}/versions?old=2&new=2").text
    client.submit(
        client.page(f"{url}/ask-for-changes").form(f"{url}/ask-for-changes"), text="How many?", field="output"
    )
    client.sign_in_as(stage.contact)
    clock.now += MINUTE
    _save(client, url, output="Thirty recipes")
    clock.now += MINUTE
    client.submit(client.page(f"{url}/submit").form(f"{url}/submit"))
    client.sign_in_as(stage.champion)
    page = client.page(client.page(url).link("Compare its versions"))
    assert "From version 2 to version 3" in page.text
    assert "What is left behind at the end Gone: Twenty New: Thirty recipes" in page.text
    assert "What is needed" not in page.text
    page = client.submit(page.form("Compare"), old="1", new="3")
    assert "From version 1 to version 3" in page.text
    assert f"What is needed New: {NEED}" in page.text
    assert client.page(f"{url}/versions?old=99&new=x").status == 200


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_of_versions_asks_the_same_number_of_queries_however_long_it_is(
    database: Flask, client: PageClient, stage: Stage, rows: int
) -> None:
    with database.app_context():
        made = make.challenge(organisation())
        for version in range(1, rows + 1):
            saved = {"saved_at": make.NOW, "saved_by": make.person()}
            db.session.add(ChallengeVersion(challenge_id=made.id, version=version, words={}, **saved))
        db.session.commit()
        url = f"/challenges/{made.public_id}/versions"
    client.sign_in_as(stage.officer)
    client.page("/me")
    with counting_queries() as asked:
        page = client.page(url)
    assert page.text.count("Tue 20 Oct 2026") == rows
    assert (
        asked.count == 8
    )  # the clock, the account, its roles, the challenge with areas and places, the versions, when sent


def test_a_brief_from_before_versions_were_kept_says_so(database: Flask, client: PageClient, stage: Stage) -> None:
    with database.app_context():
        made = make.challenge(organisation())
        db.session.commit()
        url = f"/challenges/{made.public_id}/versions"
    client.sign_in_as(stage.officer)
    assert "No version is kept" in client.page(url).text
    client.sign_in_as(stage.student)
    assert client.get(url).status_code == 403


def test_comments_stand_beside_their_question(database: Flask, client: PageClient, stage: Stage) -> None:
    url = _draft(client, stage)
    _save(client, url, need=NEED, output="Twenty recipes")
    client.submit(client.page(f"{url}/submit").form(f"{url}/submit"))
    client.sign_in_as(stage.champion)
    for field, words in (("places", "Three at once?"), ("further_sites", "And the annexe?"), ("site", "Which room?")):
        client.submit(client.page(f"{url}/comment").form(f"{url}/comment"), text=words, field=field)
    page = client.page(f"{url}/ask-for-changes")
    client.submit(page.form(page.url), text="Whose recipes?", field="output")
    client.sign_in_as(stage.contact)
    page = client.page(url)
    assert "Where it happens Which room? Samir Okafor" in page.text
    page = client.page(f"{url}/edit")
    assert page.link("What is left behind at the end") == "#output"
    assert page.text.index("Whose recipes?") < page.text.index("What will be left behind at the end?")
    assert page.text.index("Three at once?") < page.text.index("Fewest students")
    assert "And the annexe?" in page.text
    assert "earlier version" not in page.text
    _save(client, url, output="Twenty recipes of our cooks")
    assert "(about an earlier version)" in client.page(f"{url}/edit").text
    assert "about an earlier version" in client.page(url).text
    with database.app_context():
        said = [(each.field, each.version) for each in only_challenge().comments]
        assert said == [("places", 2), ("further_sites", 2), ("site", 2), ("output", 2)]
        assert db.session.get_one(Challenge, only_challenge().id).version == 3
