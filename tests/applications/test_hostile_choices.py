"""Hostile posts over the forms of a student who may choose: never a 500, and nothing that they sent comes to stand."""

from itertools import islice
from random import Random

import pytest
from flask import Flask
from sqlalchemy import func, select

from placements.applications.models import Preference
from placements.db import db
from tests import factories as make
from tests.applications.scene import student
from tests.client import PageClient
from tests.databases import seeding
from tests.site.hostile import LEFT_OPEN, hostile_forms, hostile_problems, post_hostile

pytestmark = [pytest.mark.filterwarnings(LEFT_OPEN), pytest.mark.usefixtures("files_closed_here")]

POSTS = 150
SEED = 20261020


@pytest.mark.parametrize("url", ["/find", "/choices/draft", "/choices/check", "/choices/withdraw"])
def test_no_form_breaks(database: Flask, client: PageClient, url: str) -> None:
    with seeding(database):
        account, enrolment = student()
        make.application(enrolment, [make.challenge() for _ in range(3)])
    client.sign_in_as(account)
    form = next(form for form in client.page(url).forms if form.action == url)
    problems = [
        f"{post.label}: {each}"
        for post in islice(hostile_forms(form, Random(SEED)), POSTS)
        for each in hostile_problems(post_hostile(client, form, post))
    ]
    assert problems[:10] == []
    with database.app_context():
        assert db.session.scalar(select(func.count()).select_from(Preference)) in (0, 3)
