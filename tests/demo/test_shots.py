"""The script that photographs every page of the story names endpoints that there are."""

import pytest
from flask import Flask
from sqlalchemy import select

from placements.db import db
from placements.links.models import Link
from scripts.shots import BY_NOBODY, MOVED, UNLIKE, pages

pytestmark = [pytest.mark.pure, pytest.mark.long]  # on a database of its own, the embedded one


def test_it_names_pages_that_there_are(demonstration: Flask) -> None:
    assert {*UNLIKE, *BY_NOBODY, *MOVED.values()} - pages(demonstration) == set()


def test_it_knows_the_page_behind_every_kind_of_link(demonstration: Flask) -> None:
    with demonstration.app_context():
        purposes = set(db.session.scalars(select(Link.purpose)))
    assert len(purposes) > 5
    assert {MOVED.get(purpose, purpose) for purpose in purposes} - pages(demonstration) == set()
