"""Where markers are not told whose work it is, neither the second marker nor the moderator learns it from a page."""

import pytest
from flask import Flask

from placements.assessment.models import Mark
from placements.files.actions import receive
from tests.assessment.scene import Scene, seeded
from tests.client import PageClient
from tests.double_marking.scene import Twice, allotted, twice
from tests.files.samples import PDF
from tests.files.test_receiving import upload
from tests.moderation.scene import Moderated, drawn, moderated

HIDDEN = ("Ngozi", "Adichie", "26120000", "Harbour Kitchen")
BOTH = pytest.mark.parametrize("is_anonymous", [True, False])


def named(of: Scene) -> None:
    person = of.enrolments[0].person
    person.given_name, person.family_name = "Ngozi", "Adichie"
    of.placements[0].challenge.organisation.name = "Harbour Kitchen"


def learnt(client: PageClient, *urls: str) -> list[str]:
    """What the pages say of what they are not to say."""
    text = "".join(client.get(url).text for url in urls)
    return [word for word in (*HIDDEN, "My portfolio") if word in text]


@BOTH
def test_the_second_marker_finds_a_script(database: Flask, client: PageClient, is_anonymous: bool) -> None:
    def build() -> tuple[Twice, Mark, str]:
        at = twice(1, receive(upload("My portfolio.pdf", PDF)), is_anonymous=is_anonymous)
        named(at.of)
        return at, at.marks[0], f"/second-marking/{allotted(at).public_id}"

    at, mark, url = seeded(database, build)
    client.sign_in_as(at.bea)
    assert learnt(client, url, "/second-marking") == ([] if is_anonymous else [*HIDDEN, "My portfolio"])
    text = client.page(url).text
    assert (f"Script {mark.script}" in text) == (f"{mark.script}-1.pdf" in text) == is_anonymous


@BOTH
def test_a_moderator_finds_a_script(database: Flask, client: PageClient, is_anonymous: bool) -> None:
    def build() -> tuple[Moderated, Mark, str, str]:
        at = moderated(35, is_anonymous=is_anonymous)
        named(at.of)
        made = drawn(at)
        return at, at.marks[0], f"/moderation/{made.public_id}", f"/moderated-scripts/{made.sample[0].public_id}"

    at, mark, draw, script = seeded(database, build)
    client.sign_in_as(at.mona)
    assert [word for word in learnt(client, draw, script) if word in ("Ngozi", "Adichie", "Harbour Kitchen")] == (
        [] if is_anonymous else ["Ngozi", "Adichie", "Harbour Kitchen"]
    )
    assert (f"Script {mark.script}" in client.page(draw).text) == is_anonymous
